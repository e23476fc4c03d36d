"""A package that is good, one whose record was spoilt, and what is no package: what the check says of each by name."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from package_samples import Tampered, codes, file_dossier

from pipeline.composition import build_house
from pipeline.package.check import check_package
from pipeline.package.errors import PackageMissingError
from pipeline.package.make import make_package
from pipeline.package.reasons import INVALID_CODES, OPEN_CODES, sentences
from pipeline.package.unpack import Limits, safe_name
from pipeline.renewal import renew_dossier
from pipeline.settings import Settings
from signing import devpki

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.composition import House
    from pipeline.record import Dossier


# What is good


def test_a_stranger_with_the_roots_finds_it_valid(check, package: Path, filed: Dossier):
    report = check(package)
    assert report.outcome == "valid", report.reasons
    assert report.reasons == ()
    assert report.second_judge == "valid"
    assert report.dossier == filed.id
    assert report.pdf is not None
    assert report.pdf.ledger.state == "unknown", "this house has never seen the dossier"
    assert report.data is not None
    assert {"data_intact", "chain_trusted", "timestamped"} <= {reason.code for reason in report.data.reasons}


@pytest.mark.slow
def test_a_zip_is_judged_as_the_folder(check, house: House, filed: Dossier, tmp_path: Path):
    report = check(make_package(house.tools, filed, tmp_path, zipped=True))
    assert (report.outcome, report.form) == ("valid", "zip")


@pytest.mark.slow
def test_without_the_roots_it_cannot_be_told(package: Path, tmp_path: Path):
    with build_house(Settings(home=tmp_path / "home", cores=1)) as nobody:
        report = check_package(nobody.tools, package)
    assert report.outcome == "indeterminate"
    assert codes(report) == {"pdf_unclear", "data_unclear"}


@pytest.mark.slow
def test_the_house_that_filed_it_knows_it(house: House, package: Path):
    report = check_package(house.tools, package)
    assert report.outcome == "valid"
    assert report.pdf is not None
    assert report.pdf.ledger.state == "filed_here"


@pytest.mark.slow
def test_in_2036_it_is_still_valid(house: House, package: Path, tmp_path: Path):
    """The officer's certificate has ended; timestamps, and the PDF's own revocation data, prove what was."""
    shutil.copytree(house.settings.pki, tmp_path / "home" / "pki")
    with (
        time_machine.travel(datetime(2036, 6, 1, tzinfo=UTC)),
        build_house(Settings(home=tmp_path / "home", cores=1)) as later,
    ):
        report = check_package(later.tools, package)
    assert report.outcome == "valid", (report.reasons, report.pdf, report.data)


@pytest.mark.slow
def test_after_its_timestamps_were_renewed_it_is_still_the_pdf_that_the_data_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Filed with a timestamp authority that ends in five years, renewed by one that lasts twenty."""
    monkeypatch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * 5))
    with build_house(Settings(home=tmp_path / "home", cores=1)) as house:
        dossier = file_dossier(house, "hs-261121-renewed0", "Gia hạn")
        first = house.store.stat(dossier.files["archive_pdf"])
    monkeypatch.setitem(devpki._LIFE, "tsa", timedelta(days=365 * 20))
    devpki._write_leaf(house.settings.pki, "tsa", datetime.now(UTC))
    with build_house(Settings(home=tmp_path / "home", cores=1)) as house:
        assert renew_dossier(house.tools, dossier.id, datetime(2040, 1, 1, tzinfo=UTC)).state == "renewed"
        made = make_package(house.tools, house.conductor.dossier(dossier.id), tmp_path)
        pdf = made / "data/representations/rep1/data/archive.pdf"
        report = check_package(house.tools, made)
        assert report.outcome == "valid", report.reasons
        assert report.data is not None
        assert "pdf_renewed" in {reason.code for reason in report.data.reasons}
        assert first is not None
        assert first.size < pdf.stat().st_size
        with pdf.open("ab") as stream:
            stream.write(b"\n% more")
        assert check_package(house.tools, Tampered(made).repair().folder).outcome == "invalid"


def test_repairing_an_untouched_copy_leaves_it_well(look, copy: Tampered):
    """The tests' own attacker makes no mistakes."""
    assert look(copy.repair()).reasons == ()


# The record: everything around it was put right again


def test_changed_data_is_invalid(check, copy: Tampered):
    path = copy.archive / "data.json"
    path.write_bytes(path.read_bytes().replace(b"12/UBND-VP", b"13/UBND-VP"))
    report = check(copy.repair())
    assert report.outcome == "invalid"
    assert codes(report) == {"record_not_attached", "data_not_as_signed"}
    assert report.data is not None
    assert "data_altered" in {reason.code for reason in report.data.reasons}


@pytest.mark.slow
def test_data_written_another_way_is_invalid(check, copy: Tampered):
    path = copy.archive / "data.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1, ensure_ascii=False), "utf-8")
    assert {"record_not_canonical", "data_not_as_signed"} <= codes(check(copy.repair()))


def test_data_that_is_no_record_is_invalid(look, copy: Tampered):
    for content in (b"[]", b"{", b'{"id": 5}', b"[" * 100_000):
        (copy.archive / "data.json").write_bytes(content)
        assert "record_unreadable" in codes(look(copy.repair()))


@pytest.mark.parametrize("name", ["archive.pdf", "data.json"])
def test_without_pdf_or_data_it_is_invalid(look, copy: Tampered, name: str):
    (copy.archive / name).unlink()
    report = look(copy.repair())
    assert report.outcome == "invalid"
    assert "record_missing" in codes(report)


