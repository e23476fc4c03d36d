"""PDFs that are broken or mean harm: each refused by name, and one bad page never takes the good ones with it."""

from __future__ import annotations

import zlib
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from pipeline.intake.errors import (
    DamagedFileError,
    NoPagesError,
    PageDamagedError,
    PageTooLargeError,
    TooManyPagesError,
)
from pipeline.intake.limits import Limits
from pipeline.intake.open import open_bytes

TEXT = b"BT /F 24 Tf 72 700 Td (Quyet dinh so 12) Tj ET "


def test_no_pages(make_pdf):
    with pytest.raises(NoPagesError):
        open_bytes(make_pdf(), "không trang.pdf")


def test_too_many_pages(make_pdf):
    with pytest.raises(TooManyPagesError):
        open_bytes(make_pdf({}, {}, {}), "dày.pdf", Limits(max_pages=2))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated(make_pdf, make_jpeg_page, share):
    data = make_pdf(*[make_jpeg_page()] * 4)
    with pytest.raises(DamagedFileError) as caught:
        open_bytes(data[: int(len(data) * share)], "cụt.pdf")
    assert caught.value.file == "cụt.pdf"


def test_header_alone():
    with pytest.raises(DamagedFileError):
        open_bytes(b"%PDF-1.7\n%%EOF\n", "đầu.pdf")


def test_wrong_table_of_contents_with_its_end_there_is_repaired(make_pdf, make_jpeg_page):
    with open_bytes(b"junk before\n" + make_pdf(make_jpeg_page(), make_jpeg_page()), "lệch.pdf") as opened:
        assert opened.page_count == 2
        assert opened.page(2).media_type == "image/jpeg"


def broken_jpeg(page: dict) -> dict:
    data, entries = page["image"]
    return {**page, "image": (data[: len(data) // 2], entries)}


def test_one_broken_page_among_good_ones(make_pdf, make_jpeg_page):
    good = make_jpeg_page()
    with open_bytes(make_pdf(good, broken_jpeg(good), good), "một trang hỏng.pdf") as opened:
        assert opened.page_count == 3
        assert opened.page(1).image == opened.page(3).image == good["image"][0]
        with pytest.raises(PageDamagedError) as caught:
            opened.page(2)
    assert caught.value.page == 2
    assert caught.value.message_vi.startswith("Trang 2")
    assert caught.value.file == "một trang hỏng.pdf"


def test_content_that_does_not_unpack(make_pdf, make_jpeg_page):
    with pikepdf.open(BytesIO(make_pdf({"content": TEXT}, make_jpeg_page()))) as pdf:
        pdf.pages[0].obj.Contents = pikepdf.Stream(pdf, b"no zlib at all", Filter=pikepdf.Name.FlateDecode)
        out = BytesIO()
        pdf.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    with open_bytes(out.getvalue(), "hỏng.pdf") as opened:
        with pytest.raises(PageDamagedError):
            opened.page(1)
        assert opened.page(2).media_type == "image/jpeg"


@pytest.mark.parametrize("size", [(100_000, 100_000), (60_000, 100)])
def test_declared_pixels_are_judged_before_drawing(make_flate_page, make_pdf, make_jpeg_page, make_sheet, size):
    bomb = make_flate_page(make_sheet(mode="1"))
    bomb["image"][1].update(Width=size[0], Height=size[1])
    with open_bytes(make_pdf(bomb, make_jpeg_page()), "bom.pdf") as opened:
        with pytest.raises(PageTooLargeError) as caught:
            opened.page(1)
        assert opened.page(2).media_type == "image/jpeg"
    assert caught.value.page == 1


def test_jpeg_that_is_larger_than_its_dictionary_says(make_pdf, make_jpeg_page, make_coded):
    page = make_jpeg_page()
    data = make_coded(Image.new("L", (30_000, 40)), "JPEG")
    with (
        open_bytes(make_pdf({**page, "image": (data, page["image"][1])}), "dối.pdf") as opened,
        pytest.raises(PageTooLargeError),
    ):
        opened.page(1)


def test_drawing_instructions_that_unpack_without_end(make_pdf):
    with pikepdf.open(BytesIO(make_pdf({}))) as pdf:
        flood = zlib.compress(b"0 0 m 1 1 l S " * 600_000, 9)
        pdf.pages[0].obj.Contents = pikepdf.Stream(pdf, flood, Filter=pikepdf.Name.FlateDecode)
        out = BytesIO()
        pdf.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    with (
        open_bytes(out.getvalue(), "lũ.pdf", Limits(max_content_bytes=4_000_000)) as opened,
        pytest.raises(PageTooLargeError),
    ):
        opened.page(1)


def test_forms_nested_in_themselves(make_pdf):
    with pikepdf.open(BytesIO(make_pdf({"content": b"/X Do"}))) as pdf:
        form = pdf.make_stream(b"/X Do")
        form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 9, 9])
        form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
        pdf.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
        out = BytesIO()
        pdf.save(out)
    with open_bytes(out.getvalue(), "vòng.pdf") as opened:
        assert opened.page(1).dpi == 300
