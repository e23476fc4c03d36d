"""Doing an act of the five steps: who may, whether it fits, the signatures it needs, and then all of it or nothing.

Signatures are made first, outside any transaction. The transaction looks again at the history: whoever was second is
told so (`StepChangedError`) and nothing of theirs is written. The act is an object of the journal, then a row with its
filings and numbers, an entry of the ledger, and the moves of the national portal's status that follow from it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipeline import journal
from pipeline.access.errors import NotAllowedError
from pipeline.clock import local
from pipeline.conductor import UnknownDossierError
from pipeline.keeping.retention import keep
from pipeline.keys import prepared_key
from pipeline.kho.moves import lock, moved
from pipeline.steps import errors
from pipeline.steps.place import Place, place_of, seal
from pipeline.steps.preparing import PREPARE, Made, Order, need_results, nothing, signers_of
from pipeline.steps.signatures import check_result
from pipeline.steps.table import ACTS, Verb, after, fits, may, way

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.catalogue.steps_door import StepsActing
    from pipeline.record import Dossier
    from pipeline.tools import Tools

DONE = "steps.done"
"""Kind of the journal's act."""
_WHY = {
    Verb.REFUSE: "Theo phiếu từ chối tiếp nhận, giải quyết hồ sơ",
    Verb.ASK: "Theo phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
    Verb.CHARGE: "Yêu cầu thực hiện nghĩa vụ tài chính",
    Verb.WITHDRAW: "Công dân yêu cầu rút hồ sơ",
    Verb.STOP: "Theo thông báo dừng giải quyết hồ sơ",
}
"""What the portal is told: the words themselves may be about a person, and are in the signed form."""


def own_dossier(tools: Tools, who: Principal, dossier_id: str) -> Dossier:
    """The dossier. Raises `UnknownDossierError` for another agency's, too."""
    dossier = tools.catalogue.load(dossier_id)
    if dossier is None or not who.may_see(dossier.agency or tools.settings.agency_code):
        raise UnknownDossierError(dossier_id)
    return dossier


def standing(tools: Tools, dossier_id: str) -> Place:
    """Where a dossier stands."""
    return place_of(tools.vault, tools.catalogue.steps().of(dossier_id))


def do(tools: Tools, who: Principal, dossier_id: str, order: Order) -> Place:
    """Does an act; returns where the dossier stands after it.

    Raises `UnknownDossierError`, `NotAllowedError`, the errors of `pipeline.steps.errors`, `SlipRefusedError`,
    `ResultUnsignedError`, `MoveRefusedError`, `HeldError` where a signature has to wait, and `StoreError`.
    """
    dossier = own_dossier(tools, who, dossier_id)
    place = standing(tools, dossier_id)
    check(who, dossier, place, order)
    if order.verb is Verb.SEAL and any(result.number is None for result in place.results):
        # A number is given first, in an act of its own: it stands in what is sealed, and none is ever lost.
        need_results(dossier_id, place)
        place = do(tools, who, dossier_id, order.model_copy(update={"verb": Verb.NUMBER, "note": ""}))
        order = order.model_copy(update={"seen": place.seq})
    made = PREPARE.get(order.verb, nothing)(tools, who, dossier, place, order)
    return _enter(tools, who, dossier, place, order, made)


def attach(tools: Tools, who: Principal, dossier_id: str, order: Order, *, title: str, pdf: bytes) -> Place:
    """Attaches a result's PDF, or puts another in the place of `order.result`. Raises as `do` does."""
    dossier = own_dossier(tools, who, dossier_id)
    place = standing(tools, dossier_id)
    order = order.model_copy(update={"verb": Verb.ATTACH})
    check(who, dossier, place, order)
    if order.result is not None and place.result(order.result) is None:
        raise errors.ResultUnknownError(dossier_id, order.result)
    check_result(tools, dossier_id, pdf)
    sha256 = hashlib.sha256(pdf).hexdigest()
    key = prepared_key(dossier.id, sha256)
    tools.store.put_new(key, pdf, "application/pdf")
    said = {"id": order.result or f"r{place.seq + 1}", "key": key, "sha256": sha256, "size": len(pdf)}
    return _enter(tools, who, dossier, place, order, Made({"result": said}, title=" ".join(title.split())[:200]))


