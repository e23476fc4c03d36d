"""The structured record signed too: a detached JWS (RFC 7515, Appendix F) that any JOSE library verifies.

The payload is the record's own bytes, which the receiver has anyway, so nothing is kept twice; the protected header
says by whom and when (x5c, x5t#S256, iat, after ETSI TS 119 182-1 V1.2.1) and, under `hoso`, of which dossier and
which signed PDF the record is. No parameter is critical: the older sigT would be, and common libraries refuse it.
Any `signing.keys.Signer` will do, a file, a token or one far away: it is asked for one raw signature, whose DER
becomes JOSE's r||s. What was made is verified by another implementation before it is handed out.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from signing.errors import SelfCheckError, SigningError
from signing.keys import Signer, sign_raw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cryptography import x509

CLAIMS: Final = "hoso"
"""Name of the header parameter with what is said of the filing."""
CRITICAL: Final = ("sigT",)
"""Critical header parameters of others that are understood (RFC 7515, 4.1.11): the signing time of JAdES before 1.2."""
MAX_HEADER: Final = 32_768
"""Bytes of the encoded header: x5c holds whole certificates."""
MAX_PAYLOAD: Final = 256 << 20
"""Bytes of the encoded payload; a record of 300 pages has some 2 MB."""
_CURVES: Final = {"secp256r1": ("ES256", "sha256"), "secp384r1": ("ES384", "sha384"), "secp521r1": ("ES512", "sha512")}
_JOSE_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
ALGORITHMS: Final = ("ES256", "ES384", "ES512", "RS256")
"""What is signed with and believed: asymmetric only. Never `none`, never a shared secret."""


class DataSignatureError(SigningError):
    """The key cannot sign a JWS: an algorithm that JOSE does not have."""

    code = "data_signature_unsupported"
    message_vi = "Khóa ký này không ký được dữ liệu theo chuẩn JWS."
    remedy_vi = "Hãy dùng khóa RSA từ 2048 bit hoặc ECDSA P-256, P-384, P-521."


@dataclass(frozen=True, slots=True)
class FiledPair:
    """What the header says of the filing: the record and the signed PDF belong together."""

    dossier: str
    schema_version: int
    pdf_sha256: str
    pdf_size: int
    """Bytes of the PDF as filed. Renewed archive timestamps are appended: the first `pdf_size` bytes stay the same."""

    def claims(self, payload: bytes) -> dict[str, Any]:
        """The `hoso` header parameter; digests in hex, as `sha256sum` prints them."""
        return {
            "data": {"sha256": hashlib.sha256(payload).hexdigest(), "size": len(payload)},
            "dossier": self.dossier,
            "pdf": {"sha256": self.pdf_sha256, "size": self.pdf_size},
            "schema": self.schema_version,
        }


def sign_detached(payload: bytes, pair: FiledPair, key: Signer, signed_at: datetime) -> bytes:
    """The JWS over `payload` as `HEADER..SIGNATURE`, ASCII without a final newline.

    `signed_at` is aware. Raises DataSignatureError, SelfCheckError, and what the key raises.
    """
    if signed_at.tzinfo is None:
        raise ValueError("signed_at must be an aware datetime")
    algorithm, digest = algorithm_of(key.certificate)
    header = _header(key.certificate, key.chain, algorithm, signed_at) | {CLAIMS: pair.claims(payload)}
    head = encode(json.dumps(header, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    raw = sign_raw(key, f"{head}.{encode(payload)}".encode(), digest)
    signature = raw if algorithm.startswith("RS") else _joined(raw, key.certificate)
    made = f"{head}..{encode(signature)}".encode()
    if not signature_holds(made, payload, key.certificate):
        raise SelfCheckError("the JWS that was made does not verify")
    return made


def signature_holds(jws: bytes, payload: bytes, certificate: x509.Certificate) -> bool:
    """Whether the signature value is right for this header, this payload and this certificate's key (joserfc)."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey
    from joserfc.jws import JWSRegistry, deserialize_compact
    from joserfc.registry import HeaderParameter

    class Registry(JWSRegistry):
        max_header_length = MAX_HEADER
        max_payload_length = MAX_PAYLOAD

    algorithm, _ = algorithm_of(certificate)
    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = RSAKey.import_key(pem) if algorithm.startswith("RS") else ECKey.import_key(pem)
    known = {"sigT": HeaderParameter("claimed signing time", "str")}
    registry = Registry(known, algorithms=[algorithm], strict_check_header=False)
    try:
        deserialize_compact(jws, key, registry=registry, payload=payload)
    except (JoseError, ValueError, TypeError):
        return False
    return True


