"""From a recogniser's chances to text: the greedy path, put right where it is doubtful and language knows better.

A line is cut at its sure spaces. Where a piece holds a doubtful step, a prefix beam search (`models.beam_search`) gives
what else the image allows there, with its chance; language weighs the words of letters among that. A reading other than
the greedy one is taken only within bounds: how much of the image's chance may be given up, how much more language must
bring. Digits, codes, addresses and letters' case are the image's alone. Each character gets the share of all readings
that agree on it (its certainty). A function of one line's chances and nothing else.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from models.beam_search import prefixes
from models.correction import edge, gaps, keys, may

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.language import Language

_DOUBT = 0.008
"""Chance that greedy reading leaves unsaid at a step or in a character from which on it is doubtful."""
_WORTH = 0.8
"""Weight of a language's log chance beside an image's."""
_BRINGS = 2.0
"""Natural log by which another reading must be better, image and language together."""
_COMBINED = 32
"""Readings of one piece that are weighed, when several of its stretches are doubtful."""
_FAR = 7.0
"""Natural log below the greedy reading from which another one of a piece is not weighed; more is never given up."""
_FLOOR = 1e-4
"""Chances are no nearer to 0 or 1 than this when they are pooled."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A line's text with a score, a certainty (both 0..1) and a place (in steps, at its middle) per character."""

    text: str
    scores: tuple[float, ...]
    certainties: tuple[float, ...]
    places: tuple[float, ...]

    def sureness(self) -> tuple[float, ...]:
        """Score and certainty of each character in one, by the mean of their log odds; words are calibrated on it."""
        both = np.clip(np.array([self.scores, self.certainties], np.float64), _FLOOR, 1 - _FLOOR)
        odds = np.log(both / (1 - both)).mean(0)
        return tuple((1 / (1 + np.exp(-odds))).tolist())


