"""The catalogue's door to keeping on SQLite and on PostgreSQL: acts count once, each with one entry of the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.catalogue.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgresql")
    with Catalogue(url, clock=lambda: AT) as opened:
        opened.migrate()
        yield opened


def kept(dossier_id: str, last: str | None, agency: str = "H1") -> dict[str, Any]:
    return {
        "dossier_id": dossier_id,
        "agency": agency,
        "rule": "rule" if last else None,
        "source": "Nguồn",
        "permanent": False,
        "counted_from": "2026-11-20",
        "keep_until": last,
        "certainty": "agency",
        "computed_at": AT,
        "medium": "none",
        "medium_until": None,
    }


def test_rows_of_retention(catalogue: Catalogue) -> None:
    door = catalogue.keeping()
    for name, last in {"b": "2028-12-31", "a": "2027-12-31", "c": None}.items():
        door.put_kept(kept(name, last))
    door.put_kept(kept("x", "2020-12-31", agency="H2"))
    assert [row["dossier_id"] for row in door.kept_of_agency("H1", over=date(2029, 1, 1))] == ["a", "b"]
    assert [row["dossier_id"] for row in door.kept_of_agency("H1", over=date(2028, 12, 31))] == ["a"]
    assert {row["dossier_id"] for row in door.kept_of_agency("H1")} == {"a", "b", "c"}
    door.put_kept(kept("a", "2040-12-31"))
    door.destroyed("a", "act", "acc", AT)
    door.destroyed("a", "later", "other", AT)
    door.put_kept(kept("a", "2050-12-31"))
    row = door.kept("a")
    assert row is not None
    assert (row["keep_until"], row["destroyed_act"], row["destroyed_by"]) == ("2040-12-31", "act", "acc")
    assert door.missing() == []


def test_acts_count_once(catalogue: Catalogue) -> None:
    door = catalogue.keeping()
    hold = {
        "id": "h1",
        "subject_kind": "dossier",
        "subject": "a",
        "agency": "H1",
        "reason": "kín",
        "set_by": "acc",
        "set_at": AT,
        "on_medium": False,
    }
    assert door.add_hold(hold)
    assert not door.add_hold(hold)
    lifted = {"lifted_act": "h2", "lifted_by": "acc", "lifted_at": AT, "lift_reason": "kín"}
    assert door.lift_hold("h1", lifted)
    assert not door.lift_hold("h1", lifted)
    assert not door.lift_hold("none", lifted)
    asked = {
        "id": "r1",
        "kind": "erasure",
        "owner_id": "o",
        "agency": "H1",
        "note": "kín",
        "opened_by": "acc",
        "opened_at": AT,
        "due_on": "2026-11-24",
        "due_note": "",
        "state": "open",
    }
    assert door.add_request(asked)
    assert not door.add_request(asked)
    assert door.open_requests(date(2026, 11, 24)) == (1, 0)
    assert door.open_requests(date(2026, 11, 25)) == (1, 1)
    said = {
        "state": "refused",
        "answered_act": "r2",
        "answered_by": "acc",
        "answered_at": AT,
        "answer": {"lines": ["x"]},
    }
    assert door.answer("r1", said)
    assert not door.answer("r1", said)
    assert door.open_requests(date(2026, 11, 25)) == (0, 0)
    put_right = {
        "id": "c1",
        "request_id": "r1",
        "dossier_id": "a",
        "document_id": "d1",
        "field": "ngay_cap",
        "version": 2,
        "sealed": "kín",
        "who": "acc",
        "at": AT,
    }
    assert door.next_version("a", "d1", "ngay_cap") == 2
    assert door.add_correction(put_right)
    assert not door.add_correction(put_right)
    assert door.next_version("a", "d1", "ngay_cap") == 3
    entries = [entry for subject in ("a", "o") for entry in door.entries(subject)]
    acts = ["hold_set", "hold_lifted", "corrected", "request_opened", "request_answered"]
    assert [entry.what["act"] for entry in entries] == acts
    assert {entry.kind for entry in entries} == {"keep"}


def test_what_is_replayed_adds_no_entry(catalogue: Catalogue) -> None:
    door = catalogue.keeping()
    hold = {
        "id": "h1",
        "subject_kind": "owner",
        "subject": "o",
        "agency": "H1",
        "reason": "kín",
        "set_by": "acc",
        "set_at": AT,
        "on_medium": True,
    }
    assert door.add_hold(hold, replayed=True)
    assert [row["subject"] for row in door.holds_on(["o", "a"])] == ["o"]
    assert door.lift_hold(
        "h1", {"lifted_act": "h2", "lifted_by": "acc", "lifted_at": AT, "lift_reason": ""}, replayed=True
    )
    assert door.holds_on(["o"]) == []
    assert door.entries("o") == []
    assert catalogue.ledger().size() == 0
