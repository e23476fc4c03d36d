"""Where the signing key lives. `Signer` is what every kind of key must give; `load_key` picks by the options' type.

A key gives pyHanko its `Signer` with the private key kept open: loading and checking it for every signature costs
more than signing. Before a key is handed out it is checked that it belongs to its certificate, that the
certificate holds now and may sign documents: pyHanko itself would sign with any of these wrong. Keys of this process
live here; tokens in `pkcs11_key`, remote services in `csc_key`, people with a phone in `awaited_key`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from signing.devpki import DevelopmentPki
from signing.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyMismatchError,
    KeySecretWrongError,
    KeyUnavailableError,
    KeyUsageWrongError,
)
from signing.key_secrets import NO_SECRET, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class DevelopmentKey:
    """A key of the development PKI: the officer's, the leader's, or the agency's seal."""

    role: Literal["officer", "leader", "agency"] = "officer"


@dataclass(frozen=True, slots=True)
class Pkcs12Key:
    """A key in a PKCS#12 file. `passphrase_file` is short for a `passphrase` in a file."""

    path: Path
    passphrase_file: Path | None = None
    passphrase: Secret = NO_SECRET


@dataclass(frozen=True, slots=True)
class Pkcs11Key:
    """A key in a token behind a PKCS#11 library: an HSM, a USB token, SoftHSM. PINs are read when it is opened."""

    module: Path
    """The vendor's library (.so)."""
    pin: Secret = NO_SECRET
    token_label: str | None = None
    token_serial: str | None = None
    """As the library prints it. Without label and serial there must be one token only."""
    key_label: str | None = None
    key_id: bytes | None = None
    """Label and CKA_ID of the private key; without both there must be one private key only."""
    certificate: Path | None = None
    """The signer's certificate (PEM or DER) where the token does not hold it."""
    chain: Path | None = None
    """PEM file with the certificates above it; those in the token are found by themselves."""


@dataclass(frozen=True, slots=True)
class CscKey:
    """A credential of a remote signing service with the API of the Cloud Signature Consortium."""

    url: str
    """What stands before `/csc/v1/...`."""
    credential: str
    api: Literal["v1", "v2"] = "v1"
    token: Secret = NO_SECRET
    """OAuth access token of the service."""
    pin: Secret = NO_SECRET
    one_time_password: Callable[[], str] | None = None
    """Called for each authorisation, where the service asks for one."""
    authorise: Callable[[Sequence[str]], str] | None = None
    """Signature activation data for these hashes (base64), got elsewhere; default: `credentials/authorize`."""
    timeout_s: float = 30.0
    """For each exchange; a person may have to confirm within it."""
    ca_file: Path | None = None
    """Certificates to trust for a service with an authority of its own."""
    gather: bool = False
    """Whether hashes wait until a person has all of them signed with one authorisation."""


@dataclass(frozen=True, slots=True)
class AwaitedKey:
    """A key that never comes here: hashes go out, a person confirms elsewhere, signatures are handed in."""

    certificate: Path
    """The signer's certificate (PEM or DER)."""
    chain: Path | None = None
    """PEM file with the certificates above it."""


KeySource = DevelopmentKey | Pkcs12Key | Pkcs11Key | CscKey | AwaitedKey


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What may be shown of a key. Holds no secret."""

    kind: Literal["development", "pkcs12", "pkcs11", "csc", "awaited"]
    place: str
    """File, token or service, in words."""
    subject: str
    """RFC 4514."""
    issuer: str
    serial: str
    """Hexadecimal."""
    algorithm: str
    """Such as `RSA-2048` or `EC-secp256r1`."""
    not_before: datetime
    not_after: datetime


class Signer(Protocol):
    """What a key must give. May be shared by threads. Errors are KeyUnavailableError or a subclass of it."""

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Certificates above it, as far as the key's place has them."""

    def public_key(self) -> PublicKey | None:
        """The public half as the private key's place tells it; None where it does not tell.

        A place that does not tell has every signature checked with the certificate before it is used.
        """

    def cms_signer(self) -> Any:
        """The key as pyHanko's `Signer`: `async_sign_raw(data, digest_algorithm, dry_run)` makes a raw signature."""

    def probe(self) -> None:
        """Reach the place where the key lives, opening it again if need be; raises if it could not sign now.

        No signature is made and no authorisation is asked for, so a wrong PIN of a remote service is not found.
        """

    def reopen(self) -> Signer:
        """The same key opened afresh from its options, such as after its certificate was renewed."""

    def facts(self) -> KeyFacts:
        """What may be shown of it."""

    def close(self) -> None:
        """Let go of sessions and connections. May be called twice; the key can be opened again."""


