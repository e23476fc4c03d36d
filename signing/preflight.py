"""Could a batch be signed now? Asked before the first signature, so that nothing stops in the middle for no need.

For every signer: the key is there and is its certificate's, the certificate is in force and may sign documents, its
chain leads to a trusted root and nobody revoked it. For all: a timestamp authority answers as it should, and the
machine's clock agrees with it. Nothing is signed. What fails carries the error that signing would have raised.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from signing.certificates import to_asn1
from signing.errors import KeyUnavailableError, SigningError
from signing.evidence import CertificateRevokedError
from signing.increments import DIGEST
from signing.keys import check_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from signing.keys import Signer
    from signing.signer import PdfSigner
    from signing.timestamps import Stamped

Result = Literal["ok", "warn", "fail"]

HOLDS_FOR: Final = timedelta(minutes=1)
"""How long a preflight that passed counts for a batch."""
_ENDS_SOON: Final = timedelta(days=30)
_SKEW_NOTED: Final = timedelta(seconds=60)
_SKEW_REFUSED: Final = timedelta(minutes=5)

_TITLES: Final = {
    "key": "Khóa ký mở được và đúng với chứng thư",
    "certificate": "Chứng thư ký còn hạn và dùng để ký tài liệu",
    "chain": "Chuỗi chứng thư tin cậy, không bị thu hồi",
    "timestamp": "Nguồn cấp dấu thời gian trả lời đúng",
    "clock": "Đồng hồ của máy đúng giờ",
}


class ClockWrongError(SigningError):
    """The machine's clock and the timestamp authority's are too far apart."""

    code = "clock_wrong"
    retryable = True
    message_vi = "Đồng hồ của máy lệch so với nguồn cấp dấu thời gian."
    remedy_vi = "Hãy chỉnh lại giờ của máy (đồng bộ NTP); hồ sơ được giữ lại và hệ thống sẽ tự thử lại."


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    """`key`, `certificate`, `chain`, `timestamp` or `clock`."""
    of: str
    """Whose: a role or an authority; empty where it is the machine's."""
    result: Result
    detail: str = ""
    error: SigningError | None = None
    """With `fail`: what signing would raise."""

    @property
    def title(self) -> str:
        """What was looked at, in Vietnamese."""
        return _TITLES[self.name]


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was looked at, in order."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether a batch may begin."""
        return all(check.result != "fail" for check in self.checks)

    def require(self) -> None:
        """Raise the first failure's error."""
        for check in self.checks:
            if check.error is not None:
                raise check.error


async def look(signer: PdfSigner, roles: Sequence[str], *, every_authority: bool) -> Preflight:
    """Look at everything that `roles` need. One authority that answers is enough unless `every_authority` is asked."""
    now = signer.clock()
    checks: list[Check] = []
    for role in dict.fromkeys(roles):
        checks += await _of_key(signer, role, now)
    if signer.level != "B-B":
        checks += await _of_time(signer, now, every_authority=every_authority)
    return Preflight(tuple(checks))


async def _of_key(signer: PdfSigner, role: str, now: datetime) -> list[Check]:
    shown = role or "officer"
    try:
        key = signer.key_of(role)
        key.probe()
    except SigningError as error:
        return [_failed("key", shown, error)]
    checks = [Check("key", shown, "ok", f"{key.facts().kind}: {key.facts().place}")]
    try:
        check_key(key, now)
    except KeyUnavailableError as error:
        return [*checks, _failed("certificate", shown, error)]
    left = key.certificate.not_valid_after_utc - now
    ends = f"{key.certificate.not_valid_after_utc:%Y-%m-%d}"
    checks.append(Check("certificate", shown, "warn" if left < _ENDS_SOON else "ok", f"{_name(key)}, {ends}"))
    try:
        await signer.evidence.of(
            to_asn1(key.certificate),
            [to_asn1(c) for c in key.chain],
            signer.material(now),
            now,
        )
    except SigningError as error:
        # below B-LT the file holds no chain: what is unknown of it is for others to judge
        fails = signer.long_term or isinstance(error, CertificateRevokedError)
        checks.append(_failed("chain", shown, error) if fails else Check("chain", shown, "warn", str(error)))
    else:
        checks.append(Check("chain", shown, "ok"))
    return checks


async def _of_time(signer: PdfSigner, now: datetime, *, every_authority: bool) -> list[Check]:
    authorities = signer.authorities
    if not every_authority and authorities.answered_since(now - HOLDS_FOR):
        return [Check("timestamp", "", "ok")]

    async def accept(stamped: Stamped) -> None:
        await signer.evidence.of(
            stamped.certificate, list(stamped.others), signer.material(now), now, revocation=signer.long_term
        )

    checks: list[Check] = []
    times: list[datetime] = []
    faults: list[SigningError] = []
    for chosen in [(source,) for source in signer.sources] if every_authority else [None]:
        of = chosen[0].name if chosen else ""
        try:
            stamped = await authorities.token(secrets.token_bytes(32), DIGEST, accept, among=chosen)
        except SigningError as error:
            faults.append(error)
            checks.append(Check("timestamp", of, "warn", error.detail))
        else:
            times.append(stamped.at)
            checks.append(Check("timestamp", of or stamped.source, "ok"))
    if not times:  # a dead one among several is a warning, all of them dead is a failure
        checks = [Check(c.name, c.of, "fail", c.detail, error) for c, error in zip(checks, faults, strict=True)]
        return checks or [_failed("timestamp", "", _no_authority())]
    return [*checks, _of_clock(times[0], signer.clock())]


def _of_clock(told: datetime, now: datetime) -> Check:
    skew = abs(told - now)
    detail = f"{skew.total_seconds():.0f} s"
    if skew > _SKEW_REFUSED:
        return _failed("clock", "", ClockWrongError(detail))
    return Check("clock", "", "warn" if skew > _SKEW_NOTED else "ok", detail)


def _no_authority() -> SigningError:
    from signing.errors import TimestampUnavailableError

    return TimestampUnavailableError("no timestamp authority is configured")


def _failed(name: str, of: str, error: SigningError) -> Check:
    return Check(name, of, "fail", f"{error.message_vi} {error.detail}".strip(), error)


def _name(key: Signer) -> str:
    from cryptography.x509.oid import NameOID

    names = key.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else key.facts().subject
