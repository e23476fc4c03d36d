"""The catalogue is asked which other dossiers made the same request; the rule hears of it as a known fact."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pipeline.catalogue.catalogue import Catalogue
from pipeline.record import Dossier, OriginalRecord, Severity, Status
from pipeline.rules import requests_of
from pipeline.rules.context import KnownFacts
from pipeline.stages.validate import _known

if TYPE_CHECKING:
    from pathlib import Path

PARAMS = {"type": "f", "keys": ["nks_ho_ten", "nks_ngay_sinh", "me_so_dinh_danh"]}
PROCEDURE: Any = SimpleNamespace(rules=[SimpleNamespace(rule="duplicate_request", params=PARAMS)])
CHILD = {"nks_ho_ten": "Lê Thị Hoà", "nks_ngay_sinh": "2026-11-01", "me_so_dinh_danh": "001190000001"}


def test_a_request_made_before_is_found_whatever_its_capitals(tmp_path: Path, paper: Any) -> None:
    catalogue = Catalogue.in_file(tmp_path / "hoso.db")
    catalogue.migrate()

    def dossier(name: str, child: dict[str, str], status: Status = Status.FILED) -> Dossier:
        return Dossier(id=name, procedure="x", status=status, received_at=datetime(2026, 11, 12, 2, tzinfo=UTC),
                       documents=(paper("f", child),))  # fmt: skip

    mine = dossier("H1", CHILD)
    others = [
        dossier("H2", CHILD | {"nks_ho_ten": "LÊ THỊ HÒA"}),
        dossier("H3", CHILD | {"nks_ho_ten": "LÊ THỊ HẠNH"}),  # the twin
        dossier("H4", CHILD | {"me_so_dinh_danh": "001190000002"}),
        dossier("H5", CHILD, Status.REFUSED),
    ]
    for one in (mine, *others):
        catalogue.create_dossier(one)
        catalogue.save(one)
    tools: Any = SimpleNamespace(catalogue=catalogue)
    (asked,) = requests_of(PROCEDURE, mine)
    assert _known(tools, PROCEDURE, mine).requests == {asked.fingerprint: ("H2",)}
    assert _known(tools, PROCEDURE, others[1]).requests == {requests_of(PROCEDURE, others[1])[0].fingerprint: ()}
    assert _known(tools, SimpleNamespace(rules=[]), mine).requests == {}
    catalogue.close()


def test_the_same_files_again_are_told_apart_from_another_request(tmp_path: Path, paper: Any) -> None:
    catalogue = Catalogue.in_file(tmp_path / "hoso.db")
    catalogue.migrate()

    def dossier(name: str, file: str, day: int) -> Dossier:
        original = OriginalRecord(name="a.pdf", sha256=file * 64, size=1, media_type="application/pdf", pages=1)
        return Dossier(id=name, procedure="x", status=Status.FILED, documents=(paper("f", CHILD),),
                       originals=(original,), received_at=datetime(2026, 11, day, 2, tzinfo=UTC))  # fmt: skip

    for one in (dossier("H1", "a", 10), dossier("H2", "b", 11), mine := dossier("H3", "a", 12), dossier("H4", "a", 13)):
        catalogue.create_dossier(one)
        catalogue.save(one)
    known = _known(SimpleNamespace(catalogue=catalogue), PROCEDURE, mine)
    assert list(known.requests.values()) == [("H1", "H2")], "the one that came later is asked, not the earlier"
    assert known.same_files == {"H1"}
    catalogue.close()


def test_the_same_files_again_are_a_question_and_another_request_blocks(ask: Any, paper: Any) -> None:
    day = datetime(2026, 11, 12, 2, tzinfo=UTC)
    mine = Dossier(id="H9", procedure="x", status=Status.FILED, documents=(paper("f", CHILD),), received_at=day)
    (asked,) = requests_of(PROCEDURE, mine)
    known = KnownFacts({asked.fingerprint: ("H7", "H8")}, frozenset({"H7"}))
    again, other = ask("duplicate_request", PARAMS, paper("f", CHILD), known=known)
    assert (again[0], "H7" in again[1], "H8" in again[1]) == (Severity.CONFIRM, True, False)
    assert (other[0], "H8" in other[1]) == (Severity.BLOCK, True)