@pytest.mark.slow
def test_without_the_datas_signature_it_cannot_be_told(check, copy: Tampered, filed: Dossier):
    """Taken out everywhere, so that nothing but the lack of it is left."""
    for name in ("data.jws", "data.jws.tst"):
        (copy.archive / name).unlink()
    report = check(copy.repair())
    assert "data_unsigned" in codes(report)
    assert report.outcome != "valid"


@pytest.mark.slow
def test_the_pdf_of_another_dossier_is_invalid(check, copy: Tampered, other_package: Path):
    """A good PDF by the same signer, and yet not this one."""
    shutil.copy(other_package / "data/representations/rep1/data/archive.pdf", copy.archive / "archive.pdf")
    report = check(copy.repair())
    assert report.outcome == "invalid"
    assert {"record_not_attached", "data_not_as_signed"} <= codes(report)
    assert report.data is not None
    assert "pdf_differs" in {reason.code for reason in report.data.reasons}


@pytest.mark.slow
def test_the_signature_of_another_dossier_is_invalid(check, copy: Tampered, other_package: Path):
    for name in ("data.jws", "data.jws.tst"):
        shutil.copy(other_package / "data/representations/rep1/data" / name, copy.archive / name)
    report = check(copy.repair())
    assert report.outcome == "invalid"
    assert "data_not_as_signed" in codes(report)


def test_the_whole_record_of_another_dossier_is_invalid(look, copy: Tampered, other_package: Path):
    """PDF, data and signature all good and all of one dossier; the rest of the package is of another."""
    for name in ("archive.pdf", "data.json", "data.jws", "data.jws.tst"):
        shutil.copy(other_package / "data/representations/rep1/data" / name, copy.archive / name)
    report = look(copy.repair())
    assert report.outcome == "invalid"
    assert {"record_not_described", "original_unknown", "original_missing", "page_unknown"} <= codes(report)


@pytest.mark.slow
def test_a_timestamp_of_another_signature_leaves_it_open(check, copy: Tampered, other_package: Path):
    shutil.copy(other_package / "data/representations/rep1/data/data.jws.tst", copy.archive / "data.jws.tst")
    report = check(copy.repair())
    assert (report.outcome, codes(report)) == ("indeterminate", {"data_unclear"})


@pytest.mark.slow
def test_bytes_after_the_end_of_the_pdf_are_invalid(check, copy: Tampered):
    with (copy.archive / "archive.pdf").open("ab") as stream:
        stream.write(b"\n% more")
    report = check(copy.repair())
    assert report.outcome == "invalid"
    assert "pdf_not_as_filed" in codes(report)


@pytest.mark.slow
def test_a_pdf_without_its_last_revision_is_invalid(check, copy: Tampered):
    """What is left is a sound signature of a lower level: only the signed size and hash tell."""
    path = copy.archive / "archive.pdf"
    data = path.read_bytes()
    path.write_bytes(data[: data.rstrip().rindex(b"%%EOF", 0, len(data) - 10) + 6])
    report = check(copy.repair())
    assert report.outcome == "invalid"
    assert "data_not_as_signed" in codes(report)


@pytest.mark.slow
def test_a_changed_page_of_the_pdf_is_invalid(check, copy: Tampered):
    copy.flip(copy.archive / "archive.pdf")
    report = check(copy.repair())
    assert report.outcome == "invalid"
    assert "data_not_as_signed" in codes(report)


def test_a_changed_original_is_invalid(look, copy: Tampered):
    copy.flip(copy.originals / "original-001.png")
    assert codes(look(copy.repair())) == {"original_unknown", "original_missing"}


def test_a_changed_page_image_is_invalid(look, copy: Tampered):
    copy.flip(copy.data / "representations/rep3/data/page-0001.png")
    assert codes(look(copy.repair())) == {"page_unknown"}


def test_another_name_for_the_dossier_is_invalid(look, copy: Tampered):
    for name, text in (("bag-info.txt", "External-Identifier: hs-261121-package1"),):
        path = copy.folder / name
        path.write_text(path.read_text("utf-8").replace(text, "External-Identifier: hs-261121-another1"), "utf-8")
    assert codes(look(copy.repair())) == {"record_not_described"}


# What is no package at all


def test_what_is_not_there_is_an_error(look, tmp_path: Path):
    with pytest.raises(PackageMissingError):
        look(tmp_path / "nothing")


def test_an_empty_folder_is_no_bag(look, tmp_path: Path):
    assert codes(look(tmp_path)) == {"not_a_bag"}


def test_more_than_is_looked_at_cannot_be_told(look, package: Path):
    assert codes(look(package, limits=Limits(files=5))) == {"too_many_files"}
    report = look(package, limits=Limits(bytes=10_000))
    assert (report.outcome, codes(report)) == ("indeterminate", {"too_large"})


@pytest.mark.parametrize("name", ["a", "a/b.c", "Tờ khai số 1.pdf", "a-_.b"])
def test_plain_names_are_safe(name: str):
    assert safe_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a\\b", "a\0b", "a:b", "a\nb", "a\u202eb", "a ", "a.", "a|b", "con?",
     "x/" * 20 + "y", "ă" * 200],
)  # fmt: skip
def test_other_names_are_not(name: str):
    assert not safe_name(name)


def test_every_code_has_both_sentences():
    for code in INVALID_CODES | OPEN_CODES:
        vietnamese, english = sentences(code)
        assert vietnamese
        assert english
        assert vietnamese != english
    assert not INVALID_CODES & OPEN_CODES
