"""Fields by the learned tagger: for papers whose labels nobody has described, or that are laid out in a new way.

The tagger says which words are a label and which value belongs to it; `extractors.meaning` says which of the schema's
fields that label asks for, under which heading; the field's kind must take the value. Every field goes to the label
that says it best. A claim is as sure as the words, the tagger and the likeness of the label together, so that it
supports what a known label says, or speaks alone where there is none, and then mostly asks a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from extractors.evidence import claim
from extractors.fields import Field, Source
from extractors.meaning import Meanings
from extractors.text import strip_leaders
from extractors.values import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import ReadPage
    from models.tagger import Pair

ENOUGH = 0.6
"""Likeness of labels below which they ask for different things."""
_SECTION = 0.7
"""Likeness from which a heading is one of the schema's."""
_ELSEWHERE = 0.55
"""What a label under the wrong heading keeps of its likeness."""
_LEAST = 0.4
"""Chance below which a claim would ask a person for nothing."""
_NEAR = 0.1
"""Likeness that two labels may differ by and still say the same field."""
_SILENT = frozenset({"flag", "signature", "seal", "signer", "lines", "choice", "table"})
"""Kinds that are no words behind a label."""


class Tagger(Protocol):
    """Pairs of labels and values on a page."""

    def pairs(self, read: ReadPage) -> list[Pair]:
        """In reading order."""
        ...


@dataclass(frozen=True, slots=True)
class _Match:
    score: float
    spec: FieldSpec
    pair: Pair
    page: PageView
    order: int
    rivals: bool = False
    """Whether another value on the paper stands behind a label that says the field as well."""


class TaggedExtractor:
    """Claims from the tagger. The tagger is made when the first page is looked at."""

    source = Source.TAGGER

    def __init__(self, tagger: Callable[[], Tagger]) -> None:
        self._tagger = tagger

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """At most one claim a key, in the order of the page."""
        wanted = [spec for spec in specs if not spec.key.startswith("_") and spec.kind not in _SILENT]
        if not wanted or not pages:
            return []
        meanings = Meanings(label for spec in specs for label in (*spec.labels, *spec.section))
        # In order, so that the same page gives the same answer in every process.
        headings = sorted({heading for spec in specs for heading in spec.section})
        plain = sorted({label for spec in specs for label in spec.labels} - set(headings))
        matches: list[_Match] = []
        section = ""
        for page in pages:
            for pair in self._tagger().pairs(page.read):
                section = _section_of(pair, headings, plain, meanings) or section
                if pair.value is None:
                    continue
                for spec in wanted:
                    score = _score(pair, spec, section, meanings)
                    if score >= ENOUGH:
                        matches.append(_Match(score, spec, pair, page, len(matches)))
        made = [claimed for match in _best(matches) if (claimed := _claim(match)) is not None]
        return [field for field in made if field.probability >= _LEAST]


def _section_of(pair: Pair, headings: Sequence[str], plain: Sequence[str], meanings: Meanings) -> str:
    """The schema's heading that opens here: the tagger's heading, or a label that is a heading too.

    A label that says one of the schema's plain labels better than any heading opens nothing.
    """
    for said, rivals in ((pair.label.text, plain), (pair.heading.text if pair.heading else "", ())):
        best = max(headings, key=lambda heading: meanings.alike(said, heading), default="")
        likeness = meanings.alike(said, best) if best else 0.0
        if likeness > _SECTION and likeness > max((meanings.alike(said, label) for label in rivals), default=0.0):
            return best
    return ""


def _score(pair: Pair, spec: FieldSpec, section: str, meanings: Meanings) -> float:
    labels = [label for label in spec.labels if not label.startswith("@")]
    score = max((meanings.alike(pair.label.text, label) for label in labels), default=0.0)
    if spec.section and section not in spec.section:
        score *= _ELSEWHERE
    return score


def _best(matches: Sequence[_Match]) -> list[_Match]:
    """Each field once and each value once, the most alike first; then in the order of the paper."""
    fields: set[str] = set()
    values: set[int] = set()
    chosen = []
    for match in sorted(matches, key=lambda m: (-m.score, m.order)):
        value = id(match.pair.value)
        if match.spec.key in fields or value in values or _claim(match) is None:
            continue
        fields.add(match.spec.key)
        values.add(value)
        rivals = any(
            other.spec.key == match.spec.key and id(other.pair.value) != value and other.score > match.score - _NEAR
            for other in matches
        )
        chosen.append(replace(match, rivals=rivals))
    return sorted(chosen, key=lambda m: m.order)


def _claim(match: _Match) -> Field | None:
    """The claim, or None where the value is not of the field's kind."""
    value = match.pair.value
    if value is None:
        return None
    raw = strip_leaders(value.text)
    normal = normalise(match.spec.kind, raw, match.spec.choices)
    if not raw or not normal.fits:
        return None
    return claim(
        match.spec.key,
        normal.value,
        value.words,
        source=Source.TAGGER,
        page=match.page.number,
        quality=match.pair.probability * min(1.0, match.score) * (0.5 if match.rivals else 1.0),
        repaired=normal.repaired,
        raw=raw,
    )
