"""Sets words on a sheet and knows exactly where each one stands.

A `Sheet` takes runs of text in millimetres and points, breaks them into printed lines, and keeps for every line its
words with their ink boxes, for every field key the boxes of its words. Words are drawn one by one at computed places
without kerning, so that the boxes are exact by construction and need no reading back.
`models.synthesis.printing` makes a real PDF with embedded fonts of it, and draws that PDF as pixels.
Lines are kept in the order in which they were set: forms set them in the order in which a person reads.
Seals and signatures are not text: they are `Mark`s, laid over the pixels by `models.synthesis.marks`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from models.synthesis.errors import TextOverflowError
from models.synthesis.fonts import FontBook, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

POINT = 25.4 / 72
"""Millimetres in a typographic point."""
LEADER = "…"
"""How a run of leader dots is written in the ground truth."""
_DOT_PITCH = 0.25
"""Ems from one leader dot to the next, as the full stop of Times is wide."""

Colour = tuple[int, int, int]
BLACK: Colour = (20, 20, 20)
RED: Colour = (190, 20, 25)
Align = Literal["left", "centre", "right", "justify"]
Part = Literal["label", "value", "heading", "other"]


class Rect(NamedTuple):
    """Millimetres from the sheet's top left corner; y downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    def union(self, other: Rect) -> Rect:
        """The smallest rectangle that holds both."""
        return Rect(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one style. `field` makes its words the evidence of a field."""

    text: str
    role: Role = Role.SERIF
    size: float | None = None
    """Points; None takes the size of the line."""
    field: str | None = None
    rise: float = 0.0
    """Points above the baseline, for footnote marks."""
    colour: Colour = BLACK
    part: Part = "other"
    """What the words are on their form; words of a field are values whatever is said here."""
    of: tuple[str, ...] = ()
    """Keys of the fields that a label's words stand for."""


@dataclass(frozen=True, slots=True)
class Leader:
    """Dots, or underscores (`sign="_"`), from here to `to` millimetres on the sheet or to the block's right edge.

    `sign=""` leaves the room empty.
    """

    to: float | None = None
    sign: str = "."


@dataclass(frozen=True, slots=True)
class Box:
    """An empty or ticked box as high as a capital."""

    ticked: bool = False
    field: str | None = None


Item = Run | Leader | Box


@dataclass(frozen=True, slots=True)
class SetWord:
    """A word as set: what it is on its form, the field whose value it is, or the fields that it labels."""

    text: str
    box: Rect
    part: Part = "other"
    field: str | None = None
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetLine:
    """A printed line as set."""

    words: tuple[SetWord, ...]

    @property
    def text(self) -> str:
        """Words joined by single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Rect:
        """Ink of the whole line."""
        box = self.words[0].box
        for word in self.words[1:]:
            box = box.union(word.box)
        return box


@dataclass(frozen=True, slots=True)
class Mark:
    """Ink that is not type. `text` is the ring of a seal; `seed` shapes a signature."""

    kind: Literal["seal", "signature"]
    box: Rect
    text: str = ""
    centre: str = ""
    seed: int = 0


@dataclass(slots=True)
class _Piece:
    text: str
    role: Role
    size: float
    field: str | None
    rise: float
    colour: Colour
    tick: bool | None = None
    part: Part = "other"
    of: tuple[str, ...] = ()


def _set(word: Sequence[_Piece], box: Rect) -> SetWord:
    """A set word; where a label and a value are glued together the value names it."""
    field = next((piece.field for piece in word if piece.field is not None), None)
    known = next((piece for piece in word if piece.part != "other"), word[0])
    part: Part = "value" if field is not None else known.part
    return SetWord("".join(piece.text for piece in word), box, part, field, known.of)


@dataclass(slots=True)
class Sheet:
    """One side of paper under construction."""

    book: FontBook
    width: float = 210.0
    height: float = 297.0
    size: float = 13.0
    """Points, the default size of type."""
    lines: list[SetLine] = field(default_factory=list)
    fields: dict[str, Rect] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    rules: list[Rect] = field(default_factory=list)
    """Straight lines, for whoever draws the sheet in another way."""
    codes: list[tuple[str, Rect]] = field(default_factory=list)
    """What QR codes say, and where they stand."""
    _under: list[Callable[[Any], None]] = field(default_factory=list)
    _over: list[Callable[[Any], None]] = field(default_factory=list)

    def write(
        self,
        items: Sequence[Item] | str,
        x: float,
        baseline: float,
        width: float,
        *,
        align: Align = "left",
        size: float | None = None,
        leading: float = 1.3,
        indent: float = 0.0,
    ) -> float:
        """Sets a paragraph whose first baseline is given; returns the baseline of the line after the last.

        `leading` is in multiples of the size. A word wider than the block raises `TextOverflowError`.
        """
        points = size or self.size
        listed: Sequence[Item] = (Run(items),) if isinstance(items, str) else items
        step = points * POINT * leading
        rows = self._rows(listed, x, width, points, indent)
        for number, row in enumerate(rows):
            last = number == len(rows) - 1
            left = x + (indent if number == 0 else 0.0)
            self._set_row(row, left, x + width, baseline, "left" if align == "justify" and last else align)
            baseline += step
        return baseline

    def place(self, runs: Sequence[tuple[float, Run]], baseline: float, *, size: float | None = None) -> None:
        """Sets runs of one word each, centred on the given places, as one printed line: a comb of boxes."""
        placed = []
        for x, run in runs:
            word = self._words((run,), size or self.size)[0]
            if not isinstance(word, Leader):
                placed.append(_set(word, self._set_word(word, x - self._width(word) / 2, baseline, spaced=False)[0]))
        self.lines.append(SetLine(tuple(placed)))

    def height_of(
        self, items: Sequence[Item], x: float, width: float, *, size: float, leading: float, indent: float = 0.0
    ) -> float:  # fmt: skip
        """Millimetres that `write` would need for a paragraph, baseline to baseline."""
        return len(self._rows(items, x, width, size, indent)) * size * POINT * leading

    def width_of(self, text: str, role: Role = Role.SERIF, size: float | None = None) -> float:
        """Millimetres that a text takes when set on one line."""
        return self.book.face(role).advance(text) * (size or self.size) * POINT

    def rule(self, x0: float, y0: float, x1: float, y1: float, *, thickness: float = 0.25) -> None:
        """A straight line; thickness in millimetres."""

        def draw(pdf: Any) -> None:
            pdf.set_draw_color(*BLACK)
            pdf.set_line_width(thickness)
            pdf.line(x0, y0, x1, y1)

        self.rules.append(Rect(x0, y0, x1, y1))
        self._over.append(draw)

    def drawing(self, draw: Callable[[Any], None], *, under: bool = True) -> None:
        """Any other artwork, called with the fpdf document when the sheet is drawn."""
        (self._under if under else self._over).append(draw)

    def field_box(self, key: str) -> Rect | None:
        """Where a field's words stand, or None if nothing was written for it."""
        return self.fields.get(key)

    @property
    def drawings(self) -> tuple[Callable[[Any], None], ...]:
        """What is to be drawn, in order, each called with the fpdf document."""
        return (*self._under, *self._over)

    # -- breaking ------------------------------------------------------------------------------------------------

    def _rows(
        self, items: Sequence[Item], x: float, width: float, points: float, indent: float
    ) -> list[list[list[_Piece] | Leader]]:
        rows: list[list[list[_Piece] | Leader]] = [[]]
        used = indent
        for word in self._words(items, points):
            space = self._space(word, points) if rows[-1] else 0.0
            if isinstance(word, Leader):
                rows[-1].append(word)
                used = (word.to - x) if word.to is not None else width
                continue
            needed = self._width(word)
            if used + space + needed > width + 0.01:
                if needed > width + 0.01:
                    raise TextOverflowError("".join(piece.text for piece in word))
                rows.append([])
                used, space = 0.0, 0.0
            rows[-1].append(word)
            used += space + needed
        return rows

    def _words(self, items: Sequence[Item], points: float) -> list[list[_Piece] | Leader]:
        words: list[list[_Piece] | Leader] = []
        glue = False
        for item in items:
            if isinstance(item, Leader):
                words.append(item)
                glue = False
                continue
            if isinstance(item, Box):
                text = "☑" if item.ticked else "☐"
                words.append([_Piece(text, Role.SERIF, points, item.field, 0.0, BLACK, tick=item.ticked)])
                glue = True
                continue
            parts = item.text.split(" ")
            for number, part in enumerate(parts):
                if number > 0:
                    glue = False
                if not part:
                    continue
                style = (item.role, item.size or points, item.field, item.rise, item.colour)
                piece = _Piece(part, *style, part=item.part, of=item.of)
                last = words[-1] if words else None
                if glue and isinstance(last, list):
                    last.append(piece)
                else:
                    words.append([piece])
                glue = True
        return words

    def _space(self, word: list[_Piece] | Leader, points: float) -> float:
        """Width of the space before a word, in the word's own type."""
        if isinstance(word, Leader) or word[0].tick is not None:
            return self.book.face(Role.SERIF).advance(" ") * points * POINT
        return self.book.face(word[0].role).advance(" ") * word[0].size * POINT

    def _piece_width(self, piece: _Piece) -> float:
        if piece.tick is not None:
            return piece.size * POINT * 0.8
        return self.book.face(piece.role).advance(piece.text) * piece.size * POINT

    def _width(self, word: Sequence[_Piece]) -> float:
        return sum(self._piece_width(piece) for piece in word)

    # -- setting -------------------------------------------------------------------------------------------------

    def _set_row(
        self, row: Sequence[list[_Piece] | Leader], left: float, right: float, baseline: float, align: Align
    ) -> None:
        sizes = [word[0].size for word in row if not isinstance(word, Leader)]
        points = sizes[0] if sizes else self.size
        spaces = [0.0] + [self._space(word, points) for word in row[1:]]
        natural = sum(self._width(word) for word in row if not isinstance(word, Leader)) + sum(spaces)
        spare = right - left - natural
        if any(isinstance(word, Leader) for word in row):
            align = "left"
        if align == "justify" and len(row) > 1:
            spaces = [0.0] + [space + spare / (len(row) - 1) for space in spaces[1:]]
        at = left + (spare / 2 if align == "centre" else spare if align == "right" else 0.0)
        placed: list[SetWord] = []
        for number, (space, word) in enumerate(zip(spaces, row, strict=True)):
            at += space
            if isinstance(word, Leader):
                end = word.to if word.to is not None else right
                dots = self._leader(at, end, baseline, points, word.sign) if word.sign else None
                if dots is not None:
                    placed.append(dots)
                    at = end
                else:
                    at = max(at - space, end)
                continue
            box, at = self._set_word(word, at, baseline, spaced=number < len(row) - 1)
            placed.append(_set(word, box))
        if placed:
            self.lines.append(SetLine(tuple(placed)))

    def _set_word(self, word: Sequence[_Piece], at: float, baseline: float, *, spaced: bool) -> tuple[Rect, float]:
        """`spaced` draws a space after the word, for whoever copies text out of the PDF."""
        whole: Rect | None = None
        for piece in word:
            scale = piece.size * POINT
            y = baseline - piece.rise * POINT
            if piece.tick is None:
                ink = self.book.face(piece.role).ink(piece.text)
                box = Rect(at + ink[0] * scale, y - ink[3] * scale, at + ink[2] * scale, y - ink[1] * scale)
                tail = " " if spaced and piece is word[-1] else ""
                self._over.append(_text(piece, at, y, tail))
            else:
                side = scale * 0.7
                box = Rect(at, y - side, at + side, y)
                self._over.append(_tick_box(box, ticked=piece.tick))
            if piece.field is not None:
                known = self.fields.get(piece.field)
                self.fields[piece.field] = box if known is None else known.union(box)
            whole = box if whole is None else whole.union(box)
            at += self._piece_width(piece)
        if whole is None:
            raise TextOverflowError("")
        return whole, at

    def _leader(self, start: float, end: float, baseline: float, points: float, sign: str) -> SetWord | None:
        pitch = (_DOT_PITCH if sign == "." else self.book.face(Role.SERIF).advance(sign)) * points * POINT
        count = int((end - start) / pitch)
        if count < 2:
            return None
        first = end - count * pitch
        piece = _Piece(sign, Role.SERIF, points, None, 0.0, BLACK)
        for number in range(count):
            self._over.append(_text(piece, first + number * pitch, baseline))
        ink = [value * points * POINT for value in self.book.face(Role.SERIF).ink(sign)]
        return SetWord(LEADER, Rect(first + ink[0], baseline - ink[3], end - pitch + ink[2], baseline - ink[1]))


def _text(piece: _Piece, x: float, y: float, tail: str = "") -> Callable[[Any], None]:
    def draw(pdf: Any) -> None:
        pdf.set_font(piece.role.value, size=piece.size)
        pdf.set_text_color(*piece.colour)
        pdf.text(x, y, piece.text + tail)

    return draw


def _tick_box(box: Rect, *, ticked: bool) -> Callable[[Any], None]:
    def draw(pdf: Any) -> None:
        pdf.set_draw_color(*BLACK)
        pdf.set_line_width(0.2)
        pdf.rect(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
        if ticked:
            pdf.set_line_width(0.4)
            pdf.line(box.x0 + 0.4, box.y0 + 0.4, box.x1 - 0.4, box.y1 - 0.4)
            pdf.line(box.x0 + 0.4, box.y1 - 0.4, box.x1 - 0.4, box.y0 + 0.4)

    return draw
