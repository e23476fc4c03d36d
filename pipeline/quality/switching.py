"""What a switch of quality does to a dossier: values of a kind under full review are doubted, whatever their chance.

Deterministic: the record's fields and the state of the switches in, the record out, with the version of the switches
that was used written into it. A kind that went back is accepted again as read. A filed dossier is never touched; one
that passed validation and is not filed is asked about before its next stage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, Source
from pipeline.quality.rows import FieldKind
from pipeline.record import FullReview
from pipeline.review.asking import kind_of, rule_of

if TYPE_CHECKING:
    from pipeline.procedures.schema import Procedure
    from pipeline.record import DocumentRecord, Dossier, FieldRecord
    from pipeline.tools import Tools

FULL = {False: "full_review", True: "full_review_key"}
"""Reason of a field that is doubted because its kind is under full review; key fields apart."""
LATE = frozenset({"archive", "sign", "file"})
"""Stages after validation."""
_AGAIN = LATE | {"validate"}


def switched(tools: Tools, dossier: Dossier) -> Dossier:
    """The dossier under its agency's switches as they are now; unchanged where there never was one."""
    version, kinds = tools.catalogue.quality().switched(dossier.agency or tools.settings.agency_code)
    if version == 0:
        return dossier
    procedure = None
    if dossier.procedure:
        procedure = tools.procedures().get(dossier.procedure, dossier.received_at.date())
    full = frozenset(kinds)
    papers = tuple(_paper(paper, procedure, full) for paper in dossier.documents)
    said = FullReview(version=version, kinds=tuple(sorted(kinds)))
    return dossier.model_copy(update={"documents": papers, "full_review": said})


def asked_again(tools: Tools, dossier: Dossier) -> Dossier | None:
    """The dossier as it must be asked about before it goes on, or None where no switch since validation concerns it."""
    now = switched(tools, dossier)
    if now.full_review == dossier.full_review or now.documents == dossier.documents:
        return None
    return now.model_copy(update={"events": tuple(one for one in dossier.events if one.stage not in _AGAIN)})


def field_kind(agency: str, procedure: Procedure | None, paper: DocumentRecord, key: str) -> FieldKind:
    """The kind under which a field is measured."""
    rule = rule_of(procedure, paper, key)
    return FieldKind(agency, kind_of(procedure, paper, key), key_field=rule is not None and rule.key_field)


def accepted(field: FieldRecord) -> bool:
    """Whether the machine gave the value and no person was asked."""
    return field.status is FieldStatus.READ and field.source is not Source.PERSON and field.value is not None


def _paper(paper: DocumentRecord, procedure: Procedure | None, full: frozenset[str]) -> DocumentRecord:
    fields = {key: _field(field, key, paper, procedure, full) for key, field in paper.fields.items()}
    return paper if fields == paper.fields else paper.model_copy(update={"fields": fields})


def _field(
    field: FieldRecord, key: str, paper: DocumentRecord, procedure: Procedure | None, full: frozenset[str]
) -> FieldRecord:
    kind = field_kind("", procedure, paper, key)
    doubted = field.status is FieldStatus.DOUBTFUL and field.reason in FULL.values()
    if kind.code in full and accepted(field):
        doubt = {"status": FieldStatus.DOUBTFUL, "reason": FULL[kind.key_field]}
        return field.model_copy(update=doubt)
    if kind.code not in full and doubted and field.source is not Source.PERSON:
        return field.model_copy(update={"status": FieldStatus.READ, "reason": None})
    return field
