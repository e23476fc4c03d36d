"""Where the signing key lives. Each kind of key has an options type; `load_key` picks by that type.

A key gives pyHanko a `Signer` with the private key kept open: loading and checking it for every signature costs
more than signing. Before a key is handed out it is checked that it belongs to its certificate, that the
certificate holds now and may sign documents: pyHanko itself would sign with any of these wrong.
PKCS#11 tokens and remote signing services are further options types beside the two here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from signing.devpki import DevelopmentPki
from signing.errors import KeyUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class DevelopmentKey:
    """A key of the development PKI: the officer's, or the agency's seal."""

    role: Literal["officer", "agency"] = "officer"


@dataclass(frozen=True, slots=True)
class Pkcs12Key:
    """A key in a PKCS#12 file. `passphrase_file` holds the passphrase, without or with a final newline."""

    path: Path
    passphrase_file: Path | None = None


KeySource = DevelopmentKey | Pkcs12Key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An open key: its certificate, the certificates that came with it and the key itself."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


def load_key(source: KeySource, pki: Path) -> SigningKey:
    """Open the key of `source`; raises KeyUnavailableError. `pki` is the development PKI's folder."""
    match source:
        case DevelopmentKey(role=role):
            local = DevelopmentPki.ensure(pki).key(role)
            return SigningKey(local.key, local.certificate, local.chain)
        case Pkcs12Key(path=path, passphrase_file=passphrase_file):
            return _load_pkcs12(path, passphrase_file)


def _load_pkcs12(path: Path, passphrase_file: Path | None) -> SigningKey:
    try:
        passphrase = passphrase_file.read_bytes().rstrip(b"\r\n") if passphrase_file else None
        key, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase)
    except (OSError, ValueError) as error:
        raise KeyUnavailableError(f"{path.name}: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or certificate is None:
        raise KeyUnavailableError(f"{path.name}: no RSA or ECDSA key with its certificate inside")
    return SigningKey(key, certificate, tuple(chain))


def check_key(signing_key: SigningKey, now: datetime | None = None) -> None:
    """Refuse a key that must not sign: another certificate's, expired, not yet valid, or not for documents.

    RFC 5280, 4.1.2.5 and 4.2.1.3: nonRepudiation or digitalSignature must be among the key's usages, if any are named.
    """
    certificate = signing_key.certificate
    moment = now or datetime.now(UTC)
    if _spki(signing_key.key.public_key()) != _spki(certificate.public_key()):
        raise KeyUnavailableError("the private key does not belong to the certificate")
    if moment < certificate.not_valid_before_utc:
        raise KeyUnavailableError(f"the certificate is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}")
    if moment > certificate.not_valid_after_utc:
        raise KeyUnavailableError(f"the certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.content_commitment or usage.digital_signature):
        raise KeyUnavailableError("the certificate's key usage does not allow signing documents")


def _spki(key: Any) -> bytes:
    data: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return data


def build_cms_signer(signing_key: SigningKey) -> Any:
    """A pyHanko `Signer` that keeps the key open."""
    from asn1crypto import x509 as asn1_x509
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore
    from pyhanko_certvalidator.util import get_pyca_cryptography_hash

    def to_asn1(certificate: x509.Certificate) -> Any:
        return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))

    class OpenKeySigner(Signer):  # type: ignore[misc] # pyHanko is untyped here
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - the base class's signature
            digest = get_pyca_cryptography_hash(digest_algorithm)
            key = signing_key.key
            if isinstance(key, rsa.RSAPrivateKey):
                return bytes(key.key_size // 8) if dry_run else key.sign(data, PKCS1v15(), digest)
            return key.sign(data, ec.ECDSA(digest))

    registry = SimpleCertificateStore()
    registry.register_multiple(to_asn1(c) for c in signing_key.chain)
    return OpenKeySigner(signing_cert=to_asn1(signing_key.certificate), cert_registry=registry)
