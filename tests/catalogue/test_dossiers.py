from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from catalogue_samples import NOON, SHA, full, plain
from sqlalchemy import select, update

from pipeline.catalogue import tables
from pipeline.catalogue.errors import (
    CatalogueError,
    ConflictError,
    DossierExistsError,
    DossierNotFoundError,
    RecordUnreadableError,
)
from pipeline.record import Status

if TYPE_CHECKING:
    from catalogue_samples import Clock
    from sqlalchemy import Table

    from pipeline.catalogue.catalogue import Catalogue


def rows(catalogue: Catalogue, table: Table, *order: str) -> list[dict[str, Any]]:
    with catalogue._database.reading() as connection:
        found = connection.execute(select(table).order_by(*(table.c[name] for name in order))).mappings()
        return [dict(row) for row in found]


def test_a_dossier_comes_back_as_it_was(catalogue: Catalogue) -> None:
    dossier = full()
    catalogue.create_dossier(dossier)
    assert catalogue.load("HS-1") == dossier
    assert list(catalogue.load("HS-1").files) == ["z_last", "archive_pdf"]  # type: ignore[union-attr]
    assert list(catalogue.load("HS-1").documents[0].fields) == list(dossier.documents[0].fields)  # type: ignore[union-attr]
    assert catalogue.load("HS-2") is None


def test_derived_rows_can_be_queried(catalogue: Catalogue) -> None:
    catalogue.create_dossier(full())
    fields = {row["key"]: row for row in rows(catalogue, tables.fields, "position")}
    assert {key: catalogue._seals.opened("fields.value", row["value"]) for key, row in fields.items()} == {
        "ho_ten": "Nguyễn Văn Thử",
        "so_ban": 2,
        "co_cong_chung": True,
        "co_quan_ban_hanh": ["UBND", "PHƯỜNG THỬ"],
        "ngay_sinh": None,
    }
    for key, value in (("ho_ten", "NGUYỄN VĂN THỬ"), ("so_ban", "2"), ("co_quan_ban_hanh", "UBND\nPHƯỜNG THỬ")):
        assert catalogue.find_field(key, value) == ["HS-1"]
    assert catalogue.find_field("ho_ten", "Nguyen Van Thu") == catalogue.find_field("so_ban", "22") == []
    assert fields["ngay_sinh"]["status"] == "unreadable"
    assert fields["ho_ten"]["box"] == [1, 2, 30, 40]
    (original,) = rows(catalogue, tables.originals)
    assert original["store_key"] == f"originals/ab/{SHA}"
    assert [row["blank"] for row in rows(catalogue, tables.pages, "number")] == [False, True]
    assert [row["document_id"] for row in rows(catalogue, tables.documents, "position")] == ["d1", "d2"]
    assert rows(catalogue, tables.findings, "position")[0]["fields"] == [{"document": "d1", "key": "ngay_sinh"}]


def test_saving_rewrites_the_derived_rows(catalogue: Catalogue, clock: Clock) -> None:
    catalogue.create_dossier(full())
    clock.pass_by(minutes=5)
    changed = full(name="Lê Thị Khác").model_copy(update={"findings": (), "status": Status.FILED})
    assert catalogue.save(changed) == 2
    assert catalogue.load_with_version("HS-1") == (changed, 2)
    assert rows(catalogue, tables.findings) == []
    assert catalogue.find_field("ho_ten", "Lê Thị Khác") == ["HS-1"]
    assert catalogue.find_field("ho_ten", "Nguyễn Văn Thử") == []
    (summary,) = catalogue.list_dossiers()
    assert summary.updated_at == clock.now
    assert summary.status is Status.FILED
    assert summary.open_findings == 0


def test_of_two_savers_one_hears_of_the_conflict(catalogue: Catalogue) -> None:
    catalogue.create_dossier(full())
    _, version = catalogue.load_with_version("HS-1") or (None, 0)
    assert catalogue.save(full(name="Người Thứ Nhất"), expected_version=version) == version + 1
    with pytest.raises(ConflictError) as caught:
        catalogue.save(full(name="Người Thứ Hai"), expected_version=version)
    assert caught.value.code == "dossier_changed"
    assert catalogue.find_field("ho_ten", "Người Thứ Nhất") == ["HS-1"]
    assert catalogue.find_field("ho_ten", "Người Thứ Hai") == []


