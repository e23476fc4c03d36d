"""Every role, every act, every place a dossier can stand at: as `steps.tsv` says; random ways never skip a step.

One line an act and place: verb, step, state, whether it was accepted before, where it leads, then a cell for each role
(`+` may, `-` may not); what is possible for nobody has no line. `HOSO_UPDATE_TABLE=1` writes it anew; read the
difference.
"""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steps_samples import AT, HERE, person

from pipeline.access.errors import NotAllowedError
from pipeline.access.roles import Role
from pipeline.kho.moves import ALLOWED, Portal
from pipeline.record import Dossier, Status
from pipeline.steps.doing import check
from pipeline.steps.errors import StepRefusedError
from pipeline.steps.place import Place
from pipeline.steps.preparing import Order
from pipeline.steps.table import ENDED, ORDER, State, Step, Verb, after, fits, may, way

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).with_name("steps.tsv")
HEADER = "\t".join(("act", "step", "state", "accepted", "leads to", *(role.value for role in Role)))
PLACES = list(product(Step, State, (False, True)))
DOSSIER = Dossier(id="hs-261120-aaaaaaaa", procedure="1.001193", agency=HERE, status=Status.FILED, received_at=AT)


def lines() -> Iterator[str]:
    yield HEADER
    for verb, (step, state, accepted) in product(Verb, PLACES):
        if not fits(verb, step, state, accepted=accepted):
            continue
        to_step, to_state = after(verb, step, state)
        cells = ["+" if may(person(role), verb, step) else "-" for role in Role]
        yield "\t".join((verb.value, step.value, state.value, str(accepted), f"{to_step} {to_state}", *cells))


def test_the_table_is_what_the_code_allows() -> None:
    if os.environ.get("HOSO_UPDATE_TABLE"):
        TABLE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8").splitlines() == list(lines()), "HOSO_UPDATE_TABLE=1 writes it anew"


def test_each_cell_is_allowed_or_refused_as_the_table_says() -> None:
    told = {tuple(line.split("\t")[:4]): line.split("\t")[5:] for line in TABLE.read_text().splitlines()[1:]}
    for verb, (step, state, accepted), (number, role) in product(Verb, PLACES, enumerate(Role)):
        place = Place(seq=3, step=step, state=state, accepted=accepted)
        order = Order(verb=verb, seen=3, note="lý do")
        cells = told.get((verb.value, step.value, state.value, str(accepted)))
        if cells is not None and cells[number] == "+":
            check(person(role), DOSSIER, place, order)
            continue
        with pytest.raises((NotAllowedError, StepRefusedError)) as raised:
            check(person(role), DOSSIER, place, order)
        if cells is not None:
            assert raised.type is NotAllowedError


def test_auditors_verifiers_and_administrators_do_no_step() -> None:
    for role, verb, step in product((Role.AUDITOR, Role.VERIFIER, Role.ADMINISTRATOR), Verb, Step):
        assert not may(person(role), verb, step)


def test_an_ended_dossier_is_ended() -> None:
    for verb, step, state in product(Verb, Step, ENDED):
        assert not fits(verb, step, state, accepted=True)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(Verb), max_size=60))
def test_no_sequence_of_acts_skips_a_step_or_leaves_the_portal_s_way(verbs: list[Verb]) -> None:
    step, state, accepted, status = Step.RECEIVE, State.OPEN, False, None
    passed: list[Step] = []
    for verb in verbs:
        if not fits(verb, step, state, accepted=accepted):
            continue
        for to in way(verb, status, accepted=accepted):
            assert to in ALLOWED[None if status is None else Portal(status)], (verb, status, to)
            status = to
        to_step, to_state = after(verb, step, state)
        assert abs(ORDER.index(to_step) - ORDER.index(step)) <= 1
        if ORDER.index(to_step) > ORDER.index(step):
            passed.append(step)
        elif to_step is not step:
            passed.remove(to_step)
        accepted = accepted or verb is Verb.ACCEPT
        step, state = to_step, to_state
    if state is State.RETURNED:
        assert (passed, status) == (list(ORDER[:4]), Portal.RETURNED)
    assert passed == list(ORDER[: ORDER.index(step)]), "what lies behind was done, in order"
