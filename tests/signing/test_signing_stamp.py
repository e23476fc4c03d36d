"""What the visible stamp says, where it stands, and what it refuses to say."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw
from signing_samples import make_pdf, make_request

from signing.errors import StampRefusedError
from signing.factory import SigningOptions, build_signer
from signing.stamp_font import VIETNAMESE, StampFont
from signing.stamp_place import find_place
from signing.verdict import Outcome

_DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf")


def _text(data: bytes) -> str:
    """Text of page 1 with its annotations drawn in, as another PDF library reads it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    document.init_forms()
    page = document[0]
    page.flatten()
    text: str = document[0].get_textpage().get_text_range()
    document.close()
    return text


def _widget(data: bytes):
    with pikepdf.open(BytesIO(data)) as pdf:
        for annotation in pdf.pages[0].Annots:
            if annotation.get("/AP") is not None:
                rect = [float(v) for v in annotation.Rect]
                stream = annotation.AP.N
                matrix = [int(v) for v in stream.get("/Matrix", [1, 0, 0, 1, 0, 0])]
                fonts = list(stream.Resources.get("/Font", {}).values())
                widths, font_file = [], b""
                for font in fonts:
                    descendant = font.DescendantFonts[0]
                    widths = list(descendant.W)
                    file = descendant.FontDescriptor.get("/FontFile2")
                    font_file = file.read_bytes() if file is not None else b""
                return rect, matrix, [[w if not hasattr(w, "__len__") else list(w) for w in widths], font_file]
    raise AssertionError("no visible field")


def test_stamp_says_agency_time_code_and_sample(signer, plain_pdf, judge):
    moment = datetime(2026, 11, 21, 2, 30, 12, tzinfo=UTC)
    made = signer.sign(plain_pdf, make_request(appearance="digitised_paper", signed_at=moment))
    text = _text(made.data)
    for part in (
        "CHUYỂN ĐỔI TỪ BẢN GIẤY",
        "Ủy ban nhân dân xã Đăk Blô",
        "2026-11-21T09:30:12+07:00",
        "H49.1-261121-0001",
        "MẪU PHÁT TRIỂN",
    ):
        assert part in text
    assert made.level == "B-LTA"
    assert judge(made.data).outcome == Outcome.VALID


@pytest.mark.parametrize("kind", ["SAO Y", "SAO LỤC", "TRÍCH SAO"])
def test_copy_stamp_is_plain_text(signer, plain_pdf, kind):
    made = signer.sign(plain_pdf, make_request(appearance="nd30_copy", copy_kind=kind))
    assert kind in _text(made.data)
    with pikepdf.open(BytesIO(made.data)) as pdf:
        stream = next(a for a in pdf.pages[0].Annots if "/AP" in a).AP.N
        drawing = stream.read_bytes()
    assert b" re S" not in drawing  # no frame
    assert b" c " not in drawing  # no seal


def test_stamp_stands_top_right(signer, plain_pdf):
    made = signer.sign(plain_pdf, make_request(appearance="digitised_paper"))
    (x0, y0, x1, y1), matrix, _ = _widget(made.data)
    assert x0 > 595 / 2
    assert 842 - 70 < y0 < y1 <= 842
    assert x1 <= 595
    assert matrix[:4] == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ("rotate", "corner", "turn"),
    [(90, (0, 1), [0, 1, -1, 0]), (180, (0, 0), [-1, 0, 0, -1]), (270, (1, 0), [0, -1, 1, 0])],
)
def test_stamp_stands_upright_on_turned_pages(signer, rotate, corner, turn):
    """The corner the reader sees top right, in the page's own coordinates."""
    made = signer.sign(make_pdf(1, rotate=rotate), make_request(appearance="digitised_paper"))
    (x0, y0, x1, y1), matrix, _ = _widget(made.data)
    assert matrix[:4] == turn
    assert ((x0 + x1) / 2 > 595 / 2, (y0 + y1) / 2 > 842 / 2) == tuple(bool(c) for c in corner)
    assert ((y1 - y0) > (x1 - x0)) == (rotate != 180)


