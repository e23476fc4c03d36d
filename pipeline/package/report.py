"""The answer of `hoso package check --json`, and the list in which the checks gather what they find.

One outcome for the whole package, the worst of its parts; each reason with its code, both sentences and the file it is
about. Reports are bounded: of many alike reasons the first are named and the others counted.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Literal

from pydantic import Field

from pipeline.package.reasons import INVALID_CODES, OPEN_CODES, sentences
from pipeline.record import Model
from pipeline.verification import OutcomeName, ReasonReport, VerifyReport

MOST_ALIKE = 20


class PackageReason(Model):
    """A reason, and what it is about."""

    code: str
    vi: str
    en: str
    file: str = ""
    """Inside the package."""
    detail: str = ""


class DataSignatureReport(Model):
    """The detached JWS over data.json."""

    outcome: OutcomeName
    reasons: tuple[ReasonReport, ...]
    signer: str
    issuer: str
    algorithm: str
    kid: str
    signed_at: datetime | None
    timestamp_at: datetime | None
    development: bool


class PackageReport(Model):
    """What can be said of a package."""

    package: str
    form: Literal["folder", "zip", "unknown"]
    outcome: OutcomeName
    reasons: tuple[PackageReason, ...]
    more: dict[str, int] = Field(default_factory=dict)
    """By code: how many further reasons of this kind were left out."""
    dossier: str | None = None
    object_id: str | None = None
    files: int = 0
    size: int = 0
    pdf: VerifyReport | None = None
    data: DataSignatureReport | None = None
    second_judge: str = ""
    """What the library `bagit` says of the bag: `valid`, or its complaint."""


class Findings:
    """Reasons as they come."""

    def __init__(self) -> None:
        self.reasons: list[PackageReason] = []
        self._counted: Counter[str] = Counter()

    def add(self, code: str, file: str = "", detail: str = "") -> None:
        """One more reason."""
        self._counted[code] += 1
        if self._counted[code] <= MOST_ALIKE:
            vi, en = sentences(code)
            self.reasons.append(PackageReason(code=code, vi=vi, en=en, file=file[:300], detail=detail[:500]))

    @property
    def codes(self) -> frozenset[str]:
        """Codes so far."""
        return frozenset(self._counted)

    @property
    def more(self) -> dict[str, int]:
        """How many were left out, by code."""
        return {code: count - MOST_ALIKE for code, count in self._counted.items() if count > MOST_ALIKE}

    @property
    def outcome(self) -> OutcomeName:
        """Invalid where anything is proved, open where anything is not known."""
        codes = set(self._counted)
        if codes & INVALID_CODES:
            return "invalid"
        return "indeterminate" if codes & OPEN_CODES else "valid"
