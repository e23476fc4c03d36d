"""Fetches revocation data from the addresses that a certificate names: OCSP answers (RFC 6960) and CRLs (RFC 5280).

What comes over the network is checked before it counts: an OCSP answer must be for the asked certificate, current, and
signed by its issuer or by a responder that the issuer named; a CRL must be the issuer's and current. A failure is an
answer too (`Fetched.fault`), for the caller decides what it can do without. Only http and https are asked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_SKEW: Final = timedelta(minutes=5)
_LARGEST: Final = 20 * 1024 * 1024
"""Bytes of a CRL; the largest public ones have some 10 MB."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """DER, or why there is none."""

    data: bytes = b""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class HttpRevocation:
    """Asks the addresses in certificates; `timeout_s` bounds each exchange."""

    timeout_s: float = 10.0

    async def answer(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Fetched:
        """An OCSP answer for `certificate`."""
        urls = ocsp_addresses(certificate)
        if not urls:
            return Fetched(fault="the certificate names no OCSP service")
        request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()  # noqa: S303 - names the issuer (RFC 5019), proves nothing
        body = request.public_bytes(serialization.Encoding.DER)
        return await self._first(urls, body, lambda data: checked_answer(data, certificate, issuer, now))

    async def crl(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Fetched:
        """The CRL on which `certificate` would stand."""
        urls = crl_addresses(certificate)
        if not urls:
            return Fetched(fault="the certificate names no revocation list")
        return await self._first(urls, None, lambda data: checked_crl(data, issuer, now))

    async def _first(self, urls: tuple[str, ...], body: bytes | None, check: Callable[[bytes], None]) -> Fetched:
        faults = []
        for url in urls:
            try:
                data = await self._exchange(url, body)
                check(data)
            except Exception as error:  # whatever a network or a liar does, the next address may do better
                faults.append(f"{url.partition('?')[0]}: {type(error).__name__}: {error}")
                continue
            return Fetched(data)
        return Fetched(fault="; ".join(faults))

    async def _exchange(self, url: str, body: bytes | None) -> bytes:
        import httpx

        async with asyncio.timeout(self.timeout_s), httpx.AsyncClient(timeout=self.timeout_s) as client:
            headers = {"Content-Type": "application/ocsp-request"} if body is not None else {}
            method = "GET" if body is None else "POST"
            async with client.stream(method, url, content=body, headers=headers) as answer:
                answer.raise_for_status()
                data = b""
                async for block in answer.aiter_bytes():
                    data += block
                    if len(data) > _LARGEST:
                        raise ValueError("the answer is too large")
                return data


def ocsp_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Where to ask (RFC 5280, 4.2.2.1)."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ()
    found = [d.access_location for d in access if d.access_method == AuthorityInformationAccessOID.OCSP]
    return _web([f for f in found if isinstance(f, x509.UniformResourceIdentifier)])


def crl_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Where the list lies (RFC 5280, 4.2.1.13)."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ()
    names = [name for point in points for name in point.full_name or ()]
    return _web([name for name in names if isinstance(name, x509.UniformResourceIdentifier)])


def _web(names: list[x509.UniformResourceIdentifier]) -> tuple[str, ...]:
    return tuple(name.value for name in names if name.value.lower().startswith(("http://", "https://")))


def checked_answer(data: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> None:
    """Raise ValueError unless `data` is a current OCSP answer for `certificate` by somebody entitled.

    "Revoked" is an answer as good as any: what follows from it is decided where the chain is judged.
    """
    answer = ocsp.load_der_ocsp_response(data)
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise ValueError(f"refused: {answer.response_status.name.lower()}")
    if answer.serial_number != certificate.serial_number:
        raise ValueError("the answer is for another certificate")
    digest = hashes.Hash(answer.hash_algorithm)
    digest.update(issuer.subject.public_bytes())
    if answer.issuer_name_hash != digest.finalize():
        raise ValueError("the answer is about another authority's certificate")
    ends = answer.next_update_utc
    if answer.this_update_utc > now + _SKEW or (ends is not None and ends < now):
        raise ValueError("the answer is not current")
    signer = _responder(answer, issuer, now)
    if answer.signature_hash_algorithm is None or not _signed_by(
        signer, answer.signature, answer.tbs_response_bytes, answer.signature_hash_algorithm
    ):
        raise ValueError("the answer's signature is wrong")


def checked_crl(data: bytes, issuer: x509.Certificate, now: datetime) -> None:
    """Raise ValueError unless `data` is a current CRL of `issuer` (DER)."""
    crl = x509.load_der_x509_crl(data)
    if crl.issuer != issuer.subject or not crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type] # a CA key is RSA or EC
        raise ValueError("the list is not the authority's")
    ends = crl.next_update_utc
    if crl.last_update_utc > now + _SKEW or (ends is not None and ends < now):
        raise ValueError("the list is not current")


def _responder(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> x509.Certificate:
    """Whose signature counts: the issuer's own, or one that it named for this (RFC 6960, 4.2.2.2)."""
    for candidate in answer.certificates:
        if candidate == issuer:
            continue
        try:
            candidate.verify_directly_issued_by(issuer)
            purposes = candidate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
            continue
        in_force = candidate.not_valid_before_utc <= now <= candidate.not_valid_after_utc
        if ExtendedKeyUsageOID.OCSP_SIGNING in purposes and in_force:
            return candidate
    return issuer


def _signed_by(signer: x509.Certificate, signature: bytes, data: bytes, digest: hashes.HashAlgorithm) -> bool:
    public = signer.public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), digest)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, data, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True
