"""Image files: passed through where possible, made plain where not, refused where broken or too large."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline.intake.errors import (
    DamagedFileError,
    FileTooBigError,
    PageDamagedError,
    PageTooLargeError,
    TooManyPagesError,
)
from pipeline.intake.images import decode, upright
from pipeline.intake.limits import Limits
from pipeline.intake.open import open_bytes, open_original


def only_page(data, name="ảnh.png", limits=None):
    with open_bytes(data, name, limits) as opened:
        assert opened.page_count == 1
        assert not opened.signed
        assert not opened.born_digital
        return opened.page(1)


def test_plain_jpeg_and_png_pass_through_untouched(make_sheet, make_coded):
    for kind, mode in (("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGB"), ("PNG", "L"), ("PNG", "1")):
        data = make_coded(make_sheet(mode=mode), kind, dpi=(200, 200))
        page = only_page(data)
        assert page.image is data
        assert page.media_type == f"image/{kind.lower()}"
        assert (page.width, page.height, round(page.dpi)) == (620, 877, 200)


def test_type_is_told_by_content_not_by_name(tmp_path, make_sheet, make_coded):
    file = tmp_path / "scan.png"
    file.write_bytes(make_coded(make_sheet(), "WEBP"))
    with open_original(file, "scan.png") as opened:
        assert opened.media_type == "image/webp"
        assert opened.page(1).media_type == "image/jpeg"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turned_jpeg_comes_out_as_shown(make_sheet, make_coded, corner_of, orientation):
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)  # fmt: skip
    stored = make_sheet() if turn is None else make_sheet().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = only_page(make_coded(stored, "JPEG", exif=exif, quality=95))
    pixels = decode(page.image)
    assert (page.width, page.height) == (620, 877) == pixels.shape[1::-1]
    assert (corner_of(pixels, "top left"), corner_of(pixels, "bottom right")) == ("red", "blue")


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "WEBP"])
def test_orientation_of_other_types(make_sheet, make_coded, corner_of, kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    how = {"tiffinfo": {0x0112: 6}} if kind == "TIFF" else {"exif": exif}
    page = only_page(make_coded(make_sheet().transpose(Image.Transpose.ROTATE_90), kind, **how))
    assert (page.width, page.height) == (620, 877)
    assert corner_of(decode(page.image), "top left") == "red"


def test_heic_photo(make_sheet, corner_of):
    import pillow_heif

    out = BytesIO()
    pillow_heif.from_pillow(make_sheet()).save(out, quality=80)
    with open_bytes(out.getvalue(), "IMG_0001.HEIC") as opened:
        assert opened.media_type == "image/heic"
        page = opened.page(1)
    assert page.media_type == "image/jpeg"
    assert corner_of(decode(page.image), "bottom right") == "blue"


def test_tiff_of_many_pages_with_their_own_sizes_and_resolutions(make_sheet):
    out = BytesIO()
    pages = [make_sheet(600, 800), make_sheet(900, 500, "L"), make_sheet(400, 400, "1")]
    pages[0].encoderinfo = {"dpi": (150, 150)}
    pages[1].encoderinfo = {"dpi": (300, 300)}
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], dpi=(150, 150))
    with open_bytes(out.getvalue(), "nhiều trang.tif") as opened:
        assert opened.page_count == 3
        made = [opened.page(number) for number in (3, 1, 2)]
        with pytest.raises(IndexError):
            opened.page(4)
    assert [(page.number, page.width, page.height) for page in made] == [(3, 400, 400), (1, 600, 800), (2, 900, 500)]
    assert {page.media_type for page in made} == {"image/png"}
    assert np.array_equal(decode(made[1].image), np.asarray(pages[0]))


@pytest.mark.parametrize("photometric", [0, 1])
def test_group_4_of_either_polarity(make_sheet, make_coded, photometric):
    bilevel = make_sheet(mode="1")
    data = make_coded(bilevel, "TIFF", compression="group4", dpi=(200, 200), tiffinfo={262: photometric})
    page = only_page(data, "fax.tif")
    with Image.open(BytesIO(page.image)) as picture:
        assert picture.mode == "1"
    assert decode(page.image).mean() > 128
    assert round(page.dpi) == 200


def test_fax_pixels_become_square(make_sheet, make_coded):
    data = make_coded(make_sheet(1728, 1143, "1"), "TIFF", compression="group4", dpi=(204, 98))
    page = only_page(data, "fax.tif")
    assert (page.width, round(page.dpi)) == (1728, 204)
    assert page.height == pytest.approx(1143 * 204 / 98, abs=1)


def test_sixteen_bits_become_eight(make_coded):
    ramp = np.tile(np.linspace(0, 65535, 512, dtype=np.uint16), (300, 1))
    for kind in ("PNG", "TIFF"):
        pixels = decode(only_page(make_coded(Image.fromarray(ramp), kind)).image)
        assert np.abs(pixels[0, :, 0].astype(int) - (ramp[0] >> 8)).max() <= 1


def test_cmyk_jpeg_becomes_rgb(make_sheet, make_coded, corner_of):
    pixels = decode(only_page(make_coded(make_sheet(mode="CMYK"), "JPEG", quality=95)).image)
    assert corner_of(pixels, "top left") == "red"
    assert corner_of(pixels, "top right") == "white"


def test_alpha_lies_on_white_paper(make_coded):
    clear = np.zeros((100, 100, 4), np.uint8)
    clear[:50] = (200, 0, 0, 255)
    pixels = decode(only_page(make_coded(Image.fromarray(clear), "PNG")).image)
    assert tuple(pixels[75, 50]) == (255, 255, 255)
    assert tuple(pixels[25, 50]) == (200, 0, 0)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP"])
def test_palette(make_sheet, make_coded, corner_of, kind):
    page = only_page(make_coded(make_sheet().quantize(16), kind))
    assert page.media_type == "image/png"
    assert corner_of(decode(page.image), "top left") == "red"


def test_resolution_is_estimated_where_it_cannot_be_true(make_sheet, make_coded):
    assert only_page(make_coded(make_sheet(1240, 1754), "PNG")).dpi == pytest.approx(150, abs=0.5)
    photo = make_coded(make_sheet(3000, 4000), "JPEG", dpi=(72, 72))
    assert only_page(photo).dpi == pytest.approx(4000 / (297 / 25.4), abs=0.5)
    card = make_coded(make_sheet(1011, 638), "PNG", dpi=(300, 300))
    assert only_page(card).dpi == pytest.approx(300, abs=0.5)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_cut_short(make_coded, kind):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (500, 400, 3), np.uint8))
    data = make_coded(noise, kind)
    with pytest.raises((DamagedFileError, PageDamagedError)) as caught, open_bytes(data[: len(data) // 2], "cụt") as it:
        it.page(1)
    assert caught.value.file == "cụt"
    assert "cắt cụt" in caught.value.message_vi


def test_one_wrong_bit_in_png(make_sheet, make_coded):
    data = bytearray(make_coded(make_sheet(), "PNG"))
    data[len(data) // 2] ^= 0x10
    with pytest.raises(PageDamagedError), open_bytes(bytes(data), "hỏng.png") as opened:
        opened.page(1)


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    packed = b"IDAT" + zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (chunk, packed, b"IEND")
    )


@pytest.mark.parametrize("size", [(100_000, 100_000), (20_001, 10), (15_000, 15_000)])
def test_bomb_is_refused_by_its_header(size):
    with pytest.raises(PageTooLargeError) as caught:
        open_bytes(png_header(*size), "bom.png")
    assert caught.value.code == "page_too_large"
    assert "300 dpi" in caught.value.remedy_vi


def test_size_within_the_limits_is_taken():
    page_limits = Limits(max_side=600)
    with pytest.raises(PageTooLargeError):
        open_bytes(png_header(601, 8), "a.png", page_limits)
    with open_bytes(png_header(600, 8), "a.png", page_limits) as opened:
        assert opened.page_count == 1


def test_too_many_pages_and_too_many_bytes(make_sheet):
    out = BytesIO()
    page = make_sheet(20, 20, "1")
    page.save(out, "TIFF", save_all=True, append_images=[page] * 5)
    with pytest.raises(TooManyPagesError):
        open_bytes(out.getvalue(), "dày.tif", Limits(max_pages=5))
    with pytest.raises(FileTooBigError):
        open_bytes(out.getvalue(), "to.tif", Limits(max_bytes=100))


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_upright_undoes_a_turn(make_sheet, make_coded, corner_of, kind, turns):
    straight = np.asarray(make_sheet())
    page = only_page(make_coded(Image.fromarray(np.rot90(straight, turns)), kind, dpi=(150, 150)))
    righted = upright(page, turns)
    pixels = decode(righted.image)
    assert (righted.width, righted.height, righted.media_type) == (620, 877, page.media_type)
    assert righted.dpi == page.dpi
    assert corner_of(pixels, "top left") == "red"
    if kind == "PNG":
        assert np.array_equal(pixels, straight)
    assert upright(page, 0) is page
    assert upright(page, 4) is page


def test_bilevel_stays_bilevel_when_turned(make_sheet, make_coded):
    righted = upright(only_page(make_coded(make_sheet(mode="1"), "PNG")), 1)
    with Image.open(BytesIO(righted.image)) as picture:
        assert picture.mode == "1"


def test_decode_says_no_to_anything_else():
    with pytest.raises(ValueError, match="neither"):
        decode(b"%PDF-1.7")
    with pytest.raises(ValueError, match="decoded"):
        decode(b"\xff\xd8\xff\xe0" + bytes(20))


def many_pages(make_sheet, count: int = 3) -> bytes:
    out = BytesIO()
    page = make_sheet(300, 400, "L")
    page.save(out, "TIFF", save_all=True, append_images=[page] * (count - 1), compression="tiff_lzw")
    return out.getvalue()


@pytest.mark.parametrize("share", [0.4, 0.7, 0.9, 0.99])
def test_tiff_that_lost_its_last_pages_never_looks_complete(make_sheet, share):
    data = many_pages(make_sheet)
    with pytest.raises((DamagedFileError, PageDamagedError)) as caught:
        all_pages(data[: int(len(data) * share)], "cụt.tif")
    assert caught.value.file == "cụt.tif"


def all_pages(data: bytes, name: str) -> list:
    with open_bytes(data, name) as opened:
        return [opened.page(number) for number in range(1, opened.page_count + 1)]


def second_directory(data: bytes) -> tuple[int, int]:
    """Where the first directory's pointer to the second lies, and where it points."""
    first = struct.unpack_from("<I", data, 4)[0]
    at = first + 2 + 12 * struct.unpack_from("<H", data, first)[0]
    return at, struct.unpack_from("<I", data, at)[0]


