"""Files as a clerk gives them: order, names, doubles, and what is not there."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from pathlib import Path

import pytest

from pipeline.intake.collect import collect, natural_key
from pipeline.intake.errors import NoFilesError, PathMissingError, UnreadableFileError


def test_folder_in_natural_order_without_what_nobody_scanned(tmp_path):
    for name in ("Trang 10.pdf", "Trang 2.pdf", "a/b/Trang 1.pdf", ".DS_Store", "Thumbs.db", ".git/x.pdf", "~$x.docx"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    found = collect([tmp_path])
    assert [one.name for one in found] == ["a/b/Trang 1.pdf", "Trang 2.pdf", "Trang 10.pdf"]
    assert found[1].sha256 == hashlib.sha256(b"Trang 2.pdf").hexdigest()
    assert found[1].size == len(b"Trang 2.pdf")


def test_names_in_nfd_are_shown_nfc_but_opened_as_they_are(tmp_path):
    decomposed = unicodedata.normalize("NFD", "Giấy khai sinh.pdf")
    (tmp_path / decomposed).write_bytes(b"x")
    (one,) = collect([tmp_path])
    assert one.name == "Giấy khai sinh.pdf"
    assert one.path.name == decomposed
    assert one.path.read_bytes() == b"x"
    assert collect([one.path])[0].name == one.name
    assert natural_key(decomposed) == natural_key(one.name)


def test_same_content_twice_is_kept_and_marked(tmp_path):
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(b"same" if name != "b.pdf" else b"other")
    found = collect([tmp_path])
    assert [one.duplicate_content for one in found] == [False, False, True]
    assert found[2].duplicate_of == "a.pdf"


def test_a_file_reached_twice_by_path_comes_once(tmp_path):
    file = tmp_path / "a.pdf"
    file.write_bytes(b"x")
    assert len(collect([file, tmp_path, tmp_path / "." / "a.pdf"])) == 1


def test_hidden_file_given_by_name_is_taken(tmp_path):
    file = tmp_path / ".scan.pdf"
    file.write_bytes(b"x")
    assert collect([file])[0].name == ".scan.pdf"


@pytest.mark.parametrize("name", ["không có.pdf", "không có/gì.pdf"])
def test_path_missing(tmp_path, name):
    with pytest.raises(PathMissingError) as caught:
        collect([tmp_path / name])
    assert caught.value.file == name.rsplit("/", maxsplit=1)[-1]
    assert caught.value.exit_code == 4
    assert "đường dẫn" in caught.value.remedy_vi


def test_folder_without_files(tmp_path):
    (tmp_path / "trống").mkdir()
    (tmp_path / "trống" / ".hidden").write_bytes(b"x")
    with pytest.raises(NoFilesError) as caught:
        collect([tmp_path / "trống"])
    assert caught.value.file == "trống"
    with pytest.raises(NoFilesError):
        collect([])


def test_what_is_no_regular_file_is_refused_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.pdf")
    with pytest.raises(UnreadableFileError):
        collect([tmp_path / "pipe.pdf"])


def test_file_that_the_system_does_not_let_us_read(tmp_path, monkeypatch):
    file = tmp_path / "khóa.pdf"
    file.write_bytes(b"x")
    real_open = type(file).open

    def refuse(self, *args, **kwargs):
        if self.name == "khóa.pdf":
            raise PermissionError(13, "denied")
        return real_open(self, *args, **kwargs)

    monkeypatch.setattr(type(file), "open", refuse)
    with pytest.raises(UnreadableFileError) as caught:
        collect([tmp_path])
    assert caught.value.file == "khóa.pdf"


def test_one_bad_file_does_not_stop_its_folder(tmp_path, monkeypatch):
    (tmp_path / "a.pdf").write_bytes(b"a")
    (tmp_path / "b.pdf").write_bytes(b"b")
    opened = Path.open

    def broken(path, *arguments, **options):
        if path.name == "a.pdf":
            raise PermissionError(path)
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", broken)
    refused = []
    found = collect([tmp_path, tmp_path / "none.pdf"], refused)
    assert [item.name for item in found] == ["b.pdf"]
    assert [(error.code, error.file) for error in refused] == [
        ("file_unreadable", "a.pdf"),
        ("path_missing", "none.pdf"),
    ]
