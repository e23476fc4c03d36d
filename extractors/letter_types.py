"""Kinds of administrative papers by printed title and by the abbreviation in the letter number; data, not code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from extractors.text import phrase_similarity, upper_share


@dataclass(frozen=True, slots=True)
class LetterType:
    """One kind: `type` is the document type's code, `title` what is printed, `codes` its abbreviations."""

    type: str
    title: str
    codes: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@cache
def letter_types() -> tuple[LetterType, ...]:
    """All kinds, as the data file lists them."""
    path = Path(__file__).parent / "data" / "letter_types.yaml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(LetterType(r["type"], r["title"], tuple(r["codes"]), tuple(r.get("aliases", ()))) for r in rows)


def by_title(text: str) -> tuple[LetterType, float] | None:
    """The kind whose title a row of capitals says, with the similarity; None below 0.8 or for running text."""
    if upper_share(text) < 0.7 or len(text) > 40:
        return None
    ranked = [
        (phrase_similarity(text, title), kind) for kind in letter_types() for title in (kind.title, *kind.aliases)
    ]
    score, kind = max(ranked, key=lambda pair: pair[0])
    return (kind, score) if score >= 0.8 and kind.type != "cong_van" else None


def by_code(number: str) -> LetterType | None:
    """The kind that a letter number names (`47/QĐ-UBND` is a decision); None for letters without a kind in it."""
    tail = number.rsplit("/", maxsplit=1)[-1]
    if "-" in number.split("/", maxsplit=1)[0]:
        token = number.split("/", maxsplit=1)[0].split("-")[1]  # party papers: 11-CT/TW
    else:
        token = tail.split("-")[0]
        if "-" not in tail and not token.startswith("QH"):
            return None
    return next((kind for kind in letter_types() if token in kind.codes), None)
