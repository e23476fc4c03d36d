"""Pages to papers, and papers to fields: two stages over the same views of the pages.

`separate` says what each page is and where a paper ends; `extract` asks every extractor that applies to its type.
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
from pipeline.record import DocumentRecord
from pipeline.separation import Paper, separate
from pipeline.stages import Progress, StageResult
from pipeline.stages.read import read_of
from pipeline.trust import trust_of

if TYPE_CHECKING:
    from models.reading import Image
    from pipeline.record import Dossier, PageRecord
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools


def page_views(tools: Tools, dossier: Dossier) -> list[PageView]:
    """Views of the pages that can be looked at; blank and broken ones are left out."""

    def load(page: PageRecord) -> Image:
        return decode(tools.store.get(page_key(page.image_sha256, page.media_type)))

    return [
        PageView(page.number, read_of(tools, dossier, page), functools.partial(load, page))
        for page in dossier.pages
        if page.image_sha256 and not page.blank
    ]


def run_separate(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Fills `documents` (without fields yet) and, where none was given, the procedure that fits them."""
    views = page_views(tools, dossier)
    book = tools.procedures()
    claims = [claim_type(view, book.doc_types) for view in views]
    labels = {kind: labels_of(schema) for kind, schema in book.papers.items()}
    papers = separate(views, claims, [separator_of(view) for view in views], labels)
    today = dossier.received_at.date()
    code = dossier.procedure
    said = functools.cache(functools.partial(what_they_say, papers, views, book))
    procedure = book.get(code, today) if code else book.detect([paper.type for paper in papers], today, said)
    titles = book.type_names
    documents = tuple(
        DocumentRecord(
            id=f"d{index}",
            type=paper.type,
            title=titles.get(paper.type, paper.type),
            component=None,
            pages=tuple(paper.pages),
            probability=paper.probability,
            fields={},
        )
        for index, paper in enumerate(papers, start=1)
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
    if procedure is not None:
        documents = hold_back(corroborate(documents, procedure, trust), procedure)
    on_progress(Progress("extract", len(documents), len(documents)))
    return StageResult(dossier.model_copy(update={"documents": documents}))
