from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

import pytest
from catalogue_samples import SHA, plain
from pydantic import ValidationError
from sqlalchemy import delete, text, update

from pipeline.catalogue import tables
from pipeline.catalogue.errors import CatalogueError, DossierNotFoundError, FilingConflictError
from pipeline.catalogue.rows import Decision

if TYPE_CHECKING:
    from catalogue_samples import Clock

    from pipeline.catalogue.catalogue import Catalogue


def test_a_step_happens_once(catalogue: Catalogue) -> None:
    assert catalogue.step_output(SHA, "read", "v1") is None
    first = '{"lines": ["Cộng hòa"]}'.encode()
    assert catalogue.remember_step(SHA, "read", "v1", first, 1.5) == first
    assert catalogue.remember_step(SHA, "read", "v1", b"second", 2.5) == first
    assert catalogue.step_output(SHA, "read", "v1") == first
    for other in ((SHA, "read", "v2"), (SHA, "classify", "v1"), ("cd" * 32, "read", "v1")):
        assert catalogue.step_output(*other) is None
    assert catalogue.remember_step(SHA, "read", "v2", b"", 0) == b""
    assert catalogue.step_output(SHA, "read", "v2") == b""


def test_outputs_are_kept_small(catalogue: Catalogue) -> None:
    catalogue.remember_step(SHA, "read", "v1", b"abc" * 100_000, 1)
    with catalogue._database.reading() as connection:
        blob, size = connection.execute(
            tables.steps.select().with_only_columns(tables.steps.c.output, tables.steps.c.size)
        ).one()
    assert size == 300_000
    assert len(blob) < 3000


def test_a_damaged_output_counts_as_not_made(catalogue: Catalogue) -> None:
    catalogue.remember_step(SHA, "read", "v1", b"good", 1)
    with catalogue._database.writing() as connection:
        connection.execute(update(tables.steps).values(output=os.urandom(20)))
    assert catalogue.step_output(SHA, "read", "v1") is None
    assert catalogue.remember_step(SHA, "read", "v1", b"good again", 1) == b"good again"
    assert catalogue.step_output(SHA, "read", "v1") == b"good again"


def test_events_are_numbered_in_each_dossier(catalogue: Catalogue, clock: Clock) -> None:
    for name in ("HS-1", "HS-2"):
        catalogue.create_dossier(plain(name))
    assert catalogue.append_event("HS-1", "read", "started") == 1
    assert catalogue.append_event("HS-2", "read", "started") == 1
    later = clock.pass_by(seconds=2)
    assert (
        catalogue.append_event("HS-1", "read", "done", code="pages_read", data={"trang": 3, "tệp": ["a\0\udcff"]}) == 2
    )
    events = catalogue.events_after("HS-1", 1)
    assert [(event.seq, event.stage, event.state, event.code, event.at) for event in events] == [
        (2, "read", "done", "pages_read", later)
    ]
    assert events[0].data == {"trang": 3, "tệp": ["a?"]}
    assert [event.seq for event in catalogue.events_after("HS-1", limit=1)] == [1]
    assert catalogue.events_after("HS-1", 2) == []
    with pytest.raises(DossierNotFoundError):
        catalogue.append_event("HS-9", "read", "started")


def test_a_filing_is_put_on_record_once(catalogue: Catalogue, clock: Clock) -> None:
    catalogue.create_dossier(plain())
    key = "dossiers/HS-1/archive.pdf"
    first = catalogue.record_filing("HS-1", "archive_pdf", key, SHA, 99, level="B-LTA")
    assert (first.filed_at, first.level) == (clock.now, "B-LTA")
    clock.pass_by(hours=1)
    assert catalogue.record_filing("HS-1", "archive_pdf", key, SHA, 99, level="B-LTA") == first
    with pytest.raises(FilingConflictError):
        catalogue.record_filing("HS-1", "archive_pdf", key, "cd" * 32, 99)
    catalogue.record_filing("HS-1", "data_json", "dossiers/HS-1/data.json", "cd" * 32, 5)
    assert [filing.kind for filing in catalogue.filings_of("HS-1")] == ["archive_pdf", "data_json"]
    assert catalogue.filing_by_sha256(SHA) == first
    assert catalogue.filing_by_sha256("00" * 32) is None
    with pytest.raises(DossierNotFoundError):
        catalogue.record_filing("HS-9", "archive_pdf", "k", SHA, 1)


def test_decisions_are_kept_in_their_order(catalogue: Catalogue, clock: Clock) -> None:
    catalogue.create_dossier(plain())
    name = unicodedata.normalize("NFD", "Nguyễn Văn Thử")
    catalogue.add_decisions(
        "HS-1",
        [
            Decision(document="d1", key="ho_ten", value=name, who="canbo1"),
            Decision(document="d1", key="dong", value=["một", "hai"], who="canbo1", note="đã xem bản giấy"),
        ],
    )
    later = clock.pass_by(minutes=1)
    catalogue.add_decisions("HS-1", [Decision(key="dates.order", who="canbo2")])
    made = catalogue.decisions_of("HS-1")
    assert [(one.document, one.key, one.value, one.who) for one in made] == [
        ("d1", "ho_ten", "Nguyễn Văn Thử", "canbo1"),
        ("d1", "dong", ["một", "hai"], "canbo1"),
        (None, "dates.order", None, "canbo2"),
    ]
    assert made[-1].at == later
    assert made[1].note == "đã xem bản giấy"
    with pytest.raises(DossierNotFoundError):
        catalogue.add_decisions("HS-9", [Decision(key="k", who="w")])
    with pytest.raises(ValidationError):
        Decision(key="k", who="")


@pytest.mark.parametrize("table", [tables.decisions, tables.filings])
def test_what_only_grows_cannot_be_changed_below_the_catalogue_either(
    catalogue: Catalogue, table: tables.Table
) -> None:
    catalogue.create_dossier(plain())
    catalogue.add_decisions("HS-1", [Decision(key="k", who="w")])
    catalogue.record_filing("HS-1", "archive_pdf", "k", SHA, 1)
    values = {"who": "x"} if table is tables.decisions else {"sha256": "cd" * 32}
    for statement in (update(table).values(**values), delete(table), text("DELETE FROM dossiers")):
        with pytest.raises(CatalogueError), catalogue._database.writing() as connection:
            connection.execute(statement)
    assert catalogue.decisions_of("HS-1")[0].who == "w"
    assert catalogue.filings_of("HS-1")[0].sha256 == SHA


def test_uploads_come_before_their_dossier(catalogue: Catalogue) -> None:
    catalogue.put_upload("HS-9", "b.pdf", "in/b", "arriving")
    catalogue.put_upload("HS-9", unicodedata.normalize("NFD", "tờ.pdf"), "in/a", "arriving")
    catalogue.put_upload("HS-9", "tờ.pdf", "in/a", "arrived", size=5, sha256=SHA)
    found = catalogue.uploads_of("HS-9")
    assert [(one.name, one.state, one.size, one.sha256) for one in found] == [
        ("b.pdf", "arriving", None, None),
        ("tờ.pdf", "arrived", 5, SHA),
    ]
    assert catalogue.uploads_of("HS-1") == []
