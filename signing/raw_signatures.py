"""The check of a raw signature with a certificate: what a token, a service or a person gave back is used only then.

RSA signatures are PKCS#1 v1.5 over the hash, elliptic ones the DER sequence of RFC 3279: the forms that go into a CMS
object as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

if TYPE_CHECKING:
    from cryptography import x509

_DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def is_signed_by(certificate: x509.Certificate, signature: bytes, data: bytes, digest_algorithm: str) -> bool:
    """Whether `signature` over `data`, hashed with `digest_algorithm` (SHA-2), is by the key of `certificate`."""
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
