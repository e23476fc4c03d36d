"""What the archive timestamps of a file prove, link by link, from the newest backwards (EN 319 102-1, 5.6.3).

The newest link is judged at the moment, with today's lists. Each older one, and at last the signature, is judged as
of the time that the next newer good link proves, with the certificates and revocation data that this link covers:
what was good then, and can be shown to have been there then, stays good. pyHanko's own way slides back from today's
list of a certificate authority, which says nothing of certificates that have ended, so a renewed chain fails there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signing.policy import specification

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from signing.facts import Facts
    from signing.trust import TrustMaterial


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is judged, and with which data (pyHanko's SignatureValidationSpec)."""

    at: datetime
    spec: Any
    past: bool
    """A time that a later timestamp proves, not now."""

    @property
    def timing(self) -> Any:
        """The moment as a `ValidationTimingInfo`."""
        from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

        return ValidationTimingInfo(self.at, self.at, point_in_time_validation=self.past)


class ArchiveChain:
    """The document timestamps of one open file."""

    def __init__(self, reader: Any, facts: Sequence[Facts], material: TrustMaterial, present: Moment) -> None:
        self._reader = reader
        self._material = material
        self._present = present
        self._stamps = sorted(
            (f for f in facts if f.kind == "timestamp" and f.intact and _covers_its_revision(f)),
            key=lambda f: f.revision,
            reverse=True,
        )
        self._judged: dict[str, tuple[bool, str]] | None = None

    async def holds(self, facts: Facts) -> tuple[bool, str]:
        """Whether this link can be relied on, and pyHanko's sub-indication where not ("" for a link out of place)."""
        return (await self._links()).get(facts.field, (False, ""))

    async def moments_after(self, revision: int) -> list[Moment]:
        """Moments at which what stands in `revision` is proved to have existed, the oldest first."""
        links = await self._links()
        later = [f for f in reversed(self._stamps) if f.revision > revision and links[f.field][0]]
        return [self._moment(f) for f in later]

    def has_after(self, revision: int) -> bool:
        """Whether any intact document timestamp follows, whatever it is worth."""
        return any(f.revision > revision for f in self._stamps)

    async def _links(self) -> dict[str, tuple[bool, str]]:
        if self._judged is None:
            judged = {}
            moment = self._present
            for stamp in self._stamps:
                indication = await self._indication(stamp, self._present)
                if indication != "OK" and moment is not self._present:
                    indication = await self._indication(stamp, moment)
                judged[stamp.field] = (indication == "OK", indication)
                if indication == "OK":
                    moment = self._moment(stamp)
            self._judged = judged
        return self._judged

    def _moment(self, stamp: Facts) -> Moment:
        """The time of `stamp`, with the data that it covers and what is at hand from then."""
        from pyhanko.pdf_utils.reader import HistoricalResolver

        covered = HistoricalResolver(self._reader, revision=stamp.revision)
        at = stamp.claimed_at
        assert at is not None  # noqa: S101 - every timestamp token has a time; without one it is unreadable
        return Moment(at, specification(covered, self._material, until=at), past=True)

    async def _indication(self, stamp: Facts, moment: Moment) -> str:
        from pyhanko.sign.validation.ades import ades_timestamp_validation
        from pyhanko.sign.validation.status import DocumentTimestampStatus

        embedded = stamp.embedded
        result = await ades_timestamp_validation(
            embedded.signed_data,
            moment.spec,
            embedded.compute_digest,
            timing_info=moment.timing,
            extra_status_kwargs={"coverage": embedded.coverage, "diff_result": embedded.diff_result},
            status_cls=DocumentTimestampStatus,
        )
        name: str = result.ades_subindic.name
        return name


def _covers_its_revision(facts: Facts) -> bool:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    return bool(facts.embedded.evaluate_signature_coverage() >= SignatureCoverageLevel.ENTIRE_REVISION)


def revoked_before(certificates: Sequence[Any], lists: Sequence[bytes], moment: datetime) -> bool:
    """Whether the operator's own lists (DER) revoke one of these certificates as of `moment` or earlier.

    A list that came later than the proof may know of a theft before it.
    """
    from asn1crypto.crl import CertificateList

    wanted = {(c.issuer.hashable, c.serial_number) for c in certificates}
    for der in lists:
        revoking = CertificateList.load(der)
        for entry in revoking["tbs_cert_list"]["revoked_certificates"] or ():
            key = (revoking.issuer.hashable, entry["user_certificate"].native)
            if key in wanted and entry["revocation_date"].native <= moment:
                return True
    return False
