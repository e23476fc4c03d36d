"""Every way to spoil a package, by name, and what the check says of it; in a house that knows only the roots."""

from __future__ import annotations

import json
import os
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

PREMIS = "metadata/preservation/PREMIS.xml"


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


# The bag


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


# METS, PREMIS, EAD: the bag was put right again


def test_without_mets_it_is_invalid(look, copy: Tampered):
    (copy.data / "METS.xml").unlink()
    copy.repair(mets=False)
    assert "mets_missing" in codes(look(copy))


def test_mets_with_another_checksum_is_invalid(look, copy: Tampered):
    (copy.data / "documentation" / "DOC-TRUOC.txt").write_text("Khác")
    copy.repair(mets=False)
    assert codes(look(copy)) == {"mets_differs"}


def test_a_file_that_mets_does_not_list_is_invalid(look, copy: Tampered):
    (copy.data / "documentation" / "note.txt").write_text("Thêm")
    assert codes(look(copy.repair())) == {"mets_unlisted"}


def test_mets_that_points_outside_is_invalid(look, copy: Tampered):
    copy.edit("METS.xml", 'xlink:href="documentation/DOC-TRUOC.txt"', 'xlink:href="../../outside"')
    copy.repair(mets=False)
    report = look(copy)
    assert report.outcome == "invalid"
    assert "xml_not_valid" in codes(report)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE mets [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE mets SYSTEM "http://127.0.0.1/evil.dtd">',
        "<!DOCTYPE mets [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(12)) + "]>",
    ],
)
@pytest.mark.parametrize("name", ["METS.xml", PREMIS, "metadata/descriptive/EAD.xml"])
def test_entities_are_refused(look, copy: Tampered, doctype: str, name: str):
    path = copy.data / name
    head, _, rest = path.read_text("utf-8").partition("?>")
    path.write_text(f"{head}?>{doctype}{rest}", "utf-8")
    report = look(copy.repair(premis=False, mets=False))
    assert report.outcome == "invalid"
    assert "xml_unreadable" in codes(report)


def test_broken_xml_is_invalid(look, copy: Tampered):
    path = copy.data / PREMIS
    path.write_bytes(path.read_bytes()[:-200])
    copy.repair(premis=False)
    assert "xml_unreadable" in codes(look(copy))


def test_deep_xml_is_refused(look, copy: Tampered):
    (copy.data / "metadata/descriptive/EAD.xml").write_text("<a>" * 300 + "</a>" * 300)
    assert "xml_unreadable" in codes(look(copy.repair()))


def test_another_profile_is_not_called_wrong(look, copy: Tampered):
    copy.edit("METS.xml", "https://earkcsip.dilcis.eu/profile/", "https://example.org/profile/")
    report = look(copy.repair(mets=False))
    assert (report.outcome, codes(report)) == ("indeterminate", {"profile_unknown"})


def test_premis_with_another_checksum_is_invalid(look, copy: Tampered):
    path = copy.data / PREMIS
    text = path.read_text("utf-8")
    start = text.index("<premis:messageDigest>") + len("<premis:messageDigest>")
    path.write_text(text[:start] + "0" * 64 + text[start + 64 :], "utf-8")
    assert codes(look(copy.repair(premis=False))) == {"premis_differs"}


def test_a_file_that_premis_does_not_describe_is_invalid(look, copy: Tampered):
    copy.edit(PREMIS, "rep2/data/original-001.png", "rep2/data/original-009.png")
    assert codes(look(copy.repair())) == {"premis_unlisted"}


def test_a_link_of_premis_to_nothing_is_invalid(look, copy: Tampered, filed: Dossier):
    copy.edit(
        PREMIS,
        f"<premis:linkingEventIdentifierValue>{filed.id}/received<",
        "<premis:linkingEventIdentifierValue>x/received<",
    )
    assert codes(look(copy.repair())) == {"premis_link_broken"}


def moved(copy: Tampered, name: str) -> Tampered:
    """The package with an event in another year."""
    path = copy.data / PREMIS
    text = path.read_text("utf-8")
    at = text.index(f"/{name}</premis:eventIdentifierValue>")
    start = text.index("<premis:eventDateTime>", at) + len("<premis:eventDateTime>")
    path.write_text(text[:start] + "2019" + text[start + 4 :], "utf-8")
    return copy.repair()


def test_another_day_of_receipt_in_premis_is_invalid(look, copy: Tampered):
    report = look(moved(copy, "received"))
    assert [(r.code, r.detail) for r in report.reasons] == [("premis_event_differs", "received")]


@pytest.mark.slow
def test_another_time_of_signing_in_premis_is_invalid(check, copy: Tampered):
    report = check(moved(copy, "pdf-HSS-Signature-1"))
    assert report.outcome == "invalid"
    assert [(r.code, r.detail) for r in report.reasons] == [("premis_event_differs", "pdf-HSS-Signature-1")]


def test_another_reader_in_premis_is_invalid(look, copy: Tampered, filed: Dossier):
    copy.edit(PREMIS, f"<premis:agentName>{filed.engine}<", "<premis:agentName>another<")
    assert codes(look(copy.repair())) == {"premis_event_differs"}


def test_without_premis_it_is_invalid(look, copy: Tampered):
    (copy.data / PREMIS).unlink()
    copy.repair(premis=False)
    assert {"premis_missing", "mets_file_missing"} <= codes(look(copy))


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