def _scan(draw_at: tuple[int, int, int, int]) -> bytes:
    picture = Image.new("L", (595, 842), 245)
    ImageDraw.Draw(picture).rectangle(draw_at, fill=20)
    jpeg = BytesIO()
    picture.save(jpeg, "JPEG", quality=90)
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    page = pdf.pages[0]
    image = pdf.make_stream(
        jpeg.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=595,
        Height=842,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def test_stamp_avoids_what_is_printed_in_the_corner():
    free = find_place(_scan((100, 400, 300, 500)), 200, 50).box
    assert free[2] > 580
    taken = find_place(_scan((500, 5, 590, 60)), 200, 50).box
    assert taken[2] <= 500 or taken[3] <= 842 - 60  # beside or below what is printed
    assert taken[0] > 595 / 3
    assert taken[1] > 842 * 0.7


@pytest.mark.parametrize("number", ["001099012345", "012345678"])
@pytest.mark.parametrize("place", ["agency", "dossier_code"])
def test_personal_number_is_refused(signer, plain_pdf, number, place):
    with pytest.raises(StampRefusedError) as caught:
        signer.sign(plain_pdf, make_request(appearance="digitised_paper", **{place: f"Hồ sơ {number}"}))
    assert number not in str(caught.value)


@pytest.mark.parametrize(("agency", "match"), [("", "needs"), ("Sở 漢字", "glyph"), ("Ủy ban " * 60, "too long")])
def test_text_that_cannot_be_shown_is_refused(signer, plain_pdf, agency, match):
    with pytest.raises(StampRefusedError, match=match):
        signer.sign(plain_pdf, make_request(appearance="digitised_paper", agency=agency))


def test_decomposed_text_is_composed(signer, plain_pdf):
    import unicodedata

    name = unicodedata.normalize("NFD", "Ủy ban nhân dân xã Đăk Blô")
    made = signer.sign(plain_pdf, make_request(appearance="digitised_paper", agency=name))
    assert unicodedata.normalize("NFC", name) in _text(made.data)


def test_font_has_every_vietnamese_letter():
    assert len(set(VIETNAMESE)) == 2 * (12 * 6 + 1)
    font = TTFont(BytesIO(StampFont().data))
    assert {ord(c) for c in VIETNAMESE} <= set(font.getBestCmap())
    assert font["head"].unitsPerEm == 1000


def _check_widths(data: bytes) -> None:
    """Widths in the PDF are those of the embedded font (ISO 19005-3, 6.2.11.5)."""
    _, _, (widths, font_file) = _widget(data)
    font = TTFont(BytesIO(font_file))
    assert font["head"].unitsPerEm == 1000
    first, rows = widths[0], [w for w in widths if isinstance(w, list)]
    assert rows
    assert int(first) >= 0
    names = font.getGlyphOrder()
    index = 0
    while index < len(widths):
        start, row = int(widths[index]), widths[index + 1]
        for offset, width in enumerate(row):
            assert abs(float(width) - font["hmtx"][names[start + offset]][0]) <= 1
        index += 2


def test_widths_are_those_of_the_font(signer, plain_pdf):
    _check_widths(signer.sign(plain_pdf, make_request(appearance="nd30_copy")).data)


@pytest.mark.skipif(not _DEJAVU.exists(), reason="fonts-dejavu is not installed")
def test_font_of_another_grid_is_rescaled(pki, plain_pdf):
    signer = build_signer(SigningOptions(pki=pki.folder, stamp_font=_DEJAVU, level="B-B"))
    _check_widths(signer.sign(plain_pdf, make_request(appearance="nd30_copy")).data)


def test_font_without_vietnamese_letters_is_refused(pki, plain_pdf, tmp_path):
    from fontTools import subset

    font = TTFont(BytesIO(StampFont().data))
    cutter = subset.Subsetter()
    cutter.populate(text="abc")
    cutter.subset(font)
    font.save(tmp_path / "latin.ttf")
    signer = build_signer(SigningOptions(pki=pki.folder, stamp_font=tmp_path / "latin.ttf", level="B-B"))
    with pytest.raises(StampRefusedError, match="lacks"):
        signer.sign(plain_pdf, make_request(appearance="nd30_copy"))


def test_the_agencys_own_seal_is_drawn_in_colour_and_kept_transparent(pki, plain_pdf, tmp_path):
    from PIL import Image, ImageDraw

    picture = Image.new("RGBA", (900, 900), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((20, 20, 880, 880), outline=(200, 0, 20, 255), width=60)
    picture.save(tmp_path / "seal.png")
    signer = build_signer(SigningOptions(pki=pki.folder, level="B-B", seal_image=tmp_path / "seal.png"))
    made = signer.sign(plain_pdf, make_request(appearance="digitised_paper"))
    with pikepdf.open(BytesIO(made.data)) as pdf:
        images = [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image"]
    assert sorted(str(image.ColorSpace) for image in images) == ["/DeviceGray", "/DeviceRGB"]
    assert all(int(image.Width) == 600 for image in images)
    copy = signer.sign(plain_pdf, make_request(appearance="nd30_copy"))
    assert b"/Image" not in copy.data[len(plain_pdf) :]


def test_a_seal_that_is_no_picture_is_a_typed_error(pki, tmp_path):
    (tmp_path / "seal.png").write_text("no picture")
    with pytest.raises(StampRefusedError, match=r"seal\.png"):
        build_signer(SigningOptions(pki=pki.folder, seal_image=tmp_path / "seal.png"))


def test_every_profile_is_data_that_can_be_drawn(signer, plain_pdf):
    from typing import get_args

    from signing.appearance import PROFILES
    from signing.signer import Appearance

    assert {*PROFILES, "invisible"} == set(get_args(Appearance))
