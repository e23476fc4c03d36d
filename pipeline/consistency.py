"""Readings of one paper that cannot all be true are held back: no field is accepted that another one gives the lie.

A personal number tells the year of birth and the sex; a number belongs to one name; a field that must be filled in and
seems to be empty was perhaps not found. The fields concerned become doubtful (`contradicts`, `required_blank`), each
with its place for a person to look at. What a code, a checked zone or a person says is believed, and the print doubted.
Rules say what is wrong with the papers (R10, R11); this, which readings nobody should rely on before that is settled.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, Source
from extractors.identifiers import personal_number
from extractors.names import same_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.procedures.schema import DocumentSchema, Procedure
    from pipeline.record import DocumentRecord, FieldRecord

CONTRADICTS, REQUIRED_BLANK = "contradicts", "required_blank"
_NUMBER = "so_dinh_danh"
_BELIEVED = frozenset({Source.QR, Source.MRZ, Source.PERSON})


def hold_back(documents: Sequence[DocumentRecord], procedure: Procedure) -> tuple[DocumentRecord, ...]:
    """The documents with readings doubtful that contradict one another, or that are empty where they must not be."""
    return tuple(_held(document, procedure.document(document.type)) for document in documents)


def _held(document: DocumentRecord, schema: DocumentSchema | None) -> DocumentRecord:
    doubts = dict.fromkeys(_contradicting(document), CONTRADICTS)
    for rule in schema.fields if schema else ():
        field = document.fields.get(rule.key)
        if rule.required and field is not None and field.status is FieldStatus.BLANK:
            doubts[rule.key] = REQUIRED_BLANK
    if not doubts:
        return document
    fields = {key: _doubtful(field, doubts[key]) if key in doubts else field for key, field in document.fields.items()}
    return document.model_copy(update={"fields": fields})


def _doubtful(field: FieldRecord, reason: str) -> FieldRecord:
    if field.status not in {FieldStatus.READ, FieldStatus.BLANK}:
        return field  # somebody looks at it already, or has decided
    return field.model_copy(update={"status": FieldStatus.DOUBTFUL, "reason": reason})


def _contradicting(document: DocumentRecord) -> Iterator[str]:
    """Keys of readings that cannot all be true, without those that come from a code, a zone or a person."""
    numbers = {key: str(field.value) for key, field in document.fields.items() if _NUMBER in key and field.value}
    for key, number in numbers.items():
        parsed = personal_number(number)
        if parsed is None:
            continue
        born, sex = (document.fields.get(key.replace(_NUMBER, told)) for told in ("ngay_sinh", "gioi_tinh"))
        if born is not None and (year := str(born.value or "")[:4]).isdigit() and int(year) != parsed.birth_year:
            yield from _printed(document, key, key.replace(_NUMBER, "ngay_sinh"))
        if sex is not None and sex.value in {"Nam", "Nữ"} and (sex.value == "Nữ") != parsed.female:
            yield from _printed(document, key, key.replace(_NUMBER, "gioi_tinh"))
    for one, other in combinations(numbers, 2):
        if numbers[one] == numbers[other]:
            names = [document.fields.get(key.replace(_NUMBER, "ho_ten")) for key in (one, other)]
            said = [str(name.value) for name in names if name is not None and name.value is not None]
            if len(said) == 2 and not same_name(*said):
                yield from _printed(document, one, other)


def _printed(document: DocumentRecord, *keys: str) -> Iterator[str]:
    return (key for key in keys if document.fields[key].source not in _BELIEVED)