@dataclass(frozen=True, slots=True)
class _Sign:
    """A character, the steps that say so (end exclusive), its greatest chance there, and its certainty."""

    letter: str
    start: int
    end: int
    score: float
    certainty: float


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Doubtful signs of a piece, `first` to `last` (exclusive), and what may stand there: text, steps, log chance."""

    first: int
    last: int
    texts: tuple[str, ...]
    starts: tuple[tuple[int, ...], ...]
    images: tuple[float, ...]
    """The greedy reading comes first."""
    end: int


class Decoder:
    """Decodes lines of one alphabet (`charset[k - 1]` is class k, class 0 the blank); `language` None: greedy."""

    def __init__(self, charset: Sequence[str], language: Language | None) -> None:
        self._letters = ("", *(" " if c.isspace() else unicodedata.normalize("NFC", c) for c in charset))
        self._kinds = {letter: kind for kind, letter in reversed(list(enumerate(self._letters)))}
        self._language = language

    def decode(self, chances: NDArray[np.floating]) -> Decoded:
        """Reads chances of shape (steps, classes)."""
        signs = self._greedy(chances)
        if self._language is not None and signs:
            signs = self._settled(signs, chances, self._language)
        signs = _parted(signs)
        while signs and signs[-1].letter == " ":
            signs.pop()
        return Decoded(
            "".join(sign.letter for sign in signs),
            tuple(sign.score for sign in signs),
            tuple(sign.certainty for sign in signs),
            tuple((sign.start + sign.end) / 2 for sign in signs),
        )

    def _greedy(self, chances: NDArray[np.floating]) -> list[_Sign]:
        """The best class of every step; repeats join, and so do spaces; none stands first."""
        best = chances.argmax(1)
        if not len(best):
            return []
        edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist()]
        peaks = np.maximum.reduceat(chances[np.arange(len(best)), best], edges).tolist()
        signs: list[_Sign] = []
        for start, end, kind, peak in zip(edges, [*edges[1:], len(best)], best[edges].tolist(), peaks, strict=True):
            letter = self._letters[kind]
            if kind and not (letter == " " and (not signs or signs[-1].letter == " ")):
                signs.append(_Sign(letter, start, end, peak, peak))
        return signs

    def _settled(self, signs: list[_Sign], chances: NDArray[np.floating], language: Language) -> list[_Sign]:
        """The signs after every doubtful piece between two sure spaces was weighed, from left to right."""
        doubtful = self._doubtful(signs, chances)
        if not any(doubtful):
            return signs
        settled: list[_Sign] = []
        start = 0
        cuts = [k for k, sign in enumerate(signs) if sign.letter == " " and not doubtful[k]]
        for cut in [*cuts, len(signs)]:
            if any(doubtful[start:cut]):
                before = edge("".join(sign.letter for sign in settled[-12:]), last=True)
                behind = edge("".join(sign.letter for sign in signs[cut + 1 : cut + 13]), last=False)
                stretches = self._stretches(signs, doubtful, (start, cut), chances)
                settled += self._weighed(signs[start:cut], stretches, chances, language, (before, behind))
            else:
                settled += signs[start:cut]
            settled += signs[cut : cut + 1]
            start = cut + 1
        return settled

    def _doubtful(self, signs: list[_Sign], chances: NDArray[np.floating]) -> list[bool]:
        """Which signs are doubtful: not sure themselves, or with another class hidden under or beside them."""
        doubtful = [sign.score < 1 - _DOUBT for sign in signs]
        kinds = np.array([0, *(self._kinds[sign.letter] for sign in signs), 0])
        starts = np.array([sign.start for sign in signs])
        steps = np.arange(len(chances))
        here = np.searchsorted(starts, steps, "right")  # 1 + index of the sign that begins last
        before, behind = kinds[here], kinds[here + 1]
        seen = chances[:, 0] + np.where(before > 0, chances[steps, before], 0)
        seen = seen + np.where((behind > 0) & (behind != before), chances[steps, behind], 0)
        for step in np.flatnonzero(seen < 1 - _DOUBT).tolist():
            k = int(here[step]) - 1
            if k >= 0:
                doubtful[k] = True
            if (k < 0 or step >= signs[k].end) and k + 1 < len(signs):
                doubtful[k + 1] = True
        return doubtful

    def _stretches(
        self, signs: list[_Sign], doubtful: list[bool], piece: tuple[int, int], chances: NDArray[np.floating]
    ) -> list[_Stretch]:
        """The doubtful stretches of a piece with all that may stand there; places count from the piece's start."""
        found = []
        k, end = piece
        while k < end:
            last = k
            while last < end and doubtful[last]:
                last += 1
            if last > k:
                stretch = self._search(signs, k, last, chances)
                if stretch is not None:
                    found.append(replace(stretch, first=k - piece[0], last=last - piece[0]))
            k = last + 1
        return found

    def _search(self, signs: list[_Sign], first: int, last: int, chances: NDArray[np.floating]) -> _Stretch | None:
        """Prefix beam search between the sure signs round a stretch; None where greedy reading was lost on the way."""
        open_end = last == len(signs)
        start = _peak(signs[first - 1], chances, self._kinds) + 1 if first else 0
        stop = len(chances) if open_end else _peak(signs[last], chances, self._kinds)
        closing = None if open_end else self._kinds[signs[last].letter]
        lead = signs[first - 1].letter if first else ""
        beam = prefixes(chances, start, stop, self._letters, lead=lead, closing=closing)
        skip, tail = len(lead), 0 if open_end else 1
        readings: dict[str, tuple[float, tuple[int, ...]]] = {}
        for text, (blank, letter, starts) in beam.items():
            if tail and not text[skip:].endswith(signs[last].letter):
                continue
            inner = text[skip : len(text) - tail]
            if blank + letter > 0 and "  " not in lead + inner + ("" if open_end else signs[last].letter):
                readings[inner] = (math.log(blank + letter), starts[skip : len(starts) - tail])
        greedy = "".join(sign.letter for sign in signs[first:last])
        if greedy not in readings:
            return None
        texts = [greedy, *(text for text in readings if text != greedy)]
        return _Stretch(
            first,
            last,
            tuple(texts),
            tuple(readings[text][1] for text in texts),
            tuple(readings[text][0] for text in texts),
            stop,
        )

    def _weighed(
        self,
        signs: list[_Sign],
        stretches: list[_Stretch],
        chances: NDArray[np.floating],
        language: Language,
        beside: tuple[str, str],
    ) -> list[_Sign]:
        """A piece's signs as image and language together have them, each with its certainty."""
        if not stretches:
            return signs
        most = max(2, int(_COMBINED ** (1 / len(stretches)))) if len(stretches) <= 6 else 1
        choices = list(product(*(range(min(most, len(stretch.texts))) for stretch in stretches)))
        images = [sum(s.images[k] for s, k in zip(stretches, choice, strict=True)) for choice in choices]
        near = [k for k, image in enumerate(images) if image >= images[0] - _FAR]
        choices, images = [choices[k] for k in near], [images[k] for k in near]
        texts = [_filled(signs, stretches, choice) for choice in choices]
        weights = [
            image + _WORTH * language.phrase(keys(text, beside)) for image, text in zip(images, texts, strict=True)
        ]
        best = 0
        for k in range(1, len(choices)):
            gain, given_up = weights[k] - weights[0], images[0] - images[k]
            if weights[k] > weights[best] and gain >= _BRINGS and may(texts[0], texts[k], given_up, language, beside):
                best = k
        top = max(weights)
        shares = [math.exp(weight - top) for weight in weights]
        settled: list[_Sign] = []
        done = 0
        for number, stretch in enumerate(stretches):
            held: dict[int, float] = {}
            for choice, share in zip(choices, shares, strict=True):
                held[choice[number]] = held.get(choice[number], 0.0) + share / sum(shares)
            settled += signs[done : stretch.first]
            settled += self._signs(stretch, choices[best][number], held, signs[stretch.first : stretch.last], chances)
            done = stretch.last
        return settled + signs[done:]

    def _signs(
        self,
        stretch: _Stretch,
        chosen: int,
        held: dict[int, float],
        greedy: list[_Sign],
        chances: NDArray[np.floating],
    ) -> list[_Sign]:
        """The signs of one reading of a stretch; each loses the share of the readings that say something else there."""
        text = stretch.texts[chosen]
        sure = [1.0] * len(text)
        for other, share in held.items():
            if other != chosen:
                for k in _differing(text, stretch.texts[other]):
                    sure[k] -= share
        if not text:
            return []
        if chosen == 0:
            return [replace(s, certainty=max(0.0, value)) for s, value in zip(greedy, sure, strict=True)]
        starts = stretch.starts[chosen]
        signs = []
        for letter, start, end, value in zip(text, starts, (*starts[1:], stretch.end), sure, strict=True):
            column = chances[start : max(start + 1, end), self._kinds[letter]]
            length = 1
            while length < len(column) and column[length] > 0.5 * column[0]:
                length += 1
            signs.append(_Sign(letter, start, start + length, float(column.max()), max(0.0, value)))
        return signs


