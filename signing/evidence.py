"""The proof that certificates were good: their chains, and what their authorities say of each link, CRL and OCSP.

One shelf serves a batch: a chain judged once counts for some minutes, as long as the lists at hand stay the same, and
so does every answer that was fetched. A failure is remembered briefly too, so that a dead responder does not cost
every document its time limit. Each link needs one proof at least; both kinds are taken where both can be had, since an
OCSP answer ends soon and a later validator may be left with the list.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Protocol

from signing.errors import CertificateRefusedError, RevocationUnavailableError, SigningError
from signing.fetching import checked_answer, checked_crl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cryptography import x509

    from signing.fetching import Fetched
    from signing.trust import TrustMaterial

_KEPT: Final = timedelta(minutes=5)
_FAULT_KEPT: Final = timedelta(seconds=30)
_LARGEST_LIST_BESIDE_ANSWER: Final = 1024 * 1024
"""Bytes: a larger CRL stays out of the document where an OCSP answer says the same."""


class CertificateRevokedError(CertificateRefusedError):
    """An authority revoked the certificate, or one above it."""

    code = "certificate_revoked"
    message_vi = "Chứng thư ký đã bị thu hồi."
    remedy_vi = "Hãy thay chứng thư ký; không ký bằng chứng thư này nữa."


class RevocationSource(Protocol):
    """Who can be asked about a certificate beside the lists at hand."""

    async def answer(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Fetched:
        """A checked OCSP answer."""

    async def crl(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Fetched:
        """A checked CRL."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """DER of certificates (with roots), CRLs and OCSP responses."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(
            _united(self.certificates, other.certificates),
            _united(self.crls, other.crls),
            _united(self.ocsps, other.ocsps),
        )

    def parsed(self) -> tuple[list[Any], list[Any], list[Any]]:
        """The same as asn1crypto objects."""
        from asn1crypto.crl import CertificateList
        from asn1crypto.ocsp import OCSPResponse
        from asn1crypto.x509 import Certificate

        return (
            [Certificate.load(der) for der in self.certificates],
            [CertificateList.load(der) for der in self.crls],
            [OCSPResponse.load(der) for der in self.ocsps],
        )


