"""Certified electronic copies of originals: a scan, compared with the original page by page, numbered, signed, filed.

Whoever compared every page is who certifies. The number comes from the book of the agency and year, in an act of its
own before the signature, so that books have no gaps and the number stands in what is signed; a copy that could not be
signed keeps it for the next attempt. Every state is an act of the journal with the whole row, and an entry of the
ledger. Procedure 2.000815.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pipeline import journal
from pipeline.access.errors import NotAllowedError
from pipeline.access.principal import Purpose
from pipeline.access.roles import Right
from pipeline.catalogue import history
from pipeline.catalogue.rows import Filing
from pipeline.catalogue.steps_door import add_number
from pipeline.clock import local
from pipeline.keeping.retention import keep
from pipeline.keys import filed_key, page_key
from pipeline.record import Model
from pipeline.steps.copy_rules import load_rules
from pipeline.steps.copy_sheet import copy_pdf, words_of
from pipeline.steps.doing import own_dossier
from pipeline.steps.errors import (
    CopyNotComparedError,
    CopyPagesError,
    CopyUnknownError,
    StepChangedError,
    StepReasonError,
    StepRefusedError,
)
from pipeline.steps.place import opened
from pipeline.steps.place import seal as sealed_words
from pipeline.steps.signatures import agency_name, signed
from pipeline.verification import CERTIFIED_COPY

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.tools import Tools

COPIED = "steps.copied"
"""Kind of the journal's act."""
OPEN, CERTIFIED, DROPPED = "open", "certified", "dropped"


class CopyPage(Model):
    """A page of the scan."""

    number: int
    """In the dossier."""
    image: str
    """Key of its image in the store."""
    same: bool | None = None
    """What the officer saw; None: not compared yet."""
    by: str | None = None
    at: str | None = None


class Copy(Model):
    """A certified copy, or one on its way."""

    id: str
    agency: str
    dossier: str
    state: str
    seq: int
    title: str
    pages: tuple[CopyPage, ...]
    copies: int = Field(ge=1)
    fee: int
    """Dong, for all copies."""
    number: int | None = None
    year: int | None = None
    book: str = ""
    volume: str = ""
    key: str | None = None
    sha256: str | None = None
    level: str | None = None
    made_by: str
    remark: str = ""
    changed_at: datetime

    @property
    def next_page(self) -> CopyPage | None:
        """The first page that nobody compared yet."""
        return next((page for page in self.pages if page.same is None), None)


def begin(tools: Tools, who: Principal, dossier_id: str, document_id: str, copies: int = 1) -> Copy:
    """A copy of one paper of a dossier. Raises `NotAllowedError`, `UnknownDossierError`, `CopyPagesError`."""
    _allowed(who)
    dossier = own_dossier(tools, who, dossier_id)
    document = next((one for one in dossier.documents if one.id == document_id), None)
    by_number = {page.number: page for page in dossier.pages}
    pages = [by_number[n] for n in document.pages if n in by_number] if document else []
    if document is None or not pages or any(not page.image_sha256 for page in pages):
        raise CopyPagesError(dossier_id, document_id)
    rules = load_rules()
    copy = Copy(
        id=str(uuid.uuid4()),
        agency=dossier.agency or tools.settings.agency_code,
        dossier=dossier.id,
        state=OPEN,
        seq=1,
        title=document.title,
        pages=tuple(CopyPage(number=p.number, image=page_key(p.image_sha256, p.media_type)) for p in pages),
        copies=copies,
        fee=rules.fee.amount(len(pages), copies),
        book=rules.book,
        volume=rules.volume,
        made_by=who.id,
        changed_at=tools.clock(),
    )
    return _enter(tools, who, copy, "begun")


