"""Rows of measured quality on both databases: kinds, drawing once, cases and their items, tallies, switches."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from catalogue_samples import Clock, plain

from pipeline.catalogue.quality_rows import NewCase
from pipeline.quality.rows import CaseKind, FieldKind, Mode, Switch, Verdict
from pipeline.record import Status
from pipeline.review.rows import Answer, Clerk, Result, Wish
from pipeline.review.rows import Verdict as Said

if TYPE_CHECKING:
    from pipeline.catalogue.catalogue import Catalogue

HOME, KIND = "H00.00", FieldKind("H00.00", "date", key_field=False)
HOUR = timedelta(hours=1)


def test_a_sample_from_drawing_to_its_verdict(catalogue: Catalogue, clock: Clock) -> None:
    dossier = plain().model_copy(update={"status": Status.FILED, "agency": HOME})
    catalogue.create_dossier(dossier)
    door, queue = catalogue.quality(), catalogue.review()
    assert door.undrawn() == [dossier.id]
    (state,) = door.meet({KIND: 0.5}).values()
    assert (state.mode, state.cycle, state.rate, state.accepted) == (Mode.SAMPLED, 1, 0.5, 0)
    assert door.meet({KIND: 0.1})[KIND].rate == 0.5, "a kind begins once"
    case = NewCase(KIND, CaseKind.SAMPLE, dossier.id, "d1", "ngay_sinh", 1, "below_threshold", 0.7, 0, 0)
    assert door.draw(dossier.id, {KIND: 3}, [case]) is True
    assert door.draw(dossier.id, {KIND: 3}, [case]) is False
    assert door.undrawn() == []
    found = door.state(KIND)
    assert found is not None
    assert found.accepted == 3
    (item,) = queue.take("hoa", Wish(HOME), 5, HOUR)
    assert (item.id, item.slot) == (f"{case.id}1", 1)
    said = Answer(item.id, item.revision, Said.CORRECT, changed=True, sealed=b"x")
    assert queue.answer(said, Clerk("hoa", "Hoa"))[0] is Result.TAKEN
    assert queue.to_pass(dossier.id) == [], "a sample is no decision of its dossier"
    (act,) = door.acts(clock())
    assert act.case == case.id
    opened = door.case(case.id)
    assert opened is not None
    assert door.further(opened, 2) is True
    assert door.further(opened, 2) is False
    assert queue.take("hoa", Wish(HOME), 5, HOUR) == [], "nobody keys a field twice"
    assert [one.slot for one in queue.take("an", Wish(HOME), 5, HOUR)] == [2]
    assert door.further(opened, 3) is True
    assert queue.take("binh", Wish(HOME), 5, HOUR) == [], "a third key is for leaders"
    assert [one.slot for one in queue.take("binh", Wish(HOME, leads=True), 5, HOUR)] == [3]
    door.close(case.id, Verdict.WRONG, who="hoa")
    assert door.tally(KIND, 1) == (1, 1)
    assert door.tally(KIND, 2) == (0, 0)
    assert door.acts(clock()) == []
    assert queue.take("lan", Wish(HOME, leads=True), 5, HOUR) == []


def test_switches_have_numbers_and_begin_cycles(catalogue: Catalogue, clock: Clock) -> None:
    door = catalogue.quality()
    door.meet({KIND: 0.5})
    made = Switch(KIND, Mode.FULL, 5, 40, 0.2, "system", "promise_broken", clock())
    assert door.switch(made, {"kind": KIND.code}) is True
    assert door.switch(made, {"kind": KIND.code}) is False
    assert door.switched(HOME) == (1, ("date",))
    assert door.switched("H99.00") == (0, ())
    state = door.state(KIND)
    assert state is not None
    assert (state.mode, state.cycle) == (Mode.FULL, 2)
    ((agency, number),) = door.to_ask()
    assert agency == HOME
    door.asked(agency, number)
    assert door.to_ask() == []
    door.next_cycle(KIND, 1, 0.2)
    state = door.state(KIND)
    assert state is not None
    assert state.cycle == 2, "what is said of another cycle changes nothing"
    assert [one.samples for one in door.switches(HOME)] == [40]
