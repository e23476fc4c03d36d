"""A label with what stands behind it while a page is walked: the pieces of rows that make up one value.

Several specs may take parts of one text (a number, its day and its issuer), so a slot knows all of them.
What is printed and not written is no part of a value: enumeration marks before the next label, footnote marks, leaders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.text import LEADERS, compact, fold, nfc, strip_leaders, upper_share

if TYPE_CHECKING:
    from extractors.fields import FieldSpec, PageView
    from extractors.labels import FlatRow, Hit
    from models.reading import Box, Word

LONG = frozenset({"text", "place", "lines", "date_words", "relationship", "issuer"})
"""Kinds whose values go on in the next rows."""
_WORDY = LONG | {"name", "ethnicity", "nationality", "choice"}
NEVER_LONG = frozenset({"flag", "signer", "signature", "seal"})

_MARK = r"(?:[-–—•*+]|\(?\d{1,2}(?:\.\d{1,2})*\s?[.)]|[IVX]{1,4}\s?[.)]|[A-Ka-zđ]\s?[.)])"
ENUMERATION = re.compile(rf"^\s*{_MARK}(?:\s+|(?=[A-ZĐÀ-Ỹ]))")
"""What numbers the parts of a form at the start of a row: `4.`, `II.`, `a)`, `-`."""
_REST_OF_LABEL = re.compile(r"^[\s,]*[a-zà-ỹđ][^:…\d]{3,90}:\s*")
_MAY_BE_REST = re.compile(r"^[\s,]*(?:[a-zà-ỹđ][^:…\d]{3,90})?$")
_ALONE = re.compile(rf"^{_MARK}$")
_ONLY_MARK = re.compile(rf"^[\s.…_]*{_MARK}\s*$")
_MARK_BEHIND = re.compile(rf"(?<=[.…_;,]){_MARK}\s*$|\s[-–—•]\s*$")
_LABEL_LIKE = re.compile(r"^\s*[A-ZĐÀ-Ỹ][^\W\d_][\w\s,()/.\-]{1,60}?\s?(?:\(\w{0,2}\))?:(?!\d)")
"""A row that opens as `Label:` does, of a label that nobody asked for."""


_IDENTITY_PAPER = re.compile(r"^\s*(?:thẻ\s+|giấy\s+)?(?:căn cước|cccd|cmnd|chứng minh|hộ chiếu)", re.IGNORECASE)
"""How the answer to a question for an identity paper opens: `Thẻ căn cước số: …` asks nothing."""
_OATH = re.compile(r"^\s*(?:chúng\s+)?tôi\s+(?:xin\s+)?(?:cam\s+đoan|cam\s+kết)", re.IGNORECASE)
_IN_DIGITS = frozenset({"number", "ordinal", "money", "phone", "id_number", "code", "date", "partial_date", "datetime"})
"""Kinds whose values have a digit, but for days in words."""


_DOT_IN_WORDS = re.compile(r"(?<=[^\W\d_]{2})(?<![TtQqPpHh][pPxXtT])\s?\.+\s?(?=\w)|(?<=\d)\.+(?=[^\W\d_]{2})")


def off_the_dots(text: str, kind: str) -> str:
    """Words that were typed on a row of dots without the dots that stick to them: `Bắc.Giang`, `tổ 6. phường`."""
    if kind == "place":
        text = re.sub(r"(?<=\d)\s?\.\s+(?=[a-zà-ỹđ]{2})", ", ", text)
    return nfc(_DOT_IN_WORDS.sub(" ", text))


_UNIT = re.compile(
    r"(?<=\d)(?:[\s.…]*(?:kg|cm\s?[3³]|cc|kw|HP|m\s?[2²3³]?|ha|km|người|chỗ|tấn|tháng|năm)|[\s.…]+[^\W\d]{1,3})\W*$",
    re.IGNORECASE,
)
"""What a form prints behind the dots of a number; a short word of letters that stands apart is a unit misread."""


_SPACED_SIGN = re.compile(r"(?<=\w)\s?([./\-])\s?(?=\d)")
"""A typewriter's signs stand in the middle of a wide place, so that blanks seem to stand round them."""


def without_unit(text: str) -> str:
    """A number without the unit that the form prints behind its dots."""
    return _UNIT.sub("", text)


def before_label(text: str, start: int, end: int) -> int:
    """Where a value ends before a label at `end`: an enumeration mark that belongs to the label is left out."""
    piece = text[start:end]
    if _ONLY_MARK.match(piece):
        return start
    found = _MARK_BEHIND.search(piece)
    return start + found.start() if found else end


