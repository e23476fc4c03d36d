"""The bag of a package under attack: files, manifests, names; METS and the record are left as they were."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from package_samples import Tampered, codes

if TYPE_CHECKING:
    from pathlib import Path


def test_any_flipped_bit_is_noticed(look, copy: Tampered):
    for path in sorted(copy.folder.rglob("*")):
        if path.is_file():
            before = path.read_bytes()
            copy.flip(path)
            report = look(copy)
            assert report.outcome == "invalid", path
            path.write_bytes(before)


def test_a_missing_file_is_invalid(look, copy: Tampered):
    (copy.originals / "original-002.jpg").unlink()
    report = look(copy)
    assert report.outcome == "invalid"
    assert {"file_missing", "mets_file_missing", "premis_unlisted", "original_missing"} <= codes(report)


def test_an_added_file_is_invalid(look, copy: Tampered):
    (copy.data / "documentation" / "note.txt").write_text("Thêm")
    assert {"file_unexpected", "mets_unlisted"} <= codes(look(copy))


def test_an_added_tag_file_is_invalid(look, copy: Tampered):
    (copy.folder / "note.txt").write_text("Thêm")
    assert "file_unexpected" in codes(look(copy))


def test_a_wrong_total_is_invalid(look, copy: Tampered):
    info = copy.folder / "bag-info.txt"
    info.write_text(info.read_text("utf-8").replace("Payload-Oxum: ", "Payload-Oxum: 1"), "utf-8")
    assert {"size_wrong", "checksum_wrong"} <= codes(look(copy))


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "data/../../outside", "~/.profile", "data/..\\outside", "C:/x", "data//x"]
)
def test_a_name_that_leads_outside_is_invalid_and_not_looked_at(look, copy: Tampered, name: str):
    manifest = copy.folder / "manifest-sha256.txt"
    manifest.write_text(manifest.read_text("utf-8") + f"{'0' * 64}  {name}\n", "utf-8")
    report = look(copy)
    assert report.outcome == "invalid"
    assert "unsafe_path" in codes(report)
    assert report.dossier is None, "nothing else is looked into"


def test_a_link_inside_is_invalid_and_not_followed(look, copy: Tampered, tmp_path: Path):
    target = copy.archive / "archive.pdf"
    shutil.move(target, tmp_path / "elsewhere.pdf")
    target.symlink_to(tmp_path / "elsewhere.pdf")
    assert codes(look(copy)) == {"link_inside"}


def test_a_linked_folder_is_invalid(look, copy: Tampered, tmp_path: Path):
    shutil.move(copy.originals, tmp_path / "elsewhere")
    copy.originals.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert codes(look(copy)) == {"link_inside"}


def test_a_pipe_inside_does_not_hang(look, copy: Tampered):
    os.mkfifo(copy.originals / "pipe")
    assert codes(look(copy)) == {"link_inside"}


def test_a_file_that_must_be_fetched_is_invalid(look, copy: Tampered):
    (copy.folder / "fetch.txt").write_text("http://127.0.0.1/x 10 data/x\n")
    assert "bag_fetch" in codes(look(copy))


def test_a_name_listed_twice_is_invalid(look, copy: Tampered):
    manifest = copy.folder / "manifest-sha256.txt"
    manifest.write_text(manifest.read_text("utf-8") * 2, "utf-8")
    assert "duplicate_name" in codes(look(copy))


@pytest.mark.parametrize("name", ["bagit.txt", "manifest-sha256.txt"])
def test_without_its_declarations_it_is_no_bag(look, copy: Tampered, name: str):
    (copy.folder / name).unlink()
    assert codes(look(copy)) == {"not_a_bag"}


def test_a_manifest_of_md5_alone_cannot_be_relied_on(look, copy: Tampered):
    for name in ("manifest", "tagmanifest"):
        (copy.folder / f"{name}-sha256.txt").rename(copy.folder / f"{name}-md5.txt")
    report = look(copy)
    assert "manifest_weak" in codes(report)
    assert report.outcome != "valid"


def test_a_malformed_manifest_is_invalid(look, copy: Tampered):
    (copy.folder / "manifest-sha256.txt").write_bytes(b"\xff\xfe nothing\n" * 10)
    assert "bag_malformed" in codes(look(copy))
