"""A batch of old records is accepted by a sample: at most 1 % of its critical fields may be wrong (95 % confidence).

A batch is all filed dossiers of an agency received in a span of days. Of its key fields that the machine gave, so many
are drawn that a batch with more than 1 % wrong ones passes in at most 5 % of cases (hypergeometric, no wrong one
allowed); they are keyed among the doubts like any sample. One confirmed error, or a value that nobody can read, refuses
the batch: look at all of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.access.errors import NotAllowedError
from pipeline.access.roles import Right
from pipeline.catalogue.quality_rows import NewCase
from pipeline.quality.disguise import DOUBTED, seeming_chance
from pipeline.quality.errors import UnknownBatchError
from pipeline.quality.rows import Batch, CaseKind, Verdict
from pipeline.quality.sampling import Sampler
from pipeline.quality.statistics import batch_sample

if TYPE_CHECKING:
    from datetime import date

    from pipeline.access.principal import Principal
    from pipeline.quality.rows import Case, FieldKind
    from pipeline.tools import Tools

LIMIT: Final = 0.01
CONFIDENCE: Final = 0.95
OPEN, ACCEPTED, REFUSED = "open", "accepted", "refused"


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A batch and what was found in it."""

    batch: Batch
    fields: int
    """Critical fields in the batch."""
    done: int
    wrong: int
    unreadable: int
    cases: tuple[Case, ...]
    """Only those that are wrong or unreadable."""


def open_batch(tools: Tools, who: Principal, name: str, first: date, last: date) -> Batch:
    """Draws the sample of the filed dossiers received from one day to another.

    Raises `NotAllowedError`, and `UnknownBatchError` where there is no critical field among them.
    """
    if not who.may(Right.REVIEW_LEAD):
        raise NotAllowedError(None, Right.REVIEW_LEAD)
    door, sampler = tools.catalogue.quality(), Sampler(tools)
    dossiers = door.filed_between(who.agency, first, last)
    found: list[tuple[str, FieldKind, tuple[str, str, str]]] = []
    for dossier_id in dossiers:
        dossier = tools.catalogue.load(dossier_id)
        if dossier is None:
            continue
        for kind, paper, key, field in sampler.accepted_of(dossier):
            if kind.key_field and field.box is not None:
                place = (dossier_id, paper.id, key)
                found.append((tools.vault.blind("quality batch", f"{name}/{place}"), kind, place))
    if not found:
        raise UnknownBatchError(name)
    sample = batch_sample(len(found), LIMIT, CONFIDENCE)
    now = tools.clock()
    number = hashlib.sha256(f"{who.agency}/{name}/{now.isoformat()}".encode()).hexdigest()[:32]
    batch = Batch(number, who.agency, name, len(found), sample, OPEN, who.id, now, None)
    door.put_batch(batch)
    for position, (_, kind, place) in enumerate(sorted(found, key=lambda one: one[0])[:sample]):
        case = NewCase(kind, CaseKind.BATCH, *place, 0, DOUBTED, None, sampler.lane_of(place[0]), position, number)
        door.add(case.seeming(seeming_chance(case.id)))
    return batch


def report(tools: Tools, agency: str, number: str) -> BatchReport:
    """How a batch stands. Raises `UnknownBatchError`."""
    door = tools.catalogue.quality()
    batch = next((one for one in door.batches(agency) if one.id == number), None)
    if batch is None:
        raise UnknownBatchError(number)
    cases = door.cases(agency, batch=number)
    wrong = [case for case in cases if case.verdict is Verdict.WRONG]
    unreadable = [case for case in cases if case.verdict is Verdict.UNREADABLE]
    done = sum(case.verdict is not Verdict.OPEN for case in cases)
    return BatchReport(batch, batch.dossiers, done, len(wrong), len(unreadable), tuple(wrong + unreadable))


def settle(tools: Tools, agency: str, number: str) -> str:
    """Accepts or refuses a batch once that is clear; returns where it stands."""
    found = report(tools, agency, number)
    state = found.batch.state
    if state == OPEN and (found.wrong or found.unreadable):
        state = REFUSED
    elif state == OPEN and found.done >= found.batch.sample:
        state = ACCEPTED
    if state != found.batch.state:
        tools.catalogue.quality().put_batch(replace(found.batch, state=state, done_at=tools.clock()))
    return state
