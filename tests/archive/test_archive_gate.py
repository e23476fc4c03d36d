"""The gate lets nothing through that is not what it must be, and inspection survives what is no PDF at all."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest

from pipeline.archive.assemble import Attachment
from pipeline.archive.errors import ArchiveRefusedError, ArchiveUnreadableError
from pipeline.archive.gate import check_archive, check_signed_archive
from pipeline.archive.inspect import attachments, extract_text, page_count, pdfa_claim

RECORD = Attachment("data.json", b"{}", "application/json", "Data", "Dữ liệu")


@pytest.fixture
def good(archive, make_page, make_picture, make_reading):
    return archive(make_page(make_picture(), read=make_reading(620, 877)), attachments=(RECORD,))


def changed(pdf: bytes, how) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as opened:
        how(opened)
        out = BytesIO()
        opened.save(out)
    return out.getvalue()


def test_good_file_passes(good):
    check_archive(good, 1, expected_attachments={"data.json": b"{}"})
    check_signed_archive(good, 1, expected_attachments={"data.json": b"{}"})


def no_intent(pdf):
    del pdf.Root.OutputIntents


def script(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def open_font(pdf):
    font = pdf.pages[0].obj.Resources.Font.F
    font.Subtype, font.Encoding = pikepdf.Name.Type1, pikepdf.Name.WinAnsiEncoding
    del font.DescendantFonts


def no_unicode(pdf):
    del pdf.pages[0].obj.Resources.Font.F.ToUnicode


def no_xmp(pdf):
    del pdf.Root.Metadata


def cmyk(pdf):
    pdf.pages[0].obj.Resources.XObject.Im.ColorSpace = pikepdf.Name.DeviceCMYK


def unrelated(pdf):
    del pdf.Root.AF[0].AFRelationship


@pytest.mark.parametrize("harm", [no_intent, script, open_font, no_unicode, no_xmp, cmyk, unrelated])
def test_what_is_no_pdfa_is_refused(good, harm):
    with pytest.raises(ArchiveRefusedError) as caught:
        check_archive(changed(good, harm), 1)
    assert caught.value.detail
    assert caught.value.code == "archive_refused"


def test_plain_pdf_is_refused(make_picture):
    out = BytesIO()
    make_picture().save(out, "PDF")
    for check in (check_archive, check_signed_archive):
        with pytest.raises(ArchiveRefusedError, match="claims None"):
            check(out.getvalue(), 1)


@pytest.mark.parametrize("claim", [(b">3</pdfaid:part>", b">2</pdfaid:part>"), (b">U</pdfaid", b">A</pdfaid")])
def test_other_claims_are_refused(good, claim):
    def claim_other(pdf):
        packet = pdf.Root.Metadata.read_bytes()
        assert claim[0] in packet
        pdf.Root.Metadata.write(packet.replace(*claim))

    for check in (check_archive, check_signed_archive):
        with pytest.raises(ArchiveRefusedError, match="claims"):
            check(changed(good, claim_other), 1)


def test_pages_and_attachments_are_counted(good):
    for check in (check_archive, check_signed_archive):
        with pytest.raises(ArchiveRefusedError, match="1 pages instead of 2"):
            check(good, 2)
        with pytest.raises(ArchiveRefusedError, match="missing"):
            check(good, 1, expected_attachments={"khác.json": b"{}"})
        with pytest.raises(ArchiveRefusedError, match="differs"):
            check(good, 1, expected_attachments={"data.json": b"{ }"})


@pytest.mark.parametrize("junk", [b"", b"no pdf", b"%PDF-1.7\n%%EOF"])
def test_no_pdf_at_all(junk):
    for read in (page_count, pdfa_claim, attachments, extract_text):
        with pytest.raises(ArchiveUnreadableError):
            read(junk)
    for check in (check_archive, check_signed_archive):
        with pytest.raises(ArchiveRefusedError):
            check(junk, 1)


def test_cut_short(good):
    with pytest.raises(ArchiveRefusedError):
        check_archive(good[: len(good) // 2], 1)
