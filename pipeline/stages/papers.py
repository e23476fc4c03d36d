"""Pages to papers, and papers to fields: two stages over the same views of the pages.

`separate` says what each page is and where a paper ends; `extract` asks every extractor that applies to its type.
Where people changed pages, their borders and types win (`pipeline.page_edits`).
Pixels are decoded only for extractors that look at them (QR codes), one page at a time.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from extractors.doctypes import claim_type
from extractors.fields import PageView
from extractors.separators import separator_of
from pipeline.borders import labels_of
from pipeline.consistency import hold_back
from pipeline.corroboration import corroborate
from pipeline.extraction import extract_papers, what_they_say
from pipeline.intake.images import decode
from pipeline.keys import page_key
from pipeline.page_edits.separating import separated
from pipeline.record import DocumentRecord
from pipeline.separation import Paper, separate
from pipeline.stages import Progress, StageResult
from pipeline.stages.read import read_of
from pipeline.trust import trust_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import TypeClaim
    from models.reading import Image
    from pipeline.record import Dossier, PageRecord
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools


def page_views(tools: Tools, dossier: Dossier) -> list[PageView]:
    """Views of the pages that can be looked at; blank and broken ones are left out."""
    return [_view(tools, dossier, page) for page in dossier.pages if page.image_sha256 and not page.blank]


def _view(tools: Tools, dossier: Dossier, page: PageRecord) -> PageView:
    def load() -> Image:
        return decode(tools.store.get(page_key(page.image_sha256, page.media_type)))

    return PageView(page.number, read_of(tools, dossier, page), load)


def run_separate(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Fills `documents` (without fields yet) and, where none was given, the procedure that fits them."""
    views = page_views(tools, dossier)
    book = tools.procedures()
    labels = {kind: labels_of(schema) for kind, schema in book.papers.items()}

    def claim(view: PageView) -> TypeClaim:
        return claim_type(view, book.doc_types)

    def machine(stack: Sequence[PageView]) -> list[Paper]:
        return separate(stack, [claim(view) for view in stack], [separator_of(view) for view in stack], labels)

    if dossier.page_events:
        named = separated(tools, dossier, machine, functools.partial(_view, tools, dossier), claim)
    else:
        named = [(f"d{index}", paper) for index, paper in enumerate(machine(views), start=1)]
    papers = [paper for _, paper in named]
    today = dossier.received_at.date()
    code = dossier.procedure
    said = functools.cache(functools.partial(what_they_say, papers, views, book))
    procedure = book.get(code, today) if code else book.detect([paper.type for paper in papers], today, said)
    titles = book.type_names
    documents = tuple(
        DocumentRecord(
            id=name,
            type=paper.type,
            title=titles.get(paper.type, paper.type),
            component=None,
            pages=tuple(paper.pages),
            probability=paper.probability,
            fields={},
        )
        for name, paper in named
    )
    on_progress(Progress("separate", len(papers), len(papers)))
    update: dict[str, object] = {"documents": documents}
    if procedure is not None:
        update |= {
            "procedure": procedure.code,
            "procedure_name": procedure.name,
            "procedure_version": procedure.version,
        }
    return StageResult(dossier.model_copy(update=update))


def run_extract(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Fills each document's fields, title and component."""
    views = page_views(tools, dossier)
    papers = [
        Paper(type=document.type, pages=document.pages, probability=document.probability)
        for document in dossier.documents
    ]
    book = tools.procedures()
    procedure = book.get(dossier.procedure, dossier.received_at.date()) if dossier.procedure else None
    trust = trust_of(tools.settings.trust)
    documents = extract_papers(papers, views, procedure, tools.extractors(), trust, library=book.papers)
    # A paper keeps the id that it was separated under: people's answers name it.
    names = [document.id for document in dossier.documents]
    documents = tuple(one.model_copy(update={"id": name}) for name, one in zip(names, documents, strict=True))
    if procedure is not None:
        documents = hold_back(corroborate(documents, procedure, trust), procedure)
    on_progress(Progress("extract", len(documents), len(documents)))
    return StageResult(dossier.model_copy(update={"documents": documents}))
