"""Character and word error rates of a read page against its ground truth, whatever the order of its blocks.

Every true line, the surest first, takes the closest stretch of the read text that is still free (edit distance by
`edlib`, a development dependency). What counts as the same: white space is collapsed, runs of leaders are one `…`,
typographic quotes and dashes are plain. Lines with handwriting (`‹…›`) or unreadable marks (`⍰`) are left out.
Dates, numbers, codes and addresses are counted apart and must be right to the last sign (`exact_tokens`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

_INSERT = re.compile("‹.*?›", re.DOTALL)
_HAND = "\ue000"
"""Stands for handwriting: a sign that no page has."""
_EXACT = re.compile("[0-9/@]|://")
_ROUND = ".,;:!?()[]{}\"'«»…"
_PLAIN = str.maketrans(dict(zip("“”‘’–—−☐□\u00a0", "\"\"''---   ", strict=True)))


@dataclass(frozen=True, slots=True)
class Score:
    """Counts, so that pages can be added up."""

    characters: int
    edits: int
    tone_edits: int
    """Edits that vanish without Vietnamese marks."""
    words: int
    recalled: int
    tokens: int = 0
    """Dates, numbers, codes and addresses."""
    exact: int = 0
    """Those of `tokens` that were read exactly right."""

    def __add__(self, other: Score) -> Score:
        return Score(
            self.characters + other.characters,
            self.edits + other.edits,
            self.tone_edits + other.tone_edits,
            self.words + other.words,
            self.recalled + other.recalled,
            self.tokens + other.tokens,
            self.exact + other.exact,
        )

    @property
    def cer(self) -> float:
        """Edits over true characters."""
        return self.edits / max(1, self.characters)

    @property
    def tone_cer(self) -> float:
        """The part of `cer` that is a matter of marks."""
        return self.tone_edits / max(1, self.characters)

    @property
    def exact_rate(self) -> float:
        """Tokens exactly right over tokens; one where there is none."""
        return self.exact / self.tokens if self.tokens else 1.0

    @property
    def wer(self) -> float:
        """One minus the recall of words, order ignored."""
        return 1 - self.recalled / max(1, self.words)


@dataclass(frozen=True, slots=True)
class Match:
    """A true line and the stretch of the read text that stands for it; both in the spelling that is compared."""

    truth: str
    read: str
    """Empty where nothing was close."""
    edits: int
    tone_edits: int


def score_text(truth: str, read: str) -> Score:
    """Scores one page. Needs `edlib`."""
    matches = match_lines(truth, read)
    words = Counter(word for match in matches for word in match.truth.replace("…", " ").split())
    got = Counter(plain(read).replace("…", " ").split())
    recalled = sum(min(count, got[word]) for word, count in words.items())
    tokens, missed = exact_tokens(truth, read)
    return Score(
        sum(len(match.truth) for match in matches),
        sum(match.edits for match in matches),
        sum(match.tone_edits for match in matches),
        words.total(),
        recalled,
        tokens,
        tokens - len(missed),
    )


def exact_tokens(truth: str, read: str) -> tuple[int, list[str]]:
    """How many dates, numbers, codes and addresses a page has, and those that the read page lacks.

    Such a token is a run of signs between spaces or leaders that holds a digit, `/`, `@` or `://`, without the
    brackets, quotes and stops round it: `25/2023/TT-BKHCN`, `06`, `1.001193`, `a@b.vn`. It is right only as a whole and
    as often as the read page has it as a whole. What holds handwriting (`‹…›`) or an unreadable mark is not counted.
    """
    wanted = Counter(_tokens(_INSERT.sub(_HAND, truth)))
    got = Counter(_tokens(read))
    missed = wanted - got
    return wanted.total(), sorted(missed.elements())


def _tokens(text: str) -> list[str]:
    # The stroke that ends a letter (`./.`) belongs to no token.
    words = (
        word.strip(_ROUND).rstrip("/").strip(_ROUND)
        for line in text.splitlines()
        for word in plain(line).replace("…", " ").split()
    )
    return [word for word in words if _EXACT.search(word) and _HAND not in word and "⍰" not in word]


def match_lines(truth: str, read: str) -> list[Match]:
    """The true lines of a page, each with the stretch that was read for it. Needs `edlib`."""
    import edlib

    wanted = [plain(line) for line in truth.splitlines() if "‹" not in line and "⍰" not in line]
    wanted = [line for line in wanted if line and line != "…"]
    free = ["\n".join(plain(line) for line in read.splitlines() if plain(line))]

    def closest(line: str) -> tuple[int, int, int, int]:
        """(edits, index of the free stretch, start, end); every letter is lost where nothing is close."""
        best = (len(line), -1, 0, 0)
        for index, stretch in enumerate(free):
            if stretch:
                hit = edlib.align(line, stretch, mode="HW", task="locations")
                if hit["editDistance"] < best[0]:
                    start, end = hit["locations"][0]
                    best = (hit["editDistance"], index, start or 0, end + 1)
        return best

    waiting = {number: closest(line) for number, line in enumerate(wanted)}
    found: dict[int, Match] = {}
    while waiting:
        number = min(waiting, key=lambda k: (waiting[k][0] / len(wanted[k]), -len(wanted[k])))
        distance, index, start, end = waiting.pop(number)
        if index < 0:
            found[number] = Match(wanted[number], "", distance, 0)
            continue
        stretch = free[index]
        bare_distance = edlib.align(_bare(wanted[number]), _bare(stretch[start:end]))["editDistance"]
        tone_edits = distance - min(distance, bare_distance)
        found[number] = Match(wanted[number], stretch[start:end], distance, tone_edits)
        free[index] = ""
        free += [stretch[:start], stretch[end:]]
        for other, best in waiting.items():
            if best[1] == index:
                waiting[other] = closest(wanted[other])
    return [found[number] for number in sorted(found)]


def plain(text: str) -> str:
    """Text in the spelling in which it is compared."""
    text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    text = re.sub(r"-{3,}|\*{3,}|={3,}", " ", text)
    text = re.sub(r"(?:[.…_·]\s?){3,}|…", "…", text)
    return re.sub(r"\s+", " ", text).strip()


def _bare(text: str) -> str:
    text = text.replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
