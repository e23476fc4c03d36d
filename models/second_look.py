"""Reads a line with a fast recogniser, and once more with a slower, larger one where the fast one is unsure.

Most lines of print leave no doubt, so a second look at the others costs little and mends most of what speed costs.
The reading that is surer of its characters, on average, is taken whole: readings are never mixed letter by letter.
Where both read the same, each character has the better of its two scores: agreement is evidence.
Addresses of the web and of mail are always looked at twice: one lost sign spoils them, and no language can mend it.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.ctc import CtcRecogniser
    from models.language import Language
    from models.reading import Image, RecognisedLine

DOUBT = 0.9
"""Score of a line's least sure character below which it is looked at again."""
ADDRESS = re.compile(r"://|www\.|@|\.vn\b")
_LEAST = 1e-6


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
        first = self._fast.recognise(crop)
        if not first.scores or (min(first.scores) >= DOUBT and not ADDRESS.search(first.text)):
            return first
        second = self._thorough.recognise(crop)
        if second.text == first.text:
            return replace(first, scores=tuple(map(max, first.scores, second.scores)))
        return second if sureness(second) > sureness(first) else first


def sureness(line: RecognisedLine) -> float:
    """Mean logarithm of a line's scores; minus infinity where nothing was read."""
    if not line.scores:
        return -math.inf
    return sum(math.log(max(score, _LEAST)) for score in line.scores) / len(line.scores)
