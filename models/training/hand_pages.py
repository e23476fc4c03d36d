"""Lines of scanned pages, each with the stretches of it that are print, pen or neither: real paper for the judge.

Pages are drawn from scanned PDFs, their lines found and read by our own reader. What it reads with great confidence
is print; `handwriting_labels.csv` marks what a pen wrote and what a seal printed (somebody looked); all else is open,
never learned from. Digits on a letter's first page are print only where they are not near a mark and very sure, because
numbers and days are what clerks write in by hand. PDFs that measured pages come from are left out by their SHA-256.
A page's lines are kept in one file, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import csv
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import apply, as_grey, cut, rotate, without_red
from models.orientation import estimate_skew
from models.training.exclusion import Measured, sha256
from models.words import place_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from models.calibration import Calibration
    from models.reading import LineDetector, LineRecogniser

log = logging.getLogger(__name__)

LABELS = Path(__file__).with_name("handwriting_labels.csv")
PRINT, PEN, OPEN = 0, 1, 2
MOST_ROWS = 64
"""Crops are kept at this height at most: the judge sees 32 rows."""
PAGES_OF_A_BOOK = 9
"""Pages drawn from a PDF of more than ten pages, evenly spread; shorter ones are letters and drawn whole."""
_SURE, _VERY_SURE = 0.8, 0.97


@dataclass(frozen=True, slots=True)
class Mark:
    """A box on a page (shares of its width and height), what it is, and whether it is kept for validation."""

    page: int
    """From 1."""
    box: tuple[float, float, float, float]
    kind: int
    validation: bool


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A crop, and stretches of it (start and end as shares of its width) with their kind."""

    crop: NDArray[np.uint8]
    """RGB, at most `MOST_ROWS` high."""
    spans: tuple[tuple[float, float, int], ...]


def read_labels(path: Path = LABELS) -> dict[str, list[Mark]]:
    """The marks of every PDF, by its SHA-256."""
    marks: dict[str, list[Mark]] = {}
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            box = (float(row["x0"]), float(row["y0"]), float(row["x1"]), float(row["y1"]))
            kind = {"pen": PEN, "print": PRINT, "open": OPEN}[row["kind"]]
            marks.setdefault(row["sha256"], []).append(Mark(int(row["page"]), box, kind, row["part"] == "validation"))
    return marks


class PageLines:
    """Cuts and marks the lines of scanned pages with a detector and a recogniser."""

    def __init__(self, detector: LineDetector, recogniser: LineRecogniser, calibration: Calibration) -> None:
        self._detector = detector
        self._recogniser = recogniser
        self._calibration = calibration

    def of_page(self, page: NDArray[np.uint8], marks: Sequence[Mark], *, first: bool) -> list[MarkedLine]:
        """The lines of an RGB page; `first` where it opens a paper, whose digits may be written by hand."""
        skew = estimate_skew(as_grey(page))
        level, back = rotate(page, -skew) if abs(skew) >= 0.3 else (page, np.array([[1.0, 0, 0], [0, 1, 0]]))
        size = np.array([page.shape[1], page.shape[0]], np.float64)
        lines = []
        for found in self._detector.detect(level):
            corners = np.array(found.corners, np.float32)
            crop = without_red(cut(level, corners))
            pens = _on_line(marks, apply(back, corners) / size)
            spans = self._printed(crop, first=first) + pens
            if spans:
                rows = min(MOST_ROWS, crop.shape[0])
                width = max(8, round(crop.shape[1] * rows / crop.shape[0]))
                small = np.asarray(cv2.resize(crop, (width, rows), interpolation=cv2.INTER_AREA), np.uint8)
                lines.append(MarkedLine(small, tuple(spans)))
        return lines

    def _printed(self, crop: NDArray[np.uint8], *, first: bool) -> list[tuple[float, float, int]]:
        read = self._recogniser.recognise(crop)
        spans = []
        for word in place_words(read, as_grey(crop)) if read.text else []:
            digits = first and any(map(str.isdigit, word.text))
            chance = self._calibration.word(word.scores)
            if chance >= (_VERY_SURE if digits else _SURE) and any(map(str.isalnum, word.text)):
                spans.append((word.start, word.end, PRINT))
        return spans


def _on_line(marks: Iterable[Mark], corners: NDArray[np.float64]) -> list[tuple[float, float, int]]:
    """Marks whose middle lies in the line, as stretches of it; corners are shares of the page."""
    (left, top), (right, _), (_, bottom) = corners[0], corners[1], corners[2]
    spans = []
    for mark in marks:
        x0, y0, x1, y1 = mark.box
        if top < (y0 + y1) / 2 < bottom and left < (x0 + x1) / 2 < right:
            width = right - left
            spans.append((max(0.0, (x0 - left) / width), min(1.0, (x1 - left) / width), mark.kind))
    return spans


def collect(data: Path, out: Path, reader: PageLines, *, seed: int) -> None:
    """Marks the lines of every unmeasured PDF under `data`/pdf/scanned; one `SHA256-PAGE.npz` a page under `out`."""
    import pypdfium2

    measured, labels = Measured.of_folder(data), read_labels()
    out.mkdir(parents=True, exist_ok=True)
    for pdf in sorted((data / "pdf" / "scanned").glob("*.pdf")):
        if measured.holds_file(pdf):
            continue
        digest = sha256(pdf)
        document = pypdfium2.PdfDocument(str(pdf))
        count = len(document)
        chosen = range(count) if count <= 10 else np.linspace(0, count - 1, PAGES_OF_A_BOOK).round().astype(int)
        for page in map(int, chosen):
            path = out / f"{digest}-{page + 1}.npz"
            if path.exists():
                continue
            dpi = int(np.random.default_rng([seed, page, int(digest[:8], 16)]).choice((200, 250, 300)))
            image = np.ascontiguousarray(document[page].render(scale=dpi / 72).to_numpy()[:, :, 2::-1])
            marks = [mark for mark in labels.get(digest, []) if mark.page == page + 1]
            write_page(path, reader.of_page(image, marks, first=page == 0))
        document.close()
        log.info("pages marked: %s, %d of %d", pdf.name, len(chosen), count)


def write_page(path: Path, lines: Sequence[MarkedLine]) -> None:
    """Keeps the lines of a page; whole or not at all."""
    shapes = np.array([line.crop.shape[:2] for line in lines], np.int32).reshape(-1, 2)
    pixels = np.concatenate([line.crop.reshape(-1) for line in lines]) if lines else np.zeros(0, np.uint8)
    spans = [(number, *span) for number, line in enumerate(lines) for span in line.spans]
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez_compressed(file, shapes=shapes, pixels=pixels, spans=np.array(spans, np.float64).reshape(-1, 4))
    unfinished.replace(path)


def read_page(path: Path) -> list[MarkedLine]:
    """The lines that `write_page` kept."""
    with np.load(path) as kept:
        shapes, pixels, spans = kept["shapes"], kept["pixels"], kept["spans"]
    lines, at = [], 0
    for number, (rows, columns) in enumerate(shapes):
        size = int(rows) * int(columns) * 3
        crop = pixels[at : at + size].reshape(int(rows), int(columns), 3)
        mine = spans[spans[:, 0] == number]
        lines.append(MarkedLine(crop, tuple((float(a), float(b), int(kind)) for _, a, b, kind in mine)))
        at += size
    return lines
