"""PDF originals: scans come out as they went in, drawn pages show their ink, hostile ones are refused typed."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageChops

from pipeline.intake.errors import (
    DynamicFormError,
    EncryptedPdfError,
    PdfPortfolioError,
)
from pipeline.intake.images import decode
from pipeline.intake.limits import Limits
from pipeline.intake.open import open_bytes

TEXT = b"BT /F 24 Tf 72 700 Td (Quyet dinh so 12) Tj ET "
HIDDEN_TEXT = b"BT 3 Tr /F 24 Tf 72 700 Td (Quyet dinh so 12) Tj ET "


def signed(data: bytes, rect: list[int]) -> bytes:
    """The PDF with a signature field whose appearance, a green box, lies at `rect` on the first page."""
    with pikepdf.open(BytesIO(data)) as pdf:
        face = pdf.make_stream(b"0 0.6 0 rg 0 0 100 50 re f")
        face.Type, face.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        face.BBox = pikepdf.Array([0, 0, 100, 50])
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, Rect=rect, F=4,
                T="Signature1", AP=pikepdf.Dictionary(N=face),
                V=pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3], Contents=b"\x30\x00"),
            )
        )  # fmt: skip
        pdf.pages[0].obj.Annots = pikepdf.Array([field])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field], SigFlags=3)
        out = BytesIO()
        pdf.save(out)
    return out.getvalue()


def test_scanned_jpeg_passes_through(make_pdf, make_jpeg_page):
    page = make_jpeg_page()
    with open_bytes(make_pdf(page, page), "quét.pdf") as opened:
        assert (opened.media_type, opened.page_count) == ("application/pdf", 2)
        assert (opened.signed, opened.born_digital) == (False, False)
        made = opened.page(2)
    assert made.image == page["image"][0]
    assert (made.media_type, made.number, made.width, made.height) == ("image/jpeg", 2, 620, 877)
    assert made.dpi == pytest.approx(75, abs=0.2)


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_packed_scan_comes_out_pixel_for_pixel(make_flate_page, make_pdf, make_sheet, mode):
    picture = make_sheet(mode=mode)
    with open_bytes(make_pdf(make_flate_page(picture)), "quét.pdf") as opened:
        made = opened.page(1)
    assert np.array_equal(decode(made.image), np.asarray(picture.convert("RGB")))
    with Image.open(BytesIO(made.image)) as coded:
        assert coded.mode == mode


def test_hidden_text_under_a_scan_leaves_no_ink(make_pdf, make_jpeg_page):
    page = make_jpeg_page(content=HIDDEN_TEXT)
    with open_bytes(make_pdf(page), "ocr.pdf") as opened:
        assert opened.page(1).image == page["image"][0]
        assert not opened.born_digital


def test_ink_over_a_scan_is_drawn_on_its_own_grid(make_flate_page, make_pdf, make_sheet):
    scan = make_sheet(1241, 1755, "L")
    with open_bytes(make_pdf(make_flate_page(scan, content=b"0 0.6 0 rg 300 400 50 50 re f")), "dấu.pdf") as opened:
        made = opened.page(1)
    assert (made.width, made.height, made.media_type) == (1241, 1755, "image/png")
    pixels = decode(made.image).astype(int)
    green = pixels[..., 1] - pixels[..., 0] > 60
    assert green.mean() == pytest.approx(50 * 50 / (595 * 842), rel=0.05)
    # Away from the ink not a single pixel of the scan was resampled.
    assert np.array_equal(pixels[:800, :, 0], np.asarray(scan)[:800])


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_rotate_is_respected(make_flate_page, make_pdf, make_jpeg_page, corner_of, rotate):
    where = {90: "top right", 180: "bottom right", 270: "bottom left"}[rotate]
    for page in (make_jpeg_page(), make_flate_page()):
        data = make_pdf({**page, "entries": {"Rotate": rotate}})
        with open_bytes(data, "xoay.pdf") as opened:
            made = opened.page(1)
        assert (made.width, made.height) == ((620, 877) if rotate == 180 else (877, 620))
        assert corner_of(decode(made.image), where) == "red"


def test_born_digital_page_at_300_dpi(make_pdf):
    with open_bytes(make_pdf({"content": TEXT}), "gốc.pdf") as opened:
        assert opened.born_digital
        made = opened.page(1)
    assert (made.width, made.height, made.dpi) == (2479, 3508, 300)
    with Image.open(BytesIO(made.image)) as coded:
        assert coded.mode == "L"  # black letters are grey, whatever pdfium's rounding says
    assert decode(made.image).min() < 50


def test_huge_page_is_drawn_smaller_and_says_so(make_pdf):
    huge = {"content": TEXT, "size": (7200, 7200)}
    with open_bytes(make_pdf(huge), "to.pdf", Limits(render_pixels=2_000_000)) as opened:
        made = opened.page(1)
    assert 1_900_000 < made.width * made.height <= 2_010_000
    assert made.dpi == pytest.approx(made.width / 100, abs=0.1)


def test_signature_appearance_is_ink(make_pdf, make_jpeg_page):
    data = signed(make_pdf(make_jpeg_page(), make_jpeg_page()), [100, 100, 300, 200])
    with open_bytes(data, "ký.pdf") as opened:
        assert opened.signed
        first, second = decode(opened.page(1).image), opened.page(2)
    green = (first[..., 1] > 120) & (first[..., 0] < 80)
    assert green.mean() == pytest.approx(200 * 100 / (595 * 842), rel=0.1)
    assert second.image == make_jpeg_page()["image"][0]


def test_invisible_signature_leaves_the_scan_untouched(make_pdf, make_jpeg_page):
    with open_bytes(signed(make_pdf(make_jpeg_page()), [0, 0, 0, 0]), "ký.pdf") as opened:
        assert opened.signed
        assert opened.page(1).image == make_jpeg_page()["image"][0]


def test_cmyk_scan_becomes_rgb(make_pdf, make_jpeg_page, make_sheet):
    with open_bytes(make_pdf(make_jpeg_page(make_sheet(mode="CMYK"))), "cmyk.pdf") as opened:
        made = opened.page(1)
    with Image.open(BytesIO(made.image)) as picture:
        assert picture.mode == "RGB"


def test_inverted_scan_looks_as_shown(make_pdf, make_jpeg_page, make_sheet):
    page = make_jpeg_page(make_sheet(mode="L"))
    page["image"][1]["Decode"] = pikepdf.Array([1, 0])
    with open_bytes(make_pdf(page), "âm bản.pdf") as opened:
        pixels = decode(opened.page(1).image)
    assert pixels[30, 300].mean() < 60


def test_open_password_and_owner_password(make_pdf, make_jpeg_page):
    lock = pikepdf.Encryption(user="bí mật", owner="chủ")
    with pytest.raises(EncryptedPdfError) as caught:
        open_bytes(make_pdf(make_jpeg_page(), encryption=lock), "khóa.pdf")
    assert caught.value.file == "khóa.pdf"
    only_owner = make_pdf(make_jpeg_page(), encryption=pikepdf.Encryption(user="", owner="chủ"))
    with open_bytes(only_owner, "hạn chế.pdf") as opened:
        assert opened.page(1).media_type == "image/jpeg"


@pytest.mark.parametrize(("kind", "error"), [("portfolio", PdfPortfolioError), ("form", DynamicFormError)])
def test_pdf_whose_pages_are_elsewhere(make_pdf, kind, error):
    with pikepdf.open(BytesIO(make_pdf({"content": TEXT}))) as pdf:
        if kind == "portfolio":
            pdf.Root.Collection = pikepdf.Dictionary(View=pikepdf.Name.D)
        else:
            pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=pdf.make_stream(b"<xdp/>"))
            pdf.Root.NeedsRendering = True
        out = BytesIO()
        pdf.save(out)
    with pytest.raises(error) as caught:
        open_bytes(out.getvalue(), "gói.pdf")
    assert "Adobe Reader" in caught.value.remedy_vi


def test_pages_from_several_threads(make_flate_page, make_pdf, make_sheet):
    from concurrent.futures import ThreadPoolExecutor

    pages = [make_flate_page(make_sheet(300 + 20 * at, 400, "L")) for at in range(6)]
    with open_bytes(make_pdf(*pages, {"content": TEXT}), "luồng.pdf", Limits(render_dpi=72)) as opened:
        alone = [opened.page(number) for number in range(1, 8)]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(opened.page, list(range(1, 8)) * 3))
    assert together == alone * 3


def test_closed_twice(make_pdf):
    opened = open_bytes(make_pdf({}), "a.pdf")
    opened.close()
    opened.close()


def test_blank_page_is_a_page(make_pdf):
    with open_bytes(make_pdf({}), "trắng.pdf", Limits(render_dpi=72)) as opened:
        pixels = decode(opened.page(1).image)
    assert ImageChops.invert(Image.fromarray(pixels)).getbbox() is None


@pytest.mark.parametrize("rotate", [0, 90])
def test_scan_with_a_margin_keeps_its_pixels_and_its_place(make_flate_page, make_pdf, make_sheet, rotate):
    scan = make_sheet(496, 700, "1")  # at 72 dpi on 595 x 842 points
    page = make_flate_page(scan, entries={"Rotate": rotate})
    page["content"] = b""
    data = make_pdf(page)
    with pikepdf.open(BytesIO(data)) as pdf:
        pdf.pages[0].obj.Contents = pdf.make_stream(b"q 496 0 0 700 50 40 cm /Im Do Q")
        out = BytesIO()
        pdf.save(out)
    with open_bytes(out.getvalue(), "lề.pdf") as opened:
        made = opened.page(1)
    assert made.dpi == 72
    pixels = np.rot90(decode(made.image), rotate // 90)
    assert pixels.shape[:2] == (842, 595)
    inside = pixels[842 - 40 - 700 : 842 - 40, 50:546]
    assert np.array_equal(inside[..., 0] > 0, np.asarray(scan))
    assert (pixels == 0).sum() == (inside == 0).sum()
    with Image.open(BytesIO(made.image)) as coded:
        assert coded.mode == "1"


def test_scan_that_hangs_over_the_edge_is_drawn_as_shown(make_flate_page, make_pdf, make_sheet):
    page = make_flate_page(make_sheet(1241, 1755, "L"), entries={"CropBox": pikepdf.Array([100, 100, 500, 700])})
    with open_bytes(make_pdf(page), "cắt.pdf") as opened:
        made = opened.page(1)
    assert made.width / made.height == pytest.approx(400 / 600, abs=0.01)
    assert made.dpi == pytest.approx(150, abs=1)


def test_clear_picture_over_text_hides_nothing(make_flate_page, make_pdf):
    page = make_flate_page(Image.new("L", (1241, 1755), "white"))
    with pikepdf.open(BytesIO(make_pdf(page))) as pdf:
        only = pdf.pages[0].obj
        only.Resources.ExtGState = pikepdf.Dictionary(G=pikepdf.Dictionary(ca=0.2))
        only.Contents = pdf.make_stream(TEXT + b"q /G gs 595 0 0 842 0 0 cm /Im Do Q")
        out = BytesIO()
        pdf.save(out)
    with open_bytes(out.getvalue(), "nền mờ.pdf") as opened:
        assert decode(opened.page(1).image).min() < 120


def test_two_pictures_on_one_page_are_both_drawn(make_flate_page, make_pdf, make_sheet):
    page = make_flate_page(make_sheet(620, 877, "L"))
    with pikepdf.open(BytesIO(make_pdf(page))) as pdf:
        two = b"q 200 0 0 100 0 742 cm /Im Do Q q 595 0 0 700 0 0 cm /Im Do Q"
        pdf.pages[0].obj.Contents = pdf.make_stream(two)
        out = BytesIO()
        pdf.save(out)
    with open_bytes(out.getvalue(), "hai ảnh.pdf") as opened:
        pixels = decode(opened.page(1).image)
    assert (pixels[: len(pixels) // 9, : pixels.shape[1] // 4] < 100).any()
