"""A key that is with a person: only its certificate is here, and every signature of it has to be waited for.

`signing.interrupted` prepares the document and the hash for such a key and finishes the file when the signature comes.
Asked for a signature at once, it says that one is awaited; it never signs with anything else. With a remote service
behind it (`CscKey.gather`), hashes wait here until a person has all of them signed with one authorisation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signing.certificates import read_certificates, registry, to_asn1
from signing.errors import SignatureAwaitedError
from signing.keys import AwaitedKey, KeyFacts, PublicKey, Signer, facts_of

if TYPE_CHECKING:
    from cryptography import x509

    from signing.csc_key import RemoteKey


@dataclass(slots=True, eq=False)
class PersonsKey:
    """A `Signer` without a private key. Made by `open`."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    source: AwaitedKey | None = None
    remote: RemoteKey | None = None
    """The service that signs when a person says so."""
    _cms: Any = field(default=None, init=False, repr=False)

    @classmethod
    def open(cls, source: AwaitedKey) -> PersonsKey:
        """Read the certificates; raises KeyUnavailableError."""
        certificate, *others = read_certificates(source.certificate)
        above = read_certificates(source.chain) if source.chain is not None else ()
        return cls(certificate, (*others, *above), source)

    @classmethod
    def instead_of(cls, key: Signer) -> PersonsKey:
        """The certificates of `key` without its private key."""
        known = key.cms_signer()  # its certificates are parsed already
        made = cls(key.certificate, key.chain)
        made._cms = _awaiting_signer(known.signing_cert, known.cert_registry)
        return made

    def public_key(self) -> PublicKey | None:
        """See Signer: unknown, so each signature is checked with the certificate."""
        return None

    def cms_signer(self) -> Any:
        """See Signer; asked for a raw signature it raises SignatureAwaitedError."""
        if self._cms is None:
            self._cms = _awaiting_signer(to_asn1(self.certificate), registry(self.chain))
        return self._cms

    def probe(self) -> None:
        """See Signer: a service behind it is asked; else there is nothing to reach."""
        if self.remote is not None:
            self.remote.probe()

    def reopen(self) -> Signer:
        """See Signer."""
        if self.remote is not None:
            remote = self.remote.reopen()
            return PersonsKey(remote.certificate, remote.chain, remote=remote)
        return PersonsKey.open(self.source) if self.source is not None else self

    def facts(self) -> KeyFacts:
        """See Signer."""
        place = self.source.certificate.name if self.source is not None else ""
        return facts_of(self.certificate, "awaited", self.remote.source.url if self.remote is not None else place)

    def close(self) -> None:
        """See Signer: nothing is held but memory."""


def _awaiting_signer(certificate: Any, store: Any) -> Any:
    """A pyHanko signer that has no signature yet; asn1crypto certificate and pyHanko's store of those above it."""
    from pyhanko.sign.signers.pdf_cms import ExternalSigner

    class AwaitingSigner(ExternalSigner):  # type: ignore[misc] # pyHanko is untyped here
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - the base class's signature
            if not dry_run:
                raise SignatureAwaitedError("the hash is out; the signature comes from elsewhere")
            value: bytes = await super().async_sign_raw(data, digest_algorithm, dry_run)
            return value

    return AwaitingSigner(certificate, store, 512)
