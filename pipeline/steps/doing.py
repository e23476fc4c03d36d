"""Doing an act of the five steps: who may, whether it fits, the signatures it needs, and then all of it or nothing.

Signatures are made first, outside any transaction. The transaction looks again at the history: whoever was second is
told so (`StepChangedError`) and nothing of theirs is written. The act is an object of the journal, then a row with its
filings and numbers, an entry of the ledger, and the moves of the national portal's status that follow from it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pipeline import journal
from pipeline.access.errors import NotAllowedError
from pipeline.clock import local
from pipeline.conductor import UnknownDossierError
from pipeline.keeping.retention import keep
from pipeline.keys import filed_key, prepared_key
from pipeline.kho.moves import RESULT_PDF, ResultUnsignedError, check_results, lock, moved
from pipeline.record import Model, Status
from pipeline.rules.deadlines import due_date
from pipeline.steps import errors
from pipeline.steps.place import Place, place_of, seal
from pipeline.steps.signatures import check_result, signed_result, signed_slip
from pipeline.steps.table import ACTS, RIGHT_OF, Step, Verb, after, fits, may, way

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.catalogue.steps_door import StepsActing
    from pipeline.procedures.terms import StepSigners
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
_REASONS = {
    Step.APPRAISE: "Thẩm định kết quả",
    Step.APPROVE: "Phê duyệt kết quả",
    Step.SEAL: "Phát hành kết quả, số {number}/{year}",
}


class Order(Model):
    """An act that somebody wants done."""

    verb: Verb
    seen: int = Field(default=0, ge=0)
    """Number of the last act that they saw; a comment needs none."""
    note: str = Field(default="", max_length=2000)
    """Opinion or reason; what a citizen is told stands on the form as it is written here."""
    assignee: str | None = Field(default=None, max_length=100)
    """With `assign`: an account of the agency; None takes the assignment away."""
    until: date | None = None
    """With `extend`: the new day."""
    result: str | None = Field(default=None, pattern=r"^r[0-9]{1,3}$")
    """With `remove`: which; with `attach`: which is replaced."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What an act brings, before it is written."""

    data: dict[str, Any] = field(default_factory=dict)
    filings: tuple[dict[str, Any], ...] = ()
    title: str = ""


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
        _check_results(dossier_id, place)
        place = do(tools, who, dossier_id, order.model_copy(update={"verb": Verb.NUMBER, "note": ""}))
        order = order.model_copy(update={"seen": place.seq})
    made = _PREPARE.get(order.verb, _nothing)(tools, who, dossier, place, order)
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
    return _enter(tools, who, dossier, place, order, _Made({"result": said}, title=" ".join(title.split())[:200]))


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


def _signers(tools: Tools, dossier: Dossier) -> StepSigners:
    if dossier.procedure is None:
        raise errors.NotDigitisedError(dossier.id, "procedure unknown")
    return tools.procedures().get(dossier.procedure, local(dossier.received_at).date()).steps


