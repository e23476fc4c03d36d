"""What scanners do to a folder: slow writing, many files, the same again, rubbish; nothing is lost or taken twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.cli import app
from pipeline.composition import House, build_house
from pipeline.settings import Settings
from pipeline.watch import RECEIVED, REFUSED, TWICE, Taken, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Seconds:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as built:
        yield built


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "máy quét"
    made.mkdir()
    return made


@pytest.fixture
def watch(house: House, folder: Path, seconds: Seconds) -> Watch:
    return Watch(house, folder, 5.0, seconds)


def settled(watch: Watch, seconds: Seconds) -> list[Taken]:
    """A look, the quiet time, another look."""
    first = watch.look()
    seconds.now += 5.0
    return first + watch.look()


def page(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(house: House, dossier: str | None) -> list[str]:
    assert dossier is not None
    return [original.name for original in house.conductor.dossier(dossier).originals]


def test_a_folder_and_a_loose_file_are_a_dossier_each(
    house: House, watch: Watch, folder: Path, seconds: Seconds
) -> None:
    page(folder / "hộ ông Bình" / "2.txt", "hai")
    page(folder / "hộ ông Bình" / "1.txt", "một")
    page(folder / "lẻ.txt", "ba")
    taken = {item.name: item for item in settled(watch, seconds)}
    assert {item.place for item in taken.values()} == {RECEIVED}
    assert names(house, taken["hộ ông Bình"].dossier) == ["1.txt", "2.txt"]
    assert names(house, taken["lẻ.txt"].dossier) == ["lẻ.txt"]
    assert all(item.moved_to.exists() for item in taken.values())
    assert [path.name for path in folder.iterdir()] == [RECEIVED]


def test_what_is_still_being_written_is_left_alone(watch: Watch, folder: Path, seconds: Seconds) -> None:
    scan = page(folder / "chậm.txt", "đầu")
    for _ in range(4):
        assert watch.look() == []
        seconds.now += 4.9
        scan.write_text(scan.read_text(encoding="utf-8") + "thêm", encoding="utf-8")
        seconds.now += 4.9
    part = page(folder / "đang chép" / "trang.pdf.part", "…")
    page(folder / "đang chép" / "trang 1.txt", "xong")
    assert [item.name for item in settled(watch, seconds)] == ["chậm.txt"]
    part.rename(part.with_suffix(""))
    assert [item.name for item in settled(watch, seconds)] == ["đang chép"]


def test_below_a_folder_named_by_a_procedure_dossiers_are_for_it(
    house: House, watch: Watch, folder: Path, seconds: Seconds
) -> None:
    page(folder / "1.001193" / "em bé.txt", "giấy")
    (taken,) = settled(watch, seconds)
    assert taken.dossier is not None
    assert house.conductor.dossier(taken.dossier).procedure == "1.001193"
    assert (folder / "1.001193").is_dir(), "the folder stays for the next one"


def test_a_procedure_that_is_not_there_is_said_beside_the_file(watch: Watch, folder: Path, seconds: Seconds) -> None:
    page(folder / "9.999999" / "em bé.txt", "giấy")
    (taken,) = settled(watch, seconds)
    assert (taken.place, taken.dossier) == (REFUSED, None)
    note = taken.moved_to.with_name(taken.moved_to.name + ".ly-do.txt").read_text(encoding="utf-8")
    assert "procedure_unknown" in note
    assert taken.moved_to.read_text(encoding="utf-8") == "giấy"


def test_the_same_scan_again_is_set_aside_and_names_the_first(
    house: House, watch: Watch, folder: Path, seconds: Seconds
) -> None:
    page(folder / "a.txt", "một tờ")
    (first,) = settled(watch, seconds)
    page(folder / "a.txt", "một tờ")
    (second,) = settled(watch, seconds)
    assert (second.place, second.dossier) == (TWICE, first.dossier)
    note = second.moved_to.with_name("a.txt.ly-do.txt").read_text(encoding="utf-8")
    assert str(first.dossier) in note
    assert len(house.catalogue.list_dossiers()) == 1


def test_names_on_the_shelf_are_never_written_over(watch: Watch, folder: Path, seconds: Seconds) -> None:
    moved = []
    for text in ("một", "hai", "ba"):
        page(folder / "scan.txt", text)
        moved += settled(watch, seconds)
    assert [item.moved_to.name for item in moved] == ["scan.txt", "scan (2).txt", "scan (3).txt"]
    assert [item.moved_to.read_text(encoding="utf-8") for item in moved] == ["một", "hai", "ba"]


def test_killed_between_receiving_and_moving_it_is_moved_by_the_next(
    house: House, watch: Watch, folder: Path, seconds: Seconds
) -> None:
    scan = page(folder / "a.txt", "một tờ")
    dossier = house.conductor.receive([scan], None).dossier_id
    (taken,) = settled(watch, seconds)
    assert (taken.place, taken.dossier) == (RECEIVED, dossier)


def test_a_store_out_of_reach_leaves_everything_where_it_is(
    house: House, watch: Watch, folder: Path, seconds: Seconds
) -> None:
    scan = page(folder / "a.txt", "một tờ")
    store = house.settings.home / "store"
    store.rename(store.with_name("away"))
    assert settled(watch, seconds) == []
    assert scan.exists()
    assert not watch.waiting
    store.with_name("away").rename(store)
    assert [item.place for item in watch.look()] == [RECEIVED]


def test_hidden_files_and_the_shelves_are_not_scans(watch: Watch, folder: Path, seconds: Seconds) -> None:
    page(folder / ".DS_Store", "x")
    page(folder / "~$tờ khai.docx", "x")
    page(folder / RECEIVED / "2026-01-01" / "cũ.txt", "x")
    (folder / "trống").mkdir()
    assert settled(watch, seconds) == []


@pytest.mark.usefixtures("quiet_logging")
def test_the_command_takes_what_is_there_and_ends(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))
    page(folder / "a.txt", "một tờ")
    answer = CliRunner().invoke(app, ["watch", str(folder), "--quiet", "0.2", "--once"])
    assert answer.exit_code == 0
    assert answer.stdout.startswith("a.txt\tđã nhận\ths-")
    answer = CliRunner().invoke(app, ["watch", str(tmp_path / "nowhere"), "--once"])
    assert answer.exit_code == 4
