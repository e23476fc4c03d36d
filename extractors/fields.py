"""A field is a claim with evidence: what it says, where it was read, who says so, and how likely it is right.

Born here because extractors make them; `pipeline` combines claims on one key and decides what a person must see.
A value that nobody can read is `unreadable` with a reason, never a guess; an empty place is `blank`, which is a value.
`value` is normalised (ISO 8601 dates, NFC names, digits only for numbers); `raw` is what stands on the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.reading import Box, Image, ReadPage

FieldValue = str | int | bool | list[str] | None


class Source(StrEnum):
    """Who makes a claim."""

    QR = "qr"
    MRZ = "mrz"
    LABEL = "label"
    LETTERHEAD = "letterhead"
    TAGGER = "tagger"
    PERSON = "person"


class FieldStatus(StrEnum):
    """What became of a field."""

    READ = "read"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    DOUBTFUL = "doubtful"
    """Read, but below the accuracy promised for its kind: a person decides."""
    CONFIRMED = "confirmed"
    """Decided by a person."""


@dataclass(frozen=True, slots=True)
class Field:
    """One claim on one field of one paper."""

    key: str
    value: FieldValue
    raw: str
    probability: float
    source: Source
    page: int
    """1-based page of the dossier."""
    box: Box | None
    """Where on the page image, in its pixels; None where the evidence has no place."""
    status: FieldStatus = FieldStatus.READ
    reason: str | None = None
    """Why it is unreadable or doubtful: a stable code such as `handwriting`, `sources_disagree`."""


@dataclass(frozen=True, slots=True)
class PageView:
    """What an extractor sees of one page. Pixels are decoded only when asked for: a dossier may have 300 pages."""

    number: int
    """1-based page of the dossier."""
    read: ReadPage
    load: Callable[[], Image]
    """Decodes the page image anew at each call; keep the result while you use it."""

    @property
    def image(self) -> Image:
        """RGB pixels of the upright page; boxes of `read` lie in it."""
        return self.load()

    @classmethod
    def of(cls, number: int, image: Image, read: ReadPage) -> PageView:
        """A view of pixels that are in memory already."""
        return cls(number, read, lambda: image)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a schema asks an extractor to look for. Labels are spellings, the most usual first."""

    key: str
    labels: tuple[str, ...]
    kind: str
    """One of `text`, `name`, `date`, `partial_date`, `sex`, `ethnicity`, `nationality`, `id_number`, `number`,
    `place`, `code`, `lines`, `relationship`, `choice`, `date_words` (a date in words, kept as written), `datetime`,
    `issuer` (who issued a paper, in running text), `flag` (two tick boxes, yes first), `signer` (a name below its
    label, in the label's column), `signature` (whether there is ink below its label). A label `@dated` stands for the
    row `place, ngày …`. Specs that share a label and a section and differ in kind take parts of one text."""
    section: tuple[str, ...] = ()
    """Headings under which the label stands (mother, father, requester); empty where the label is unique."""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeClaim:
    """What kind of paper starts on a page."""

    type: str
    """A document type such as `to_khai_khai_sinh`, `cong_van`, `cccd`; `unknown` is an answer."""
    probability: float
    starts: bool
    """Whether the page opens a paper (True) or goes on with the one before (False)."""
    evidence: str


class FieldExtractor(Protocol):
    """Makes claims about one paper. Returns claims only: what it does not find it leaves out."""

    source: Source

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims on the paper that these pages hold, in page order."""
        ...
