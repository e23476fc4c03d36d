"""The catalogue is lost; the store brings back citizens' data stores, equal row by row: SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from owners_samples import AT, HERE, THERE, Clock, card, dossier, file_record, officer, paper
from sqlalchemy import select

from pipeline import journal
from pipeline.catalogue import tables_owners as t
from pipeline.catalogue.all_tables import metadata
from pipeline.composition import House, build_house
from pipeline.kho import people, shares
from pipeline.kho.feed import renewed
from pipeline.kho.moves import Portal, move
from pipeline.kho.search import Query, papers
from pipeline.recovery import rebuild
from pipeline.settings import Settings
from pipeline.vault.settings import VaultSettings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table

COUNTED = {"kho_papers": {"number"}, "kho_outbox": {"seq", "addressed"}}
"""Numbers that a database gives, and what is known only where an act is done."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'again.sqlite3'}"
    found: str = request.getfixturevalue("empty_postgresql")
    return found


def house_at(home: Path, url: str = "") -> House:
    # The ring of keys is no part of the catalogue: it survives here, as it must.
    vault = VaultSettings(ring_url=f"sqlite:///{home / 'ring.sqlite3'}")
    return build_house(Settings(home=home, cores=1, agency_code=HERE, catalogue_url=url, vault=vault), Clock())


def rows(house: House, table: Table) -> list[dict[str, Any]]:
    without = COUNTED.get(table.name, set())
    with house.catalogue.owners().looking() as view:
        found = view.connection.execute(select(table)).mappings().all()
    plain = [{name: value for name, value in row.items() if name not in without} for row in found]
    return sorted(plain, key=repr)


def words(house: House) -> set[tuple[int, str]]:
    with house.catalogue.owners().looking() as view:
        joined = select(t.words.c.token, t.papers.c.id).join(t.papers, t.papers.c.number == t.words.c.paper)
        return {(row.token, row.id) for row in view.connection.execute(joined)}


def live(house: House) -> None:
    """Everything that can happen to a store of papers."""
    tools, who, door = house.tools, officer(), house.catalogue.owners()
    first = file_record(house, dossier(1, card()))
    second = file_record(house, dossier(2, card(), paper("giay_chung_sinh", {"me_ho_ten": "Lê Hoà"}, name="d2")))
    third = file_record(house, dossier(3, card(so_dinh_danh="001090009999")))
    filing = house.catalogue.record_filing(second, "archive_pdf", f"filed/{second}/r.pdf", "cd" * 32, 9, level="B-LTA")
    journal.filed(house.store, second, [filing], {"data_json": house.catalogue.filings_of(second)[1].object_key}, ())
    renewed(tools, filing, HERE)
    (one,), (three,) = door.papers_of_dossier(first), door.papers_of_dossier(third)
    people.link(tools, who, door.waiting(HERE)[0]["id"], "new")
    merged = people.merge(tools, who, three["owner_id"], one["owner_id"], "cùng một người")
    asked = shares.ShareRequest(
        recipient=THERE, purpose="1.000894", until=AT + timedelta(days=9), consent="in_person", evidence="sổ 12"
    )
    kept, ended = (shares.share(tools, who, three["owner_id"], asked) for _ in range(2))
    shares.revoke(tools, who, ended["id"])
    people.unmerge(tools, who, merged)
    people.merge(tools, who, three["owner_id"], one["owner_id"], "vẫn là một người")
    for status in (Portal.REGISTERED, Portal.ACCEPTED, Portal.IN_PROGRESS):
        move(tools, first, status, who=who.id)
    move(tools, first, Portal.SUPPLEMENT_ASKED, who=who.id, why="thiếu giấy chứng sinh")
    assert kept["id"] != ended["id"]


def test_stores_come_back_equal_and_a_second_time_nothing_changes(tmp_path: Path, other_url: str) -> None:
    home = tmp_path / "home"
    with house_at(home) as before, house_at(home, other_url) as after:
        live(before)
        report = rebuild(after.tools)
        assert (report.unrecovered, report.unknown_acts, report.acts) == ((), {}, report.acts_added)
        for table in metadata.sorted_tables:
            if table.name.startswith("kho_") and table not in {t.words, t.deliveries, t.reuses}:
                found = rows(before, table)
                assert rows(after, table) == found, table.name
                assert found, table.name
        assert words(after) == words(before)
        for said in ("nguyen van an", "Hoà"):
            query = Query(text=said)
            assert papers(after.tools, officer(), query).papers
            assert sorted(papers(after.tools, officer(), query).papers, key=repr) == sorted(
                papers(before.tools, officer(), query).papers, key=repr
            )
        again = rebuild(after.tools)
        assert (again.acts, again.acts_added) == (report.acts, 0)


def test_what_an_erased_owner_had_comes_back_sealed_and_is_found_by_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with house_at(home) as before, house_at(home, f"sqlite:///{tmp_path / 'x.sqlite3'}") as after:
        # Kept for two years; nobody's key ends before.
        dossier_id = file_record(before, dossier(1, card(), procedure="2.000884"))
        (row,) = before.catalogue.owners().papers_of_dossier(dossier_id)
        assert isinstance(before.tools.clock, Clock)
        before.tools.clock.now += timedelta(days=4 * 366)
        before.tools.vault.destroy(row["owner_id"], "yêu cầu xóa")
        report = rebuild(after.tools)
        assert (report.erased, report.acts_added, report.unrecovered) == (1, 1, ())
        assert words(after) == set()
        assert papers(after.tools, officer(), Query(text="nguyen van an")).papers == ()
