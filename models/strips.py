"""What the recogniser is given to read: a straight strip of the page, and the way from it back to the page.

Most strips are one detected line, cut out. A row of a form that its leaders hold together is a strip too: its leaders
are drawn anew and short, so a map leads from its columns to the page's. Both answer the same three questions: what the
crop looks like, what it says, and where a share of its width lies on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models.reading import RecognisedLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.reading import Image, LineRecogniser

    Points = NDArray[np.float64]

LEADER = "…"
_SURE = 0.995
"""Score of a leader: that it was seen is not the recogniser's to say."""
_READ_AS = frozenset("….·•_")
"""What a leader may have been read as."""
_NO_SPACE, _SPACE, _SURE_SPACE = 0.1, 0.18, 0.3
"""Gaps between a leader and its neighbour: never a space, more likely one than not, always one, in line heights."""


class Strip(Protocol):
    """A strip of the level page."""

    @property
    def crop(self) -> Image:
        """RGB, text running left to right."""
        ...

    def read(self, recogniser: LineRecogniser) -> RecognisedLine:
        """What it says; places are shares of the crop's width."""
        ...

    def stretch(self, start: float, end: float) -> NDArray[np.float32]:
        """Corners on the level page, clockwise from the start, of what lies between two shares of the width."""
        ...


@dataclass(frozen=True, slots=True)
class LineStrip:
    """One detected line."""

    crop: Image
    corners: NDArray[np.float32]

    def read(self, recogniser: LineRecogniser) -> RecognisedLine:
        """What the line says."""
        return recogniser.recognise(self.crop)

    def stretch(self, start: float, end: float) -> NDArray[np.float32]:
        """The part of the line between two shares of its length."""
        a, b, c, d = self.corners
        return np.stack([a + start * (b - a), a + end * (b - a), d + end * (c - d), d + start * (c - d)])


@dataclass(frozen=True, slots=True)
class LeaderStrip:
    """A row with leaders: its crop for the recogniser, and the way back to the page."""

    lines: tuple[int, ...]
    """Indices of the detected lines that it is made of."""
    crop: Image
    leaders: tuple[tuple[float, float], ...]
    """Starts and ends of its leaders, as shares of the crop's width."""
    gaps: tuple[tuple[float, float], ...]
    """Paper before and after each leader, in line heights."""
    bare: bool
    """Whether there is nothing but one leader."""
    base: Points
    """(x, y) along the base line on the level page."""
    places: Points
    """(column of the crop, x on the level page), growing."""
    above: float
    below: float

    def stretch(self, start: float, end: float) -> NDArray[np.float32]:
        """The part of the row between two shares of its crop's width, on the level page."""
        columns = np.array([start, end]) * self.crop.shape[1]
        x = np.interp(columns, self.places[:, 0], self.places[:, 1])
        y = np.interp(x, self.base[:, 0], self.base[:, 1])
        return np.array(
            [
                (x[0], y[0] - self.above),
                (x[1], y[1] - self.above),
                (x[1], y[1] + self.below),
                (x[0], y[0] + self.below),
            ],
            np.float32,
        )

    def read(self, recogniser: LineRecogniser) -> RecognisedLine:
        """What the row says, with exactly one `…` where each leader is."""
        return self.mend(RecognisedLine("", (), ()) if self.bare else recogniser.recognise(self.crop))

    def mend(self, read: RecognisedLine) -> RecognisedLine:
        """The line as read, with exactly one `…` where each leader is."""
        letters = list(zip(read.text, read.scores, read.places, strict=True))
        slack = 0.08 * (self.above + self.below) / self.crop.shape[1]
        for (start, end), (before, after) in zip(self.leaders, self.gaps, strict=True):
            middle = (start + end) / 2
            inside = [
                k
                for k, (letter, _, place) in enumerate(letters)
                if letter in _READ_AS and start - slack <= place <= end + slack
            ]
            known = [letters[k][1] for k in inside if letters[k][0] == LEADER]
            if inside:
                first, last = inside[0], inside[-1] + 1
            else:
                first = next((k for k, (_, _, place) in enumerate(letters) if place > middle), len(letters))
                last = first
            outer = first, last
            while first > 0 and letters[first - 1][0] == " ":
                first -= 1
            while last < len(letters) and letters[last][0] == " ":
                last += 1
            new = [(LEADER, max([_SURE, *known]), middle)]
            if first > 0 and _space(before, read=first < outer[0] if known else None):
                new.insert(0, (" ", _SURE, start))
            if last < len(letters) and _space(after, read=last > outer[1] if known else None):
                new.append((" ", _SURE, end))
            letters[first:last] = new
        return RecognisedLine(
            "".join(letter for letter, _, _ in letters),
            tuple(score for _, score, _ in letters),
            tuple(place for _, _, place in letters),
        )


def _space(gap: float, *, read: bool | None) -> bool:
    """Whether a gap beside a leader is a space; `read` is what the recogniser says, where it read the leader."""
    if read is not None and _NO_SPACE <= gap <= _SURE_SPACE:
        return read
    return gap > _SPACE