def _parted(signs: list[_Sign]) -> list[_Sign]:
    """Puts spaces where `gaps` misses them."""
    parted, done = [], 0
    for place in gaps("".join(sign.letter for sign in signs)):
        step = signs[place].start
        parted += [*signs[done:place], _Sign(" ", step, step, 1.0, 1.0)]
        done = place
    return parted + signs[done:]


def _peak(sign: _Sign, chances: NDArray[np.floating], kinds: dict[str, int]) -> int:
    return sign.start + int(chances[sign.start : sign.end, kinds[sign.letter]].argmax())


def _filled(signs: list[_Sign], stretches: list[_Stretch], choice: tuple[int, ...]) -> str:
    """The piece's text with one reading of each stretch."""
    parts, done = [], 0
    for stretch, k in zip(stretches, choice, strict=True):
        parts += [sign.letter for sign in signs[done : stretch.first]]
        parts.append(stretch.texts[k])
        done = stretch.last
    return "".join([*parts, *(sign.letter for sign in signs[done:])])


def _differing(text: str, other: str) -> range:
    """Places of `text` where another reading says something else; beside a letter that it lacks, both neighbours."""
    shorter = min(len(text), len(other))
    head = next((k for k in range(shorter) if text[k] != other[k]), shorter)
    tail = next((k for k in range(shorter - head) if text[-1 - k] != other[-1 - k]), shorter - head)
    first, last = head, len(text) - tail
    return range(first, last) if first < last else range(max(0, first - 1), min(len(text), first + 1))
