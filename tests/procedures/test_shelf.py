"""The book of a running service: the last good one, a new one soon after a change, the same after a restart."""

from __future__ import annotations

import json
import threading
from datetime import date
from typing import TYPE_CHECKING

import pytest
from small_procedure import SMALL

from pipeline.procedures.book import ProcedureBook, ProcedureFileError
from pipeline.procedures.shelf import Shelf

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "own"
    made.mkdir()
    (made / "a.yaml").write_text(SMALL, encoding="utf-8")
    return made


def test_an_agency_folder_lies_on_top_of_the_packaged_one(folder: Path, tmp_path: Path) -> None:
    book = Shelf(folder, tmp_path / "kept.json")()
    assert book.get("small_one", TODAY).name == "Cấp giấy thử"
    assert book.get("1.001193", TODAY).name == "Đăng ký khai sinh"
    assert "don_thu" in book.type_names


def test_a_change_is_seen_without_a_restart(folder: Path, tmp_path: Path) -> None:
    shelf = Shelf(folder, tmp_path / "kept.json", every=0)
    first = shelf()
    assert shelf() is first
    (folder / "a.yaml").write_text(SMALL.replace("Cấp giấy thử", "Cấp giấy mới hơn"), encoding="utf-8")
    assert shelf().get("small_one", TODAY).name == "Cấp giấy mới hơn"
    (folder / "b.yaml").write_text(SMALL.replace("small_one", "small_two"), encoding="utf-8")
    assert shelf().get("small_two", TODAY)
    (folder / "b.yaml").unlink()
    assert "small_two" not in {procedure.code for procedure in shelf().list()}


def test_files_are_looked_at_no_more_than_once_in_a_while(folder: Path) -> None:
    now = [0.0]
    shelf = Shelf(folder, clock=lambda: now[0], every=1.0)
    first = shelf()
    (folder / "a.yaml").write_text(SMALL.replace("Cấp giấy thử", "Khác"), encoding="utf-8")
    now[0] = 0.9
    assert shelf() is first
    now[0] = 1.1
    assert shelf().get("small_one", TODAY).name == "Khác"


def test_a_broken_file_leaves_the_last_good_version_and_is_told(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf(folder, tmp_path / "kept.json", every=0)
    shelf()
    (folder / "a.yaml").write_text(SMALL.replace("kind: sex", "kind: sexx"), encoding="utf-8")
    book = shelf()
    assert book.get("small_one", TODAY).name == "Cấp giấy thử"
    assert [(p.file, p.line) for p in book.problems] == [("a.yaml", 21)]
    assert "a.yaml:21" in caplog.text
    (folder / "a.yaml").write_text(SMALL, encoding="utf-8")
    assert shelf().problems == ()


def test_a_restart_while_a_file_is_broken_serves_what_was_good(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    before = Shelf(folder, kept)()
    (folder / "a.yaml").write_text("code: [", encoding="utf-8")
    after = Shelf(folder, kept)()
    assert after.problems
    assert after.get("small_one", TODAY) == before.get("small_one", TODAY)
    with pytest.raises(ProcedureFileError):
        Shelf(folder, tmp_path / "never.json")()


def test_what_is_kept_says_the_same_as_the_files(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    Shelf(folder, kept)()
    again = Shelf(folder, kept)()
    plain = ProcedureBook.load(folder)
    assert again.list() == plain.list()
    assert again.doc_types == plain.doc_types
    assert again.papers == plain.papers
    assert json.loads(kept.read_bytes())["form"] == 1


@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b'{"form": 1}', b'{"form": 99}', b'{"form": 1, "key": 3, "folder": 4}']
)
def test_a_spoiled_kept_file_costs_time_only(said: bytes, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_bytes(said)
    assert Shelf(folder, tmp_path / "kept.json")().get("small_one", TODAY)


def test_many_threads_get_one_book(folder: Path) -> None:
    shelf = Shelf(folder)
    books: list[int] = []
    threads = [threading.Thread(target=lambda: books.append(id(shelf()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(books)) == 1
    assert len(books) == 8
