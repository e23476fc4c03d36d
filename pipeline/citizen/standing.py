"""What is told to whoever has the slip: where the dossier stands, what lacks, until when, what came, what there is.

No name, number or date of a person is part of it, since slips get lost: the procedure, its ten statuses, names of
papers, days. What was read of the papers stays at the desk. Only the signed result itself, once it was returned, is
about a person; fetching it is on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.access.principal import Principal, Purpose
from pipeline.citizen.errors import NotNowError, VisitOverError
from pipeline.clock import local
from pipeline.kho.moves import RESULT_PDF, Portal
from pipeline.overview.due import due_of
from pipeline.record import Status
from pipeline.slips.content import lacking

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from pipeline.catalogue.moves_door import Move
    from pipeline.catalogue.rows import Filing
    from pipeline.citizen.tickets import Visit
    from pipeline.record import Dossier
    from pipeline.tools import Tools

ENDED = frozenset({Portal.NOT_ACCEPTED, Portal.STOPPED, Portal.DONE, Portal.RETURNED})
_RATED_AFTER = frozenset({Portal.NOT_ACCEPTED, Portal.STOPPED, Portal.RETURNED})
_GIVING = frozenset({None, Portal.REGISTERED, Portal.ACCEPTED, Portal.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Step:
    """The dossier got a status."""

    status: int
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """A paper that the citizen must still bring."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that the page shows."""

    dossier: str
    procedure: str
    agency: str
    received_at: datetime
    status: int | None
    """1 to 10; None where the procedure has not begun."""
    steps: tuple[Step, ...]
    """The newest first."""
    due: date | None
    due_certain: bool
    waiting: bool
    """Whether it is the citizen's turn, so that time stands still."""
    late: bool
    lacking: tuple[Lacking, ...]
    asked: str
    """What the officer asked for, in the officer's words; empty where nothing is asked."""
    given: tuple[tuple[datetime, bool], ...]
    """When each file came that the citizen sent, and whether somebody has seen to it."""
    may_give: bool
    results: int
    """How many files of the result may be fetched."""
    may_rate: bool
    rated: bool


def standing(tools: Tools, visit: Visit) -> Standing:
    """What the page shows now. Raises `VisitOverError`."""
    dossier = tools.catalogue.load(visit.dossier)
    if dossier is None:
        raise VisitOverError
    tools.catalogue.ledger().read(reader(dossier, visit), Purpose.CITIZEN_REQUEST, dossier.id, "standing")
    moves = tools.catalogue.moves().of(dossier.id)
    status = Portal(moves[-1].status) if moves else None
    due = due_of(tools, dossier, moves)
    door = tools.catalogue.citizens()
    rated = door.is_rated(dossier.id)
    lacks = tuple(Lacking(item.name, item.state.value) for item in lacking(dossier.checklist))
    return Standing(
        dossier=dossier.id,
        procedure=dossier.procedure_name,
        agency=dossier.agency,
        received_at=dossier.received_at,
        status=status,
        steps=tuple(Step(move.status, move.at, move.why) for move in reversed(moves)),
        due=due.day if due and status not in ENDED else None,
        due_certain=due.certain if due else False,
        waiting=due.waiting if due else False,
        late=due is not None and status not in ENDED and due.late_on(local(tools.clock()).date()),
        lacking=lacks if may_give(dossier, status) else (),
        asked=moves[-1].why if moves and status in {Portal.SUPPLEMENT_ASKED, Portal.PAYMENT_ASKED} else "",
        given=tuple((one.at, one.taken_at is not None) for one in door.supplements(dossier.id)),
        may_give=may_give(dossier, status),
        results=len(_results(tools, dossier, moves)),
        may_rate=not rated and may_rate(dossier, status),
        rated=rated,
    )


def may_give(dossier: Dossier, status: Portal | None) -> bool:
    """Whether a paper may be sent: it was asked for, or one lacks and the dossier is not decided yet."""
    if status is Portal.SUPPLEMENT_ASKED:
        return True
    open_still = dossier.status not in {Status.FILED, Status.REFUSED}
    return status in _GIVING and open_still and bool(lacking(dossier.checklist))


def may_rate(dossier: Dossier, status: Portal | None) -> bool:
    """Whether the service has come to its end for the citizen."""
    return status in _RATED_AFTER or (status is None and dossier.status is Status.FILED)


def result(tools: Tools, visit: Visit, number: int) -> bytes:
    """A signed file of the result, the first being 1; the look is on record. Raises `NotNowError`, `StoreError`."""
    dossier = tools.catalogue.load(visit.dossier)
    if dossier is None:
        raise VisitOverError
    found = _results(tools, dossier, tools.catalogue.moves().of(dossier.id))
    if not 1 <= number <= len(found):
        raise NotNowError(dossier.id, "no such result")
    plain = tools.reading().get(found[number - 1].object_key)
    tools.catalogue.ledger().read(reader(dossier, visit), Purpose.CITIZEN_REQUEST, dossier.id, "result_pdf")
    return plain


def reader(dossier: Dossier, visit: Visit) -> Principal:
    """As whom the ledger knows whoever holds the slip."""
    return Principal(visit.who, "", dossier.agency, frozenset())


def _results(tools: Tools, dossier: Dossier, moves: Sequence[Move]) -> list[Filing]:
    if not moves or moves[-1].status != Portal.RETURNED:
        return []
    return [filing for filing in tools.catalogue.filings_of(dossier.id) if filing.kind == RESULT_PDF]
