"""How alike two labels are in what they ask for, however they are worded.

Labels are compared as bags of syllables without marks. A syllable weighs the more the fewer of a schema's labels have
it: `họ tên` tells little on a form with four persons, `người chết` tells all. What one label says and the other does
not costs on both sides; numbers, footnote marks and words that only hold a label together cost nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from extractors.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[a-z]+")
_EMPTY = frozenset({"cua", "la", "va", "cac", "the", "duoc", "ve", "tai", "theo", "neu", "co", "ghi", "vao", "nay"})
"""Syllables that hold a label together and say nothing of what it asks for."""
_SAME = {"quyen": "so", "thang": "ngay", "nam": "ngay", "dem": "ho", "chu": "ho", "thuong": "cu", "tam": "cu"}
"""Syllables that occur with others in one phrase and are counted as them (`ngày, tháng, năm`; `họ, chữ đệm, tên`)."""


@lru_cache(maxsize=8192)
def stems(label: str) -> frozenset[str]:
    """What a label says, as a set; `Họ, chữ đệm, tên người mẹ` gives `ho`, `ten`, `nguoi`, `me`."""
    words = _WORD.findall(re.sub(r"\([^)]*\)", " ", fold(label)))
    kept = [word for word in words if word not in _EMPTY] or words
    return frozenset(_SAME.get(word, word) for word in kept)


class Meanings:
    """The labels of one schema, with the weight of their syllables."""

    def __init__(self, labels: Iterable[str]) -> None:
        sets = {stems(label) for label in labels}
        counts = Counter(stem for said in sets for stem in said)
        self._weights: Mapping[str, float] = {
            stem: math.log((1 + len(sets)) / count) + 0.2 for stem, count in counts.items()
        }
        self._unknown = math.log(1 + len(sets)) * 0.5 + 0.2
        """An unknown syllable may be a wording that the schema lacks: it counts half of a rare one."""
        self._kept: dict[frozenset[str], float] = {}

    def alike(self, said: str, label: str) -> float:
        """0 to 1; 1 where both say the same. Symmetric but for the weights, which are the schema's."""
        left, right = stems(said), stems(label)
        if not left & right:
            return 0.0
        return 2 * self._weight(left & right) / (self._weight(left) + self._weight(right))

    def _weight(self, said: frozenset[str]) -> float:
        """Of a label's syllables; the same few labels are asked about again and again."""
        known = self._kept.get(said)
        if known is None:
            known = self._kept[said] = self._sum(sorted(said))
        return known

    def _sum(self, said: Iterable[str]) -> float:
        return sum(self._weights.get(stem, self._unknown) for stem in said)
