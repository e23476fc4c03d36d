"""What every form gives back, and the furniture that Vietnamese official papers share.

`Values` collects what a form says: it returns the run to be printed and remembers key, normalised value and raw text,
so that a field cannot be printed without entering the ground truth. Layout follows Decree 30/2020 where it applies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.synthesis.fonts import Role
from models.synthesis.typesetter import BLACK, Colour, Mark, Run, Sheet

if TYPE_CHECKING:
    from models.synthesis.fonts import FontBook

FieldValue = str | int | bool | list[str] | None

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True, slots=True)
class FieldTruth:
    """What a field says: `value` normalised, `raw` as printed."""

    value: FieldValue
    raw: str


@dataclass(slots=True)
class Values:
    """The fields of one paper, in the order in which they are printed."""

    role: Role = Role.SERIF
    """The typeface of what is filled in."""
    truth: dict[str, FieldTruth] = field(default_factory=dict)

    def put(
        self,
        key: str,
        raw: str,
        value: FieldValue = None,
        *,
        role: Role | None = None,
        size: float | None = None,
        colour: Colour = BLACK,
    ) -> Run:
        """Remembers a field and returns the run that prints it; `value` defaults to the raw text."""
        self.truth[key] = FieldTruth(raw if value is None else value, raw)
        return Run(raw, role or self.role, size=size, field=key, colour=colour)

    def signed(self, sheet: Sheet, mark: Mark) -> None:
        """Signs the sheet, and remembers that the paper has its maker's signature and where."""
        sheet.marks.append(mark)
        sheet.fields["has_signature"] = mark.box
        self.truth["has_signature"] = FieldTruth(value=True, raw="")

    def blank(self, key: str) -> None:
        """Remembers that a field has nothing to say on this paper."""
        self.truth[key] = FieldTruth(None, "")


@dataclass(frozen=True, slots=True)
class Paper:
    """One document: its sheets in their right order and what they say."""

    type: str
    sheets: tuple[Sheet, ...]
    fields: dict[str, FieldTruth]
    """Each key stands on the sheet whose `fields` has its box."""


def nation_head(sheet: Sheet, x: float, width: float, baseline: float, size: float = 13.0) -> float:
    """Quốc hiệu and Tiêu ngữ, centred and underlined; returns the baseline for what follows."""
    sheet.write([Run(NATION, Role.SERIF_BOLD)], x, baseline, width, align="centre", size=size)
    second = baseline + 5.6
    sheet.write([Run(MOTTO, Role.SERIF_BOLD)], x, second, width, align="centre", size=size + 1)
    box = sheet.lines[-1].box
    sheet.rule(box.x0, second + 1.9, box.x1, second + 1.9, thickness=0.3)
    return second + 9.0


def note_mark(number: int) -> Run:
    """A raised footnote mark such as (2)."""
    return Run(f"({number})", size=8.5, rise=4.0)


def sheet_a4(book: FontBook, size: float = 13.0) -> Sheet:
    """An empty A4 sheet with the specimen watermark."""
    from models.synthesis.printing import watermark

    sheet = Sheet(book, size=size)
    watermark(sheet)
    return sheet


def specimen_note(sheet: Sheet) -> None:
    """The last line of every sheet: a bilevel scan loses the grey watermark, so the sheet says it in print too."""
    text = "MẪU - Người và số liệu trên giấy này là bịa đặt, không có giá trị pháp lý"
    sheet.write([Run(text, Role.SANS)], 20.0, 288.0, sheet.width - 40.0, align="centre", size=7.5)
