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

    def public_key(self) -> PublicKey | None:
        """See Signer: unknown, so each signature is checked with the certificate."""
        return None

    def cms_signer(self) -> Any:
        """See Signer; asked for a raw signature it raises SignatureAwaitedError."""
        if self._cms is None:
            self._cms = external_signer(self.certificate, self.chain, None)
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


def external_signer(certificate: x509.Certificate, chain: tuple[x509.Certificate, ...], signature: bytes | None) -> Any:
    """A pyHanko signer whose raw signature is `signature`; with None there is none yet."""
    from pyhanko.sign.signers.pdf_cms import ExternalSigner

    class AwaitingSigner(ExternalSigner):  # type: ignore[misc] # pyHanko is untyped here
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - the base class's signature
            if signature is None and not dry_run:
                raise SignatureAwaitedError("the hash is out; the signature comes from elsewhere")
            value: bytes = await super().async_sign_raw(data, digest_algorithm, dry_run)
            return value

    return AwaitingSigner(to_asn1(certificate), registry(chain), signature if signature is not None else 512)
