"""Takes the ink of leaders from under letters that were typed over them.

Where `models.under_text` sees leaders run on under text, a small network of our own says for every pixel whether its
ink is a leader's: it was shown rows with and without them (`models/training/eraser_samples.py`), so that dots below
vowels, commas, tails and feet of letters stay. What it says holds only near the leaders' own base line and only between
the ends that were seen; ink is lightened to paper by its answer, in the pixels of the page.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import as_grey
from models.weights import load_described

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from models.reading import Image
    from models.runtime import Network
    from models.under_text import Underlaid

    Parts = Sequence[tuple[float, float]]
    """Starts and ends in columns of the page."""

WEIGHTS = Path(__file__).with_name("weights_leaders")
_ROWS, _LINE = 64, 40
"""Rows that the network sees, and how high a line of text is in them."""
_BASE = 47
"""Row on which leaders lie there."""
_BESIDE = 1.5
"""Line heights beside its parts that are shown with them."""
_NEAR = 0.3
"""Line heights from the leaders' base line within which ink may be theirs."""
_BUCKET = 128
"""Widths are padded to this multiple: every shape has kernels of its own."""
_LONGEST = 20.0
"""Line heights that are looked at at once: the row lies level there."""
_SURE = 0.25, 0.75
"""Chances below which ink stays as it is, and from which on it goes."""


@dataclass(frozen=True, slots=True)
class EraserModel:
    """A graph's bytes, and the name of what they are."""

    graph: bytes
    name: str


def load_eraser_model(folder: Path = WEIGHTS) -> EraserModel:
    """`erase.onnx` and `erase.json` of a folder. Raises `WeightsError` naming the file."""
    return EraserModel(*load_described(folder, "erase"))


class LeaderEraser:
    """Safe for threads where its network is. The network is opened when it is first needed: most pages need none."""

    def __init__(self, opened: Callable[[], Network], model: EraserModel) -> None:
        self.name = model.name
        self._open = opened
        self._network: Network | None = None
        self._lock = threading.Lock()

    def erase(self, image: Image, rows: Sequence[Underlaid], height: float) -> Image:
        """A copy of a level RGB page without the leaders under its text; `height` is that of a line, in pixels."""
        cleaned = image.copy()
        for row in rows:
            for parts in _windows(row.parts, _LONGEST * height):
                y = row.y + row.slope * ((parts[0][0] + parts[-1][1]) / 2 - row.parts[0][0])
                self._erase(image, cleaned, parts, y, height)
        return cleaned

    def _erase(self, image: Image, cleaned: Image, parts: Parts, y: float, height: float) -> None:
        scale = _LINE / height
        top, bottom = round(y - _BASE / scale), round(y + (_ROWS - _BASE) / scale)
        left = max(0, round(parts[0][0] - _BESIDE * height))
        right = min(image.shape[1], round(parts[-1][1] + _BESIDE * height))
        above, below = max(0, -top), max(0, bottom - image.shape[0])
        if right - left < 2 or bottom - below - top - above < 2:
            return
        shown = as_grey(np.ascontiguousarray(image[top + above : bottom - below, left:right]))
        chance = cv2.resize(self._chances(shown, (above, below), scale), shown.shape[::-1])
        share = np.clip((chance - _SURE[0]) / (_SURE[1] - _SURE[0]), 0, 1)
        columns = np.zeros(len(share[0]), np.bool_)
        for x0, x1 in parts:
            columns[max(0, round(x0) - left) : max(0, round(x1) - left)] = True
        near = np.abs(np.arange(len(share)) + top + above - y) <= _NEAR * height
        share *= near[:, None] & columns
        part = cleaned[top + above : bottom - below, left:right]
        paper = np.percentile(part.reshape(-1, part.shape[2]), 75, axis=0)
        part[:] = np.round(part + share[:, :, None] * np.maximum(paper - part, 0)).astype(np.uint8)

    def _chances(self, grey: NDArray[np.uint8], missing: tuple[int, int], scale: float) -> NDArray[np.float32]:
        """The chance of each pixel of a strip that its ink is a leader's; `missing` rows lie beyond the page."""
        paper, dark = (float(np.percentile(grey, share)) for share in (75, 0.5))
        ink = np.clip((paper - grey.astype(np.float32)) / max(30.0, paper - dark), 0, 1)
        ink = np.pad(ink, (missing, (0, 0)))
        columns = max(4, round(grey.shape[1] * scale))
        kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(ink, (columns, _ROWS), interpolation=kind)
        wide = -(-columns // _BUCKET) * _BUCKET
        padded = np.pad(small, ((0, 0), (0, wide - columns)))[None, None].astype(np.float32)
        with self._lock:
            network = self._network = self._network or self._open()
        (odds,) = network.run({"x": padded})
        chance = 1 / (1 + np.exp(-np.clip(odds[0, 0, :, :columns], -30, 30)))
        rows = len(ink)
        full = cv2.resize(chance, (columns, rows), interpolation=cv2.INTER_LINEAR)
        return np.asarray(full[missing[0] : rows - missing[1]], np.float32)


def _windows(parts: Parts, longest: float) -> Sequence[Parts]:
    """Parts that the network sees at once; long ones are taken apart."""
    windows: list[list[tuple[float, float]]] = []
    for x0, x1 in parts:
        edges = np.linspace(x0, x1, max(1, int(np.ceil((x1 - x0) / longest))) + 1).tolist()
        for start, end in pairwise(edges):
            if windows and end - windows[-1][0][0] <= longest:
                windows[-1].append((start, end))
            else:
                windows.append([(start, end)])
    return windows
