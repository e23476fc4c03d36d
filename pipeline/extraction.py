"""Papers into documents with fields: asks every extractor that applies, then combines what they claim.

The schema of a paper's type comes from the procedure; where none was chosen yet, from the library of papers; letters
have one of their own. Without a schema codes still speak. What fails a field's mask is doubtful.
Document ids are d1, d2, ... in the order of the papers. Pixels are decoded by extractors, page by page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.doctypes import type_names
from extractors.factory import applies
from extractors.fields import FieldStatus
from extractors.labelled import LabelledExtractor
from extractors.seals import seal_anywhere
from pipeline.fusion import Thresholds, fuse_all
from pipeline.ownership import without_borrowed
from pipeline.procedures.letters import letter_schema
from pipeline.record import DocumentRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from extractors.fields import Field, FieldExtractor, PageView
    from pipeline.fusion import Trust
    from pipeline.procedures.book import ProcedureBook
    from pipeline.procedures.schema import DocumentSchema, Procedure
    from pipeline.record import FieldRecord
    from pipeline.separation import Paper


def schema_for(
    procedure: Procedure | None, doc_type: str, library: Mapping[str, DocumentSchema] | None = None
) -> DocumentSchema | None:
    """The fields to look for on a type of paper. A procedure's dossier is not asked for what the procedure does not."""
    described = procedure.document(doc_type) if procedure else (library or {}).get(doc_type)
    return described or letter_schema(doc_type)


def what_they_say(
    papers: Sequence[Paper], pages: Sequence[PageView], book: ProcedureBook, doc_type: str, key: str
) -> list[str]:
    """The texts of one field on the papers of a type, as read by their labels: enough to tell procedures apart."""
    schema = book.papers.get(doc_type)
    if schema is None:
        return []
    views = {view.number: view for view in pages}
    specs = [rule.spec() for rule in schema.fields]
    texts: list[str] = []
    for paper in papers:
        if paper.type == doc_type:
            own = [views[number] for number in paper.pages if number in views]
            texts += [claim.raw for claim in LabelledExtractor().extract(own, specs) if claim.key == key]
    return texts


def extract_papers(
    papers: Sequence[Paper],
    pages: Sequence[PageView],
    procedure: Procedure | None,
    extractors: Sequence[FieldExtractor],
    trust: Trust | None = None,
    *,
    library: Mapping[str, DocumentSchema] | None = None,
) -> tuple[DocumentRecord, ...]:
    """The documents of a dossier. `pages` may hold more pages than the papers use; `library` describes every paper."""
    described = library or {}

    def title_of(doc_type: str) -> str:
        return described[doc_type].name if doc_type in described else type_names().get(doc_type, doc_type)

    views = {view.number: view for view in pages}
    documents = []
    for index, paper in enumerate(papers, start=1):
        schema = schema_for(procedure, paper.type, library)
        specs = [rule.spec() for rule in schema.fields] if schema else []
        own = [views[number] for number in paper.pages if number in views]
        claims: list[Field] = []
        for extractor in extractors:
            if applies(extractor, paper.type):
                claims += extractor.extract(own, specs)
        component = procedure.component_of(paper.type) if procedure else None
        marks = procedure.marks_of(component, paper.type) if procedure and component else ()
        if own and any(mark.kind == "seal" and mark.required and not mark.key for mark in marks):
            claims.append(seal_anywhere(own))
        documents.append(
            DocumentRecord(
                id=f"d{index}",
                type=paper.type,
                title=schema.name if schema else title_of(paper.type),
                component=component.code if component else None,
                pages=paper.pages,
                probability=paper.probability,
                fields=_masked(fuse_all(without_borrowed(claims, specs), schema, trust or Thresholds()), schema),
            )
        )
    return tuple(documents)


def _masked(fields: dict[str, FieldRecord], schema: DocumentSchema | None) -> dict[str, FieldRecord]:
    """Accepted values that do not have the form that the schema promises become doubtful."""
    if schema is None:
        return fields
    return {
        key: field.model_copy(update={"status": FieldStatus.DOUBTFUL, "reason": "format"})
        if field.status is FieldStatus.READ and (rule := schema.field(key)) and not rule.fits_mask(field.value)
        else field
        for key, field in fields.items()
    }
