"""What a field's value means beside its text: today's commune of an address, the ISO date of words, official codes.

Details never change a value; what cannot be told has none. A place is judged as of the day of its own paper, else with
the day unknown, and a divided commune lists its candidates for an officer. Pure: the same record gives the same
details, so they are made anew after every decision of a person. docs/rules.md lists the keys by kind.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from extractors import codes, dates, names
from extractors.fields import FieldStatus
from extractors.identifiers import OLD_CARD_NUMBER, personal_number
from pipeline.extraction import schema_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import JsonValue

    from pipeline.procedures.schema import Procedure
    from pipeline.record import DocumentRecord, FieldRecord

Details = dict[str, "JsonValue"]

DATED_BY = ("ngay_lap", "ngay_dang_ky", "ngay_cap", "ngay_ban_hanh", "ngay_ky", "ngay")
"""Keys of the day on which a paper was written, the first that it has."""
_SEX_CODES = {"Nam": "1", "Nữ": "2", "Khác": "3"}


def place_details(text: str, on: date | None) -> Details | None:
    """An address in its levels, with the commune and province in force today."""
    from extractors.gazetteer import VERSION, Standing, place_today

    found = place_today(text, on)
    address = found.address
    levels: Details = {
        name: str(part)
        for name in ("house", "street", "hamlet", "commune", "district", "province")
        if (part := getattr(address, name)) is not None
    }
    if not levels:
        return None
    if address.open:
        levels["open"] = list(address.open)
    today: Details = {"standing": found.standing.value, "mapping": VERSION}
    if found.province:
        today["province"] = found.province
    if found.standing in {Standing.IN_FORCE, Standing.REPLACED}:
        today |= {"commune": str(found.candidates[0]), "code": found.candidates[0].code}
    elif found.candidates:
        today["candidates"] = [{"commune": str(unit), "code": unit.code} for unit in found.candidates]
    return {"levels": levels, "today": today}


def _id_number(text: str) -> Details | None:
    parsed = personal_number(text)
    if parsed:
        sex = "Nữ" if parsed.female else "Nam"
        return {"form": "personal_number", "province": parsed.province, "sex": sex, "birth_year": parsed.birth_year}
    return {"form": "old_card"} if OLD_CARD_NUMBER.match(text) else None


def _date_words(text: str) -> Details | None:
    parsed = dates.parse_words(text)
    return {"iso": parsed.iso} if parsed else None


def _sex(text: str) -> Details | None:
    return {"code": _SEX_CODES[text]} if text in _SEX_CODES else None


def _ethnicity(text: str) -> Details | None:
    code = names.ethnicity_code(text)
    return {"code": code} if code else None


def _relationship(text: str) -> Details | None:
    relation, repaired = names.closed_value("relationship", text)
    return {"relation": relation} if relation and not repaired else None


def _phone(text: str) -> Details | None:
    found = codes.phone(text)
    return {"mobile": found.mobile} if found else None


_KINDS: dict[str, Callable[[str], Details | None]] = {
    "id_number": _id_number,
    "date_words": _date_words,
    "sex": _sex,
    "ethnicity": _ethnicity,
    "relationship": _relationship,
    "phone": _phone,
}


def _written_on(document: DocumentRecord) -> date | None:
    for key in DATED_BY:
        field = document.fields.get(key)
        if field is not None and isinstance(field.value, str):
            try:
                return date.fromisoformat(field.value[:10])
            except ValueError:
                continue
    return None


def details_of(kind: str, field: FieldRecord, on: date | None) -> Details | None:
    """What a field of a kind means beside its text; None where there is nothing to add."""
    if not isinstance(field.value, str) or field.status is FieldStatus.UNREADABLE:
        return None
    details = place_details(field.value, on) if kind == "place" else None
    if kind in _KINDS:
        details = _KINDS[kind](field.value)
    if kind == "phone" and details is not None:
        written = codes.phone(field.raw)
        details["mapped"] = bool(written and written.mapped)
    return details


def with_details(documents: Sequence[DocumentRecord], procedure: Procedure | None) -> tuple[DocumentRecord, ...]:
    """The documents with the details of every field whose kind the schema tells."""
    done = []
    for document in documents:
        schema = schema_for(procedure, document.type)
        on = _written_on(document)
        fields = {}
        for key, field in document.fields.items():
            rule = schema.field(key) if schema else None
            details = details_of(rule.kind, field, on) if rule else None
            fields[key] = field if details == field.details else field.model_copy(update={"details": details})
        done.append(document.model_copy(update={"fields": fields}))
    return tuple(done)
