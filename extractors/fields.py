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


class Filled(StrEnum):
    """How a place on a form is filled in."""

    LINE = "line"
    """On or under a line of leaders, behind, under or between labels."""
    COMB = "comb"
    """One sign a box: the value is the signs from left to right without blanks, raw keeps them parted by blanks."""
    TICK = "tick"
    """By a cross or tick in the box before or behind one of the printed `choices`; their printed words say nothing."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a schema asks an extractor to look for. Labels are spellings, the most usual first.

    What an extractor gives back: one `Field` a key (at most one each), whose key is `spec.key`, but for tables.

    * `flag`: two tick boxes, yes first; `value` is a bool. No box ticked is `blank`, both are `unreadable` (`box`).
    * `choice`: `value` is the one of `choices` that the paper says, word for word as in `choices`, whether it stands
      there in writing (`filled` line; wordings of `synonyms` count too) or is ticked (`filled` tick). Nothing ticked
      is `blank`; several ticks are `unreadable` (`box`). What fits no choice keeps its text, `doubtful`
      (`unknown_choice`).
    * `choices`: like `choice`, but several may be ticked; `value` is the list of those, in the order of `choices`.
    * `signature`, `seal`: `value` is a bool, whether there is ink of a pen below the label, or a seal in that column;
      `box` is the ink's, or where it was looked for.
    * `table`: `columns` are specs whose labels are the printed headers of the columns; the labels of the table itself
      are what is printed above it, and may be missing on the page. For row n (1-based, counted over filled rows, from
      the top of the first page to the end of the last) and column c the key is `row_key(spec.key, n, c.key)`, such as
      `thanh_vien.1.ho_ten`. A row counts as filled when any of its cells holds writing, a running number (the column
      of the kind `ordinal`) alone does not fill it. In a filled row every column has a `Field`, empty cells `blank`
      ones. Rows that are not filled make none. A table that is there without any filled row makes a single `blank`
      field with the key of the table; a table that is not found makes none. A table without ruled lines is one too.
    """

    key: str
    labels: tuple[str, ...]
    kind: str
    """One of `text`, `name`, `date`, `partial_date`, `sex`, `ethnicity`, `nationality`, `id_number`, `number`,
    `place`, `code`, `lines`, `relationship`, `choice`, `choices`, `date_words` (a date in words, kept as written),
    `datetime`, `issuer` (who issued a paper, in running text), `flag` (two tick boxes, yes first), `signer` (a name
    below its label, in the label's column), `signature` (whether there is ink below its label), `seal`, `table`,
    `ordinal` (the running number of a table's row), `phone`, `email`, `money` (whole dong). A label `@dated` stands
    for the row `place, ngày …`. Specs that share a label and a section and differ in kind take parts of one text."""
    section: tuple[str, ...] = ()
    """Headings under which the label stands (mother, father, requester); empty where the label is unique."""
    choices: tuple[str, ...] = ()
    filled: Filled = Filled.LINE
    """How the form asks for it; a form filled in by machine may have no boxes all the same."""
    columns: tuple[FieldSpec, ...] = ()
    """Of a table, from left to right as on the usual form."""
    synonyms: tuple[tuple[str, str], ...] = ()
    """Other wordings of a choice, each with the choice that it stands for."""


def row_key(table: str, row: int, column: str) -> str:
    """Key of a cell: `thanh_vien.1.ho_ten`. `row` is 1-based."""
    return f"{table}.{row}.{column}"


def split_row_key(key: str) -> tuple[str, int, str] | None:
    """Table, row and column that a cell's key names; None for the key of a field that is no cell."""
    parts = key.split(".")
    return (parts[0], int(parts[1]), parts[2]) if len(parts) == 3 and parts[1].isdecimal() else None


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
