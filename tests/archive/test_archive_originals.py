"""Every kind of scan from intake through the archive to the gate: what can pass keeps its bits, all look right."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image
from scans import coded, drawing, exif, keep, rgb_profile, sixteen_bits

from pipeline.archive.gate import check_archive
from pipeline.composition import build_house
from pipeline.intake.images import decode
from pipeline.settings import ArchiveSettings, Settings
from pipeline.stages import silent
from pipeline.stages.archive import canonical_record, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.tools import Tools


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    with build_house(Settings(home=tmp_path_factory.mktemp("home"), cores=1)) as house:
        yield house.tools


def images(pdf: bytes) -> list[dict[str, object]]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return [
            {
                "filter": str(image.Filter),
                "data": image.read_raw_bytes(),
                "space": str(image.ColorSpace[0])
                if isinstance(image.ColorSpace, pikepdf.Array)
                else str(image.ColorSpace),
                "size": (int(image.Width), int(image.Height)),
            }
            for image in (page.obj.Resources.XObject.Im for page in opened.pages)
        ]


def test_a_wrong_turn_would_be_seen():
    page = np.asarray(drawing().resize((420, 420))).astype(int)
    others = [np.rot90(page, turns) for turns in (1, 2, 3)] + [np.rot90(page[:, ::-1], turns) for turns in range(4)]
    assert min(np.abs(page - other).mean() for other in others) > 8


def archived(tools: Tools, *files: tuple[str, bytes], turned: int = 0, most: float = 2.5) -> bytes:
    """The archive file, let through by the gate, each page looking like its page image."""
    kept = keep(tools, *files, turned=turned)
    pdf = prepare(tools, kept.dossier, silent)
    check_archive(pdf, len(kept.images), expected_attachments={"data.json": canonical_record(kept.dossier)})
    with pypdfium2.PdfDocument(pdf) as document:
        for index, image in enumerate(kept.images):
            expected = decode(image)
            height, width = expected.shape[:2]
            drawn = document[index].render(scale=width / document[index].get_width()).to_numpy()[..., ::-1]
            drawn = np.asarray(Image.fromarray(np.ascontiguousarray(drawn)).resize((width, height)))
            far = np.abs(drawn.astype(int) - expected).mean()
            assert far < most, f"page {index + 1} looks otherwise: {far:.1f}"
    return pdf


def test_a_jpeg_keeps_its_bits(tools):
    for mode in ("L", "RGB"):
        data = coded(drawing(mode=mode), "JPEG", quality=80, dpi=(200, 200))
        (image,) = images(archived(tools, ("a.jpg", data)))
        assert image["data"] == data


@pytest.mark.parametrize("turned", [0, 1, 2, 3])
def test_a_jpeg_turned_by_its_camera_and_by_the_reader_keeps_its_bits(tools, turned):
    files = [
        (f"b{way}.jpg", coded(drawing(), "JPEG", quality=90, exif=exif(way), dpi=(200, 200))) for way in range(1, 9)
    ]
    made = images(archived(tools, *files, turned=turned))
    assert [image["data"] for image in made] == [data for _, data in files]


def test_a_progressive_jpeg_keeps_its_bits(tools):
    data = coded(drawing(), "JPEG", progressive=True)
    assert images(archived(tools, ("p.jpg", data)))[0]["data"] == data


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("turned", [0, 1])
def test_a_group_4_tiff_keeps_its_codes(tools, invert, turned):
    how = {"tiffinfo": {262: 1 if invert else 0, 278: 594}}
    data = coded(drawing(mode="1"), "TIFF", compression="group4", dpi=(300, 300), **how)
    (image,) = images(archived(tools, ("c.tif", data), turned=turned))
    assert image["filter"] == "/CCITTFaxDecode"
    assert image["data"] in data


def test_a_group_4_tiff_in_strips_is_coded_anew_and_loses_nothing(tools):
    data = coded(drawing(mode="1"), "TIFF", compression="group4", tiffinfo={278: 100})
    pdf = archived(tools, ("d.tif", data))
    assert images(pdf)[0]["filter"] == "/CCITTFaxDecode"
    with pikepdf.open(BytesIO(pdf)) as opened, Image.open(BytesIO(data)) as scan:
        back = pikepdf.PdfImage(opened.pages[0].obj.Resources.XObject.Im).as_pil_image()
        assert np.array_equal(np.asarray(back.convert("L")) > 0, np.asarray(scan.convert("L")) > 0)


def test_a_fax_with_pixels_that_are_not_square_keeps_its_codes(tools):
    fax = drawing(mode="1").resize((1728, 1100))
    data = coded(fax, "TIFF", compression="group4", dpi=(204, 98), tiffinfo={278: 1100})
    (image,) = images(archived(tools, ("fax.tif", data)))
    assert image["data"] in data
    assert image["size"] == (1728, 1100)


def test_a_tiff_of_many_pages_gives_each_of_them(tools):
    pages = [drawing(mode="1"), drawing(300, 200, mode="1"), drawing(mode="L")]
    out = BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], dpi=(200, 200))
    assert len(images(archived(tools, ("e.tif", out.getvalue())))) == 3


KINDS = {
    "cmyk": lambda: ("f.jpg", coded(drawing(mode="CMYK"), "JPEG")),
    "cmyk tiff": lambda: ("g.tif", coded(drawing(mode="CMYK"), "TIFF")),
    "16 bits, png": lambda: ("h.png", coded(sixteen_bits(), "PNG")),
    "16 bits, tiff": lambda: ("i.tif", coded(sixteen_bits(), "TIFF")),
    "bilevel png": lambda: ("j.png", coded(drawing(mode="1"), "PNG")),
    "grey png": lambda: ("k.png", coded(drawing(mode="L"), "PNG")),
    "palette": lambda: ("l.png", coded(drawing().quantize(16), "PNG")),
    "palette gif": lambda: ("m.gif", coded(drawing().quantize(16), "GIF")),
    "alpha": lambda: ("n.png", coded(drawing(mode="RGBA"), "PNG")),
    "grey with alpha": lambda: ("o.png", coded(drawing(mode="LA"), "PNG")),
    "lab tiff": lambda: ("p.tif", coded(drawing(mode="LAB"), "TIFF")),
    "bmp": lambda: ("q.bmp", coded(drawing(), "BMP")),
    "webp": lambda: ("r.webp", coded(drawing(), "WEBP", quality=90)),
    "lzw tiff": lambda: ("s.tif", coded(drawing(), "TIFF", compression="tiff_lzw")),
    "jpeg in tiff": lambda: ("t.tif", coded(drawing(), "TIFF", compression="jpeg")),
    "no resolution": lambda: ("u.png", coded(drawing(), "PNG")),
}


def test_what_cannot_pass_is_coded_anew_and_looks_the_same(tools):
    archived(tools, *(made() for made in KINDS.values()))


def test_resolutions_give_paper_of_the_right_size(tools):
    files = []
    for dpi in (72, 200, 300, 600):
        size = round(2 * dpi), round(3 * dpi)
        files.append((f"v{dpi}.jpg", coded(drawing(*size), "JPEG", dpi=(dpi, dpi))))
        files.append((f"w{dpi}.tif", coded(drawing(*size, mode="1"), "TIFF", compression="group4", dpi=(dpi, dpi))))
    with pikepdf.open(BytesIO(archived(tools, *files))) as opened:
        sizes = [[float(one) for one in page.mediabox][2:] for page in opened.pages]
    assert sizes == [pytest.approx([144, 216], abs=0.6)] * len(files)


def test_a_colour_profile_goes_with_its_image(tools):
    data = coded(drawing(), "JPEG", quality=95, icc_profile=rgb_profile())
    (image,) = images(archived(tools, ("x.jpg", data)))
    assert (image["data"], image["space"]) == (data, "/ICCBased")


@pytest.mark.parametrize(
    ("mode", "profile"),
    [
        ("RGB", b"no profile at all" * 20),
        ("RGB", rgb_profile()[:200]),
        ("L", rgb_profile()),
        ("RGB", rgb_profile()[:8] + b"\x05" + rgb_profile()[9:]),
        ("RGB", rgb_profile()[:12] + b"link" + rgb_profile()[16:]),
    ],
    ids=["junk", "cut short", "of another space", "of a version to come", "a device link"],
)
def test_an_odd_colour_profile_is_left_out(tools, mode, profile):
    data = coded(drawing(mode=mode), "JPEG", quality=95, icc_profile=profile)
    (image,) = images(archived(tools, ("y.jpg", data)))
    assert image["data"] == data
    assert image["space"] == ("/DeviceGray" if mode == "L" else "/DeviceRGB")


def scanned_pdf(image: pikepdf.Dictionary, data: bytes, rotate: int = 0, size: tuple[int, int] = (420, 594)) -> bytes:
    pdf = pikepdf.new()
    stream = pikepdf.Stream(pdf, data)
    for key, value in image.items():
        stream[key] = value
    stream.Type, stream.Subtype, stream.Width, stream.Height = (
        pikepdf.Name.XObject,
        pikepdf.Name.Image,
        *size,
    )
    points = [72 * side / 100 for side in size]
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, *points],
        Rotate=rotate,
        Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=stream)),
        Contents=pdf.make_stream(f"q {points[0]} 0 0 {points[1]} 0 0 cm /X Do Q".encode()),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def group4() -> bytes:
    tiff = coded(drawing(mode="1"), "TIFF", compression="group4", tiffinfo={262: 0, 278: 594})
    with Image.open(BytesIO(tiff)) as opened:
        start, length = opened.tag_v2[273][0], opened.tag_v2[279][0]
    return tiff[start : start + length]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_scan_in_a_pdf_keeps_its_bits_however_its_page_is_turned(tools, rotate):
    jpeg = coded(drawing(), "JPEG", quality=90)
    colour = pikepdf.Dictionary(Filter=pikepdf.Name.DCTDecode, ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8)
    bilevel = pikepdf.Dictionary(
        Filter=pikepdf.Name.CCITTFaxDecode,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=1,
        DecodeParms=pikepdf.Dictionary(K=-1, Columns=420, Rows=594),
    )
    pdf = archived(
        tools, ("k.pdf", scanned_pdf(colour, jpeg, rotate)), ("l.pdf", scanned_pdf(bilevel, group4(), rotate)), turned=1
    )
    assert [image["data"] for image in images(pdf)] == [jpeg, group4()]


def test_a_bilevel_scan_with_white_and_black_exchanged_keeps_its_bits(tools):
    for extra in (
        pikepdf.Dictionary(Decode=[1, 0], DecodeParms=pikepdf.Dictionary(K=-1, Columns=420)),
        pikepdf.Dictionary(DecodeParms=pikepdf.Dictionary(K=-1, Columns=420, BlackIs1=True)),
        pikepdf.Dictionary(Decode=[1, 0], DecodeParms=pikepdf.Dictionary(K=-1, Columns=420, BlackIs1=True)),
    ):
        extra.Filter, extra.ColorSpace = pikepdf.Name.CCITTFaxDecode, pikepdf.Name.DeviceGray
        extra.BitsPerComponent = 1
        (image,) = images(archived(tools, ("m.pdf", scanned_pdf(extra, group4()))))
        assert image["data"] == group4()


def test_the_register_and_access_profiles_keep_to_their_size(tmp_path):
    rng = np.random.default_rng(7)
    noisy = np.clip(np.asarray(drawing(1240, 1754)).astype(float) + rng.normal(0, 9, (1754, 1240, 3)), 0, 255)
    data = coded(Image.fromarray(noisy.astype(np.uint8)), "JPEG", quality=95, dpi=(150, 150))
    assert len(data) > 600_000
    for name, most in (("register", 120_000), ("access", 72_000)):
        settings = Settings(home=tmp_path / name, cores=1, archive=ArchiveSettings(profile=name))
        with build_house(settings) as house:
            made = archived(house.tools, ("z.jpg", data), most=8)
        assert len(made) <= most
