"""Certificates between the three libraries that speak of them: files, cryptography's objects, asn1crypto's objects.

Keys and signers hold cryptography's; pyHanko wants asn1crypto's. Reading a file takes PEM, with one certificate or
several, or DER; a file without any is an unusable key, not an empty list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.errors import KeyUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


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


def registry(certificates: Iterable[x509.Certificate]) -> Any:
    """A pyHanko certificate store."""
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()
    store.register_multiple(to_asn1(certificate) for certificate in certificates)
    return store
