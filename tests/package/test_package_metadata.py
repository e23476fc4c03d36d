"""METS, PREMIS and EAD of a package under attack; the bag around them was put right again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from package_samples import Tampered, codes

if TYPE_CHECKING:
    from pipeline.record import Dossier

PREMIS = "metadata/preservation/PREMIS.xml"


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