@dataclass(slots=True)
class EvidenceShelf:
    """Gathers evidence; may be shared by threads, whose work it then repeats at worst."""

    sources: tuple[RevocationSource, ...] = ()
    _chains: dict[bytes, tuple[datetime, Evidence | SigningError]] = field(default_factory=dict, init=False)
    _fetched: dict[tuple[str, bytes], tuple[datetime, Fetched]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    async def of(
        self,
        certificate: Any,
        others: Iterable[Any],
        material: TrustMaterial,
        now: datetime,
        *,
        revocation: bool = True,
    ) -> Evidence:
        """The evidence for `certificate` (asn1crypto) at `now`; `others` may help to build its chain.

        Raises CertificateRefusedError where it is revoked or leads to no trusted root, RevocationUnavailableError
        where an authority's word is missing. Without `revocation` the chain alone is looked at.
        """
        key = _digest(material) + certificate.sha256 + bytes([revocation])
        at, found = self._chains.get(key, (now, None))
        if found is None or abs(now - at) >= (_FAULT_KEPT if isinstance(found, SigningError) else _KEPT):
            try:
                found = await self._gathered(certificate, list(others), material, now, revocation=revocation)
            except SigningError as error:
                found = error
            with self._lock:
                self._chains = {k: v for k, v in self._chains.items() if abs(now - v[0]) < _KEPT} | {key: (now, found)}
        if isinstance(found, SigningError):
            raise found
        return found

    async def _gathered(
        self, certificate: Any, others: list[Any], material: TrustMaterial, now: datetime, *, revocation: bool
    ) -> Evidence:
        from cryptography.x509 import load_der_x509_certificate
        from pyhanko_certvalidator import CertificateValidator, ValidationContext
        from pyhanko_certvalidator.errors import InsufficientRevinfoError, PathError, RevokedError, ValidationError

        path = await _chain(certificate, others, material, now)
        state = _digest(material)
        if not revocation:
            return Evidence(certificates=tuple(c.dump() for c in path))
        evidence, faults = await self._revocation(
            [load_der_x509_certificate(c.dump()) for c in path], material, state, now
        )
        context = ValidationContext(
            trust_roots=list(material.roots),
            other_certs=[*material.intermediates, *others],
            crls=list(evidence.crls),
            ocsps=list(evidence.ocsps),
            allow_fetching=False,
            revocation_mode="require",
            moment=now,
        )
        try:
            await CertificateValidator(certificate, validation_context=context).async_validate_usage(set())
        except InsufficientRevinfoError as error:
            raise RevocationUnavailableError("; ".join([str(error), *faults])) from error
        except RevokedError as error:
            raise CertificateRevokedError(str(error)) from error
        except (PathError, ValidationError) as error:
            raise CertificateRefusedError(str(error)) from error
        return evidence

    async def _revocation(
        self, path: list[x509.Certificate], material: TrustMaterial, state: bytes, now: datetime
    ) -> tuple[Evidence, list[str]]:
        """What the authorities say of every link of `path`, from the root down, and what could not be had."""
        from cryptography.hazmat.primitives.serialization import Encoding

        crls: list[bytes] = []
        ocsps: list[bytes] = []
        faults: list[str] = []
        for issuer, certificate in pairwise(path):
            answers, gaps = await self._asked("answer", certificate, issuer, state, now)
            lists = [crl for crl in material.crls if _holds(crl, issuer, now)]
            if not lists:
                lists, more = await self._asked("crl", certificate, issuer, state, now)
                gaps += more
            if answers:
                lists = [crl for crl in lists if len(crl) <= _LARGEST_LIST_BESIDE_ANSWER]
            if not answers and not lists:
                faults += gaps
            ocsps += answers
            crls += lists
        certificates = tuple(c.public_bytes(Encoding.DER) for c in path)
        return Evidence(certificates, _united(crls), _united(ocsps)), faults

    async def _asked(
        self, kind: str, certificate: x509.Certificate, issuer: x509.Certificate, state: bytes, now: datetime
    ) -> tuple[list[bytes], list[str]]:
        """What the first source that has it says; new lists at hand (`state`) make every older answer suspect."""
        from cryptography.hazmat.primitives.serialization import Encoding

        faults = []
        for number, source in enumerate(self.sources):
            key = (f"{kind}:{number}", state + certificate.public_bytes(Encoding.DER))
            fetched = self._kept(key, certificate, issuer, now)
            if fetched is None:
                fetched = await (source.answer if kind == "answer" else source.crl)(certificate, issuer, now)
                with self._lock:
                    self._fetched[key] = (now, fetched)
            if fetched.data:
                return [fetched.data], []
            faults.append(fetched.fault)
        return [], faults

    def _kept(
        self, key: tuple[str, bytes], certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> Fetched | None:
        found = self._fetched.get(key)
        if found is None:
            return None
        at, fetched = found
        if abs(now - at) >= (_KEPT if fetched.data else _FAULT_KEPT):
            return None
        try:  # it may have ended meanwhile
            if fetched.data and key[0].startswith("answer"):
                checked_answer(fetched.data, certificate, issuer, now)
            elif fetched.data:
                checked_crl(fetched.data, issuer, now)
        except ValueError:
            return None
        return fetched


async def _chain(certificate: Any, others: list[Any], material: TrustMaterial, now: datetime) -> list[Any]:
    """The chain from a trusted root down to `certificate`, judged without asking for revocation."""
    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import PathError, ValidationError

    context = ValidationContext(
        trust_roots=list(material.roots),
        other_certs=[*material.intermediates, *others],
        allow_fetching=False,
        revocation_mode="none",
        moment=now,
    )
    try:
        path = await CertificateValidator(certificate, validation_context=context).async_validate_usage(set())
    except (PathError, ValidationError) as error:
        raise CertificateRefusedError(str(error)) from error
    return list(path.iter_certs(include_root=True))


def _holds(crl: bytes, issuer: x509.Certificate, now: datetime) -> bool:
    try:
        checked_crl(crl, issuer, now)
    except ValueError:
        return False
    return True


def _digest(material: TrustMaterial) -> bytes:
    digest = hashlib.sha256()
    for crl in material.crls:
        digest.update(hashlib.sha256(crl).digest())
    for root in material.roots:
        digest.update(root.sha256)
    return digest.digest()


def _united(*groups: Iterable[bytes]) -> tuple[bytes, ...]:
    """Every value once, in order."""
    return tuple(dict.fromkeys(value for group in groups for value in group))
