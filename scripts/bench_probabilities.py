#!/usr/bin/env python3
"""Measures whether word probabilities are true: reliability, expected calibration error, and what is wrong at 0.99.

DATA holds page images with `PAGE.gt.txt` beside them; `PAGE.sig.txt` and `PAGE.extra.txt`, where they exist, hold the
text of overlays and stamps. A read line is laid on the closest stretch of the truth; its words are right where they
equal the words there, typographic signs and leaders aside. Lines that no stretch comes close to (seals, scribble) are
left out and counted. Handwriting (`‹…›` in the truth) is a kind of its own. Needs `edlib`.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import edlib

from models.bench import pages_of
from models.factory import ReaderOptions, build_reader
from models.scoring import plain
from pipeline.intake.images import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FAR = 0.5
"""Edits over the length of a read line from which it is not in the truth."""
EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0001)


@dataclass(frozen=True, slots=True)
class Claim:
    """A word with its probability, whether it is right, and its kind."""

    text: str
    probability: float
    right: bool
    kind: str
    """`number` (holds a digit), `capitals`, `word`, `handwriting` or `sign`."""


def claims_of(lines: Iterable[Sequence[tuple[str, float]]], truth: str) -> tuple[list[Claim], int]:
    """The claims of a page (lines of words with probabilities), and how many words lie in no stretch of the truth."""
    wanted = "\n".join(filter(None, (plain(_marked(line)) for line in truth.splitlines())))
    claims: list[Claim] = []
    left = Counter(word for line in wanted.splitlines() for word in _bare(line).replace("…", " ").split())
    strayed: list[tuple[int, list[str]]] = []
    outside = 0
    for line in lines:
        parts = [(k, part) for k, (text, _) in enumerate(line) for part in plain(text).replace("…", " ").split()]
        read = " ".join(part for _, part in parts)
        if not read:
            continue
        hit = edlib.align(read, _bare(wanted), mode="HW", task="locations")
        if hit["editDistance"] > FAR * len(read):
            outside += len({k for k, _ in parts})
            continue
        words, hands = _stretch(wanted, hit["locations"][0])
        matcher = difflib.SequenceMatcher(None, [part for _, part in parts], words, autojunk=False)
        right = [False] * len(parts)
        hand = [False] * len(parts)
        for _, a0, a1, b0, b1 in matcher.get_opcodes():
            for k in range(a0, a1):
                right[k] = a1 - a0 == b1 - b0 and parts[k][1] == words[b0 + k - a0]
                hand[k] = any(hands[b0:b1])
        left.subtract(part for n, (_, part) in enumerate(parts) if right[n])
        for k, (text, probability) in enumerate(line):
            own = [n for n, (word, _) in enumerate(parts) if word == k]
            if own:
                if not all(right[n] for n in own):
                    strayed.append((len(claims), [parts[n][1] for n in own]))
                kind = "handwriting" if any(hand[n] for n in own) else _kind(text)
                claims.append(Claim(text, probability, all(right[n] for n in own), kind))
    # A read line may run across blocks that are lines of their own in the truth: such words are right where they are.
    for number, words in strayed:
        if all(left[word] > 0 for word in words):
            left.subtract(words)
            claims[number] = replace(claims[number], right=True)
    return claims, outside


_OPEN, _CLOSE = "\ue000", "\ue001"


def _bare(text: str) -> str:
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def _marked(line: str) -> str:
    return line.replace("‹", _OPEN).replace("›", _CLOSE).replace("⍰", "")


def _stretch(wanted: str, found: tuple[int | None, int]) -> tuple[list[str], list[bool]]:
    """Whole words of the truth under a stretch (places count without the marks), and which of them are handwritten."""
    bare = _bare(wanted)
    first, last = found[0] or 0, found[1] + 1
    while first > 0 and not bare[first - 1].isspace():
        first -= 1
    while last < len(bare) and not bare[last].isspace():
        last += 1
    inside, place = False, 0
    hand = [False] * len(bare)
    for letter in wanted:
        if letter in (_OPEN, _CLOSE):
            inside = letter == _OPEN
        else:
            hand[place] = inside
            place += 1
    words, hands = [], []
    k = first
    for word in bare[first:last].replace("…", " ").split():
        k = bare.index(word, k)
        words.append(word)
        hands.append(any(hand[k : k + len(word)]))
        k += len(word)
    return words, hands


def _kind(text: str) -> str:
    letters = [letter for letter in text if letter.isalpha()]
    if any(letter.isdigit() for letter in text):
        return "number"
    if not letters:
        return "sign"
    return "capitals" if all(letter.isupper() for letter in letters) else "word"


def calibration_error(claims: Sequence[Claim], bins: int = 15) -> float:
    """Expected calibration error over bins of equal numbers of claims."""
    ranked = sorted((claim.probability, claim.right) for claim in claims)
    cuts = [round(k * len(ranked) / bins) for k in range(bins + 1)]
    parts = [ranked[a:b] for a, b in pairwise(cuts) if b > a]
    return sum(abs(sum(p for p, _ in part) - sum(r for _, r in part)) for part in parts) / max(1, len(ranked))


def report(claims: Sequence[Claim]) -> str:
    """The tables, as text."""
    rows = [f"{'words':>12} {'count':>6} {'right %':>8} {'ECE %':>6} {'p>=.99':>7} {'wrong %':>8} {'share %':>8}"]
    kinds = {"print": [c for c in claims if c.kind != "handwriting"]}
    for kind in ("word", "capitals", "number", "sign", "handwriting"):
        kinds[kind] = [claim for claim in claims if claim.kind == kind]
    for kind, own in kinds.items():
        sure = [claim for claim in own if claim.probability >= 0.99]
        wrong = sum(not claim.right for claim in sure)
        rows.append(
            f"{kind:>12} {len(own):6d} {100 * _share(own):8.2f} {100 * calibration_error(own):6.2f} {len(sure):7d} "
            f"{100 * wrong / max(1, len(sure)):8.3f} {100 * len(sure) / max(1, len(own)):8.1f}"
        )
    rows.append(f"\n{'probability':>14} {'count':>6} {'claimed':>8} {'right':>8}")
    for low, high in pairwise(EDGES):
        own = [claim for claim in kinds["print"] if low <= claim.probability < high]
        if own:
            claimed = sum(claim.probability for claim in own) / len(own)
            rows.append(f"{low:6.3f}-{min(1.0, high):6.3f}  {len(own):6d} {claimed:8.4f} {_share(own):8.4f}")
    return "\n".join(rows)


def _share(claims: Sequence[Claim]) -> float:
    return sum(claim.right for claim in claims) / max(1, len(claims))


def truth_of(page: Path) -> str:
    """The ground truth of a page image with the text of its overlays and stamps."""
    files = (page.with_name(f"{page.stem}.{kind}.txt") for kind in ("gt", "sig", "extra"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())


def main() -> int:
    """Reads and reports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--list-wrong", action="store_true", help="name the words that are wrong at 0.99 and above")
    chosen = parser.parse_args()
    reader = build_reader(ReaderOptions())
    claims: list[Claim] = []
    outside = 0
    for page in (page for folder in chosen.data for page in pages_of(folder)):
        lines = reader.read(decode(page.read_bytes())).lines
        found, left_out = claims_of(([(w.text, w.probability) for w in line.words] for line in lines), truth_of(page))
        claims += found
        outside += left_out
        if chosen.list_wrong:
            for claim in found:
                if claim.probability >= 0.99 and not claim.right:
                    print(f"wrong at {claim.probability:.4f}: {claim.text} ({claim.kind}, {page.name})")
    print(reader.name)
    print(report(claims))
    print(f"\n{outside} words lie in no stretch of the truth and are left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
