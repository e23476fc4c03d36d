"""One fact printed on several papers: where the readings agree, each makes the others surer.

A procedure lists which fields state the same fact (`agreements`); only readings that agree letter by letter count.
A code or a checked zone is an independent witness. A second reading by the same reader is not: it may slip on the
same letter in the same typeface, so it counts for a third of one. Conflict is left to the rules, which show both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, Source
from extractors.values import letters_agree
from pipeline.record import Claim, DocumentRecord, FieldRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.fusion import Trust
    from pipeline.procedures.schema import Procedure

_CEILING = 0.9999
_SAME_READER = 0.3
_WITNESSES = {Source.QR, Source.MRZ, Source.PERSON}
_LOW = {"below_threshold"}
"""Reasons for doubt that agreement may lift; a broken format or a conflict stays doubtful."""


def corroborate(documents: Sequence[DocumentRecord], procedure: Procedure, trust: Trust) -> tuple[DocumentRecord, ...]:
    """The documents with the probabilities of agreeing fields raised, and the supporting claims beside them."""
    changed: dict[tuple[str, str], FieldRecord] = {}
    for agreement in procedure.agreements:
        places = [
            (document, key)
            for type_, key in agreement
            for document in documents
            if document.type == type_ and _speaks(document.fields.get(key))
        ]
        for document, key in places:
            others = [(d, k) for d, k in places if (d.id, k) != (document.id, key)]
            field = changed.get((document.id, key), document.fields[key])
            schema = procedure.document(document.type)
            rule = schema.field(key) if schema else None
            threshold = trust.limit(rule.kind if rule else "", key_field=rule is not None and rule.key_field)
            changed[document.id, key] = _supported(field, [d.fields[k] for d, k in others], threshold)
    return tuple(
        document.model_copy(
            update={"fields": {key: changed.get((document.id, key), field) for key, field in document.fields.items()}}
        )
        for document in documents
    )


def _speaks(field: FieldRecord | None) -> bool:
    return field is not None and field.status in {FieldStatus.READ, FieldStatus.DOUBTFUL} and field.value is not None


def _supported(field: FieldRecord, others: Sequence[FieldRecord], threshold: float) -> FieldRecord:
    agreeing = [other for other in others if letters_agree(field.value, other.value)]
    if not agreeing:
        return field
    wrong = 1.0 - min(field.probability, _CEILING)
    for other in agreeing:
        witness = other.source in _WITNESSES and other.status is FieldStatus.READ
        wrong *= (1.0 - min(other.probability, _CEILING)) ** (1.0 if witness else _SAME_READER)
    probability = round(min(1.0 - wrong, _CEILING), 4)
    status, reason = field.status, field.reason
    if status is FieldStatus.DOUBTFUL and reason in _LOW and probability >= threshold:
        status, reason = FieldStatus.READ, None
    claims = field.claims or (_claim(field),)
    return field.model_copy(
        update={
            "probability": probability,
            "status": status,
            "reason": reason,
            "claims": (*claims, *(_claim(other) for other in agreeing)),
        }
    )


def _claim(field: FieldRecord) -> Claim:
    return Claim(
        value=field.value,
        raw=field.raw,
        probability=field.probability,
        source=field.source,
        page=field.page,
        box=field.box,
    )
