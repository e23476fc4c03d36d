"""Reads a page: level it, find its lines, read each, put words on the page, order the lines.

One object composes the seams (orienter, detector, recogniser, judge of handwriting) and holds nothing that changes, so
that any number of threads may share it. Lines are read one by one from strips of the page laid level; boxes go back
through its map to the pixels of the page as it was given. What the recogniser cannot read stays in the answer as an
unreadable line, with its box and the reason: nothing is dropped silently and nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.curves import lay_flat
from models.errors import ReadingError
from models.images import as_grey, as_rgb
from models.leader_rows import strips_of
from models.number_rows import joined
from models.order import reading_order
from models.orientation import estimate_skew
from models.quality import inspect_page
from models.reading import Box, Line, ReadPage, Word
from models.seals import without_seals
from models.small_print import legible
from models.spacing import spaced
from models.words import place_words
from models.zeros import with_noughts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.calibration import Calibration
    from models.curves import LevelPage
    from models.leader_eraser import LeaderEraser
    from models.reading import Defect, HandwritingJudge, Image, LineDetector, LineRecogniser, Orienter, Turn
    from models.strips import Strip

_ILLEGIBLE = 0.45
"""Mean character score below which what was read is noise."""
_WRITTEN = 0.5
"""Chance of handwriting above which an unread line is called handwriting."""
_FAINT = 40
"""Grey levels between ink and ground below which an unread line is called faint."""


class ComposedReader:
    """A `models.reading.PageReader` made of its seams."""

    def __init__(
        self,
        *,
        orienter: Orienter,
        detector: LineDetector,
        recogniser: LineRecogniser,
        calibration: Calibration,
        version: str,
        judge: HandwritingJudge | None = None,
        eraser: LeaderEraser | None = None,
    ) -> None:
        others = [part.name for part in (judge, eraser) if part is not None]
        self.name = " ".join([version, detector.name, recogniser.name, *others])
        self._judge = judge
        self._eraser = eraser
        self._orienter = orienter
        self._detector = detector
        self._recogniser = recogniser
        self._calibration = calibration

    def turn(self, image: Image) -> Turn:
        """How the page lies. Raises `ReadingError` and nothing else."""
        with _typed():
            return self._orienter.turn(as_rgb(image))

    def inspect(self, image: Image) -> tuple[Defect, ...]:
        """The page's defects. Raises `ReadingError` and nothing else."""
        with _typed():
            return inspect_page(as_rgb(image))

    def read(self, image: Image) -> ReadPage:
        """Reads an upright page. Raises `ReadingError` and nothing else."""
        with _typed():
            return self._read(as_rgb(image))

    def _read(self, image: Image) -> ReadPage:
        height, width = image.shape[:2]
        skew = estimate_skew(as_grey(image))
        page = legible(lay_flat(without_seals(image), skew, self._detector.detect), self._detector.detect)
        flat_size = page.image.shape[1], page.image.shape[0]
        lines, upright = [], []
        for strip in strips_of(page.image, page.lines, self._eraser):
            lines.append(self._line(strip, page, (width, height)))
            upright.append(_bounds(strip.stretch(0, 1), flat_size))
        lines, upright = joined(lines, upright, self._calibration)
        order = reading_order(upright, [line.text for line in lines], flat_size)
        return ReadPage(width, height, tuple(lines[i] for i in order), float(skew), self.name)

    def _line(self, strip: Strip, page: LevelPage, size: tuple[int, int]) -> Line:
        crop = strip.crop
        grey = as_grey(crop)
        read = with_noughts(spaced(strip.read(self._recogniser), grey), grey)
        box = _bounds(page.back(strip.stretch(0, 1)), size)
        if not read.text or sum(read.scores) / len(read.scores) < _ILLEGIBLE:
            return self._unread(crop, box)
        placed_words = place_words(read, grey)
        written = self._written(crop, [(placed.start, placed.end) for placed in placed_words])
        words = tuple(
            Word(
                placed.text,
                _bounds(page.back(strip.stretch(placed.start, placed.end)), size),
                self._calibration.word(placed.scores, placed.text),
                self._calibration.word(placed.scores[:-1], placed.text[:-1]) if _ends_in_stop(placed.text) else None,
                chance,
            )
            for placed, chance in zip(placed_words, written, strict=True)
        )
        certainty = self._calibration.line(word.probability for word in words)
        return Line(words, box, certainty, handwriting=_overall(words) if self._judge else None)

    def _written(self, crop: Image, spans: Sequence[tuple[float, float]]) -> Sequence[float | None]:
        return self._judge.judge(crop, spans) if self._judge else [None] * len(spans)

    def _unread(self, crop: Image, box: Box) -> Line:
        """A line that nobody can read, and why."""
        pieces = max(1, round(crop.shape[1] / crop.shape[0]))
        chances = self._written(crop, [(k / pieces, (k + 1) / pieces) for k in range(pieces)])
        chance = None if self._judge is None else float(np.mean([c for c in chances if c is not None]))
        contrast = float(np.subtract(*np.percentile(as_grey(crop), (95, 2))))
        if chance is not None and chance > _WRITTEN:
            return Line((), box, 0.0, "handwriting", chance)
        return Line((), box, 0.0, "faint" if contrast < _FAINT else "illegible", chance)


def _overall(words: Sequence[Word]) -> float:
    """The words' mean chance of handwriting, each counted by its width."""
    widths = sum(word.box.width for word in words)
    return sum((word.handwriting or 0.0) * word.box.width for word in words) / widths


def _ends_in_stop(text: str) -> bool:
    return len(text) > 1 and text[-1] in ".,"


def _bounds(corners: NDArray[np.floating], size: tuple[int, int]) -> Box:
    """The upright box round corners, inside a page of `size` (width, height), at least one pixel wide and high."""
    x0, y0 = np.floor(corners.min(0)).astype(int)
    x1, y1 = np.ceil(corners.max(0)).astype(int)
    left, top = min(max(0, int(x0)), size[0] - 1), min(max(0, int(y0)), size[1] - 1)
    return Box(left, top, max(left + 1, min(size[0], int(x1))), max(top + 1, min(size[1], int(y1))))


class _typed:  # noqa: N801 - reads as a statement, like contextlib.suppress
    """Turns whatever a runtime raises into a `ReadingError`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, ReadingError):
            raise ReadingError(f"{type(error).__name__}: {error}") from error
