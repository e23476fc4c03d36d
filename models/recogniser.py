"""Reads a line crop with trueocr's CTC network.

The network takes an ink map (0 paper, 1 ink) 96 pixels high, in which the line's box fills the middle 22.9 pixels
and the rest is what lies above and below it, and it takes the true width, so that padding changes nothing.
It answers one class and its chance for every eight columns; class 0 is the blank. Light print on a dark ground is
turned over first. A line is read at its own width, one crop a call: what is read never depends on other crops.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.alphabet import check_alphabet
from models.images import as_grey
from models.reading import RecognisedLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.reading import Image
    from models.runtime import Network

_HEIGHT = 96
_WINDOW = 3
_HALO = 8
_BUCKET = 32
"""Widths are padded to this multiple: fewer shapes, fewer kernels built."""


class TrueocrRecogniser:
    """trueocr's `rec.onnx`. `charset` lists the characters of classes 1, 2, ...; see `meta.json` of the wheel."""

    def __init__(self, network: Network, name: str, charset: Sequence[str], *, pad_y: float, pad_x: float) -> None:
        check_alphabet(charset)
        self.name = name
        self.alphabet = frozenset(charset)
        self._network = network
        self._charset = tuple(charset)
        self._pad_y = pad_y
        self._pad_x = pad_x

    def recognise(self, crop: Image) -> RecognisedLine:
        """Reads one straightened line."""
        grey = as_grey(crop)
        ink, left, span = self._ink(grey)
        columns = ink.shape[1]
        padded = -(-columns // _BUCKET) * _BUCKET + _HALO
        tensor = np.zeros((1, 1, _HEIGHT, padded), np.float32)
        tensor[0, 0, :, :columns] = ink
        ids, chances, lengths = self._network.run({"x": tensor, "widths": np.array([columns], np.int64)})
        steps = int(lengths[0])
        stride = columns / max(1, steps)
        text, scores, places = collapse(ids[0, :steps], chances[0, :steps], self._charset)
        within = tuple(float(np.clip((place * stride - left) / span, 0, 1)) for place in places)
        return RecognisedLine(text, scores, within)

    def _ink(self, grey: Image) -> tuple[NDArray[np.float32], float, float]:
        """The ink map, where the crop starts in it and how wide the crop is there (columns)."""
        height, width = grey.shape
        above = (_WINDOW * (1 + 2 * self._pad_y) - 1) / 2 * height
        beside = self._pad_x * height
        top, side = int(np.ceil(above)), int(np.ceil(beside))
        dark = light_on_dark(grey)
        ground = 0 if dark else 255
        framed = cv2.copyMakeBorder(grey, top, top, side, side, cv2.BORDER_CONSTANT, value=ground)
        scale = _HEIGHT / framed.shape[0]
        columns = max(8, round(framed.shape[1] * scale))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        ink = cv2.resize(framed, (columns, _HEIGHT), interpolation=how).astype(np.float32) / 255
        return (ink if dark else 1 - ink), side * scale, width * scale


def light_on_dark(grey: Image) -> bool:
    """Whether the crop shows light print on a dark ground: the longer tail of its grey levels is the bright one."""
    low, middle, high = np.percentile(grey, (2, 50, 98))
    return bool(high - middle > 2 * (middle - low) + 8)


def collapse(
    classes: NDArray[np.integer], chances: NDArray[np.floating], charset: Sequence[str]
) -> tuple[str, tuple[float, ...], tuple[float, ...]]:
    """Greedy CTC: (text, chance of each character, place of each character in time steps, at its middle).

    `charset[k - 1]` is class k; class 0 is the blank. Repeats join; white space joins into single spaces, none at
    the ends; the text is NFC and a character is one code point.
    """
    characters: list[str] = []
    scores: list[float] = []
    places: list[float] = []
    step, end = 0, len(classes)
    while step < end:
        run = step
        while run < end and classes[run] == classes[step]:
            run += 1
        if classes[step] != 0:
            character = unicodedata.normalize("NFC", charset[int(classes[step]) - 1])
            blank = character.isspace()
            if not (blank and (not characters or characters[-1] == " ")):
                characters.append(" " if blank else character)
                scores.append(float(chances[step:run].max()))
                places.append((step + run) / 2)
        step = run
    if characters and characters[-1] == " ":
        characters.pop()
        scores.pop()
        places.pop()
    return "".join(characters), tuple(scores), tuple(places)
