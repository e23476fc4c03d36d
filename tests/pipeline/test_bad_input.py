"""A bad file beside a good one: named, explained, refused, and nothing else suffers."""

import unicodedata
from pathlib import Path

import pytest
from bad_files import BAD
from clerk import settle

from pipeline.composition import House
from pipeline.intake.errors import NoFilesError, PathMissingError
from pipeline.keys import original_key
from pipeline.record import Status


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_by_name_and_the_rest_is_read(
    case: str, house: House, letter: Path, tmp_path: Path
) -> None:
    name, make, code = BAD[case]
    bad = tmp_path / name
    make(bad)
    received = house.conductor.receive([bad, letter], "cong_van_den")
    dossier = house.conductor.run(received.dossier_id)
    assert dossier.status is Status.REFUSED
    (original,) = [o for o in dossier.originals if o.error]
    assert original.error == code
    assert original.name == unicodedata.normalize("NFC", name)
    assert original.message
    assert original.message.count(".") >= 2, "it says what happened and what to do"
    assert house.store.get(original_key(original.sha256)) == bad.read_bytes(), "the original is kept"
    (finding,) = [f for f in dossier.findings if f.rule == "input_refused"]
    assert original.name in finding.message
    (document,) = [d for d in dossier.documents if d.type == "cong_van"]
    assert document.fields["so_ky_hieu"].value


def test_a_bad_file_alone_is_refused_and_kept(house: House, tmp_path: Path) -> None:
    bad = tmp_path / "trống.pdf"
    bad.write_bytes(b"")
    received = house.conductor.receive([bad], None)
    dossier = house.conductor.run(received.dossier_id)
    assert dossier.status is Status.REFUSED
    assert dossier.originals[0].error == "file_empty"


def test_two_files_with_the_same_content_are_told_apart(house: House, letter: Path, tmp_path: Path) -> None:
    (source,) = letter.iterdir()
    for name in ("một.pdf", "hai.pdf"):
        (tmp_path / name).write_bytes(source.read_bytes())
    dossier = house.conductor.run(house.conductor.receive([tmp_path], "cong_van_den").dossier_id)
    assert dossier.status is Status.REFUSED
    assert [o.error for o in dossier.originals] == [None, "duplicate_content"]
    assert "hai.pdf" in (dossier.originals[1].message or "")
    assert len(dossier.pages) == dossier.originals[0].pages


def test_a_folder_without_files_and_a_path_without_file_are_errors(house: House, tmp_path: Path) -> None:
    with pytest.raises(NoFilesError):
        house.conductor.receive([tmp_path], None)
    with pytest.raises(PathMissingError):
        house.conductor.receive([tmp_path / "không có.pdf"], None)


def test_a_person_may_go_on_without_the_bad_file(house: House, letter: Path, tmp_path: Path) -> None:
    bad = tmp_path / "rỗng hẳn.pdf"
    bad.write_bytes(b"")
    dossier = house.conductor.run(house.conductor.receive([bad, letter], "cong_van_den").dossier_id)
    assert settle(house, dossier).status is Status.FILED
