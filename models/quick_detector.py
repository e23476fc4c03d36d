"""Finds lines of text with a small network of our own, and asks the thorough detector where that leaves doubt.

The network was taught by the thorough detector (PP-OCRv6-small) on level pages, scanned, drawn and generated; it costs
a tenth of it. Its answer is believed where the page is of the kind it was taught on and nothing speaks against it: rows
that bend or fan out (photographs), cores that may be two lines run together, print smaller than it was taught, places
where it was nearly sure of text, and ink that looks like a row of text where it saw none. Else the thorough detector
looks at the whole page; answers are never mixed. What is found is a function of the page alone.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from models.images import as_grey, shrink
from models.quick_doubts import FIRM, SURE, beyond_quick, doubtful_places
from models.quick_lines import lines_of, take_apart
from models.reading import DetectedLine
from models.weights import load_described

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from models.reading import Image, LineDetector
    from models.runtime import Network

    Boxes = NDArray[np.float64]
    """Shape (n, 4) or (4,): left, top, right, bottom in pixels of the page."""

WEIGHTS = Path(__file__).with_name("weights_lines")
_STRIDE = 32
_NEAR = 0.88, 1.11
"""Sides, as shares of the wanted one, to which a page is shrunk by a whole number of pixels."""
PATCH = (384, 640)
"""Height and width of a part that is looked at again, in pixels of the thorough detector's input."""
_ROOM = 32.0
"""Pixels of its input between a doubtful place and the edge of the part."""
_MOST = 2
"""Parts beyond which the whole page costs no more."""
_TOUCHED, _COVERED = 0.15, 0.4
"""Share of a line in a doubtful place that makes it doubtful; share in other lines that makes it one of them."""
_OVERLAPPED, _WHOLE = 0.3, 0.8
"""Share of a line outside doubtful places in one that was found again: up to the first it is another line, from the
second on it is a part of it."""
_INK = ((255 - np.arange(256)) / 255).astype(np.float32)
"""A grey level 0..255 as the network takes it: 0 is paper."""


class Deferred:
    """A detector that is built when it is first asked: most pages never need the thorough one, and it is large."""

    def __init__(self, name: str, build: Callable[[], LineDetector]) -> None:
        self.name = name
        self._build = build
        self._built: LineDetector | None = None
        self._lock = threading.Lock()

    def detect(self, image: Image) -> Sequence[DetectedLine]:
        """Lines in pixels of `image`, unordered."""
        with self._lock:
            if self._built is None:
                self._built = self._build()
        return self._built.detect(image)


@dataclass(frozen=True, slots=True)
class QuickModel:
    """A graph's bytes, and the name of what they are."""

    graph: bytes
    name: str


def load_quick_model(folder: Path = WEIGHTS) -> QuickModel:
    """`quick.onnx` and `quick.json` of a folder. Raises `WeightsError` naming the file."""
    return QuickModel(*load_described(folder, "quick"))


class QuickDetector:
    """A `models.reading.LineDetector` made of a quick look and a thorough one."""

    def __init__(
        self,
        network: Network,
        model: QuickModel,
        thorough: LineDetector,
        *,
        side: int = 1170,
        thorough_side: int = 1280,
    ) -> None:
        """The sides are those to which the two shrink a page."""
        self.name = f"{model.name}@{side}+{thorough.name}"
        self._network = network
        self._thorough = thorough
        self._side = side
        self._thorough_side = thorough_side

    def detect(self, image: Image) -> Sequence[DetectedLine]:
        """Lines in pixels of `image`, unordered."""
        lines, places = self.look(image)
        if lines is None or len(places) > len(lines):
            return self._thorough.detect(image)
        patches = _patches(places, image.shape[:2], min(1.0, self._thorough_side / max(image.shape[:2])))
        if patches is None:
            return self._thorough.detect(image)
        for patch, inside in patches:
            again = patch.detect(image, self._thorough)
            mended = _mended(lines, again, inside, patch)
            if mended is None:
                return self._thorough.detect(image)
            lines = mended
        return lines

    def look(self, image: Image) -> tuple[list[DetectedLine] | None, Boxes]:
        """What the quick network finds, and the places (pixels of `image`) where to look again.

        None for the lines where the page as a whole is not for it.
        """
        small, scale = _shrunk(as_grey(image), self._side)
        below, right = -small.shape[0] % _STRIDE, -small.shape[1] % _STRIDE
        padded = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT, value=255)
        (answer,) = self._network.run({"x": cv2.LUT(padded, _INK)[None, None]})[:1]
        cores = take_apart(answer[0])
        found = lines_of(cores, scale, (image.shape[1], image.shape[0]))
        places = doubtful_places(small, cores, found) / scale
        sure = found.sure(SURE)
        return (None if beyond_quick(sure) else sure.lines), places