@dataclass(slots=True)
class Slot:
    """A label and its value."""

    specs: list[FieldSpec]
    hit: Hit
    flat: FlatRow
    page: PageView
    pieces: list[tuple[FlatRow, int, int]] = field(default_factory=list)
    room: Box | None = None
    """Where the value is written, if lines on the paper say so."""

    @property
    def text(self) -> str:
        """What was read so far."""
        return strip_leaders(" ".join(part.text[start:end] for part, start, end in self.pieces))

    @property
    def long(self) -> bool:
        """Whether its value may run over the end of a row."""
        return any(spec.kind in LONG for spec in self.specs) or bool(self._left_choices(self.text))

    @property
    def label_words(self) -> tuple[Word, ...]:
        """The words of the label itself."""
        return self.flat.words_between(self.hit.start, self.hit.end)

    @property
    def x0(self) -> int:
        """Left edge of the label in page pixels, with the mark that numbers it."""
        words = self.label_words
        if not words:
            return 0
        row = self.flat.row.words
        before = row[max(0, row.index(words[0]) - 1)]
        near = 0 <= words[0].box.x0 - before.box.x1 < 1.2 * self.flat.row.height
        return before.box.x0 if near and _ALONE.match(before.text) else words[0].box.x0

    def parts(self) -> list[tuple[str, tuple[Word, ...]]]:
        """Each piece that says something: its text without leaders, and its words."""
        found: list[tuple[str, tuple[Word, ...]]] = []
        for flat, start, end in self._behind_label():
            text = strip_leaders(flat.text[start:end])
            if LEADERS.search(flat.text) and self.specs[0].kind in _WORDY:
                text = off_the_dots(text, self.specs[0].kind)
            if self.specs[0].kind == "number":
                text = without_unit(text)
            if self.specs[0].kind == "code":
                text = _SPACED_SIGN.sub(r"\1", text)
            if compact(text):
                found.append((text, flat.words_between(start, end)))
        return found

    def _behind_label(self) -> list[tuple[FlatRow, int, int]]:
        """The pieces behind the rest of a label that is longer on paper than any spelling of it, over two rows at most.

        A label that ended with its colon has no rest.
        """
        if ":" in self.flat.text[self.hit.end : self.hit.end + 6]:
            return self.pieces
        for index, (flat, start, end) in enumerate(self.pieces[:2]):
            rest = _REST_OF_LABEL.match(flat.text[start:end])
            if rest is not None:
                return [(flat, start + rest.end(), end), *self.pieces[index + 1 :]]
            if not _MAY_BE_REST.match(flat.text[start:end]):
                break
        return self.pieces

    def goes_on(self, flat: FlatRow, first: int) -> bool:
        """Whether a row's part before its first label (at `first`) belongs to this value."""
        text = strip_leaders(flat.text[:first])
        if not compact(text):
            return True  # an empty ruled row: the value may stand in the one after it
        lacking, grown = self._left_choices(self.text), self._left_choices(f"{self.text} {text}")
        if len(grown) < len(lacking):
            return True  # more of the printed choices, or the rest of one
        if self.specs[0].kind in NEVER_LONG:
            return False
        plain = self.specs[0].kind != "lines"
        if plain and (ENUMERATION.match(flat.text) or _OATH.match(text) or self._a_label(text)):
            return False  # the next item of the form, whatever it asks for
        left = flat.words_between(0, first)
        width = self.page.read.width
        if left and left[0].box.x0 > width * 0.5 and self.x0 < width * 0.4:
            return False  # another column
        if not self.text:
            return self._stands_below(flat, first)
        if not any(spec.kind in LONG for spec in self.specs):
            return False
        if upper_share(text) > 0.9 > upper_share(self.text) and text.count(" ") > 1:
            return False  # a heading
        before = self.pieces[-1][0]
        # A value that stopped well before the right edge was finished, unless leaders filled the rest.
        filled = before.row.words[-1].box.x1 > width * 0.72 or bool(LEADERS.search(before.text))
        return filled or text[0].islower()

    def _left_choices(self, text: str) -> list[str]:
        """The printed choices that a text does not say."""
        said = fold(compact(text))
        return [choice for choice in self.specs[0].choices if len(choice) > 3 and fold(compact(choice)) not in said]

    def _a_label(self, text: str) -> bool:
        """Whether a row opens as a label does that nobody asked for."""
        shared = any(spec.kind in {"id_number", "issuer"} for spec in self.specs)
        return _LABEL_LIKE.match(text) is not None and not (shared and _IDENTITY_PAPER.match(text))

    def _stands_below(self, flat: FlatRow, first: int) -> bool:
        """Whether a value may begin under its label: not where only the label's own row had dots to write on."""
        text = fold(flat.text[:first])
        digits = any(map(str.isdigit, text)) or "thang" in text
        if not digits and all(spec.kind in _IN_DIGITS for spec in self.specs):
            return False
        own, start, end = self.pieces[0]
        return not LEADERS.search(own.text[start:end]) or bool(LEADERS.search(flat.text[:first]))