def check(who: Principal, dossier: Dossier, place: Place, order: Order) -> None:
    """Whether somebody may do this, here, now; raises what is in the way."""
    verb, act = order.verb, ACTS[order.verb]
    if not may(who, verb, place.step):
        raise NotAllowedError(dossier.id, f"{verb.value} at {place.step.value}")
    if verb is not Verb.COMMENT and order.seen != place.seq:
        raise errors.StepChangedError(dossier.id, f"{order.seen}, now {place.seq}")
    if not fits(verb, place.step, place.state, accepted=place.accepted):
        raise errors.StepRefusedError(dossier.id, f"{verb.value} at {place.step.value}, {place.state.value}")
    if act.hands and place.assignee not in {None, who.id}:
        raise errors.StepTakenError(dossier.id)
    if act.reasoned and not order.note.strip():
        raise errors.StepReasonError(dossier.id, verb.value)


def _enter(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order, made: Made) -> Place:  # noqa: PLR0917 - one caller's own parts
    """Writes the act: journal, row, filings, numbers, ledger, status of the portal."""
    verb, agency = order.verb, dossier.agency or tools.settings.agency_code
    to_step, to_state = after(verb, place.step, place.state)
    book = signers_of(tools, dossier).book if verb is Verb.NUMBER else ""
    locks = [lock(dossier.id), f"steps {dossier.id}", *([f"book {agency} {book}"] if book else [])]
    with tools.catalogue.steps().acting(locks) as desk:
        history = desk.done(dossier.id)
        seq = len(history)
        if verb is not Verb.COMMENT and seq != place.seq:
            raise errors.StepChangedError(dossier.id, f"{place.seq}, now {seq}")
        data, numbers = dict(made.data), list[dict[str, Any]]()
        if verb is Verb.COMMENT:
            now = place_of(tools.vault, history)
            place, to_step, to_state = now, now.step, now.state
        if book:
            data, numbers = _numbers(desk, agency, book, place)
        row = {
            "seq": seq + 1,
            "verb": verb.value,
            "step": place.step.value,
            "next_step": to_step.value,
            "next_state": to_state.value,
            "agency": agency,
            "who": who.id,
            "who_name": who.name[:200],
            "sealed": seal(tools.vault, dossier.id, {"note": order.note.strip(), "title": made.title}),
            "data": data,
        }
        payload: dict[str, Any] = {"row": row, "filings": list(made.filings), "numbers": numbers}
        act = journal.act(tools.store, DONE, dossier.id, payload, desk.now)
        desk.write(act, {"verb": verb.value, "step": place.step.value, "act": act.id}, who.id)
        status = desk.moving.status(dossier.id)
        for number, to in enumerate(way(verb, status, accepted=place.accepted), start=1):
            # Each a moment later: acts of the journal are replayed in the order of their times.
            later = replace(desk.moving, now=desk.now + timedelta(microseconds=number))
            moved(tools, later, dossier, to, who=who.id, why=_WHY.get(verb, ""))
        made_place = place_of(tools.vault, desk.done(dossier.id))
    if made.filings:
        keep(tools, dossier, [filing["object_key"] for filing in made.filings])
    return made_place


def _numbers(desk: StepsActing, agency: str, book: str, place: Place) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The next numbers of the book for results that have none."""
    year = local(desk.now).year
    wanted = [result.id for result in place.results if result.number is None]
    first = desk.next_number(agency, year, book)
    given = dict(zip(wanted, range(first, first + len(wanted)), strict=True))
    rows = [
        {"agency": agency, "year": year, "book": book, "number": number, "item": result_id}
        for result_id, number in given.items()
    ]
    return {"numbers": given, "year": year, "book": book}, rows
