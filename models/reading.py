"""What reading a page gives, and the seams between the parts that give it.

A page goes in as an RGB array, upright or not; a `ReadPage` comes out in the pixels of the upright page.
Every type is frozen and slotted, so that it can cross threads, processes and the step ledger unharmed.
A reader is its seams (orienter, detector, recogniser, judge of handwriting) behind one protocol, `PageReader`.
Probabilities are chances that the text is exactly right, not scores: a reader calibrates before it answers.
Text is NFC always; a line that cannot be read has empty text and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    """uint8 array, shape (height, width, 3), RGB; or (height, width) grey."""


class Box(NamedTuple):
    """An upright rectangle in pixels of the page image: x to the right, y down; x1 and y1 are exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.y1 - self.y0

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


@dataclass(frozen=True, slots=True)
class Word:
    """Letters between two spaces, with the chance that all of them are right."""

    text: str
    box: Box
    probability: float
    stem: float | None = None
    """Chance that the word is right but for a final stop or comma, of which leaders leave false ones behind."""
    handwriting: float | None = None
    """Chance that a part of the word was written by hand, or None where the reader does not judge it."""

    @property
    def handwritten(self) -> bool:
        """Whether a part of the word is more likely written by hand than printed."""
        return self.handwriting is not None and self.handwriting > 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line of one block. `text` equals its words joined by single spaces."""

    words: tuple[Word, ...]
    box: Box
    probability: float
    unreadable: str | None = None
    """Why nothing could be read here (a stable code such as `faint`, `handwriting`), or None."""
    handwriting: float | None = None
    """Chance that this is handwriting, all in all; None where the reader does not judge it. A printed line with a
    number written into it has a low one: its words say which."""

    @property
    def text(self) -> str:
        """The line as read, NFC, words joined by single spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as read. `width` and `height` are pixels of the upright page; all boxes lie in it."""

    width: int
    height: int
    lines: tuple[Line, ...]
    """In the order in which a person reads the page."""
    skew: float
    """Degrees counter-clockwise that the text rows were turned by; boxes are in the page as it was given."""
    engine: str
    """Name and version of weights and settings; part of the step ledger's key."""

    @property
    def text(self) -> str:
        """One printed line per line, in reading order."""
        return "\n".join(line.text for line in self.lines if line.text)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a page lies: `quarter_turns` counter-clockwise that its content was turned by (undo by -k), 0 to 3."""

    quarter_turns: int
    probability: float


@dataclass(frozen=True, slots=True)
class Defect:
    """A reason why a page may not be usable: a stable code, its measured value and the limit it passed."""

    code: str
    """One of `blank`, `blurred`, `skewed`, `too_small`, `turned`, `cropped`, `faint`, `dark`."""
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class DetectedLine:
    """Where a line of text is: four corners (x, y) clockwise from its reading start, and the detector's score."""

    corners: tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
    score: float
    middle: tuple[tuple[float, float], ...] = ()
    """Points (x, y) along the middle of its letters from left to right, or none where the detector does not see it."""


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """What a line crop says: characters, their scores in 0..1 and their places in 0..1 along the crop's width."""

    text: str
    scores: tuple[float, ...]
    places: tuple[float, ...]


class Orienter(Protocol):
    """Tells how a page lies."""

    def turn(self, image: Image) -> Turn:
        """The turn of the page's content; 0 where the model is not sure enough to turn anything."""
        ...


class LineDetector(Protocol):
    """Finds lines of text."""

    name: str

    def detect(self, image: Image) -> Sequence[DetectedLine]:
        """Lines in pixels of `image`, in no particular order."""
        ...


class LineRecogniser(Protocol):
    """Reads one line crop at a time; what it answers never depends on other crops."""

    name: str
    alphabet: frozenset[str]

    def recognise(self, crop: Image) -> RecognisedLine:
        """Reads a straightened crop, text running left to right; ascenders and marks inside the crop."""
        ...


class HandwritingJudge(Protocol):
    """Tells handwriting from print, one line at a time; what it answers never depends on other crops."""

    name: str

    def judge(self, crop: Image, spans: Sequence[tuple[float, float]]) -> tuple[float, ...]:
        """The chance, for each span (start and end as shares of the crop's width), that some of it is handwriting."""
        ...


@runtime_checkable
class PageReader(Protocol):
    """Reads whole pages. Safe to call from several threads at once; equal pages give equal answers."""

    @property
    def name(self) -> str:
        """Changes whenever weights or settings change what is read."""
        ...

    def turn(self, image: Image) -> Turn:
        """How the page lies; the caller turns the image upright before `read`."""
        ...

    def inspect(self, image: Image) -> tuple[Defect, ...]:
        """The page's defects, each with its measured value; empty for a good page."""
        ...

    def read(self, image: Image) -> ReadPage:
        """Reads an upright page. Raises `models.errors.ReadingError` and nothing else."""
        ...
