"""The packaged procedures load, count from their day, and a broken file says where and what to do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from small_procedure import SMALL

from pipeline.errors import Exit
from pipeline.procedures.book import ProcedureBook, ProcedureFileError, UnknownProcedureError, check

if TYPE_CHECKING:
    from pathlib import Path


def test_the_packaged_files_are_clean() -> None:
    assert check() == []


def test_a_procedure_counts_from_its_day() -> None:
    book = ProcedureBook.load()
    assert book.get("1.001193", date(2026, 11, 12)).result_code == "KQ.G15.000031"
    with pytest.raises(UnknownProcedureError):
        book.get("1.001193", date(2027, 3, 1))


def test_an_unknown_code_lists_near_ones() -> None:
    with pytest.raises(UnknownProcedureError) as caught:
        ProcedureBook.load().get("1.001139", date(2026, 11, 12))
    assert caught.value.near[0] == "1.001193"
    assert caught.value.exit_code is Exit.REFUSED
    assert "1.001193" in caught.value.remedy_vi


def test_papers_tell_their_procedure() -> None:
    book = ProcedureBook.load()
    assert book.detect(["cccd", "to_khai_khai_sinh", "giay_chung_sinh"]).code == "1.001193"
    assert book.detect(["quyet_dinh"]).code == "cong_van_den"
    assert book.detect(["cccd"]) is None
    # A birth dossier may hold a letter too: the more specific paper speaks.
    assert book.detect(["cong_van", "to_khai_khai_sinh"]).code == "1.001193"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("kind: sex", "kind: sexx", "sexx"),
        ("rule: dates_not_future", "rule: date_not_future", "dates_not_future"),
        ("000.00.00.H00-KQ900101", "KQ900101", "000.00.00.G15-KQ003204"),
        ("effective_to: 2027-02-28", "effective_to: 2020-01-01", "effective_to"),
        ("fee: {", "fees: {", "fees"),
        ("components:", "components", ""),
        ("key: gioi_tinh", "key: ho_ten", "ho_ten"),
    ],
)
def test_a_broken_file_says_where_and_what_to_do(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in SMALL
    (tmp_path / "a.yaml").write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    problems = check(tmp_path)
    assert problems
    assert any(what in str(problem) for problem in problems), [str(p) for p in problems]
    assert all(problem.file == "a.yaml" and problem.line >= 1 and problem.remedy for problem in problems)
    with pytest.raises(ProcedureFileError):
        ProcedureBook.load(tmp_path)


def test_the_line_is_the_line_of_the_mistake(tmp_path: Path) -> None:
    text = SMALL.replace("kind: sex", "kind: sexx", 1)
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    wanted = text[: text.index("sexx")].count("\n") + 1
    assert any(problem.line == wanted for problem in check(tmp_path))


def test_two_versions_must_not_overlap(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(SMALL.replace('version: "1"', 'version: "2"'), encoding="utf-8")
    assert any("trùng" in problem.what for problem in check(tmp_path))


def test_an_empty_folder_is_a_problem(tmp_path: Path) -> None:
    assert check(tmp_path)[0].remedy