def test_what_is_not_there_cannot_be_saved_and_what_is_there_not_made(catalogue: Catalogue) -> None:
    with pytest.raises(DossierNotFoundError):
        catalogue.save(plain())
    with pytest.raises(DossierNotFoundError):
        catalogue.save(plain(), expected_version=1)
    catalogue.create_dossier(plain(), code="H29.15-261105-0001")
    with pytest.raises(DossierExistsError):
        catalogue.create_dossier(plain())
    with pytest.raises(DossierExistsError):
        catalogue.create_dossier(plain("HS-2"), code="H29.15-261105-0001")
    catalogue.create_dossier(plain("HS-3"))
    catalogue.create_dossier(plain("HS-4"))
    assert catalogue.load("HS-2") is None


def test_lists_are_newest_first_and_paged(catalogue: Catalogue) -> None:
    for number in range(5):
        status = Status.WAITS if number % 2 else Status.FILED
        catalogue.create_dossier(plain(f"HS-{number}", status, NOON + timedelta(hours=number)))
    assert [row.id for row in catalogue.list_dossiers()] == ["HS-4", "HS-3", "HS-2", "HS-1", "HS-0"]
    assert [row.id for row in catalogue.list_dossiers(Status.WAITS)] == ["HS-3", "HS-1"]
    assert [row.id for row in catalogue.list_dossiers(limit=2, offset=1)] == ["HS-3", "HS-2"]
    assert catalogue.count_by_status() == {Status.WAITS: 2, Status.FILED: 3}


def test_a_summary_says_what_is_open(catalogue: Catalogue) -> None:
    catalogue.create_dossier(full())
    (summary,) = catalogue.list_dossiers()
    assert (summary.page_count, summary.document_count, summary.open_findings, summary.version) == (2, 2, 1, 1)


def test_the_same_scan_twice_is_found(catalogue: Catalogue) -> None:
    catalogue.create_dossier(full("HS-1"))
    catalogue.create_dossier(full("HS-2"))
    catalogue.create_dossier(full("HS-3", sha256="cd" * 32))
    assert catalogue.find_original(SHA) == ["HS-1", "HS-2"]
    assert catalogue.find_original("ef" * 32) == []


def test_text_is_nfc_and_without_nul(catalogue: Catalogue) -> None:
    apart = unicodedata.normalize("NFD", "Nguyễn Văn Thử")
    catalogue.create_dossier(full(name=apart + "\0"))
    loaded = catalogue.load("HS-1")
    assert loaded is not None
    assert loaded.documents[0].fields["ho_ten"].value == "Nguyễn Văn Thử"
    assert catalogue.find_field("ho_ten", apart) == ["HS-1"]
    assert unicodedata.is_normalized("NFC", str(rows(catalogue, tables.fields)))


def test_long_values_are_kept_whole_and_found_by_all_of_it(catalogue: Catalogue) -> None:
    catalogue.create_dossier(full(name="ệ" * 3000))
    assert catalogue.find_field("ho_ten", "ệ" * 3000) == ["HS-1"]
    assert catalogue.find_field("ho_ten", "ệ" * 500) == []
    assert catalogue.load("HS-1") == full(name="ệ" * 3000)


def test_times_are_the_same_moment_in_utc(catalogue: Catalogue) -> None:
    hanoi = datetime(2026, 11, 5, 12, 0, tzinfo=timezone(timedelta(hours=7)))
    catalogue.create_dossier(plain(received_at=hanoi))
    (summary,) = catalogue.list_dossiers()
    assert summary.received_at == NOON
    assert summary.received_at.utcoffset() == timedelta(0)
    with pytest.raises(CatalogueError, match="without a zone"):
        catalogue.create_dossier(plain("HS-2", received_at=datetime(2026, 11, 5)))  # noqa: DTZ001 - what is refused


def test_an_unknown_record_is_a_fault_that_names_places_not_people(catalogue: Catalogue) -> None:
    catalogue.create_dossier(full())
    with catalogue._database.writing() as connection:
        connection.execute(update(tables.dossiers).values(record={"id": "HS-1", "ten": "Nguyễn Văn Thử"}))
    with pytest.raises(RecordUnreadableError) as caught:
        catalogue.load("HS-1")
    assert "procedure: missing" in caught.value.detail
    assert "Nguyễn" not in str(caught.value)
