"""What an act of the steps needs before it is written: the signatures on results and slips, days, people, checks.

Made outside any transaction, since a signature takes a moment; nothing of it counts until the act is entered.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from pipeline.catalogue.session import nfc
from pipeline.clock import local
from pipeline.keys import filed_key, prepared_key
from pipeline.kho.moves import RESULT_PDF, ResultUnsignedError, check_results
from pipeline.record import Model, Status
from pipeline.rules.deadlines import due_date
from pipeline.steps import errors
from pipeline.steps.signatures import signed_result, signed_slip
from pipeline.steps.table import ACTS, RIGHT_OF, Step, Verb

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.procedures.terms import StepSigners
    from pipeline.record import Dossier
    from pipeline.steps.place import Place
    from pipeline.tools import Tools

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

    @field_validator("note")
    @classmethod
    def _one_form(cls, note: str) -> str:
        return str(nfc(note))


@dataclass(frozen=True, slots=True)
class Made:
    """What an act brings, before it is written."""

    data: dict[str, Any] = field(default_factory=dict)
    filings: tuple[dict[str, Any], ...] = ()
    title: str = ""


def signers_of(tools: Tools, dossier: Dossier) -> StepSigners:
    """Who signs at which step of this dossier's procedure. Raises `NotDigitisedError`."""
    if dossier.procedure is None:
        raise errors.NotDigitisedError(dossier.id, "procedure unknown")
    return tools.procedures().get(dossier.procedure, local(dossier.received_at).date()).steps


def nothing(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    """For acts that bring nothing."""
    del tools, who, dossier, place, order
    return Made()


def _slip(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    """The signed form that the citizen gets."""
    form = ACTS[order.verb].slip
    if form is None or (order.verb is Verb.ACCEPT and place.accepted):
        return Made()
    signers = signers_of(tools, dossier)
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
    return Made({"slip": said}, (filing,))


def _accept(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    if dossier.status is not Status.FILED or dossier.procedure is None:
        raise errors.NotDigitisedError(dossier.id, dossier.status.value)
    made = _slip(tools, who, dossier, place, order)
    received = local(dossier.received_at)
    limit = tools.procedures().get(dossier.procedure, received.date()).time_limit
    if limit is None or place.due is not None:
        return made
    return replace(made, data=made.data | {"due": due_date(received, limit).day.isoformat()})


def _extend(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    today = local(tools.clock()).date()
    if order.until is None or order.until <= today or order.until.isoformat() <= (place.due or ""):
        raise errors.ExtensionDayError(dossier.id)
    made = _slip(tools, who, dossier, place, order)
    return replace(made, data=made.data | {"due": order.until.isoformat()})


def _assign(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    if order.assignee is None:
        return Made({"assignee": None})
    accounts = tools.catalogue.access().accounts()
    found = next((one for one in accounts if one.id == order.assignee and not one.disabled), None)
    if found is None or found.agency != who.agency or not found.principal().may(RIGHT_OF[place.step]):
        raise errors.AssigneeError(dossier.id)
    return Made({"assignee": found.id, "assignee_name": found.name})


def _remove(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    del tools, who
    found = place.result(order.result or "")
    if found is None:
        raise errors.ResultUnknownError(dossier.id, order.result or "")
    if found.number is not None:
        raise errors.StepRefusedError(dossier.id, "it has a number of the book: put another in its place")
    return Made({"removed": found.id})


def _number(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    del tools, who, order
    need_results(dossier.id, place)
    if all(result.number is not None for result in place.results):
        raise errors.StepRefusedError(dossier.id, "all results have their numbers")
    return Made()


def need_results(dossier_id: str, place: Place) -> None:
    """Raises `ResultMissingError`."""
    if not place.results:
        raise errors.ResultMissingError(dossier_id)


def _appraise(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    del who, order
    roles = signers_of(tools, dossier).appraise
    return _sign_results(tools, dossier, place, roles) if roles else Made()


def _approve(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    del order
    signers = signers_of(tools, dossier)
    need_results(dossier.id, place)
    if signers.four_eyes and who.id == place.appraised_by:
        raise errors.OwnWorkError(dossier.id)
    return _sign_results(tools, dossier, place, signers.approve)


def _seal(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    from signing.verdict import Outcome
    from signing.verify import verify_pdf

    del who, order
    need_results(dossier.id, place)
    if any(result.last.step is not Step.APPROVE for result in place.results):
        raise ResultUnsignedError(dossier.id, "a result is not approved")
    made = _sign_results(tools, dossier, place, signers_of(tools, dossier).seal)
    for said in made.data["signed"].values():
        verdict = verify_pdf(tools.store.get(said["key"]), tools.trust())
        if verdict.outcome is not Outcome.VALID:
            raise ResultUnsignedError(dossier.id, ", ".join(reason.code for reason in verdict.reasons))
    return made


def _sign_results(tools: Tools, dossier: Dossier, place: Place, roles: tuple[str, ...]) -> Made:
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
    return Made({"signed": said}, tuple(filings))


def _return(tools: Tools, who: Principal, dossier: Dossier, place: Place, order: Order) -> Made:
    """What is not signed cannot be returned: every result is read back and judged."""
    del who, order
    filed = {filing.sha256 for filing in tools.catalogue.filings_of(dossier.id) if filing.kind == RESULT_PDF}
    if not place.results or any(r.last.step is not Step.SEAL or r.last.sha256 not in filed for r in place.results):
        raise ResultUnsignedError(dossier.id, "a result is not sealed")
    check_results(tools, dossier.id)
    return Made()


PREPARE = {
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
"""By verb; acts that are not here bring nothing."""
