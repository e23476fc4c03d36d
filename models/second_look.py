"""Reads a line with a fast recogniser, and what leaves doubt in it once more with a slower, larger one.

Most print leaves no doubt, so a second look at the rest costs little and mends most of what speed costs. It is a look
at a stretch of words, not at the whole line: from one sure gap between words to another, with a word beside each end.
The larger one's reading of a stretch is taken whole, unless the first is far surer: readings are never mixed letter by
letter. Where both read the same, each character has the better of its two scores: agreement is evidence.
Addresses of the web and of mail are always looked at twice: one lost sign spoils them, and no language can mend it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.images import as_grey
from models.reading import RecognisedLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.ctc import CtcRecogniser
    from models.language import Language
    from models.reading import Image

DOUBT = 0.9
"""Score of a character below which its stretch is looked at again."""
SURE_GAP = 0.95
"""Score of a space from which on a line may be cut there."""
CONTEXT = 1
"""Words beside the doubtful ones that are looked at with them."""
WHOLE = 0.3
"""Share of a line's width from which on all of it is looked at: context is worth more than what it costs."""
REACH = 0.3
"""Line heights to either side of a space within which its gap in the ink is looked for."""
TRUST = 1.0
"""Mean logarithm of scores by which the first reading must be surer to be kept."""
ADDRESS = re.compile(r"\S*(?:://|www\.|@|\.vn\b)\S*")
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `first` to `last` (exclusive) of a line, and the columns of its crop that show them."""

    first: int
    last: int
    x0: int
    x1: int


class SecondLook:
    """Two recognisers as one. Safe for threads where both are."""

    def __init__(self, fast: CtcRecogniser, thorough: CtcRecogniser) -> None:
        self.name = f"{fast.name}+{thorough.name}"
        self.alphabet = fast.alphabet
        self._fast = fast
        self._thorough = thorough

    def with_language(self, language: Language | None) -> SecondLook:
        """The same two with another language, or with none."""
        return SecondLook(self._fast.with_language(language), self._thorough.with_language(language))

    def recognise(self, crop: Image) -> RecognisedLine:
        """Reads one straightened line."""
        line = self._fast.recognise(crop)
        for stretch in reversed(stretches(line, crop)):
            second = self._thorough.recognise(np.ascontiguousarray(crop[:, stretch.x0 : stretch.x1]))
            line = replaced(line, stretch, second, crop.shape[1])
        return line


def doubtful(line: RecognisedLine) -> list[int]:
    """Places in the text of what must be looked at twice."""
    found = {k for k, score in enumerate(line.scores) if score < DOUBT}
    for address in ADDRESS.finditer(line.text):
        found.update(range(*address.span()))
    return sorted(found)


def stretches(line: RecognisedLine, crop: Image) -> list[Stretch]:
    """What to look at again, from left to right: words with doubtful characters, and their neighbours."""
    doubts = doubtful(line)
    if not doubts:
        return []
    height, width = crop.shape[:2]
    # a doubtful space is no place to cut, so the words beside it stay together
    sure = [k for k, letter in enumerate(line.text) if letter == " " and line.scores[k] >= SURE_GAP]
    cuts = [-1, *sure, len(line.text)]
    found: list[tuple[int, int]] = []
    for doubt in doubts:
        word = int(np.searchsorted(cuts, doubt, "right")) - 1 if doubt not in sure else cuts.index(doubt)
        first, last = max(0, word - CONTEXT), min(len(cuts) - 1, word + 1 + CONTEXT)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    ink = as_grey(crop).min(axis=0)
    edges = [0, *(gap(ink, line.places[k] * width, REACH * height) for k in sure), width]
    chosen = [Stretch(cuts[a] + 1, cuts[b], edges[a], edges[b]) for a, b in found]
    if sum(part.x1 - part.x0 for part in chosen) > WHOLE * width:
        return [Stretch(0, len(line.text), 0, width)]
    return [part for part in chosen if part.x1 > part.x0]


def gap(ink: NDArray[np.uint8], place: float, reach: float) -> int:
    """The middle of the lightest columns near a place; `ink` has the darkest value of each column."""
    start, stop = max(0, int(place - reach)), min(len(ink), int(place + reach) + 1)
    near = ink[start:stop].astype(np.int16)
    if not len(near):
        return round(place)
    light = np.flatnonzero(near >= near.max() - 8) + start
    runs = np.split(light, np.flatnonzero(np.diff(light) > 1) + 1)
    best = min(runs, key=lambda run: (-len(run), abs(run.mean() - place)))
    return int(best.mean())


def replaced(line: RecognisedLine, stretch: Stretch, second: RecognisedLine, width: int) -> RecognisedLine:
    """The line with a stretch as the second recogniser has it, or as it was where that is no better."""
    first = slice(stretch.first, stretch.last)
    text, scores = line.text[first], line.scores[first]
    if second.text == text:
        chosen, sure, places = text, tuple(map(max, scores, second.scores)), line.places[first]
    elif not second.text or sureness(second.scores) < sureness(scores) - TRUST:
        return line
    else:
        left, share = stretch.x0 / width, (stretch.x1 - stretch.x0) / width
        chosen, sure = second.text, agreed(text, scores, second)
        places = tuple(left + share * place for place in second.places)
    return RecognisedLine(
        line.text[: stretch.first] + chosen + line.text[stretch.last :],
        line.scores[: stretch.first] + sure + line.scores[stretch.last :],
        line.places[: stretch.first] + places + line.places[stretch.last :],
    )


def agreed(text: str, scores: tuple[float, ...], second: RecognisedLine) -> tuple[float, ...]:
    """Scores of another reading; of what both begin and end with, the better of the two.

    The words at the ends of a stretch are there as context, and the larger one sees them beside a cut.
    """
    shorter = min(len(text), len(second.text))
    head = next((k for k in range(shorter) if text[k] != second.text[k]), shorter)
    rest = shorter - head
    tail = next((k for k in range(rest) if text[-1 - k] != second.text[-1 - k]), rest)
    end = len(second.text) - tail
    return (
        *map(max, scores[:head], second.scores[:head]),
        *second.scores[head:end],
        *map(max, scores[len(scores) - tail :], second.scores[end:]),
    )


def sureness(scores: tuple[float, ...]) -> float:
    """Mean logarithm of scores; minus infinity where nothing was read."""
    if not scores:
        return -math.inf
    return sum(math.log(max(score, _LEAST)) for score in scores) / len(scores)
