"""A catalogue as lines of text: the same lines out of SQLite and PostgreSQL, and life goes on after they came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from catalogue_samples import Clock, full, plain, ready

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.rows import Decision

if TYPE_CHECKING:
    from pathlib import Path


def filled(catalogue: Catalogue) -> None:
    """Every table but leases gets a row."""
    catalogue.create_dossier(full("HS-1"), code="H00.00-1")
    catalogue.create_dossier(plain("HS-2"))
    catalogue.append_event("HS-1", "read", "done", data={"pages": 2})
    catalogue.add_decisions("HS-1", [Decision(document="d1", key="ho_ten", value="Nguyễn Thử", who="thư ký")])
    catalogue.record_filing("HS-1", "archive_pdf", "filed/HS-1/a/archive.pdf", "cd" * 32, 7, level="B-LTA")
    catalogue.remember_step("ef" * 32, "read", "1", b"\x00\xff words", 0.5)
    catalogue.put_upload("HS-3", "tờ khai.pdf", "/tmp/x", "done", size=3, sha256="ab" * 32)  # noqa: S108 - only a text


def round_trip(first: Catalogue, second: Catalogue) -> None:
    filled(first)
    lines = list(first.dump())
    counts = second.load_dump(lines)
    assert list(second.dump()) == lines
    assert counts["dossiers"] == 2
    assert second.load("HS-1") == first.load("HS-1")
    assert second.step_output("ef" * 32, "read", "1") == b"\x00\xff words"
    # Numbers go on after the highest that came in.
    second.add_decisions("HS-1", [Decision(key="procedure", value="1.001193", who="cán bộ")])
    second.record_filing("HS-1", "data_json", "filed/HS-1/a/data.json", "ab" * 32, 3)
    assert [row.id for row in second.decisions_of("HS-1")] == [1, 2]


def test_out_of_one_file_into_another(tmp_path: Path, clock: Clock) -> None:
    with ready(f"sqlite:///{tmp_path / 'a.db'}", clock) as first, Catalogue.in_file(tmp_path / "b.db") as second:
        round_trip(first, second)


@pytest.mark.slow
def test_from_sqlite_to_postgresql(tmp_path: Path, clock: Clock, empty_postgresql: str) -> None:
    with ready(f"sqlite:///{tmp_path / 'a.db'}", clock) as first, Catalogue(empty_postgresql, clock=clock) as second:
        round_trip(first, second)


@pytest.mark.slow
def test_from_postgresql_to_sqlite(tmp_path: Path, clock: Clock, empty_postgresql: str) -> None:
    with ready(empty_postgresql, clock) as first, Catalogue.in_file(tmp_path / "b.db", clock=clock) as second:
        round_trip(first, second)
