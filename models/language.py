"""How likely a Vietnamese syllable is where it stands: counts of syllables and of pairs, smoothed.

The counts are data (`language.txt`; its head says from what text and by which command they were made). A pair that was
never seen falls back on its second syllable (absolute discounting), a syllable that was never seen on the rules of
spelling (`models.orthography`), and what spelling does not allow is rarer still, but never impossible: papers hold
foreign names. Upper and lower case are one, and so are the two ways of placing a tone.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import WeightsError
from models.orthography import is_syllable, syllable_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DISCOUNT = 0.75
"""Taken off every pair's count and given to pairs that were not seen (Ney, Essen and Kneser 1994)."""
_UNSEEN = 0.05
"""Share of running syllables that a few statutes do not hold (measured: 3 to 6 per cent on other texts)."""
_ALLOWED = 6000
"""Syllables among which that share is spread; about as many as spelling allows and Vietnamese uses."""
_FOREIGN = 1e-8
"""Chance of a word that is no Vietnamese syllable."""

END = ""
"""Stands before and after a phrase: punctuation, a number, the edge of a line."""


@dataclass(frozen=True, slots=True)
class Language:
    """Counts of syllables (keys of `syllable_key`) and of pairs of them."""

    counts: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]
    total: int
    followed: Mapping[str, tuple[int, int]]
    """Of a first syllable: how often a pair began with it, and with how many second syllables."""

    @classmethod
    def of(cls, counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int]) -> Language:
        """A language of these counts."""
        followed: dict[str, tuple[int, int]] = {}
        for (first, _), count in pairs.items():
            times, kinds = followed.get(first, (0, 0))
            followed[first] = (times + count, kinds + 1)
        # Pairs that were seen once are not in the table, but their first syllables stood before something.
        for first, (times, kinds) in followed.items():
            rest = max(0, counts.get(first, 0) - times)
            followed[first] = (times + rest, kinds + rest)
        return cls(counts, pairs, max(1, sum(counts.values())), followed)

    def without(self, text: str) -> Language:
        """The language as if a text had not been counted: for measuring on that text."""
        syllables, pairs = count(text)
        return Language.of(
            {key: left for key, times in self.counts.items() if (left := times - syllables[key]) > 0},
            {pair: left for pair, times in self.pairs.items() if (left := times - pairs[pair]) > 1},
        )

    def knows(self, word: str) -> bool:
        """Whether a word (letters only, any case) is a syllable of the counted texts."""
        key = syllable_key(word)
        return key is not None and key in self.counts

    def alone(self, key: str) -> float:
        """Chance of a syllable whatever stands before it."""
        seen = self.counts.get(key, 0)
        rare = 1 / _ALLOWED if is_syllable(key) else _FOREIGN
        return (1 - _UNSEEN) * seen / self.total + _UNSEEN * rare

    def after(self, first: str, key: str) -> float:
        """Chance of a syllable behind another one (or behind `END`)."""
        times, kinds = self.followed.get(first, (0, 0))
        if not times:
            return self.alone(key)
        seen = max(0.0, self.pairs.get((first, key), 0) - _DISCOUNT)
        return (seen + _DISCOUNT * kinds * self.alone(key)) / times

    def phrase(self, keys: Iterable[str]) -> float:
        """Log chance of keys in a row; the first one stands behind nothing that is counted."""
        total, before = 0.0, END
        for key in keys:
            if key != END:
                total += math.log(self.after(before, key))
            before = key
        return total


Counts = tuple[Counter[str], Counter[tuple[str, str]]]
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\s\w]")


def count(text: str) -> Counts:
    """Syllables and pairs of a text; a line end is white space, punctuation and what is no syllable break a phrase."""
    syllables: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    before = END
    for token in _TOKEN.findall(text):
        key = syllable_key(token)
        if key is None or not is_syllable(key):
            before = END
            continue
        syllables[key] += 1
        if before != END:
            pairs[before, key] += 1
        before = key
    return syllables, pairs


def parse_language(text: str, name: str) -> Language:
    """Reads the table: comment lines with `#`, then per syllable `KEY COUNT NUMBER:COUNT ...`.

    A number names a follower by its line (base 36, from 0). Raises `WeightsError` naming the file.
    """
    rows = [line.split(" ") for line in text.splitlines() if line and not line.startswith("#")]
    try:
        keys = [row[0] for row in rows]
        counts = {row[0]: int(row[1]) for row in rows}
        pairs = {
            (row[0], keys[int(number, 36)]): int(count)
            for row in rows
            for number, _, count in (pair.partition(":") for pair in row[2:])
        }
    except (IndexError, ValueError) as error:
        raise WeightsError(f"{name}: not a table of syllables ({error})") from error
    return Language.of(counts, pairs)


def format_language(counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int], head: Iterable[str]) -> str:
    """The table that `parse_language` reads; `head` becomes its comment lines."""
    keys = sorted(counts, key=lambda key: (-counts[key], key))
    place = {key: _base36(number) for number, key in enumerate(keys)}
    followers: dict[str, list[tuple[str, int]]] = {}
    for (first, second), count in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        followers.setdefault(first, []).append((place[second], count))
    rows = [" ".join([k, str(counts[k]), *(f"{n}:{c}" for n, c in followers.get(k, ()))]) for k in keys]
    return "\n".join([*(f"# {line}" for line in head), *rows]) + "\n"


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
        if not number:
            return digits


def load_language() -> Language:
    """The packaged language. Raises `WeightsError`."""
    path = Path(__file__).with_name("language.txt")
    try:
        return parse_language(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise WeightsError(f"{path.name}: {error.strerror or error}") from error
