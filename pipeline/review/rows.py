"""What the review queue hands out and takes in: frozen records without a person's data, except where they say so.

An item is one question to a clerk: a field that the machine doubts, or a finding that asks. Its revision grows with
every act on it and with every change of what it shows; an answer names the revision that was on the screen, so that a
late or repeated one is told from the one that counts. Times are aware, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Target(StrEnum):
    """What an item asks about."""

    FIELD = "field"
    FINDING = "finding"


class State(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    ASKED = "asked"
    """With a colleague."""
    SETTLED = "settled"
    """Answered; not yet a decision of the dossier, so that it can be taken back."""
    PASSED = "passed"
    """Its answer is a decision."""
    MOOT = "moot"
    """The dossier changed, and nobody needs to be asked any more."""


class ItemPurpose(StrEnum):
    """Why somebody is asked."""

    DOUBT = "doubt"
    SECOND = "second"
    """Blind second keying, or the third key where two differ."""
    SAMPLE = "sample"
    """Accepted by the machine, drawn to measure its errors."""
    PLANTED = "planted"
    """With a known answer."""


class Lane(IntEnum):
    """In which order: who sits at the desk comes before the backlog."""

    DESK = 0
    BACKLOG = 1


class Verdict(StrEnum):
    """What a clerk did with an item. Stable codes."""

    ACCEPT = "accept"
    CORRECT = "correct"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    ASK = "ask"
    SKIP = "skip"


SETTLES = frozenset({Verdict.ACCEPT, Verdict.CORRECT, Verdict.BLANK, Verdict.UNREADABLE})
"""Verdicts that answer an item."""


class Why(StrEnum):
    """Why a field cannot be read."""

    FADED = "faded"
    TORN = "torn"
    STAMP = "stamp"
    HANDWRITING = "handwriting"
    MISSING = "missing"


class Result(StrEnum):
    """What became of an answer."""

    TAKEN = "taken_in"
    """It counts."""
    SAME = "same"
    """It was here before: sent twice."""
    CHANGED = "changed"
    """The item shows something else by now; nothing was recorded."""
    OTHER = "other"
    """Somebody else has answered it, or has it now; nothing was recorded."""
    REFUSED = "refused"
    """What was typed is no value of this kind; nothing was recorded."""
    GONE = "gone"
    """The dossier needs no answer any more; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question that a dossier asks, as it stands."""

    target: Target
    document: str
    key: str
    """Of the field, or the id of the finding."""
    kind: str
    reason: str | None
    probability: float | None
    content: str
    """Changes when what the clerk is shown changes; tells nothing of it."""
    position: int
    """Order within the dossier."""


@dataclass(frozen=True, slots=True)
class Item:
    """A question in the queue."""

    id: str
    dossier_id: str
    agency: str
    purpose: ItemPurpose
    slot: int
    target: Target
    document_id: str
    key: str
    kind: str
    reason: str | None
    probability: float | None
    revision: int
    lane: int
    queued_at: datetime
    position: int
    state: State
    taken_by: str | None
    taken_until: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """Which items somebody wants."""

    agency: str
    lane: int | None = None
    kind: str | None = None
    asked: bool = False
    """Colleagues' questions instead of the queue."""
    leads: bool = False
    """Whether they may settle what two people keyed differently."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who answers: `id` for the queue, `name` for decisions."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One act on an item, ready to be kept."""

    item: str
    revision: int
    verdict: Verdict
    changed: bool
    """Whether the value differs from the machine's."""
    sealed: bytes
    """What was shown and what was keyed; people's data."""
    why: Why | None = None
    ms: int = 0
    """Milliseconds from the picture on the screen to the last key."""
    keys: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it stands in the catalogue."""

    id: int
    item_id: str
    dossier_id: str
    revision: int
    target: Target
    document_id: str
    key: str
    kind: str
    verdict: Verdict
    why: str | None
    sealed: bytes
    who: str
    who_name: str
    at: datetime
    passed_at: datetime | None
    purpose: str
    slot: int


@dataclass(frozen=True, slots=True)
class Question:
    """What a clerk asked of a colleague; notes are sealed."""

    id: int
    item_id: str
    asker: str
    asker_name: str
    note: bytes
    asked_at: datetime
    answerer_name: str | None
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How many items of a lane and kind wait, and since when the oldest."""

    lane: int
    kind: str
    count: int
    oldest: datetime
