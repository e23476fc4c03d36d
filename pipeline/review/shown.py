"""An item as a clerk's screen gets it, and what comes back. Plain data for JSON; words for codes are the screen's.

Boxes are `[x0, y0, x1, y1]` in pixels of the page; spans are `[start, end)` in characters of `text`. `candidates` are
other values in the order in which one key goes through them; the value as read is not among them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from extractors.fields import FieldStatus, Source
from pipeline.record import Model
from pipeline.review.rows import Result, Target, Verdict, Why

Box = tuple[int, int, int, int]


class Span(Model):
    """A piece of a text."""

    start: int
    end: int


class Candidate(Model):
    """Another value that may be right."""

    text: str
    origin: Literal["claim", "spelling", "choice"]
    source: Source | None = None
    """Whose claim it is."""


class Picture(Model):
    """Where on which page a value stands."""

    page: int
    width: int
    """Of the page, pixels."""
    height: int
    strip: Box
    wide: Box
    field: Box
    marks: tuple[Box, ...] = ()
    """Words to light up."""


class Part(Model):
    """One value with its picture: the field that is asked about, or one that a finding names."""

    document: str
    key: str
    label: str
    paper: str
    kind: str
    text: str
    """As a clerk would type it."""
    status: FieldStatus
    probability: float
    source: Source
    multiline: bool
    candidates: tuple[Candidate, ...]
    doubts: tuple[Span, ...]
    """The most doubtful first."""
    picture: Picture | None
    """None where the value has no place on a page."""


class Typing(Model):
    """What stood in a clerk's field when last heard of."""

    text: str = Field(max_length=20_000)
    part: int = Field(default=0, ge=0, le=50)
    ms: int = Field(default=0, ge=0, le=10**9)
    keys: int = Field(default=0, ge=0, le=10**6)


class Asked(Model):
    """A question to a colleague, and the answer."""

    note: str
    by: str
    at: datetime
    answer: str | None = None
    answered_by: str | None = None


class ShownItem(Model):
    """One item, ready for the screen."""

    id: str
    revision: int
    target: Target
    kind: str
    reason: str | None
    lane: int
    queued_at: datetime
    dossier: str
    procedure: str
    message: str
    """Of a finding, Vietnamese; empty for a field."""
    severity: str | None
    parts: tuple[Part, ...]
    page: int
    """The page to show as a whole; 0 where there is none."""
    again: bool
    """Whether this person answered it before and took that back."""
    typing: Typing | None = None
    asked: Asked | None = None


class Said(Model):
    """A clerk's act on an item."""

    item: str = Field(min_length=1, max_length=64)
    revision: int = Field(ge=1, le=2**31 - 1)
    verdict: Verdict
    part: int = Field(default=0, ge=0, le=50)
    """Which of a finding's values is corrected."""
    text: str = Field(default="", max_length=20_000)
    """The value, for `correct`; the question, for `ask`."""
    why: Why | None = None
    ms: int = Field(default=0, ge=0, le=10**9)
    keys: int = Field(default=0, ge=0, le=10**6)


class Outcome(Model):
    """What became of an act."""

    item: str
    result: Result
    message: str = ""
    """For results that did not count: what to tell the clerk (a key of the pages' words)."""


class Told(Model):
    """Something the clerk has to know: an answer of theirs did not count."""

    dossier: str
    label: str
    at: datetime