@dataclass(frozen=True, slots=True)
class _Patch:
    """A part of a page that is looked at again, always of one size in pixels of the thorough detector's input."""

    left: int
    top: int
    scale: float

    def detect(self, image: Image, detector: LineDetector) -> list[DetectedLine]:
        """The lines found on it, in pixels of the page."""
        tall, wide = (round(length / self.scale) for length in PATCH)
        part = image[max(0, self.top) : self.top + tall, max(0, self.left) : self.left + wide]
        white = (255,) * (3 if image.ndim == 3 else 1)
        part = cv2.copyMakeBorder(
            part, max(0, -self.top), tall - part.shape[0] - max(0, -self.top),
            max(0, -self.left), wide - part.shape[1] - max(0, -self.left), cv2.BORDER_CONSTANT, value=white,
        )  # fmt: skip
        part = cv2.resize(part, PATCH[::-1], interpolation=cv2.INTER_AREA)
        return [
            DetectedLine(self._moved(line.corners), line.score, self._moved(line.middle))
            for line in detector.detect(np.asarray(part, np.uint8))
        ]

    def _moved(self, points: Any) -> Any:
        return tuple((x / self.scale + self.left, y / self.scale + self.top) for x, y in points)

    def cuts(self, box: Boxes) -> bool:
        """Whether a box (left, top, right, bottom) reaches to its edge, and so may go on beyond."""
        tall, wide = (length / self.scale for length in PATCH)
        near = 3 / self.scale
        return bool(
            box[0] < self.left + near
            or box[1] < self.top + near
            or box[2] > self.left + wide - near
            or box[3] > self.top + tall - near
        )


def _patches(places: Boxes, size: tuple[int, int], scale: float) -> list[tuple[_Patch, Boxes]] | None:
    """Patches that hold all places, each with those it holds; None where there are too many for that to be worth it."""
    tall, wide = (length / scale for length in PATCH)
    room = _ROOM / scale
    left = list(places[np.argsort(places[:, 1], kind="stable")])
    patches: list[tuple[_Patch, Boxes]] = []
    while left:
        if len(patches) == _MOST:
            return None
        union, rest, held = left[0], [], []
        for place in left:
            both = np.array([*np.minimum(union[:2], place[:2]), *np.maximum(union[2:], place[2:])])
            if both[2] - both[0] <= wide - 2 * room and both[3] - both[1] <= tall - 2 * room:
                union = both
                held.append(place)
            else:
                rest.append(place)
        if not held:
            return None
        x, y = (union[0] + union[2] - wide) / 2, (union[1] + union[3] - tall) / 2
        # Not beyond the page, unless the page is smaller than a patch.
        x, y = max(0.0, min(x, size[1] - wide)), max(0.0, min(y, size[0] - tall))
        patches.append((_Patch(round(x), round(y), scale), np.array(held)))
        left = rest
    return patches


def _mended(
    lines: Sequence[DetectedLine], again: Sequence[DetectedLine], places: Boxes, patch: _Patch
) -> list[DetectedLine] | None:
    """The lines, with those in doubtful places as they were found again; None where the whole page must tell."""
    boxes, new = _bounds(lines), _bounds(again)
    kept, dropped = [], []
    for k, (line, box) in enumerate(zip(lines, boxes, strict=True)):
        if _shared(box, places) < _TOUCHED:
            kept.append(k)
        elif _shared(box, new) >= _TOUCHED:
            dropped.append(k)
        elif line.score >= FIRM:
            kept.append(k)  # the doubt was about what lies beside it
        else:
            return None  # the one saw a line and the other none: a part of a page is not enough to tell
    renewed = boxes[dropped]
    added = []
    for line, box in zip(again, new, strict=True):
        height = box[3] - box[1]
        near = _shared(box, places + 0.3 * height * np.array([-1, -1, 1, 1])) >= _TOUCHED
        if not near and _shared(box, renewed) < _TOUCHED:
            continue
        if kept and _shared(box, boxes[kept]) > _COVERED:
            continue
        if patch.cuts(box):
            return None
        added.append(line)
    overlaps = {k: _shared(boxes[k], _bounds(added)) for k in kept}
    if any(_OVERLAPPED < share < _WHOLE for share in overlaps.values()):
        return None
    return [*(lines[k] for k in kept if overlaps[k] <= _OVERLAPPED), *added]


def _bounds(lines: Sequence[DetectedLine]) -> Boxes:
    corners = np.array([line.corners for line in lines], np.float64).reshape(-1, 4, 2)
    return np.concatenate([corners.min(1), corners.max(1)], 1)


def _shared(box: Boxes, others: Boxes) -> float:
    """The greatest share of a box that one of the others covers."""
    wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    area = max(1.0, float((box[2] - box[0]) * (box[3] - box[1])))
    return float((wide.clip(0) * high.clip(0)).max(initial=0.0)) / area


def _shrunk(grey: Image, side: int) -> tuple[Image, float]:
    """A grey page with a long side of about `side`, and the scale: a whole number where one fits, for it costs less."""
    longest = max(grey.shape)
    step = round(longest / side)
    if step >= 2 and _NEAR[0] * side <= longest / step <= _NEAR[1] * side:
        height, width = grey.shape[0] // step, grey.shape[1] // step
        whole = grey[: height * step, : width * step]
        return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8), 1 / step
    small = shrink(grey, side)
    return small, small.shape[0] / grey.shape[0]
