"""Typesets training lines in whatever typefaces of this machine can print Vietnamese.

Typefaces are found under the given folders and checked glyph by glyph; look-alikes of the two families in which
offices write (Times and Arial) are drawn more often. Boxes, ticks and raised digits are drawn here, because few
typefaces have them and forms draw them in many ways. Paper is 255, ink 0; `degrade` does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.training.alphabet import VIETNAMESE_LETTERS, spell
from models.training.labels import leaders_to_one
from models.training.lines import PrintedLine, PrintedWord

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.training.texts import Word

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/share/texmf/fonts/opentype"), Path.home() / ".fonts")
LIKE_TIMES = ("LiberationSerif", "Tinos", "FreeSerif", "texgyretermes")
LIKE_ARIAL = ("LiberationSans-", "Arimo", "FreeSans", "texgyreheros-")
UNFIT = ("Italic-VF", "Condensed", "Narrow", "Thin", "Hairline", "ExtraLight", "Black", "cn-", "DancingScript", "Math")
BOXES = "☐☑☒"
RAISED = {"¹": "1", "²": "2", "³": "3"}


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file that prints all of Vietnamese; `signs` are the other characters of a line that it has."""

    path: Path
    weight: float
    signs: frozenset[str]

    def prints(self, text: str) -> bool:
        """Whether the typesetter can print a text in it."""
        return all(character in self.signs or character in BOXES for character in text)


def fonts_that_print(folders: Iterable[Path] = FOLDERS) -> list[Typeface]:
    """The typefaces under `folders` that hold every Vietnamese letter, by file name; each family drawn fairly often."""
    from fontTools.ttLib import TTFont

    found = []
    for path in sorted((p for folder in folders for p in folder.rglob("*.[to]tf")), key=lambda p: p.name):
        if any(part in path.name for part in UNFIT):
            continue
        with TTFont(path, lazy=True) as font:
            signs = frozenset(chr(code) for code in (font.getBestCmap() or {}))
        if signs.issuperset(VIETNAMESE_LETTERS):
            weight = 6.0 if path.name.startswith(LIKE_TIMES) else 3.0 if path.name.startswith(LIKE_ARIAL) else 0.5
            if "italic" in path.name.lower() or "oblique" in path.name.lower():
                weight *= 0.4
            found.append(Typeface(path, weight, signs))
    if not found:
        raise FileNotFoundError("no typeface with Vietnamese letters was found")
    return found


class Typesetter:
    """Prints lines of words in randomly drawn typefaces and sizes."""

    def __init__(self, typefaces: Sequence[Typeface]) -> None:
        self._typefaces = list(typefaces)
        weights = np.array([typeface.weight for typeface in typefaces])
        self._chances = weights / weights.sum()
        self._loaded: dict[tuple[Path, int], ImageFont.FreeTypeFont] = {}

    def _font(self, typeface: Typeface, size: int) -> ImageFont.FreeTypeFont:
        key = (typeface.path, size)
        if key not in self._loaded:
            self._loaded[key] = ImageFont.truetype(str(typeface.path), size, layout_engine=ImageFont.Layout.BASIC)
        return self._loaded[key]

    def line(self, words: Sequence[Word], rng: np.random.Generator) -> PrintedLine | None:
        """The words as one printed line, or None where they are too few, too long or cannot be printed or labelled."""
        printed = "".join(word.printed for word in words)
        if not words or len(printed) > 180 or any(spell(word.label) is None for word in words):
            return None
        if any(leaders_to_one(word.label) != word.label for word in words):
            return None
        typeface = self._typefaces[int(rng.choice(len(self._typefaces), p=self._chances))]
        if not typeface.prints(printed):
            return None
        size = int(rng.integers(9, 14)) * 4
        font, small = self._font(typeface, size), self._font(typeface, round(size * 0.6))
        gap, letter_gap = size * rng.uniform(0.2, 0.5), size * (rng.uniform(0.02, 0.25) if rng.random() < 0.06 else 0)
        margin, baseline = size // 2, round(size * 1.6)
        canvas = Image.new(
            "L",
            (
                int(sum(font.getlength(w.printed) for w in words) * 1.6 + size * (len(printed) * 0.3 + 6)),
                size * 2 + size // 2,
            ),
            255,
        )
        draw = ImageDraw.Draw(canvas)
        x, boxes = float(margin), []
        for word in words:
            start, plain = x, not letter_gap and not any(c in BOXES or c in RAISED for c in word.printed)
            for part in [word.printed] if plain else word.printed:
                x += self._print(draw, (x, baseline), part, font, small, drawn_digits=bool(size % 8)) + letter_gap
            boxes.append(PrintedWord(word.label, int(start), max(int(start) + 1, int(x - letter_gap))))
            x += gap
        image = np.asarray(canvas, np.uint8)[:, : int(x - gap) + margin]
        rows = np.flatnonzero((image < 128).any(axis=1))
        if len(rows) == 0:
            return None
        # leaders and dashes alone are cut as high as small letters: no detector gives a box of four rows
        top, bottom = min(int(rows[0]), baseline - size // 2), max(int(rows[-1]) + 1, baseline)
        return PrintedLine(np.ascontiguousarray(image), tuple(boxes), top, bottom)

    def _print(
        self, draw: ImageDraw.ImageDraw, at: tuple[float, int], text: str,
        font: ImageFont.FreeTypeFont, small: ImageFont.FreeTypeFont, *, drawn_digits: bool,
    ) -> float:  # fmt: skip
        """Prints at (x, baseline) and says how wide that was, in pixels."""
        x, baseline = at
        if text in BOXES:
            side = font.size * 0.72
            left, top, bottom = x + side * 0.1, baseline - side * 0.92, baseline + side * 0.08
            stroke = max(2, round(font.size / 24))
            draw.rectangle((left, top, left + side, bottom), outline=0, width=stroke)
            if text == "☒":
                draw.line((left, top, left + side, bottom), fill=0, width=stroke)
                draw.line((left, bottom, left + side, top), fill=0, width=stroke)
            elif text == "☑":
                middle = left + side * 0.4
                draw.line((left + side * 0.15, bottom - side * 0.5, middle, bottom - side * 0.15), fill=0, width=stroke)
                draw.line((middle, bottom - side * 0.15, left + side * 0.95, top - side * 0.1), fill=0, width=stroke)
            return side * 1.2
        if text in RAISED and drawn_digits:
            draw.text((x, baseline - font.size * 0.33), RAISED[text], fill=0, font=small, anchor="ls")
            return float(small.getlength(RAISED[text]))
        draw.text((x, baseline), text, fill=0, font=font, anchor="ls")
        return float(font.getlength(text))