def test_tiff_whose_pages_bite_their_tail(make_sheet):
    data = bytearray(many_pages(make_sheet))
    struct.pack_into("<I", data, second_directory(data)[0], struct.unpack_from("<I", data, 4)[0])
    with pytest.raises(DamagedFileError, match="tail"):
        open_bytes(bytes(data), "vòng.tif")


def test_thumbnails_in_a_tiff_are_no_pages(make_sheet):
    out = BytesIO()
    small, page = make_sheet(30, 40), make_sheet(300, 400)
    page.save(out, "TIFF", save_all=True, append_images=[small, page], tiffinfo={254: 0})
    data = bytearray(out.getvalue())
    at = second_directory(data)[1]
    for entry in range(at + 2, at + 2 + 12 * struct.unpack_from("<H", data, at)[0], 12):
        if struct.unpack_from("<H", data, entry)[0] == 254:
            struct.pack_into("<I", data, entry + 8, 1)
    with open_bytes(bytes(data), "ảnh nhỏ.tif") as opened:
        assert opened.page_count == 2
        assert [opened.page(number).width for number in (1, 2)] == [300, 300]


def test_one_page_of_a_tiff_whose_data_lies_past_the_end(make_sheet):
    data = bytearray(many_pages(make_sheet))
    at = second_directory(data)[1]
    for entry in range(at + 2, at + 2 + 12 * struct.unpack_from("<H", data, at)[0], 12):
        if struct.unpack_from("<H", data, entry)[0] == 279:
            struct.pack_into("<HHII", data, entry, 279, 4, 1, 1 << 30)
    with open_bytes(bytes(data), "một trang.tif") as opened:
        assert [opened.page(number).number for number in (1, 3)] == [1, 3]
        with pytest.raises(PageDamagedError) as caught:
            opened.page(2)
    assert caught.value.page == 2
