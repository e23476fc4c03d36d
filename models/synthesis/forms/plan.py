"""What a form asks for and what it says, as plain data: the drawing machine knows nothing else of it.

A `FormPlan` is a blank form without a layout: title, sections, rows with the wordings of their labels, tables, places
for signatures, notes. Whoever knows procedures makes plans of them; this package never does.
An `Entry` is what somebody filled in: what is printed, and what it means. Keys of plans are the caller's own.
A row with several `Ask`s is one running text (`CCCD số … do … cấp ngày …`) whose parts are fields of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from models.synthesis.forms.paper import FieldValue

Filling = Literal["line", "comb", "tick"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One field that a row asks for. `kind` is one of the kinds of `extractors.fields.FieldSpec`."""

    key: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    filling: Filling = "line"
    mask: str = ""
    """Form of a code: `9` a digit, `A` a capital, `x` any sign, `+` behind one of them for several."""


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what stands behind it."""

    labels: tuple[str, ...]
    """Wordings of the label, the most usual first."""
    asks: tuple[Ask, ...]

    @property
    def key(self) -> str:
        """Key of the first field."""
        return self.asks[0].key


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that repeat. Cells are filled under the keys `key.1.column`, `key.2.column`, ..."""

    key: str
    labels: tuple[str, ...]
    columns: tuple[Row, ...]
    """Each with one ask, whose key is the column's."""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading, or under none."""

    rows: tuple[Row | Table, ...]
    headings: tuple[str, ...] = ()
    """Wordings of the heading; it is printed where there is one."""
    of: tuple[str, ...] = ()
    """Keys that the heading stands for, for forms whose heading is a label."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A place for a signature."""

    titles: tuple[str, ...]
    hints: tuple[str, ...] = ("(Ký, ghi rõ họ tên)",)
    name: str | None = None
    """Key of the field that holds the printed name below the pen."""
    signature: str | None = None
    """Key of the field that says whether there is a signature."""
    seal: str | None = None
    """Key of the field that says whether there is a seal."""
    sealed: bool = False
    """Whether papers of this kind carry a seal here."""
    role: str = ""
    """Who signs, as a role of the dossier's people; a stranger where it is empty."""
    opinion: Ask | None = None
    """What the signer writes above the signature, where the form leaves room for it."""


@dataclass(frozen=True, slots=True)
class FormPlan:
    """One kind of paper."""

    type: str
    titles: tuple[str, ...]
    sections: tuple[Section, ...]
    subtitle: str = ""
    issued: bool = False
    """Whether an agency issues it: its head names the agency, and a number and a day."""
    number: Ask | None = None
    """The `Số: …` below the agency's name."""
    addressed: Row | None = None
    """`Kính gửi: …`."""
    oath: tuple[str, ...] = ()
    dated: tuple[Ask, ...] = ()
    """Place and day above the signatures: asks of the kinds `place` and `date`."""
    dated_label: tuple[str, ...] = ()
    """`Làm tại`, where the row has a label."""
    signers: tuple[Signer, ...] = ()
    notes: tuple[str, ...] = ()
    code: str = ""
    """`Mẫu số 01`, in the corner."""

    def rows(self) -> list[Row]:
        """All rows that are no tables, from top to bottom."""
        head = [self.addressed] if self.addressed else []
        said = [Row(signer.titles, (signer.opinion,)) for signer in self.signers if signer.opinion is not None]
        return [*head, *said] + [row for section in self.sections for row in section.rows if isinstance(row, Row)]


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a field: as printed, and what it means. An empty `raw` leaves the place blank."""

    raw: str
    value: FieldValue
    who: str = ""
    """The person that it is about, for planting faults; empty for facts of the paper."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A plan with what was filled in. A key without an entry is left blank."""

    plan: FormPlan
    entries: dict[str, Entry]
    agency: tuple[str, str] = ("", "")
    """Upper body and issuing body, for papers that an agency issues."""
    place: str = ""
    """City of the dated row, where the plan has no field for it."""
    day: str = ""
    """The dated row's day as printed, where the plan has no field for it."""
    signed: dict[int, str] = field(default_factory=dict)
    """Name below the pen by place among the plan's signers; left out where nobody signed."""
    sealed: bool = True
