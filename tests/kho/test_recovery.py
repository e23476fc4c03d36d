"""The catalogue is lost; the store brings it back: filed dossiers whole, the others with their papers and answers."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from kho_samples import SAMPLES

from pipeline import journal
from pipeline.catalogue.lanes import Lane
from pipeline.composition import House, build_house
from pipeline.record import Status
from pipeline.recovery import rebuild
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kho_samples import Kho


@pytest.fixture
def bare(kho: Kho, tmp_path: Path) -> Iterator[House]:
    """The store and the keys of the kho, without its catalogue."""
    home = tmp_path / "home"
    shutil.copytree(
        kho.house.settings.home, home, ignore=lambda _, names: [n for n in names if n.startswith("catalogue")]
    )
    with build_house(Settings(home=home, cores=2)) as house:
        assert house.catalogue.list_dossiers() == []
        yield house


def test_a_filed_dossier_comes_back_equal(kho: Kho, bare: House) -> None:
    report = rebuild(bare.tools)
    assert (report.dossiers, report.added, report.unrecovered) == (2, 2, ())
    before, after = kho.house.catalogue, bare.catalogue
    assert after.load(kho.filed) == before.load(kho.filed)
    # Trials of status moves put results on record in the same house, without the journal's object that a step makes.
    filed = [filing for filing in before.filings_of(kho.filed) if filing.kind != "result_pdf"]
    assert after.filings_of(kho.filed) == filed
    assert [row.model_dump(exclude={"id"}) for row in after.decisions_of(kho.filed)] == [
        row.model_dump(exclude={"id"}) for row in before.decisions_of(kho.filed)
    ]


def test_what_was_found_by_a_search_is_found_again(kho: Kho, bare: House) -> None:
    rebuild(bare.tools)
    dossier = bare.conductor.dossier(kho.filed)
    key, field = next(
        (key, field)
        for document in dossier.documents
        for key, field in document.fields.items()
        if isinstance(field.value, str)
    )
    assert bare.catalogue.find_field(key, str(field.value)) == [kho.filed]
    assert bare.catalogue.find_original(dossier.originals[0].sha256) == [kho.filed]


def test_a_dossier_on_its_way_comes_back_with_its_papers_and_answers(kho: Kho, bare: House) -> None:
    rebuild(bare.tools)
    back = bare.conductor.dossier(kho.waiting)
    assert back.status is Status.RECEIVED
    known = kho.house.conductor.dossier(kho.waiting)
    assert [original.sha256 for original in back.originals] == [original.sha256 for original in known.originals]
    assert [(row.who, row.value) for row in bare.catalogue.decisions_of(kho.waiting)] == [("cán bộ", "1.000894")]


def test_what_was_no_citizen_s_does_not_come_back_before_one(kho: Kho, bare: House) -> None:
    rebuild(bare.tools)
    queue = bare.catalogue.queue()
    assert queue.waiting(Lane.BACKLOG) == [kho.waiting]
    assert queue.waiting(Lane.DESK) == []
    assert queue.batch("kệ 3") == {"received": 1}


def test_a_receipt_that_knows_no_lanes_is_the_desk_s(kho: Kho) -> None:
    entry = next(iter(journal.entries(kho.house.tools.store, kho.waiting)))
    older = entry.model_dump_json(exclude={"lane", "batch"})
    assert journal.ReceivedEntry.model_validate_json(older).lane is Lane.DESK


def test_the_same_files_still_find_the_same_dossier(kho: Kho, bare: House) -> None:
    rebuild(bare.tools)
    again = bare.conductor.receive([SAMPLES / "letter"], None)
    assert (again.dossier_id, again.known) == (kho.filed, True)


def test_a_second_run_changes_nothing(bare: House) -> None:
    rebuild(bare.tools)
    again = rebuild(bare.tools)
    assert (again.added, again.completed, again.unchanged) == (0, 0, 2)


def test_an_older_catalogue_is_brought_forward(kho: Kho, bare: House) -> None:
    received = journal.entries(bare.store, kho.filed)
    first = next(entry for entry in received if isinstance(entry, journal.ReceivedEntry))
    bare.catalogue.create_dossier(first.dossier)
    report = rebuild(bare.tools)
    assert (report.brought_forward, report.added) == (1, 1)
    assert bare.conductor.dossier(kho.filed).status is Status.FILED


def test_a_damaged_journal_is_named_and_the_others_come_back(kho: Kho, bare: House) -> None:
    entry = bare.settings.home / "store" / "objects" / "journal" / kho.waiting / "received.json"
    entry.chmod(0o600)
    entry.write_bytes(b"{" + entry.read_bytes()[1:-1])
    report = rebuild(bare.tools)
    assert [(item.dossier, item.reason) for item in report.unrecovered] == [(kho.waiting, "object_corrupt")]
    assert bare.conductor.dossier(kho.filed).status is Status.FILED


def test_two_doors_at_once_open_one_dossier(kho: Kho, bare: House, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    note = tmp_path / "giấy.txt"
    note.write_text("một tờ giấy", encoding="utf-8")
    with ThreadPoolExecutor(8) as doors:
        received = list(doors.map(lambda _: bare.conductor.receive([note], None), range(8)))
    assert len({item.dossier_id for item in received}) == 1
    assert sum(not item.known for item in received) == 1
    assert len(bare.catalogue.list_dossiers()) == 1
    assert kho.filed not in {item.dossier_id for item in received}
