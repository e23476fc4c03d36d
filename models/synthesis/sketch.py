"""A sheet as a reader would give it, without reading: its words as a `ReadPage`, and a coarse picture of its ink.

For measuring what comes after reading, thousands of pages in minutes. Words are the printed ones; each gets a chance
as readers give them (most very sure, a few not), leaders become one sign, boxes to tick are not read. Lines are cut at
wide gaps. The picture has what extractors look at: words as blocks, rules, boxes and ticks, pens, seals, QR codes.
It says nothing of reading: whoever measures with it must say so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.reading import Box, Line, ReadPage, Word
from models.synthesis.marks import lay
from models.synthesis.typesetter import LEADER, Rect

if TYPE_CHECKING:
    from random import Random

    from models.reading import Image
    from models.synthesis.typesetter import SetLine, SetWord, Sheet

ENGINE = "typed-words"
"""Stands where a reader names itself."""
_TICKS = frozenset("☐☑")


def read_sheet(sheet: Sheet, rng: Random, dpi: int = 200) -> ReadPage:
    """The sheet's words in its own order, in pixels at `dpi`."""
    scale = dpi / 25.4
    lines: list[Line] = []
    for line in sheet.lines:
        for part in _parts(line):
            words = tuple(_word(word, rng, scale) for word in part if word.text not in _TICKS)
            if words:
                box = words[0].box
                for word in words[1:]:
                    box = box.union(word.box)
                chance = float(np.prod([word.probability for word in words]))
                lines.append(Line(words, box, round(chance, 4), handwriting=0.02))
    size = (round(sheet.width * scale), round(sheet.height * scale))
    return ReadPage(*size, tuple(lines), 0.0, ENGINE)


def _parts(line: SetLine) -> list[list[SetWord]]:
    """A printed line as detectors see it: cut where the paper is white for two letters' height."""
    parts: list[list[SetWord]] = [[line.words[0]]]
    for before, word in zip(line.words, line.words[1:], strict=False):
        if word.box.x0 - before.box.x1 > 2.4 * max(before.box.y1 - before.box.y0, 2.0):
            parts.append([])
        parts[-1].append(word)
    return parts


def _word(word: SetWord, rng: Random, scale: float) -> Word:
    box = _pixels(word.box, scale)
    draw = rng.random()
    doubt = rng.uniform(0.0003, 0.003) if draw < 0.9 else rng.uniform(0.003, 0.03 if draw < 0.985 else 0.25)
    text = LEADER if set(word.text) <= {LEADER, "_", "."} else word.text
    return Word(text, box, round(1.0 - doubt, 4), handwriting=0.02)


def _pixels(rect: Rect, scale: float) -> Box:
    return Box(int(rect.x0 * scale) - 1, int(rect.y0 * scale) - 1, int(rect.x1 * scale) + 2, int(rect.y1 * scale) + 2)


def picture(sheet: Sheet, dpi: int = 200) -> Image:
    """RGB pixels of the sheet in outline."""
    scale = dpi / 25.4
    image = np.full((round(sheet.height * scale), round(sheet.width * scale), 3), 255, dtype=np.uint8)
    for rule in sheet.rules:
        ends = [(round(x * scale), round(y * scale)) for x, y in ((rule.x0, rule.y0), (rule.x1, rule.y1))]
        cv2.line(image, ends[0], ends[1], (20, 20, 20), 2)
    for line in sheet.lines:
        for word in line.words:
            _ink(image, word, scale)
    for payload, rect in sheet.codes:
        _code(image, payload, rect, scale)
    return _marked(image, sheet, dpi)


def _ink(image: Image, word: SetWord, scale: float) -> None:
    x0, y0, x1, y1 = (round(value * scale) for value in word.box)
    if word.text in _TICKS:
        cv2.rectangle(image, (x0, y0), (x1, y1), (20, 20, 20), 2)
        if word.text == "☑":
            cv2.line(image, (x0 + 3, y0 + 3), (x1 - 3, y1 - 3), (20, 20, 20), 3)
            cv2.line(image, (x0 + 3, y1 - 3), (x1 - 3, y0 + 3), (20, 20, 20), 3)
        return
    if word.text == LEADER:
        image[y0:y1:2, x0:x1:6] = 20
        return
    step = max(5, (y1 - y0) // 2)
    for x in range(x0, x1, step):
        image[y0:y1, x : min(x + max(2, step // 2), x1)] = 30


def _code(image: Image, payload: str, rect: Rect, scale: float) -> None:
    import segno

    modules = segno.make(payload, error="l", encoding="utf-8", micro=False, boost_error=False)
    rows = np.array([[0 if dark else 255 for dark in row] for row in modules.matrix_iter(border=3)], dtype=np.uint8)
    pitch = (rect.x1 - rect.x0) * scale / (rows.shape[0] - 6)
    side = round(pitch * rows.shape[0])
    drawn = cv2.resize(rows, (side, side), interpolation=cv2.INTER_NEAREST)
    x, y = round(rect.x0 * scale - 3 * pitch), round(rect.y0 * scale - 3 * pitch)
    image[y : y + side, x : x + side] = drawn[:, :, None]


def _marked(image: Image, sheet: Sheet, dpi: int) -> Image:
    """Pens and seals, on the part of the sheet where they stand."""
    if not sheet.marks:
        return image
    around = sheet.marks[0].box
    for mark in sheet.marks[1:]:
        around = around.union(mark.box)
    scale = dpi / 25.4
    left, top = max(0, int(around.x0 * scale)), max(0, int(around.y0 * scale))
    right, bottom = int(around.x1 * scale) + 2, int(around.y1 * scale) + 2
    x, y = left / scale, top / scale
    moved = [
        replace(mark, box=Rect(mark.box.x0 - x, mark.box.y0 - y, mark.box.x1 - x, mark.box.y1 - y))
        for mark in sheet.marks
    ]
    image[top:bottom, left:right] = lay(image[top:bottom, left:right], moved, sheet.book, dpi)
    return image
