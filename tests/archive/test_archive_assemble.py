"""The archive file: pictures passed through, pages in order, claims and attachments as the standard wants them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from pipeline.archive.assemble import Attachment, write_archive
from pipeline.archive.errors import ArchivePageError
from pipeline.archive.gate import check_archive
from pipeline.archive.inspect import attachments, page_count, pdfa_claim
from pipeline.archive.metadata import About
from pipeline.archive.profiles import load_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORD = Attachment("data.json", '{"họ tên":"Đỗ Thị Ỷ"}'.encode(), "application/json", "Data", "Dữ liệu của hồ sơ")
ORIGINAL = Attachment("Giấy khai sinh.pdf", b"%PDF-1.4 \x00\xff" * 900, "application/pdf", "Source", "Bản gốc đã ký")


@pytest.fixture
def images() -> Iterator[Callable[[bytes], list[pikepdf.Stream]]]:
    """The image of each page; the files stay open until the test is over."""
    with ExitStack() as stack:

        def of(pdf: bytes) -> list[pikepdf.Stream]:
            opened = stack.enter_context(pikepdf.open(BytesIO(pdf)))
            return [page.obj.Resources.XObject.Im for page in opened.pages]

        yield of


def drawn(pdf: bytes, index: int, width: int, height: int) -> np.ndarray:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[index]
        made = page.render(scale=width / page.get_width()).to_numpy()[..., ::-1].copy()
    assert abs(made.shape[0] - height) <= 1
    return made


def test_jpeg_goes_in_as_it_is(images, archive, make_page, make_picture):
    for mode, space in (("RGB", "/DeviceRGB"), ("L", "/DeviceGray")):
        page = make_page(make_picture(mode=mode), "JPEG")
        (image,) = images(archive(page))
        assert (image.Filter, image.ColorSpace) == ("/DCTDecode", space)
        assert image.read_raw_bytes() == page.image


def test_bilevel_page_becomes_group_4_and_keeps_every_pixel(images, archive, make_page):
    scan = Image.new("1", (1240, 1754), 1)
    pen = ImageDraw.Draw(scan)
    places = np.random.default_rng(5).integers(0, 1200, (900, 2)).tolist()
    for x, y in places:  # letters of no language, each in its own place, as a scanner sees them
        pen.ellipse((x, y, x + 9 + y % 7, y + 12 + x % 5), outline=0, width=3)
    (image,) = images(archive(make_page(scan)))
    assert (image.Filter, int(image.BitsPerComponent)) == ("/CCITTFaxDecode", 1)
    with pikepdf.PdfImage(image).as_pil_image() as back:
        assert np.array_equal(np.asarray(back.convert("L")) > 0, np.asarray(scan))


def test_dithered_page_stays_packed_where_group_4_would_grow(images, archive, make_page):
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 255, (400, 400), np.uint8) > 128)
    page = make_page(noise)
    pdf = archive(page)
    (image,) = images(pdf)
    assert image.Filter == "/FlateDecode"
    check_archive(pdf, 1)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_print_keeps_its_packed_rows(images, archive, make_page, make_picture, mode):
    page = make_page(make_picture(mode=mode))
    pdf = archive(page)
    (image,) = images(pdf)
    assert image.Filter == "/FlateDecode"
    assert image.read_raw_bytes() in page.image
    with pikepdf.PdfImage(image).as_pil_image() as back:
        assert np.array_equal(np.asarray(back), np.asarray(make_picture(mode=mode)))
    check_archive(pdf, 1)


def test_photograph_in_png_becomes_a_smaller_jpeg(images, archive, make_page):
    waves = np.add.outer(np.sin(np.arange(800) / 9), np.cos(np.arange(600) / 7)) * 50 + 128
    noise = np.random.default_rng(3).normal(0, 6, (800, 600, 3))
    page = make_page(Image.fromarray(np.clip(waves[..., None] + noise, 0, 255).astype(np.uint8)))
    pdf = archive(page)
    (image,) = images(pdf)
    assert image.Filter == "/DCTDecode"
    assert len(pdf) < len(page.image) / 2


def test_what_intake_never_gives_is_still_archived(archive, make_page, make_picture):
    palette, clear = make_picture().quantize(8), make_picture(mode="RGBA")
    clear.putalpha(0)
    pdf = archive(make_page(palette), make_page(clear), make_page(make_picture(mode="CMYK"), "JPEG"))
    check_archive(pdf, 3)
    assert drawn(pdf, 1, 620, 877).min() > 240
    for index in (0, 2):
        red, green, _ = drawn(pdf, index, 620, 877)[20, 20]
        assert red > 180
        assert green < 90


def test_mixed_sizes_and_resolutions_in_order(archive, make_page, make_picture):
    pdf = archive(
        make_page(make_picture(620, 877), dpi=75),
        make_page(make_picture(1011, 638), "JPEG", dpi=300),
        make_page(make_picture(300, 300, "1"), dpi=600),
    )
    with pikepdf.open(BytesIO(pdf)) as opened:
        sizes = [[float(value) for value in page.mediabox][2:] for page in opened.pages]
    assert sizes == [
        pytest.approx([595.2, 841.92], abs=0.01),
        pytest.approx([242.64, 153.12], abs=0.01),
        pytest.approx([36, 36]),
    ]
    check_archive(pdf, 3)


def test_page_too_large_for_viewers_is_laid_smaller(archive, make_page):
    with pikepdf.open(BytesIO(archive(make_page(Image.new("1", (20_000, 100), 1), dpi=72)))) as opened:
        assert float(opened.pages[0].mediabox[2]) == 14_400


def test_same_input_same_bytes(archive, make_page, make_picture, make_reading):
    def build() -> bytes:
        read = make_reading(620, 877)
        pages = [make_page(make_picture(mode=mode), read=read) for mode in ("1", "RGB")]
        return archive(*pages, attachments=(RECORD, ORIGINAL), more={"keywords": {"Mã hồ sơ": "H01"}})

    assert build() == build()
    assert archive(make_page(make_picture())) != archive(make_page(make_picture()), title="Khác")


def test_attachments_come_back_bit_for_bit(archive, make_page, make_picture):
    pdf = archive(make_page(make_picture()), attachments=(RECORD, ORIGINAL))
    assert attachments(pdf) == {"data.json": RECORD.data, "Giấy khai sinh.pdf": ORIGINAL.data}
    with pikepdf.open(BytesIO(pdf)) as opened:
        related = [(str(spec.UF), str(spec.AFRelationship), str(spec.Desc)) for spec in opened.Root.AF]
        embedded = [str(spec.EF.F.Subtype) for spec in opened.Root.AF]
        assert opened.attachments["data.json"].get_file().size == len(RECORD.data)
    assert related == [
        ("data.json", "/Data", "Dữ liệu của hồ sơ"),
        ("Giấy khai sinh.pdf", "/Source", "Bản gốc đã ký"),
    ]
    assert embedded == ["/application/json", "/application/pdf"]
    check_archive(pdf, 1, expected_attachments={"data.json": RECORD.data})


def test_two_attachments_of_one_name_are_a_mistake(archive, make_page, make_picture):
    with pytest.raises(ValueError, match="same name"):
        archive(make_page(make_picture()), attachments=(RECORD, replace(ORIGINAL, name="data.json")))


def test_what_the_file_says_of_itself_twice_is_the_same(archive, make_page, make_picture):
    title = "Đăng ký <khai sinh> & nhận\n cha, mẹ"
    pdf = archive(make_page(make_picture()), title=title, more={"keywords": {"Mã thủ tục": "1.001193", "Loại": "A&B"}})
    with pikepdf.open(BytesIO(pdf)) as opened, opened.open_metadata(update_docinfo=False) as xmp:
        info = opened.docinfo
        assert str(info.Title) == xmp["dc:title"] == "Đăng ký <khai sinh> & nhận cha, mẹ"
        assert str(info.Keywords) == xmp["pdf:Keywords"] == "Mã thủ tục: 1.001193; Loại: A&B"
        assert str(info.Producer) == xmp["pdf:Producer"]
        assert str(info.CreationDate) == str(info.ModDate) == "D:20261121093000+07'00'"
        assert xmp["xmp:CreateDate"] == xmp["xmp:ModifyDate"] == "2026-11-21T09:30:00+07:00"
        assert opened.Root.Lang == "vi-VN"
    assert pdfa_claim(pdf) == "3U"
    check_archive(pdf, 1)


def test_a_date_without_its_time_zone_is_refused(make_page, make_picture, tmp_path):
    about = About("x", datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        write_archive(tmp_path / "a.pdf", [make_page(make_picture())], about=about, profile=load_profile("archive"))


def test_broken_page_image_names_its_page(archive, make_page, make_picture):
    good = make_page(make_picture())
    for bad in (b"", b"GIF89a", good.image[:500], b"\xff\xd8\xff\xe0" + bytes(30)):
        with pytest.raises(ArchivePageError) as caught:
            archive(good, replace(good, image=bad))
        assert "page 2" in caught.value.detail
    with pytest.raises(ArchivePageError):
        archive(replace(good, width=99))


def test_pages_are_taken_one_at_a_time(make_page, make_picture, created, tmp_path):
    alive = []

    def pages():
        for number in range(3):
            alive.append(number)
            yield make_page(make_picture(200 + number, 300, "1"))

    target = tmp_path / "a.pdf"
    write_archive(target, pages(), about=About("x", created), profile=load_profile("archive"))
    assert page_count(target) == len(alive) == 3
    assert [one.name for one in tmp_path.iterdir()] == ["a.pdf"]
