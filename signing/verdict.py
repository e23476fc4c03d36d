"""The answer to "can this signature be trusted?", with three values and its reasons (ETSI EN 319 102-1).

`invalid` needs proof of harm; what cannot be proved either way is `indeterminate`, which is not "forged".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Outcome(StrEnum):
    """TOTAL-PASSED, TOTAL-FAILED and INDETERMINATE of EN 319 102-1, in words people use."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code with its sentence in Vietnamese and English, and what a person can do about it, if anything."""

    code: str
    vi: str
    en: str
    remedy_vi: str = ""
    remedy_en: str = ""


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """One signature or document timestamp of a PDF."""

    field: str
    kind: str
    """`signature` or `timestamp`."""
    outcome: Outcome
    reasons: tuple[Reason, ...]
    signer: str
    """Subject's common name, as in the certificate."""
    issuer: str
    signed_at: datetime | None
    timestamp_at: datetime | None
    level: str
    """`B-B`, `B-T`, `B-LT`, `B-LTA`, or `` where it is not PAdES."""
    algorithm: str
    """Such as `sha256WithRSA`."""
    covers_whole_file: bool
    development: bool
    """Made by a development PKI: proves nothing outside this machine."""


@dataclass(frozen=True, slots=True)
class PdfVerdict:
    """The whole file's outcome: the worst of its signatures; no signature at all is indeterminate."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    signatures: tuple[SignatureVerdict, ...]
    sha256: str
    size: int