@dataclass(slots=True, eq=False)
class SigningKey:
    """A `Signer` whose private key is open in this process."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    kind: Literal["development", "pkcs12"] = "pkcs12"
    place: str = ""
    again: Callable[[], SigningKey] | None = field(default=None, repr=False)
    """Opens the key afresh."""
    _cms: Any = field(default=None, init=False, repr=False)

    def public_key(self) -> PublicKey:
        """See Signer."""
        return self.key.public_key()

    def cms_signer(self) -> Any:
        """See Signer."""
        if self._cms is None:
            self._cms = _open_key_signer(self)
        return self._cms

    def probe(self) -> None:
        """See Signer: a key in this process is always there."""

    def reopen(self) -> Signer:
        """See Signer."""
        return self.again() if self.again is not None else self

    def facts(self) -> KeyFacts:
        """See Signer."""
        return facts_of(self.certificate, self.kind, self.place)

    def close(self) -> None:
        """See Signer: nothing is held but memory."""


def load_key(source: KeySource, pki: Path) -> Signer:
    """Open the key of `source`; raises KeyUnavailableError. `pki` is the development PKI's folder."""
    match source:
        case DevelopmentKey(role=role):

            def development() -> SigningKey:
                local = DevelopmentPki.ensure(pki).key(role)
                return SigningKey(local.key, local.certificate, local.chain, "development", role, development)

            return development()
        case Pkcs12Key():
            return _load_pkcs12(source)
        case Pkcs11Key():
            from signing.pkcs11_key import TokenKey

            return TokenKey.open(source)
        case CscKey():
            from signing.awaited_key import PersonsKey
            from signing.csc_key import RemoteKey

            remote = RemoteKey.open(source)
            return PersonsKey(remote.certificate, remote.chain, remote=remote) if source.gather else remote
        case AwaitedKey():
            from signing.awaited_key import PersonsKey

            return PersonsKey.open(source)


def _load_pkcs12(source: Pkcs12Key) -> SigningKey:
    name = source.path.name
    secret = Secret(file=source.passphrase_file) if source.passphrase_file else source.passphrase
    passphrase = secret.read()
    try:
        data = source.path.read_bytes()
    except OSError as error:
        raise KeyUnavailableError(f"{name}: {error.strerror}") from error
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(data, passphrase)
    except ValueError as error:
        if "password" in str(error).lower():
            raise KeySecretWrongError(f"{name}: {error}") from error
        raise KeyUnavailableError(f"{name}: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or certificate is None:
        raise KeyUnavailableError(f"{name}: no RSA or ECDSA key with its certificate inside")
    return SigningKey(key, certificate, tuple(chain), "pkcs12", name, lambda: _load_pkcs12(source))


def check_key(key: Signer, now: datetime | None = None) -> None:
    """Refuse a key that must not sign: another certificate's, expired, not yet valid, or not for documents.

    RFC 5280, 4.1.2.5 and 4.2.1.3: nonRepudiation or digitalSignature must be among the key's usages, if any are named.
    """
    certificate = key.certificate
    moment = now or datetime.now(UTC)
    public = key.public_key()
    if public is not None and _spki(public) != _spki(certificate.public_key()):
        raise KeyMismatchError("the private key does not belong to the certificate")
    if moment < certificate.not_valid_before_utc:
        begin = certificate.not_valid_before_utc
        raise CertificateNotYetValidError(f"the certificate is not valid before {begin:%Y-%m-%d}")
    if moment > certificate.not_valid_after_utc:
        raise CertificateExpiredError(f"the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.content_commitment or usage.digital_signature):
        raise KeyUsageWrongError("the certificate's key usage does not allow signing documents")


def facts_of(
    certificate: x509.Certificate, kind: Literal["development", "pkcs12", "pkcs11", "csc", "awaited"], place: str
) -> KeyFacts:
    """The facts of a key of `kind` at `place` with this certificate."""
    public = certificate.public_key()
    algorithm = type(public).__name__
    if isinstance(public, rsa.RSAPublicKey):
        algorithm = f"RSA-{public.key_size}"
    elif isinstance(public, ec.EllipticCurvePublicKey):
        algorithm = f"EC-{public.curve.name}"
    return KeyFacts(
        kind=kind,
        place=place,
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        algorithm=algorithm,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _spki(key: Any) -> bytes:
    data: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return data


def build_cms_signer(key: Signer) -> Any:
    """A pyHanko `Signer` that keeps the key open."""
    return key.cms_signer()


def sign_raw(key: Signer, data: bytes, digest_algorithm: str = "sha256") -> bytes:
    """A raw signature over `data` (hashed here or there): PKCS#1 v1.5 for RSA, a DER sequence for ECDSA."""
    from signing.running import run_to_end

    signature: bytes = run_to_end(key.cms_signer().async_sign_raw(data, digest_algorithm))
    return signature


def _open_key_signer(signing_key: SigningKey) -> Any:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from pyhanko.sign.signers.pdf_cms import Signer as PyhankoSigner
    from pyhanko_certvalidator.util import get_pyca_cryptography_hash

    from signing.certificates import registry, to_asn1

    class OpenKeySigner(PyhankoSigner):  # type: ignore[misc] # pyHanko is untyped here
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - the base class's signature
            digest = get_pyca_cryptography_hash(digest_algorithm)
            key = signing_key.key
            if isinstance(key, rsa.RSAPrivateKey):
                return bytes(key.key_size // 8) if dry_run else key.sign(data, PKCS1v15(), digest)
            return key.sign(data, ec.ECDSA(digest))

    return OpenKeySigner(signing_cert=to_asn1(signing_key.certificate), cert_registry=registry(signing_key.chain))