def _nothing(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    del tools, who, dossier, place, order
    return _Made()


def _slip(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    """The signed form that the citizen gets."""
    form = ACTS[order.verb].slip
    if form is None or (order.verb is Verb.ACCEPT and place.accepted):
        return _Made()
    signers = _signers(tools, dossier)
    roles = signers.approve[:1] if ACTS[order.verb].right is RIGHT_OF[Step.APPROVE] else signers.receive
    key, made = signed_slip(
        tools,
        who,
        dossier,
        form,
        note=order.note.strip(),
        due=order.until if order.verb is Verb.EXTEND else None,
        roles=roles,
        attempt=f"{order.verb.value} {place.seq + 1}",
    )
    said = {"form": form.value, "key": key, "sha256": made.sha256, "size": made.size, "level": made.level}
    filing = {"kind": f"slip_{form.value}", "object_key": key} | {k: said[k] for k in ("sha256", "size", "level")}
    return _Made({"slip": said}, (filing,))


def _accept(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    if dossier.status is not Status.FILED or dossier.procedure is None:
        raise errors.NotDigitisedError(dossier.id, dossier.status.value)
    made = _slip(tools, who, dossier, place, order)
    received = local(dossier.received_at)
    limit = tools.procedures().get(dossier.procedure, received.date()).time_limit
    if limit is None or place.due is not None:
        return made
    return replace(made, data=made.data | {"due": due_date(received, limit).day.isoformat()})


def _extend(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    today = local(tools.clock()).date()
    if order.until is None or order.until <= today or order.until.isoformat() <= (place.due or ""):
        raise errors.ExtensionDayError(dossier.id)
    made = _slip(tools, who, dossier, place, order)
    return replace(made, data=made.data | {"due": order.until.isoformat()})


def _assign(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    if order.assignee is None:
        return _Made({"assignee": None})
    accounts = tools.catalogue.access().accounts()
    found = next((one for one in accounts if one.id == order.assignee and not one.disabled), None)
    if found is None or found.agency != who.agency or not found.principal().may(RIGHT_OF[place.step]):
        raise errors.AssigneeError(dossier.id)
    return _Made({"assignee": found.id, "assignee_name": found.name})


def _remove(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    del tools, who
    found = place.result(order.result or "")
    if found is None:
        raise errors.ResultUnknownError(dossier.id, order.result or "")
    if found.number is not None:
        raise errors.StepRefusedError(dossier.id, "it has a number of the book: put another in its place")
    return _Made({"removed": found.id})


def _number(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    del tools, who, order
    _check_results(dossier.id, place)
    if all(result.number is not None for result in place.results):
        raise errors.StepRefusedError(dossier.id, "all results have their numbers")
    return _Made()


def _check_results(dossier_id: str, place: Place) -> None:
    if not place.results:
        raise errors.ResultMissingError(dossier_id)


def _appraise(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    del who, order
    roles = _signers(tools, dossier).appraise
    return _sign_results(tools, dossier, place, roles) if roles else _Made()


def _approve(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    del order
    signers = _signers(tools, dossier)
    _check_results(dossier.id, place)
    if signers.four_eyes and who.id == place.appraised_by:
        raise errors.OwnWorkError(dossier.id)
    return _sign_results(tools, dossier, place, signers.approve)


def _seal(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    from signing.verdict import Outcome
    from signing.verify import verify_pdf

    del who, order
    _check_results(dossier.id, place)
    if any(result.last.step is not Step.APPROVE for result in place.results):
        raise ResultUnsignedError(dossier.id, "a result is not approved")
    made = _sign_results(tools, dossier, place, _signers(tools, dossier).seal)
    for said in made.data["signed"].values():
        verdict = verify_pdf(tools.store.get(said["key"]), tools.trust())
        if verdict.outcome is not Outcome.VALID:
            raise ResultUnsignedError(dossier.id, ", ".join(reason.code for reason in verdict.reasons))
    return made


def _sign_results(tools: Tools, dossier: Dossier, place: Place, roles: tuple[str, ...]) -> _Made:
    said, filings = {}, []
    for result in place.results:
        reason = _REASONS[place.step].format(number=result.number, year=result.year)
        attempt = f"{result.id} {place.step.value} {place.seq + 1}"
        made = signed_result(tools, dossier, result.before(place.step), roles, reason=reason, attempt=attempt)
        sealed = place.step is Step.SEAL
        key = filed_key(dossier.id, made.sha256, "result.pdf") if sealed else prepared_key(dossier.id, made.sha256)
        tools.store.put_new(key, made.data, "application/pdf")
        facts = {"sha256": made.sha256, "size": made.size, "level": made.level}
        said[result.id] = {"key": key} | facts
        if sealed:
            filings.append({"kind": RESULT_PDF, "object_key": key} | facts)
    return _Made({"signed": said}, tuple(filings))


def _return(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> _Made:
    """What is not signed cannot be returned: every result is read back and judged."""
    del who, order
    filed = {filing.sha256 for filing in tools.catalogue.filings_of(dossier.id) if filing.kind == RESULT_PDF}
    if not place.results or any(r.last.step is not Step.SEAL or r.last.sha256 not in filed for r in place.results):
        raise ResultUnsignedError(dossier.id, "a result is not sealed")
    check_results(tools, dossier.id)
    return _Made()


_PREPARE = {
    Verb.ACCEPT: _accept,
    Verb.REFUSE: _slip,
    Verb.ASK: _slip,
    Verb.STOP: _slip,
    Verb.EXTEND: _extend,
    Verb.ASSIGN: _assign,
    Verb.REMOVE: _remove,
    Verb.APPRAISE: _appraise,
    Verb.APPROVE: _approve,
    Verb.NUMBER: _number,
    Verb.SEAL: _seal,
    Verb.RETURN: _return,
}


def _enter(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order, made: _Made) -> Place:  # noqa: PLR0917 - one caller's own parts
    """Writes the act: journal, row, filings, numbers, ledger, status of the portal."""
    verb, agency = order.verb, dossier.agency or tools.settings.agency_code
    to_step, to_state = after(verb, place.step, place.state)
    book = _signers(tools, dossier).book if verb is Verb.NUMBER else ""
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
