"""What the store keeps of a paper: its form (type, days, how long it counts), its code, and what it is found by.

A paper counts until the day that it prints or that its schema counts from its issue; for ever where its type says so
(`data/owners.yaml`); else six months from its issue, as deployed one-stop systems do (`thoi_han_hieu_luc`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from extractors.fields import FieldStatus
from pipeline.catalogue import tables_owners as t
from pipeline.checklist import last_day, months_later
from pipeline.kho.claims import Claimed, text_of
from pipeline.kho.sealed import PaperFacts, Person
from pipeline.kho.text import symbol_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.catalogue.owners_door import Acting, Row
    from pipeline.procedures.paper import Validity
    from pipeline.record import DocumentRecord, Dossier
    from pipeline.tools import Tools

_SYMBOLS = ("so_ky_hieu", "so", "ma_so", "so_chung_thuc")
_ISSUED = ("ngay_ban_hanh", "ngay_cap", "ngay_dang_ky", "ngay_chung_thuc", "ngay_lap")
_ISSUERS = ("co_quan_ban_hanh", "noi_cap", "co_quan_cap", "noi_dang_ky")
_TEXT_LIMIT = 500
"""Characters of one field's value that can be searched."""


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What may lie open of a paper."""

    procedure: str
    component: str
    type: str
    issued_on: str | None
    """ISO 8601, a whole day."""
    valid_until: str | None
    permanent: bool
    identity: str
    """The same for every scan of the same paper of one owner."""


def form_of(tools: Tools, dossier: Dossier, one: Claimed) -> PaperForm:
    """The form of a paper of this dossier."""
    document = one.document
    issued = next((day for key in _ISSUED if (day := _day(document, key))), None)
    symbol = symbol_form(_first(document, _SYMBOLS))
    until, permanent = _until(tools, dossier, one, issued)
    told = symbol or (issued.isoformat() if issued and one.rule.presented else "")
    if told and not one.rule.request:
        identity = f"{document.type}|{told}|{issued or ''}"
    else:
        identity = f"{dossier.id}|{document.id}"
    return PaperForm(
        procedure=dossier.procedure or "",
        component=document.component or "",
        type=document.type,
        issued_on=issued.isoformat() if issued else None,
        valid_until=until.isoformat() if until else None,
        permanent=permanent,
        identity=identity,
    )


def facts_of(one: Claimed) -> PaperFacts:
    """What is sealed of a paper; its code comes later."""
    document, claim = one.document, one.claim
    texts = [text_of(field)[:_TEXT_LIMIT] for field in document.fields.values()]
    return PaperFacts(
        title=document.title or document.type,
        symbol=_first(document, _SYMBOLS)[:_TEXT_LIMIT],
        issuer=_first(document, _ISSUERS)[:_TEXT_LIMIT],
        person=Person(name=claim.name, number=claim.number, born=claim.born) if claim else None,
        texts=tuple(dict.fromkeys(text for text in texts if text)),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """The papers of an owner: those on record, and those about to be."""

    desk: Acting
    planned: Sequence[Row]
    owner_id: str


def code_of(counted: Counted, form: PaperForm, number: str, pattern: str) -> str:
    """Mã giấy tờ of a new paper: the next number of this owner's papers of the same procedure and component."""
    procedure, component = form.procedure or None, form.component or None
    same = (
        (t.papers.c.owner_id == counted.owner_id)
        & (t.papers.c.procedure == procedure)
        & (t.papers.c.component == component)
    )
    count = counted.desk.connection.execute(select(func.count()).select_from(t.papers).where(same)).scalar_one()
    count += sum(row["owner_id"] == counted.owner_id and row["component"] == component for row in counted.planned)
    return pattern.format(
        owner=number,
        procedure=form.procedure,
        component=form.component or form.type,
        type=form.type,
        NN=f"{count + 1:02d}",
    )


def _until(tools: Tools, dossier: Dossier, one: Claimed, issued: date | None) -> tuple[date | None, bool]:
    document = one.document
    _, printed = last_day(_validity(tools, dossier, document), document)
    if printed is not None:
        return printed, False
    if one.rule.permanent:
        return None, True
    since = issued or dossier.received_at.date()
    return months_later(since, tools.settings.kho.months), False


def _validity(tools: Tools, dossier: Dossier, document: DocumentRecord) -> Validity | None:
    from pipeline.procedures.book import UnknownProcedureError

    if dossier.procedure is None:
        return None
    try:
        procedure = tools.procedures().get(dossier.procedure, dossier.received_at.date())
    except UnknownProcedureError:
        return None
    component = next((c for c in procedure.components if c.code == document.component), None)
    if component is not None:
        return procedure.validity_of(component, document.type)
    described = procedure.document(document.type)
    return described.validity if described else None


def _first(document: DocumentRecord, keys: Sequence[str]) -> str:
    return next((said for key in keys if (said := text_of(document.fields.get(key)))), "")


def _day(document: DocumentRecord, key: str) -> date | None:
    field = document.fields.get(key)
    if field is None or field.status in {FieldStatus.UNREADABLE, FieldStatus.BLANK}:
        return None
    try:
        return date.fromisoformat(text_of(field)[:10])
    except ValueError:
        return None
