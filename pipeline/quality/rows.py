"""What the catalogue keeps of quality: frozen records, without a person's data but where they are sealed.

A case is one value under examination: a sample, a planted answer, a batch's sample, or a group's outlier. A kind of
field has a standing at each agency; its cycle is one run of the test, from nothing to an alarm or the announced size.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Mode(StrEnum):
    """How values of a kind are looked at."""

    SAMPLED = "sampled"
    """What the machine accepts is accepted; a share is looked at."""
    FULL = "full"
    """A person looks at every value."""


class CaseKind(StrEnum):
    """Why a value is examined."""

    SAMPLE = "sample"
    BATCH = "batch"
    PLANTED = "planted"
    SECOND = "second"
    GROUP = "group"


class Verdict(StrEnum):
    """What came of a case. Stable codes."""

    OPEN = "open"
    RIGHT = "right"
    """The machine was right; of two keys: they are the same."""
    WRONG = "wrong"
    """The machine was wrong; of two keys: they differ."""
    UNREADABLE = "unreadable"
    """Nobody can tell from the image: counts neither way."""
    CAUGHT = "caught"
    """A planted error was seen."""
    MISSED = "missed"
    KEPT = "kept"
    """A planted right value was left as it is."""
    SPOILED = "spoiled"
    GONE = "gone"
    """The dossier is no more."""


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A kind of field at an agency; key fields apart, as in `pipeline.trust`."""

    agency: str
    kind: str
    key_field: bool

    @property
    def code(self) -> str:
        """`date`, or `date!` for key fields: as records and pages' addresses name it."""
        return f"{self.kind}{'!' if self.key_field else ''}"

    @classmethod
    def of(cls, agency: str, code: str) -> FieldKind:
        """The other way round."""
        return cls(agency, code.removesuffix("!"), code.endswith("!"))


@dataclass(frozen=True, slots=True)
class KindState:
    """How a kind stands."""

    kind: FieldKind
    mode: Mode
    cycle: int
    since: datetime
    """Since when this cycle runs."""
    rate: float
    accepted: int
    """Values that the machine accepted in filed dossiers since then."""


@dataclass(frozen=True, slots=True)
class Case:
    """One value under examination."""

    id: str
    agency: str
    dossier_id: str
    document_id: str
    key: str
    kind: str
    key_field: bool
    purpose: CaseKind
    cycle: int
    batch: str | None
    verdict: Verdict
    sealed: bytes | None
    """For a planted one what is shown and what is right; for a group's outlier the value of most. People's data."""
    who: str | None
    """Whose answer was judged: the first clerk's."""
    slipped: bool
    """Whether the first clerk's answer turned out wrong."""
    made_at: datetime
    done_at: datetime | None

    @property
    def field(self) -> FieldKind:
        """Its kind."""
        return FieldKind(self.agency, self.kind, self.key_field)


@dataclass(frozen=True, slots=True)
class Switch:
    """A kind changed its mode."""

    kind: FieldKind
    mode: Mode
    wrong: int
    samples: int
    bound: float
    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of records that is accepted or refused by a sample."""

    id: str
    agency: str
    name: str
    dossiers: int
    sample: int
    state: str
    """`open`, `accepted` or `refused`."""
    who: str
    made_at: datetime
    done_at: datetime | None
