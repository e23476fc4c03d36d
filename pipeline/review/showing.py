"""From a dossier and an item to what a clerk sees: the value, its picture, what is doubtful, and what else it may be.

Everything is worked out from the record and the page's words in the step ledger; no model reads anything again. The
candidates are what other sources claim, the choices that the schema knows, then other spellings of the most doubtful
syllable; with claims first, one key gives the other paper's reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.review.asking import kind_of, rule_of
from pipeline.review.doubts import Doubts, doubts, words_in
from pipeline.review.keyed import FLAGS, LISTS, NO, YES, shown
from pipeline.review.rows import Target
from pipeline.review.shown import Candidate, Part, Picture, ShownItem, Span
from pipeline.review.strips import strip_of, wide_strip_of
from pipeline.stages.read import read_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.reading import ReadPage
    from pipeline.procedures.schema import Procedure
    from pipeline.record import DocumentRecord, Dossier, FieldRecord, PageRecord
    from pipeline.review.rows import Item
    from pipeline.review.spelling import Speller
    from pipeline.tools import Tools

_SPELT = frozenset({"text", "name", "place", "signer", "issuer", "relationship", "ethnicity", "date_words", "lines"})
"""Kinds whose syllables are Vietnamese words."""
_MOST = 9
_NAMES = frozenset({"name", "signer"})
_LONG = 60
"""Characters from which a text gets several rows."""


class Shower:
    """Shows the items of one dossier; pages' words are taken out of the ledger once."""

    def __init__(self, tools: Tools, dossier: Dossier, speller: Speller, procedure: Procedure | None) -> None:
        self._tools = tools
        self._dossier = dossier
        self._speller = speller
        self._read: dict[int, ReadPage] = {}
        self._papers = {paper.id: paper for paper in dossier.documents}
        self._procedure = procedure

    def item(self, item: Item) -> ShownItem | None:
        """The item as shown; None where the dossier has no such field or finding any more."""
        if item.target is Target.FIELD:
            part = self._part(item.document_id, item.key)
            return None if part is None else self._shown(item, (part,), "", None)
        finding = next((one for one in self._dossier.findings if one.id == item.key), None)
        if finding is None:
            return None
        said = [part for ref in finding.fields if (part := self._part(ref.document, ref.key)) is not None]
        parts = [self._part(one.document, one.key, beside=said) or one for one in said]
        alike = [_beside(part, parts) for part in parts]
        return self._shown(item, tuple(alike), finding.message, finding.severity.value)

    def _shown(self, item: Item, parts: tuple[Part, ...], message: str, severity: str | None) -> ShownItem:
        page = next((part.picture.page for part in parts if part.picture is not None), 0)
        if not page and parts and (paper := self._papers.get(parts[0].document)) and paper.pages:
            page = paper.pages[0]
        return ShownItem(
            id=item.id,
            revision=item.revision,
            target=item.target,
            kind=item.kind,
            reason=item.reason,
            lane=item.lane,
            queued_at=item.queued_at,
            dossier=self._dossier.id,
            procedure=self._dossier.procedure_name,
            message=message,
            severity=severity,
            parts=parts,
            page=page or (self._dossier.pages[0].number if self._dossier.pages else 0),
            again=item.revision > 1,
        )

    def _part(self, document: str, key: str, beside: Sequence[Part] = ()) -> Part | None:
        """A value as shown; what `beside`, held against it by a finding, says differently is lit."""
        paper = self._papers.get(document)
        field = paper.fields.get(key) if paper else None
        if paper is None or field is None:
            return None
        kind = kind_of(self._procedure, paper, key)
        text = shown(field.value, kind)
        page = self._page(field.page)
        others = [said for claim in field.claims if (said := shown(claim.value, kind)) and said != text]
        others += [part.text for part in beside if part.kind == kind and part.text not in {text, *others}]
        words = words_in(self._words(page), field.box) if page is not None and field.box is not None else []
        lit = doubts(text, kind, words, others, self._speller)
        return Part(
            document=document,
            key=key,
            label=field.label or key,
            paper=paper.title,
            kind=kind,
            text=text,
            status=field.status,
            probability=field.probability,
            source=field.source,
            multiline=kind in LISTS or isinstance(field.value, list) or len(text) > _LONG,
            candidates=self._candidates(paper, key, field, text, lit),
            doubts=tuple(Span(start=start, end=end) for start, end in lit.spans),
            picture=None if page is None or field.box is None else _picture(page, field.box, lit),
        )

    def _candidates(
        self, paper: DocumentRecord, key: str, field: FieldRecord, text: str, lit: Doubts
    ) -> tuple[Candidate, ...]:
        kind = kind_of(self._procedure, paper, key)
        claims = sorted(field.claims, key=lambda claim: -claim.probability)
        found = [Candidate(text=shown(c.value, kind), origin="claim", source=c.source) for c in claims]
        choices = (YES, NO) if kind in FLAGS else choices_of(self._procedure, paper, key)
        found += [Candidate(text=choice, origin="choice") for choice in choices]
        if kind in _SPELT and lit.spans:
            start, end = lit.spans[0]
            words = text.split()
            at = len(text[:start].split())
            for other in self._speller.variants(words, at, name=kind in _NAMES):
                found.append(Candidate(text=text[:start] + other + text[end:], origin="spelling"))
        kept: dict[str, Candidate] = {}
        for one in found:
            if one.text and one.text != text:
                kept.setdefault(one.text, one)
        return tuple(kept.values())[:_MOST]

    def _page(self, number: int) -> PageRecord | None:
        return next((page for page in self._dossier.pages if page.number == number and page.image_sha256), None)

    def _words(self, page: PageRecord) -> ReadPage:
        if page.number not in self._read:
            self._read[page.number] = read_of(self._tools, self._dossier, page)
        return self._read[page.number]


def choices_of(procedure: Procedure | None, paper: DocumentRecord, key: str) -> tuple[str, ...]:
    """The words that a field may say, where its schema knows them."""
    rule = rule_of(procedure, paper, key)
    if rule is None:
        return ()
    return rule.choices or (("Nam", "Nữ") if rule.kind == "sex" else ())


def _beside(part: Part, parts: list[Part]) -> Part:
    """A value of a finding, with what the other papers say as its first candidates."""
    others = [
        Candidate(text=other.text, origin="claim", source=other.source)
        for other in parts
        if other is not part and other.kind == part.kind and other.text and other.text != part.text
    ]
    said = {other.text for other in others}
    kept = [candidate for candidate in part.candidates if candidate.text not in said]
    return part.model_copy(update={"candidates": (*others, *kept)[:_MOST]})


def _picture(page: PageRecord, box: tuple[int, int, int, int], lit: Doubts) -> Picture:
    return Picture(
        page=page.number,
        width=page.width,
        height=page.height,
        strip=strip_of(page, box),
        wide=wide_strip_of(page, box),
        field=box,
        marks=lit.boxes,
    )
