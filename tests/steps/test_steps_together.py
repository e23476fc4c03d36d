"""Two at once, books without gaps, and a catalogue made again out of the store: equal row by row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from steps_samples import (
    APPRAISER,
    DESK,
    HERE,
    KEEPER,
    LEADER,
    Clock,
    act,
    attached,
    compared,
    dossier,
    person,
    scanned,
)

from pipeline import journal
from pipeline.access.roles import Role
from pipeline.catalogue import tables_owners as owners
from pipeline.catalogue import tables_steps as t
from pipeline.composition import House, build_house
from pipeline.recovery import rebuild
from pipeline.settings import Settings, SigningSettings
from pipeline.steps import copies
from pipeline.steps.doing import do, standing
from pipeline.steps.errors import StepChangedError
from pipeline.steps.preparing import Order
from pipeline.steps.table import Step, Verb
from pipeline.vault.settings import VaultSettings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table


def to_leader(house: House, number: int = 1) -> str:
    one = dossier(house, number)
    act(house, DESK, one, Verb.ACCEPT)
    attached(house, APPRAISER, one)
    act(house, APPRAISER, one, Verb.APPRAISE)
    return one


def test_of_two_leaders_at_once_one_signs_and_the_other_is_told(quick_house: House) -> None:
    house = quick_house
    one = to_leader(house)
    seen = standing(house.tools, one).seq
    house.tools.signer()

    def approve(name: str) -> str:
        try:
            do(house.tools, person(Role.LEADER, name=name), one, Order(verb=Verb.APPROVE, seen=seen))
        except StepChangedError as error:
            return error.code
        return "signed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, ["l1", "l2"])) == ["signed", "step_changed"]
    place = standing(house.tools, one)
    assert (place.step, place.seq) == (Step.SEAL, seen + 1)
    assert sum(move.status == 4 for move in house.catalogue.moves().of(one)) == 1


def test_numbers_of_a_book_have_no_gap_and_none_is_given_twice(quick_house: House) -> None:
    house = quick_house
    ready = [to_leader(house, number) for number in (1, 2, 3)]
    for one in ready:
        act(house, LEADER, one, Verb.APPROVE)
    seen = {one: standing(house.tools, one).seq for one in ready}

    def number(one: str) -> None:
        do(house.tools, KEEPER, one, Order(verb=Verb.NUMBER, seen=seen[one]))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(number, ready))
    year = house.tools.clock().year
    book = house.catalogue.steps().numbered(HERE, year, "outgoing")
    assert [line.number for line in book] == [1, 2, 3]
    assert {line.subject for line in book} == set(ready)
    # Sent back and sealed later, a result keeps its number.
    act(house, KEEPER, ready[0], Verb.BACK, "sai chính tả")
    act(house, LEADER, ready[0], Verb.APPROVE)
    kept = next(line.number for line in book if line.subject == ready[0])
    assert act(house, KEEPER, ready[0], Verb.SEAL).results[0].number == kept
    assert len(house.catalogue.steps().numbered(HERE, year, "outgoing")) == 3


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'again.sqlite3'}"
    found: str = request.getfixturevalue("empty_postgresql")
    return found


def house_at(home: Path, url: str = "") -> House:
    # The ring of keys is no part of the catalogue: it survives here, as it must.
    vault = VaultSettings(ring_url=f"sqlite:///{home / 'ring.sqlite3'}")
    signing = SigningSettings(level="B-LT")
    settings = Settings(home=home, cores=1, agency_code=HERE, catalogue_url=url, vault=vault, signing=signing)
    return build_house(settings, Clock())


def rows(house: House, table: Table) -> list[dict[str, Any]]:
    with house.catalogue.owners().looking() as view:
        return sorted((dict(row) for row in view.connection.execute(select(table)).mappings()), key=repr)


def test_steps_come_back_equal_and_what_never_came_further_gives_way(tmp_path: Path, other_url: str) -> None:
    home = tmp_path / "home"
    with house_at(home) as before, house_at(home, other_url) as after:
        tools = before.tools
        one = dossier(before)
        record = before.catalogue.load(one)
        assert record is not None
        journal.received(before.store, record, "ab" * 32)
        act(before, DESK, one, Verb.ACCEPT)
        act(before, LEADER, one, Verb.COMMENT, "gấp")
        # Entered into the journal, and then the database was gone: nobody ever saw it done.
        orphan = before.catalogue.steps().of(one)[-1].model_dump(mode="json", exclude={"dossier", "act", "at"})
        journal.act(before.store, "steps.done", one, {"row": orphan | {"seq": 3, "verb": "ask"}}, tools.clock())
        attached(before, APPRAISER, one)
        act(before, APPRAISER, one, Verb.APPRAISE, "đủ điều kiện")
        act(before, LEADER, one, Verb.APPROVE)
        act(before, KEEPER, one, Verb.SEAL)
        act(before, DESK, one, Verb.RETURN)
        second = scanned(before, 2, 1)
        record = before.catalogue.load(second)
        assert record is not None
        journal.received(before.store, record, "cd" * 32)
        copy = compared(before, second)
        certified = copies.certify(tools, DESK, copy.id, seen=copy.seq)
        report = rebuild(after.tools)
        assert (report.unrecovered, report.unknown_acts) == ((), {})
        for table in (t.done, t.standing, t.numbers, t.copies, owners.moves):
            assert rows(after, table) == rows(before, table) != [], table.name
        assert standing(after.tools, one) == standing(tools, one)
        kinds = {(filing.kind, filing.sha256) for filing in after.catalogue.filings_of(one)}
        assert kinds == {(filing.kind, filing.sha256) for filing in before.catalogue.filings_of(one)}
        assert copies.one(after.tools, DESK, copy.id) == certified
        assert [filing.kind for filing in after.catalogue.filings_of(second)] == ["certified_copy"]
        assert rebuild(after.tools).acts_added == 0
