"""Cuts training lines out of PDFs that were made by a word processor: the print is real, the text is exact.

Poppler's `pdftotext -bbox-layout` says which words stand where; pdfium draws the page. Rotated lines, text over
pictures, words outside the alphabet and superscripts that the text layer writes as plain digits are left out.
A line's ink is measured in the picture, because the boxes of the text layer follow the font and not the ink.
"""

from __future__ import annotations

import re
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from models.training.alphabet import spell
from models.training.labels import label, leaders_to_one
from models.training.lines import PrintedLine, PrintedWord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

POINT = 72.0
"""PDF units per inch."""

RAISED = re.compile(r"(?<![A-Za-z])(?:[kcdm]?m[23]|CO2|N2|O2|H2O|H2)(?![0-9A-Za-z])")
"""Units and formulas whose digit is printed raised or lowered but stands plain in the text layer."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of the text layer: words with their boxes (x0, y0, x1, y1) in points from the top left."""

    words: tuple[tuple[str, tuple[float, float, float, float]], ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The box around all words, in points."""
        boxes = [box for _, box in self.words]
        return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def text_lines(pdf: Path) -> list[list[TextLine]]:
    """The text layer of every page. Raises `subprocess.CalledProcessError` where the PDF cannot be opened."""
    out = subprocess.run(
        ["pdftotext", "-q", "-bbox-layout", str(pdf), "-"], check=True, capture_output=True, timeout=300
    ).stdout.decode("utf-8", "replace")
    out = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", out)
    root = ET.fromstring(out.replace(' xmlns="http://www.w3.org/1999/xhtml"', "", 1))  # noqa: S314 - poppler wrote it
    pages = []
    for page in root.iter("page"):
        lines = []
        for row in page.iter("line"):
            words = []
            for word in row.iter("word"):
                box = tuple(float(word.get(side, "0")) for side in ("xMin", "yMin", "xMax", "yMax"))
                words.append((word.text or "", (box[0], box[1], box[2], box[3])))
            if words:
                lines.append(TextLine(tuple(words)))
        pages.append(lines)
    return pages


def cut(page: NDArray[np.uint8], scale: float, line: TextLine) -> PrintedLine | None:
    """The line's crop from a grey page drawn at `scale` pixels per point, or None where it makes no training line."""
    x0, y0, x1, y1 = (side * scale for side in line.box)
    height = y1 - y0
    if height < 12 or x1 - x0 < height * 0.5 or height > 160:
        return None
    texts = [label(text) for text, _ in line.words]
    if any(text is None or spell(text) is None or RAISED.search(text) for text in texts):
        return None
    words = _merged_leaders(
        [(text, box[0] * scale, box[2] * scale) for text, (_, box) in zip(texts, line.words, strict=True) if text]
    )
    if not words or any(b[1] <= a[1] for a, b in pairwise(words)):
        return None
    margin = int(height * 0.45)
    top, bottom = max(0, int(y0) - margin), min(page.shape[0], int(y1) + margin)
    left, right = max(0, int(x0) - margin), min(page.shape[1], int(x1) + margin)
    crop = page[top:bottom, left:right]
    ink = crop[:, int(x0) - left : max(int(x0) - left + 1, int(x1) - left)] < 160
    rows = np.flatnonzero(ink[int(y0) - top : int(y1) - top + 1].any(axis=1))
    if len(rows) < 4 or float(np.median(crop)) < 140:
        return None
    first, last = int(y0) - top + int(rows[0]), int(y0) - top + int(rows[-1]) + 1
    while first > 0 and int(y0) - top - first < 0.15 * height and ink[first - 1].any():
        first -= 1  # marks stacked on capitals rise above the font's box
    if any(not ink[first:last, _columns(word, x0)].any() for word in words):
        return None
    printed = tuple(PrintedWord(text, int(a) - left, int(b) - left) for text, a, b in words)
    return PrintedLine(np.ascontiguousarray(crop), printed, first, last)


def _columns(word: tuple[str, float, float], x0: float) -> slice:
    start = int(word[1] - x0)
    return slice(max(0, start), max(1, start + 1, int(word[2] - x0)))


def _merged_leaders(words: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Leaders that the text layer broke into several words become one word again."""
    merged: list[tuple[str, float, float]] = []
    for text, x0, x1 in words:
        if merged and re.fullmatch(r"[.…_·]+", text) and re.fullmatch(r".*[.…_·]", merged[-1][0]):
            before, start, _ = merged[-1]
            merged[-1] = (leaders_to_one(before + text + "..") if len(text) > 1 else before + text, start, x1)
        else:
            merged.append((text, x0, x1))
    return [(leaders_to_one(text), x0, x1) for text, x0, x1 in merged]


def lines_of(pdf: Path, rng: np.random.Generator, dpi: tuple[int, int]) -> Iterator[tuple[int, PrintedLine]]:
    """Every usable line of a PDF with its page number from 1; each page is drawn once, at a random resolution."""
    import pypdfium2

    layer = text_lines(pdf)
    document = pypdfium2.PdfDocument(str(pdf))
    try:
        for number, lines in enumerate(layer):
            if not lines or number >= len(document):
                continue
            scale = float(rng.uniform(*dpi)) / POINT
            picture = document[number].render(scale=scale, grayscale=True, may_draw_forms=False).to_numpy()
            page = np.ascontiguousarray(picture.reshape(picture.shape[0], picture.shape[1]))
            for line in lines:
                printed = cut(page, scale, line)
                if printed is not None:
                    yield number + 1, printed
    finally:
        document.close()