def algorithm_of(certificate: x509.Certificate) -> tuple[str, str]:
    """JOSE's name of the algorithm of a certificate's key, and its digest (RFC 7518, 3.1)."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return "RS256", "sha256"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    raise DataSignatureError(type(key).__name__)


def thumbprint(certificate: x509.Certificate) -> str:
    """x5t#S256 (RFC 7515, 4.1.8), which is also the key's id: one certificate, one name."""
    from cryptography.hazmat.primitives import hashes

    return encode(certificate.fingerprint(hashes.SHA256()))


def jwk(certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> dict[str, Any]:
    """The public key as a JWK (RFC 7517) with its certificates; `chain` in any order."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    algorithm, _ = algorithm_of(certificate)
    key: Any = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        own = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    else:
        width = (key.curve.key_size + 7) // 8
        point = key.public_numbers()
        own = {"kty": "EC", "crv": _JOSE_CURVES[key.curve.name]}
        own |= {"x": encode(point.x.to_bytes(width, "big")), "y": encode(point.y.to_bytes(width, "big"))}
    name = thumbprint(certificate)
    return {**own, "use": "sig", "alg": algorithm, "kid": name, "x5t#S256": name, "x5c": _x5c(certificate, chain)}


def encode(data: bytes) -> str:
    """BASE64URL without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _header(
    certificate: x509.Certificate, chain: Sequence[x509.Certificate], algorithm: str, signed_at: datetime
) -> dict[str, Any]:
    name = thumbprint(certificate)
    return {
        "alg": algorithm,
        "cty": "json",
        "iat": int(signed_at.timestamp()),
        "kid": name,
        "typ": "JOSE",
        "x5c": _x5c(certificate, chain),
        "x5t#S256": name,
    }


def _x5c(certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> list[str]:
    """The signer's certificate and those above it. No root: whom to trust is the verifier's to say."""
    from cryptography.hazmat.primitives.serialization import Encoding

    shown = [certificate, *(above for above in _ordered(certificate, chain) if above.issuer != above.subject)]
    return [base64.b64encode(one.public_bytes(Encoding.DER)).decode("ascii") for one in shown]


def _ordered(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Each certificate followed by its issuer's, as x5c wants them; a store gives them in any order."""
    by_subject: Mapping[bytes, x509.Certificate] = {other.subject.public_bytes(): other for other in others}
    chain: list[x509.Certificate] = []
    current = leaf
    while current.issuer != current.subject and len(chain) < len(others):
        above = by_subject.get(current.issuer.public_bytes())
        if above is None or above in chain or above == leaf:
            break
        chain.append(above)
        current = above
    return tuple(chain)


def _joined(der: bytes, certificate: x509.Certificate) -> bytes:
    """r||s of fixed width (RFC 7518, 3.4) from the DER that tokens and certificates' world use."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    key: Any = certificate.public_key()
    width = (key.curve.key_size + 7) // 8
    try:
        r, s = decode_dss_signature(der)
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")
    except (ValueError, OverflowError) as error:
        raise SelfCheckError(f"the key's signature is not ECDSA in DER: {error}") from error


def _number(value: int) -> str:
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))
