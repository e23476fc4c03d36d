"""Certificates between the three libraries that speak of them: files, cryptography's objects, asn1crypto's objects.

Keys and signers hold cryptography's; pyHanko wants asn1crypto's. Reading a file takes PEM, with one certificate or
several, or DER; a file without any is an unusable key, not an empty list. Raw signatures are checked with them: what
a token, a service or a person gave back is used only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import KeyUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM or DER file, in its order; raises KeyUnavailableError where there are none."""
    try:
        data = path.read_bytes()
        if b"-----BEGIN CERTIFICATE-----" in data:
            return tuple(x509.load_pem_x509_certificates(data))
        return (x509.load_der_x509_certificate(data),)
    except (OSError, ValueError) as error:
        raise KeyUnavailableError(f"{path.name}: {error}") from error


def to_asn1(certificate: x509.Certificate) -> Any:
    """The certificate as asn1crypto has it."""
    from asn1crypto import x509 as asn1_x509

    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def from_asn1(certificate: Any) -> x509.Certificate:
    """The certificate of an asn1crypto one."""
    return x509.load_der_x509_certificate(certificate.dump())


def registry(certificates: Iterable[x509.Certificate]) -> Any:
    """A pyHanko certificate store."""
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()
    store.register_multiple(to_asn1(certificate) for certificate in certificates)
    return store


def is_signed_by(certificate: x509.Certificate, signature: bytes, data: bytes, digest_algorithm: str) -> bool:
    """Whether `signature` over `data`, hashed with `digest_algorithm` (SHA-2), is by the key of `certificate`.

    RSA signatures are PKCS#1 v1.5, elliptic ones the DER sequence of RFC 3279: the forms that go into a CMS object.
    """
    digest = _DIGESTS[digest_algorithm]
    public = certificate.public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, PKCS1v15(), digest)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, data, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True
