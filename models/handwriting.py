"""Tells handwriting from print inside a line: a chance for every quarter of a line's height, and for every word.

A small convolutional network slides over the line as a strip of 32 rows with two channels: how dark the ink is, and
how blue, both against the line's own ground, so that paper, light and exposure do not matter. It sees about four line
heights at a time: an inserted number is judged beside the print around it. A word is as handwritten as its most
handwritten stretch of three quarters of a line height, because a pen's number often touches the print beside it.
Lines are judged one by one: the answer for a line never depends on another. Weights come with their SHA-256.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.errors import WeightsError
from models.weights import load_checked, load_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.reading import Image
    from models.runtime import Network

HEIGHT = 32
"""Rows of a strip."""
STRIDE = 8
"""Columns of a strip for each answer of the network."""
CHANNELS = 2
LONGEST = 4096
"""Columns beyond which a line is squeezed: a line of 128 times its height is no line of writing."""
WEIGHTS = Path(__file__).with_name("weights_handwriting")
_BUCKET = 128
"""Widths are padded to this multiple with empty paper: fewer shapes, fewer kernels built."""
_STRETCH = 3
"""Answers (of eight columns each) that are taken together: three quarters of a line height."""
_SURE = 6.0
"""Log-odds beyond which one column counts no more."""
_LEAST_CONTRAST = 24.0
"""Grey levels between ink and ground below which differences are noise."""


@dataclass(frozen=True, slots=True)
class HandwritingModel:
    """A graph's bytes and what the JSON beside it says: chance = sigmoid(slope * log-odds + offset)."""

    graph: bytes
    name: str
    slope: float
    offset: float


def load_handwriting_model(folder: Path = WEIGHTS) -> HandwritingModel:
    """`handwriting.onnx` and `handwriting.json` of a folder. Raises `WeightsError` naming the file."""
    described = folder / "handwriting.json"
    try:
        meta = load_json(described.read_bytes(), described.name)
    except OSError as error:
        raise WeightsError(f"{described.name}: {error.strerror or error}") from error
    name, digest = meta.get("name"), meta.get("sha256")
    slope, offset = meta.get("slope"), meta.get("offset")
    if not (isinstance(name, str) and isinstance(digest, str)):
        raise WeightsError(f"{described.name}: needs name and sha256 (text)")
    if not (isinstance(slope, int | float) and isinstance(offset, int | float)):
        raise WeightsError(f"{described.name}: needs slope and offset (numbers)")
    return HandwritingModel(load_checked(folder / "handwriting.onnx", digest), name, float(slope), float(offset))


class NetworkJudge:
    """A `models.reading.HandwritingJudge` over an opened graph."""

    def __init__(self, network: Network, model: HandwritingModel) -> None:
        self.name = f"{model.name}@{hashlib.sha256(model.graph).hexdigest()[:8]}"
        self._network = network
        self._model = model

    def judge(self, crop: Image, spans: Sequence[tuple[float, float]]) -> tuple[float, ...]:
        """The chance of handwriting for each span, a pair of shares of the crop's width in 0..1."""
        if not spans:
            return ()
        odds = self.log_odds(strip_of(crop))
        return tuple(self.chance(span_odds(odds, start, end)) for start, end in spans)

    def chance(self, log_odds: float) -> float:
        """A span's calibrated chance."""
        return float(1 / (1 + np.exp(-(self._model.slope * log_odds + self._model.offset))))

    def log_odds(self, strip: NDArray[np.float32]) -> NDArray[np.float32]:
        """The network's answers for a strip (channels, 32, width): one for every eight columns, rounded up."""
        columns = strip.shape[2]
        padded = -(-columns // _BUCKET) * _BUCKET
        tensor = np.zeros((1, CHANNELS, HEIGHT, padded), np.float32)
        tensor[0, :, :, :columns] = strip
        (odds,) = self._network.run({"x": tensor})[:1]
        return np.asarray(odds.reshape(-1)[: -(-columns // STRIDE)], np.float32)


def strip_of(crop: Image) -> NDArray[np.float32]:
    """What the network sees of a line crop (RGB or grey): float32 (2, 32, width), darkness 0..1 and blueness -1..1.

    Light print on a dark ground is turned over. Paper is 0 in both channels, so that padding with zeros is paper.
    """
    height, width = crop.shape[:2]
    columns = min(LONGEST, max(STRIDE, round(width * HEIGHT / height)))
    how = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(crop, (columns, HEIGHT), interpolation=how), np.uint8)
    grey = small if small.ndim == 2 else np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    dark, low, middle, ground, high = _levels(grey.reshape(-1), (0.01, 0.02, 0.5, 0.75, 0.98))
    if high - middle > 2 * (middle - low) + 8:  # light print on a dark ground: the longer tail is the bright one
        grey = 255 - grey
        dark, ground = _levels(grey.reshape(-1), (0.01, 0.75))
    strip = np.zeros((CHANNELS, HEIGHT, columns), np.float32)
    strip[0] = np.clip((ground - grey.astype(np.float32)) / max(_LEAST_CONTRAST, ground - dark), 0, 1.2)
    if small.ndim == 3:
        blueness = small[:, :, 2].astype(np.int16) - small[:, :, 0]
        usual = _levels(blueness.reshape(-1) + 255, (0.5,))[0] - 255
        strip[1] = np.clip((blueness - usual) / np.float32(128), -1, 1)
    return strip


def _levels(values: NDArray[np.integer], shares: tuple[float, ...]) -> list[int]:
    """Percentiles of small whole numbers from their histogram: a tenth of the time that sorting takes."""
    below = np.cumsum(np.bincount(values))
    return [int(np.searchsorted(below, share * below[-1])) for share in shares]


def span_odds(odds: NDArray[np.float32], start: float, end: float) -> float:
    """The log-odds of the most handwritten stretch between two shares of a line's length."""
    count = len(odds)
    first = min(count - 1, max(0, int(np.floor(start * count))))
    last = max(first + 1, min(count, int(np.ceil(end * count))))
    part = np.clip(odds[first:last], -_SURE, _SURE)
    size = min(_STRETCH, len(part))
    sums = np.convolve(part, np.ones(size), mode="valid")
    return float(sums.max() / size)
