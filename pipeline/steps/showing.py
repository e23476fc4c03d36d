"""What people see of the steps: worklists, a dossier's way with who did what when, files of results and slips.

Lists hold no value of a person, so they are no look on record; a dossier's page and its files are. Results are for the
agency's own people until they are returned: `results_of` gives nothing before, whoever asks in a citizen's name.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.access.principal import Purpose
from pipeline.catalogue.steps_door import Listed
from pipeline.clock import local
from pipeline.record import Model
from pipeline.steps.doing import own_dossier, standing
from pipeline.steps.errors import ResultUnknownError
from pipeline.steps.place import Place, Result, opened, place_of
from pipeline.steps.table import ACTS, ENDED, RIGHT_OF, State, Step, Verb, fits, may

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.catalogue.steps_door import Done
    from pipeline.tools import Tools


class Said(Model):
    """An act as people read it."""

    seq: int
    verb: Verb
    step: Step
    who: str
    at: datetime
    note: str = ""
    title: str = ""
    """Of a result that was attached."""
    assignee: str | None = None
    """Name of whom it was given to."""
    due: str | None = None
    numbers: tuple[int, ...] = ()
    year: int | None = None
    slip: str | None = None
    """Form that was signed and handed out."""


class Person(Model):
    """Whom a dossier can be given to."""

    id: str
    name: str


class StepPage(Model):
    """A dossier's steps for one person."""

    dossier: str
    procedure: str | None
    procedure_name: str
    received_at: datetime
    place: Place
    history: tuple[Said, ...]
    acts: tuple[Verb, ...]
    """What this person may do here and now."""
    people: tuple[Person, ...]
    """Whom it can be given to."""
    assignee: str | None
    """Name."""
    late: bool


class Worklist(Model):
    """What waits for somebody."""

    todo: tuple[Listed, ...]
    """At a step of theirs, and given to them or to nobody; new dossiers first where they receive."""
    waiting: tuple[Listed, ...]
    """At a step of theirs, waiting for the citizen or for a leader's word."""
    today: str
    """ISO 8601, in Vietnam: what is due before is late."""


def worklist(tools: Tools, who: Principal) -> Worklist:
    """The soonest due first. Nothing personal is in it."""
    door, agency = tools.catalogue.steps(), who.agency
    mine = [step.value for step, right in RIGHT_OF.items() if who.may(right)]
    todo = door.listed(agency, mine, [State.OPEN.value], who=who.id)
    every = [step.value for step in Step]
    waiting = list[Listed]()
    if who.may(RIGHT_OF[Step.RECEIVE]):
        own = agency == tools.settings.agency_code
        todo = [*door.not_begun((agency, "") if own else (agency,)), *todo]
        waiting += door.listed(agency, every, [State.SUPPLEMENT.value, State.PAYMENT.value])
    if who.may(RIGHT_OF[Step.APPROVE]):
        todo = [*door.listed(agency, every, [State.WITHDRAWING.value]), *todo]
    today = local(tools.clock()).date().isoformat()
    return Worklist(todo=tuple(todo), waiting=tuple(waiting), today=today)


def page(tools: Tools, who: Principal, dossier_id: str) -> StepPage:
    """A dossier's steps; the look is put on record. Raises `UnknownDossierError`."""
    dossier = own_dossier(tools, who, dossier_id)
    tools.catalogue.ledger().read(who, Purpose.PROCEDURE, dossier.id, "steps")
    history = tools.catalogue.steps().of(dossier.id)
    place = place_of(tools.vault, history)
    acts = tuple(verb for verb in Verb if _possible(who, place, verb))
    accounts = tools.catalogue.access().accounts() if Verb.ASSIGN in acts or place.assignee else []
    names = {account.id: account.name for account in accounts}
    right = RIGHT_OF[place.step]
    people = [
        Person(id=account.id, name=account.name)
        for account in accounts
        if account.agency == who.agency and not account.disabled and account.principal().may(right)
    ]
    today = local(tools.clock()).date().isoformat()
    return StepPage(
        dossier=dossier.id,
        procedure=dossier.procedure,
        procedure_name=dossier.procedure_name,
        received_at=dossier.received_at,
        place=place,
        history=tuple(_said(tools, one) for one in history),
        acts=acts,
        people=tuple(people) if Verb.ASSIGN in acts else (),
        assignee=names.get(place.assignee or ""),
        late=place.due is not None and place.state not in ENDED and place.due < today,
    )


def result_file(tools: Tools, who: Principal, dossier_id: str, result_id: str) -> bytes:
    """A result's PDF as it is now. Raises `UnknownDossierError`, `ResultUnknownError`, `StoreError`."""
    dossier = own_dossier(tools, who, dossier_id)
    place = standing(tools, dossier.id)
    found = place.result(result_id)
    # Machines pull for others: they get what the citizen got.
    if found is None or (who.machine and place.state is not State.RETURNED):
        raise ResultUnknownError(dossier.id, result_id)
    purpose = Purpose.DOWNSTREAM if who.machine else Purpose.PROCEDURE
    tools.catalogue.ledger().read(who, purpose, dossier.id, "result")
    return tools.reading().get(found.last.key)


def slip_file(tools: Tools, who: Principal, dossier_id: str, seq: int) -> bytes:
    """The signed form of an act. Raises as `result_file` does."""
    dossier = own_dossier(tools, who, dossier_id)
    found = next((slip for slip in standing(tools, dossier.id).slips if slip.seq == seq), None)
    if found is None:
        raise ResultUnknownError(dossier.id, str(seq))
    tools.catalogue.ledger().read(who, Purpose.PROCEDURE, dossier.id, "slip")
    return tools.reading().get(found.key)


def results_of(tools: Tools, dossier_id: str) -> tuple[Result, ...]:
    """What a citizen may have: nothing until the result was returned."""
    place = standing(tools, dossier_id)
    return place.results if place.state is State.RETURNED else ()


def _possible(who: Principal, place: Place, verb: Verb) -> bool:
    if not may(who, verb, place.step) or not fits(verb, place.step, place.state, accepted=place.accepted):
        return False
    if verb in {Verb.NUMBER, Verb.SEAL, Verb.APPROVE} and not place.results:
        return False
    if verb is Verb.NUMBER and all(result.number is not None for result in place.results):
        return False
    if verb is Verb.REMOVE and all(result.number is not None for result in place.results):
        return False
    return not ACTS[verb].hands or place.assignee in {None, who.id}


def _said(tools: Tools, one: Done) -> Said:
    words = opened(tools.vault, one.sealed)
    data = one.data
    return Said(
        seq=one.seq,
        verb=Verb(one.verb),
        step=Step(one.step),
        who=one.who_name,
        at=one.at,
        note=words.get("note", ""),
        title=words.get("title", ""),
        assignee=data.get("assignee_name"),
        due=data.get("due"),
        numbers=tuple(data.get("numbers", {}).values()),
        year=data.get("year"),
        slip=data["slip"]["form"] if "slip" in data else None,
    )