def tick(tools: Tools, who: Principal, copy_id: str, *, seen: int, page: int, same: bool, remark: str = "") -> Copy:
    """What an officer saw when they held a page beside its original; a page that differs needs a remark."""
    copy = _open(tools, who, copy_id, seen)
    if all(one.number != page for one in copy.pages):
        raise CopyPagesError(copy.dossier, str(page))
    if not same and not remark.strip():
        raise StepReasonError(copy.dossier)
    now = tools.clock().isoformat()
    marked = {"same": same, "by": who.id, "at": now}
    pages = tuple(one.model_copy(update=marked) if one.number == page else one for one in copy.pages)
    said = copy.remark if same else remark.strip()[:1000]
    return _enter(tools, who, copy.model_copy(update={"pages": pages, "remark": said, "seq": copy.seq + 1}), "compared")


def drop(tools: Tools, who: Principal, copy_id: str, *, seen: int, remark: str) -> Copy:
    """Nothing is certified; a number that was given stays in the book, struck out."""
    copy = _open(tools, who, copy_id, seen)
    if not remark.strip():
        raise StepReasonError(copy.dossier)
    changed = {"state": DROPPED, "remark": remark.strip()[:1000], "seq": copy.seq + 1}
    return _enter(tools, who, copy.model_copy(update=changed), "dropped")


def certify(tools: Tools, who: Principal, copy_id: str, *, seen: int) -> Copy:
    """Numbers, signs and files a copy that this person compared page by page.

    Raises `CopyNotComparedError`, and what `pipeline.steps.signatures.signed` raises.
    """
    copy = _open(tools, who, copy_id, seen)
    if any(page.same is not True or page.by != who.id for page in copy.pages):
        raise CopyNotComparedError(copy.dossier)
    dossier = own_dossier(tools, who, copy.dossier)
    rules = load_rules()
    if copy.number is None:
        copy = _enter(tools, who, copy.model_copy(update={"seq": copy.seq + 1}), "numbered", number=True)
    images = [tools.store.get(page.image) for page in copy.pages]
    words = words_of(
        title=copy.title,
        number=copy.number or 0,
        volume=copy.volume,
        book=copy.book,
        fee=copy.fee // copy.copies,
        pages=len(copy.pages),
        agency=agency_name(tools, copy.agency),
        officer=who.name,
        at=copy.changed_at,
    )
    pdf = copy_pdf(
        images, title=f"Bản sao chứng thực {copy.number}", words=words, code=copy.dossier, moment=copy.changed_at
    )
    made = signed(
        tools,
        dossier,
        pdf,
        rules.signers,
        reason=f"Chứng thực bản sao số {copy.number}/{copy.year} {copy.book}",
        attempt=f"copy {copy.id} {copy.seq}",
        copy_kind=rules.copy_kind,
    )
    key = filed_key(dossier.id, made.sha256, "copy.pdf")
    tools.store.put_new(key, made.data, "application/pdf")
    changed = {"state": CERTIFIED, "key": key, "sha256": made.sha256, "level": made.level, "seq": copy.seq + 1}
    filing = {"kind": CERTIFIED_COPY, "object_key": key, "sha256": made.sha256, "size": made.size, "level": made.level}
    done = _enter(tools, who, copy.model_copy(update=changed), "certified", filing=filing)
    keep(tools, dossier, [key])
    return done


def one(tools: Tools, who: Principal, copy_id: str) -> Copy:
    """A copy; the look is put on record. Raises `CopyUnknownError`, `NotAllowedError`."""
    copy = _own(tools, who, copy_id)
    tools.catalogue.ledger().read(who, Purpose.PROCEDURE, copy.dossier, "copy")
    return copy


def listed(tools: Tools, who: Principal) -> list[Copy]:
    """Copies on their way and certified ones of the agency, the newest first."""
    _allowed(who)
    rows = tools.catalogue.steps().copies(who.agency, [OPEN, CERTIFIED])
    return [_copy(tools, row) for row in rows]


def number_of(tools: Tools, dossier_id: str, sha256: str) -> str:
    """Number and book of a certified copy that is this very file; empty where there is none."""
    for row in tools.catalogue.steps().copies_of(dossier_id):
        data = row["data"]
        if data.get("sha256") == sha256:
            return f"{data['number']}, {data['volume']}/{data['year']} {data['book']}"
    return ""


