"""Character and word error rates of a read page against its ground truth, whatever the order of its blocks.

Every true line, the surest first, takes the closest stretch of the read text that is still free (edit distance by
`edlib`, a development dependency). What counts as the same: white space is collapsed, runs of leaders are one `…`,
typographic quotes and dashes are plain. Lines with handwriting (`‹…›`) or unreadable marks (`⍰`) are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

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

    def __add__(self, other: Score) -> Score:
        return Score(
            self.characters + other.characters,
            self.edits + other.edits,
            self.tone_edits + other.tone_edits,
            self.words + other.words,
            self.recalled + other.recalled,
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
    def wer(self) -> float:
        """One minus the recall of words, order ignored."""
        return 1 - self.recalled / max(1, self.words)


def score_text(truth: str, read: str) -> Score:
    """Scores one page. Needs `edlib`."""
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
    edits = bare_edits = 0
    while waiting:
        number = min(waiting, key=lambda k: (waiting[k][0] / len(wanted[k]), -len(wanted[k])))
        distance, index, start, end = waiting.pop(number)
        edits += distance
        if index < 0:
            bare_edits += distance
            continue
        stretch = free[index]
        bare_distance = edlib.align(_bare(wanted[number]), _bare(stretch[start:end]))["editDistance"]
        bare_edits += min(distance, bare_distance)
        free[index] = ""
        free += [stretch[:start], stretch[end:]]
        for other, found in waiting.items():
            if found[1] == index:
                waiting[other] = closest(wanted[other])
    words = Counter(word for line in wanted for word in line.replace("…", " ").split())
    got = Counter(plain(read).replace("…", " ").split())
    recalled = sum(min(count, got[word]) for word, count in words.items())
    return Score(sum(map(len, wanted)), edits, edits - bare_edits, words.total(), recalled)


def plain(text: str) -> str:
    """Text in the spelling in which it is compared."""
    text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    text = re.sub(r"-{3,}|\*{3,}|={3,}", " ", text)
    text = re.sub(r"(?:[.…_·]\s?){3,}|…", "…", text)
    return re.sub(r"\s+", " ", text).strip()


def _bare(text: str) -> str:
    text = text.replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
