"""Papers into documents with fields: asks every extractor that applies, then combines what they claim.

The schema of a paper's type comes from the procedure, else from the letters' own; without one codes still speak.
Document ids are d1, d2, ... in the order of the papers. Pixels are decoded by extractors, page by page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.doctypes import type_names
from extractors.factory import applies
from pipeline.fusion import Thresholds, fuse_all
from pipeline.procedures.letters import letter_schema
from pipeline.record import DocumentRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import Field, FieldExtractor, PageView
    from pipeline.fusion import Trust
    from pipeline.procedures.schema import DocumentSchema, Procedure
    from pipeline.separation import Paper


def schema_for(procedure: Procedure | None, doc_type: str) -> DocumentSchema | None:
    """The fields to look for on a type of paper."""
    described = procedure.document(doc_type) if procedure else None
    return described or letter_schema(doc_type)


def extract_papers(
    papers: Sequence[Paper],
    pages: Sequence[PageView],
    procedure: Procedure | None,
    extractors: Sequence[FieldExtractor],
    trust: Trust | None = None,
) -> tuple[DocumentRecord, ...]:
    """The documents of a dossier. `pages` may hold more pages than the papers use."""
    views = {view.number: view for view in pages}
    documents = []
    for index, paper in enumerate(papers, start=1):
        schema = schema_for(procedure, paper.type)
        specs = [rule.spec() for rule in schema.fields] if schema else []
        own = [views[number] for number in paper.pages if number in views]
        claims: list[Field] = []
        for extractor in extractors:
            if applies(extractor, paper.type):
                claims += extractor.extract(own, specs)
        component = procedure.component_of(paper.type) if procedure else None
        documents.append(
            DocumentRecord(
                id=f"d{index}",
                type=paper.type,
                title=schema.name if schema else type_names().get(paper.type, paper.type),
                component=component.code if component else None,
                pages=paper.pages,
                probability=paper.probability,
                fields=fuse_all(claims, schema, trust or Thresholds()),
            )
        )
    return tuple(documents)