def replay(tools: Tools, act: journal.Act) -> bool:
    """Puts an act back; whether it was missing."""
    payload: Any = act.payload
    row = dict(payload["row"]) | {"changed_at": act.at}
    numbers = [said | {"act": act.id, "at": act.at} for said in payload["numbers"]]
    filings = [Filing.model_validate(said | {"filed_at": act.at}) for said in payload["filings"]]
    return tools.catalogue.steps().replay_copy(row, numbers, filings)


def _allowed(who: Principal) -> None:
    if not who.may(Right.COPY_CERTIFY):
        raise NotAllowedError(None, Right.COPY_CERTIFY)


def _own(tools: Tools, who: Principal, copy_id: str) -> Copy:
    _allowed(who)
    row = tools.catalogue.steps().copy(copy_id)
    if row is None or not who.may_see(row["agency"]):
        raise CopyUnknownError
    return _copy(tools, row)


def _open(tools: Tools, who: Principal, copy_id: str, seen: int) -> Copy:
    copy = _own(tools, who, copy_id)
    if copy.seq != seen:
        raise StepChangedError(copy.dossier, f"{seen}, now {copy.seq}")
    if copy.state != OPEN:
        raise StepRefusedError(copy.dossier, copy.state)
    return copy


def _copy(tools: Tools, row: dict[str, Any]) -> Copy:
    said = opened(tools.vault, row["sealed"])
    own = {key: row[key] for key in ("id", "agency", "state", "seq", "made_by", "changed_at")}
    words = {"title": said.get("title", ""), "remark": said.get("remark", "")}
    return Copy.model_validate(row["data"] | own | words | {"dossier": row["dossier_id"]})


def _enter(
    tools: Tools, who: Principal, copy: Copy, what: str, *, number: bool = False, filing: dict[str, Any] | None = None
) -> Copy:
    """One state more: journal, row, number, filing, ledger."""
    locks = [f"copy {copy.id}", *([f"book {copy.agency} {copy.book}"] if number else [])]
    with tools.catalogue.steps().acting(locks) as desk:
        known = desk.copy_seq(copy.id)
        if known != copy.seq - 1:
            raise StepChangedError(copy.dossier, f"{copy.seq - 1}, now {known}")
        numbers: list[dict[str, Any]] = []
        if number:
            year = local(desk.now).year
            given = desk.next_number(copy.agency, year, copy.book)
            copy = copy.model_copy(update={"number": given, "year": year})
            numbers.append({"agency": copy.agency, "year": year, "book": copy.book, "number": given})
            numbers[0] |= {"subject": copy.id, "item": "copy"}
        copy = copy.model_copy(update={"changed_at": desk.now})
        plain = {"id", "agency", "dossier", "state", "seq", "title", "remark", "made_by", "changed_at"}
        row = {
            "id": copy.id,
            "agency": copy.agency,
            "dossier_id": copy.dossier,
            "state": copy.state,
            "sealed": sealed_words(tools.vault, copy.dossier, {"title": copy.title, "remark": copy.remark}),
            "data": json.loads(copy.model_dump_json(exclude=plain)),
            "made_by": copy.made_by,
            "seq": copy.seq,
        }
        filings = [filing | {"dossier": copy.dossier}] if filing else []
        payload: dict[str, Any] = {"row": row, "numbers": numbers, "filings": filings}
        act = journal.act(tools.store, COPIED, copy.id, payload, desk.now)
        for said in numbers:
            add_number(desk.connection, said | {"act": act.id, "at": desk.now})
        for said in filings:
            history.record_filing(desk.connection, Filing.model_validate(said | {"filed_at": desk.now}))
        desk.put_copy(row | {"changed_at": desk.now})
        desk.log(copy.dossier, {"copy": copy.id, "what": what, "act": act.id}, who.id)
    return copy
