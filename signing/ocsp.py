"""A real OCSP responder (RFC 6960) for the development PKI: request bytes in, response bytes out, nothing kept.

What it says of a certificate is what the authority's revocation list says at that moment: revoked, or good. The
issuing authority names a responder key of its own for this (id-kp-OCSPSigning, with id-pkix-ocsp-nocheck, so that
nobody has to ask about it in turn); the root answers with its own key. The signer asks it in this process;
`signing.tsa.serve` puts the same object behind HTTP, as a service in the world is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from signing.errors import KeyUnavailableError
from signing.fetching import Fetched

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric import ec

    from signing.devpki import DevelopmentPki

_LIFE: Final = timedelta(days=7)
_BACKDATE: Final = timedelta(minutes=5)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class OcspResponder:
    """Answers for the certificates of one development PKI."""

    pki: DevelopmentPki
    clock: Callable[[], datetime] = _utc_now

    async def answer(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Fetched:
        """An answer for `certificate`, as a fetcher gives it; a fault for one that this PKI did not issue."""
        if issuer not in self.pki.certificates():
            return Fetched(fault="not a certificate of the development PKI")
        try:
            return Fetched(self._answer(certificate.serial_number, issuer, now, hashes.SHA256()))
        except (OSError, ValueError, KeyUnavailableError) as error:  # a copy of the folder without its keys
            return Fetched(fault=f"{type(error).__name__}: {error}")

    async def crl(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Fetched:  # noqa: ARG002 - a fetcher's signature
        """The current list of `issuer`."""
        root, issuing = self.pki.certificates()
        lists = dict(zip((root.subject, issuing.subject), self.pki.crls(), strict=True))
        found = lists.get(issuer.subject)
        return Fetched(found) if found is not None else Fetched(fault="not an authority of the development PKI")

    def respond(self, request: bytes) -> bytes:
        """OCSPRequest (DER) in, OCSPResponse (DER) out; a bad request gets a refusal, never an exception."""
        try:
            asked = ocsp.load_der_ocsp_request(request)
            issuer = self._issuer(asked)
        except ValueError:
            return _refusal(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        if issuer is None:
            return _refusal(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        try:
            return self._answer(asked.serial_number, issuer, self.clock(), asked.hash_algorithm)
        except (OSError, ValueError, KeyUnavailableError):
            return _refusal(ocsp.OCSPResponseStatus.INTERNAL_ERROR)

    def _issuer(self, asked: ocsp.OCSPRequest) -> x509.Certificate | None:
        for authority in self.pki.certificates():
            digest = hashes.Hash(asked.hash_algorithm)
            digest.update(authority.subject.public_bytes())
            if digest.finalize() == asked.issuer_name_hash:
                return authority
        return None

    def _answer(self, serial: int, issuer: x509.Certificate, now: datetime, algorithm: hashes.HashAlgorithm) -> bytes:
        root, _ = self.pki.certificates()
        of_root = issuer == root
        crl = x509.load_der_x509_crl(self.pki.crls()[0 if of_root else 1])
        entry = crl.get_revoked_certificate_by_serial_number(serial)
        key: ec.EllipticCurvePrivateKey
        if of_root:
            key, responder, extra = self.pki.root_key(), root, []
        else:
            local = self.pki.key("ocsp")
            key, responder, extra = local.key, local.certificate, [local.certificate]
        status = ocsp.OCSPCertStatus.GOOD
        if entry is not None:
            status = ocsp.OCSPCertStatus.REVOKED
        name_hash, key_hash = _hashes_of(issuer, algorithm)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=name_hash,
                issuer_key_hash=key_hash,
                serial_number=serial,
                algorithm=algorithm,
                cert_status=status,
                this_update=now - _BACKDATE,
                next_update=now + _LIFE,
                revocation_time=entry.revocation_date_utc if entry is not None else None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
        )
        if extra:
            builder = builder.certificates(extra)
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _hashes_of(issuer: x509.Certificate, algorithm: hashes.HashAlgorithm) -> tuple[bytes, bytes]:
    """Of the issuer's name and of its public key's bits (RFC 6960, 4.1.1)."""
    from cryptography.x509 import SubjectKeyIdentifier

    name = hashes.Hash(algorithm)
    name.update(issuer.subject.public_bytes())
    key = hashes.Hash(algorithm)
    if isinstance(algorithm, hashes.SHA1):
        return name.finalize(), SubjectKeyIdentifier.from_public_key(issuer.public_key()).digest
    public = issuer.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    key.update(public)
    return name.finalize(), key.finalize()


def _refusal(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)
