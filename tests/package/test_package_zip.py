"""Hostile zip files: every one ends with a typed verdict, nothing is written outside, memory and disk stay bounded."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest
from package_samples import codes

from pipeline.package.report import Findings
from pipeline.package.unpack import Limits, open_package

if TYPE_CHECKING:
    from pathlib import Path

BAG = {"bag/bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", "bag/data/a": b"a"}


def packed(path: Path, entries: dict[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo("placeholder")
    made.filename = name  # as it stands: the constructor would clean it
    made.external_attr = mode << 16
    made.create_system = 3
    return made


def everything_under(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "name",
    ["../outside", "bag/../../outside", "/outside", "bag\\..\\outside", "C:outside", "bag/./x", "bag//x", "bag/x\n",
     "bag/\u202egpj.exe", "x/" * 30 + "deep", "bag/" + "l" * 300],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused_before_anything_is_written(look, tmp_path: Path, name: str):
    source = packed(tmp_path / "p.zip", {**BAG, entry(name): b"x"})
    findings, scratch = Findings(), tmp_path / "scratch"
    scratch.mkdir()
    assert open_package(source, scratch, findings, Limits()) is None
    assert findings.codes == {"unsafe_path"}
    assert everything_under(scratch) == set()
    assert codes(look(source)) == {"unsafe_path"}


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR | 0o644, stat.S_IFBLK])
def test_links_and_devices_are_refused(look, tmp_path: Path, mode: int):
    assert codes(look(packed(tmp_path / "p.zip", {**BAG, entry("bag/data/b", mode): b"/etc/passwd"}))) == {
        "link_inside"
    }


def test_permissions_are_not_taken_over(tmp_path: Path):
    source = packed(tmp_path / "p.zip", {**BAG, entry("bag/data/b", stat.S_IFREG | stat.S_ISUID | 0o777): b"x"})
    (tmp_path / "scratch").mkdir()
    assert open_package(source, tmp_path / "scratch", Findings(), Limits()) is not None
    assert not (tmp_path / "scratch/bag/data/b").stat().st_mode & 0o111


@pytest.mark.parametrize("twin", ["bag/data/a", "bag/DATA/A", "bag/data/A"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(look, tmp_path: Path, twin: str):
    assert codes(look(packed(tmp_path / "p.zip", {**BAG, entry(twin): b"other"}))) == {"duplicate_name"}


def test_a_bomb_is_refused_by_what_it_declares(look, tmp_path: Path):
    source = packed(tmp_path / "p.zip", {**BAG, "bag/data/zeros": bytes(50 << 20)})
    assert source.stat().st_size < 1 << 20
    assert codes(look(source)) == {"zip_bomb"}


def test_a_bomb_that_lies_about_its_size_is_stopped_while_it_grows(tmp_path: Path):
    """Both directories say 1,000 bytes; what comes out is counted."""
    source = packed(tmp_path / "p.zip", {"bag/data/zeros": bytes(5 << 20)})
    data = source.read_bytes().replace(struct.pack("<I", 5 << 20), struct.pack("<I", 1000))
    source.write_bytes(data)
    findings, scratch = Findings(), tmp_path / "scratch"
    scratch.mkdir()
    assert open_package(source, scratch, findings, Limits()) is None
    assert findings.codes <= {"zip_bomb", "package_damaged"}
    assert findings.codes
    assert sum(path.stat().st_size for path in scratch.rglob("*") if path.is_file()) <= 2 << 20


def test_many_files_are_refused_before_they_are_written(look, tmp_path: Path):
    source = packed(tmp_path / "p.zip", {f"bag/data/{n}": b"" for n in range(300)}, zipfile.ZIP_STORED)
    assert codes(look(source, limits=Limits(files=100))) == {"too_many_files"}


def test_more_bytes_than_the_limit_are_refused(look, tmp_path: Path):
    source = packed(tmp_path / "p.zip", {f"bag/data/{n}": b"x" * 1000 for n in range(30)}, zipfile.ZIP_STORED)
    report = look(source, limits=Limits(bytes=10_000))
    assert (report.outcome, codes(report)) == ("indeterminate", {"too_large"})


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_zip_that_was_cut_short_is_damaged(look, tmp_path: Path, package: Path, share: float):
    whole = packed(tmp_path / "whole.zip", {f"bag/{p.name}": p.read_bytes() for p in package.glob("*.txt")})
    data = whole.read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: int(len(data) * share)])
    report = look(tmp_path / "cut.zip")
    assert (report.outcome, codes(report)) == ("invalid", {"package_damaged"})


def test_a_flipped_bit_inside_is_damage(look, tmp_path: Path):
    source = packed(tmp_path / "p.zip", {**BAG, "bag/data/b": bytes(range(256)) * 100})
    data = bytearray(source.read_bytes())
    data[len(data) // 3] ^= 4
    source.write_bytes(bytes(data))
    report = look(source)
    assert report.outcome == "invalid"


def test_a_locked_zip_cannot_be_told(look, tmp_path: Path):
    source = packed(tmp_path / "p.zip", BAG)
    data = bytearray(source.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            data[at + offset] |= 1
    source.write_bytes(bytes(data))
    report = look(source)
    assert (report.outcome, codes(report)) == ("indeterminate", {"zip_encrypted"})


def test_what_is_no_zip_is_damaged(look, tmp_path: Path):
    for number, content in enumerate((b"", b"%PDF-1.7", b"PK\x05\x06" + bytes(18), io.BytesIO().getvalue())):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        report = look(path)
        assert report.outcome == "invalid"
        assert codes(report) <= {"package_damaged", "not_a_bag"}


def test_nothing_is_left_of_what_was_unpacked(look, stranger, tmp_path: Path):
    look(packed(tmp_path / "p.zip", BAG))
    assert not list(stranger.settings.work.glob("package-*"))
