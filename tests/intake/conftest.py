"""Papers for the tests of intake: pictures that show how they lie, and PDFs written object by object."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
import pytest
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def sheet(width: int = 620, height: int = 877, mode: str = "RGB") -> Image.Image:
    """A white page with a red corner top left, a blue one bottom right, and dark bars for text."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(height // 6, height - height // 6, max(12, height // 40)):
        draw.rectangle((width // 8, row, width - width // 8, row + 4), fill=(20, 20, 20))
    draw.rectangle((0, 0, width // 5, height // 10), fill=(220, 30, 30))
    draw.rectangle((width - width // 5, height - height // 10, width, height), fill=(30, 30, 220))
    return picture.convert(mode)


def coded(picture: Image.Image, kind: str, **how: object) -> bytes:
    """The picture as a file."""
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def corner(pixels: np.ndarray, where: str) -> str:
    """The colour word of a corner: red, blue, white or dark."""
    height, width = pixels.shape[:2]
    y = height // 40 if "top" in where else height - 1 - height // 40
    x = width // 40 if "left" in where else width - 1 - width // 40
    red, green, blue = (int(value) for value in pixels[y, x])
    if min(red, green, blue) > 200:
        return "white"
    if red > 150 and blue < 120:
        return "red"
    return "blue" if blue > 150 and red < 120 else "dark"


def pdf_of(*pages: dict, **save: object) -> bytes:
    """A PDF. Each page: `image` (bytes, dictionary entries), `content`, `size`, and further page entries."""
    pdf = pikepdf.Pdf.new()
    for page in pages:
        width, height = page.get("size", (595, 842))
        resources = pikepdf.Dictionary()
        content = page.get("content", b"")
        if "image" in page:
            data, entries = page["image"]
            image = pikepdf.Stream(pdf, data)
            image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            for key, value in entries.items():
                image[f"/{key}"] = value
            resources.XObject = pikepdf.Dictionary(Im=pdf.make_indirect(image))
            content = f"q {width} 0 0 {height} 0 0 cm /Im Do Q ".encode() + content
        resources.Font = pikepdf.Dictionary(
            F=pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        made = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, width, height],
            Resources=resources,
            Contents=pdf.make_stream(content),
        )
        for key, value in page.get("entries", {}).items():
            made[f"/{key}"] = value
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))
    out = BytesIO()
    pdf.save(out, **save)
    return out.getvalue()


def jpeg_page(picture: Image.Image | None = None, **more: object) -> dict:
    """A page that is one JPEG."""
    picture = picture or sheet()
    space = {"L": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK"}[picture.mode]
    entries = {
        "Width": picture.width,
        "Height": picture.height,
        "BitsPerComponent": 8,
        "ColorSpace": pikepdf.Name(space),
        "Filter": pikepdf.Name.DCTDecode,
    }
    return {"image": (coded(picture, "JPEG", quality=90), entries), **more}


def flate_page(picture: Image.Image | None = None, **more: object) -> dict:
    """A page that is one picture without loss."""
    picture = picture or sheet()
    bits = 1 if picture.mode == "1" else 8
    space = "/DeviceRGB" if picture.mode == "RGB" else "/DeviceGray"
    entries = {
        "Width": picture.width, "Height": picture.height, "BitsPerComponent": bits,
        "ColorSpace": pikepdf.Name(space), "Filter": pikepdf.Name.FlateDecode,
    }  # fmt: skip
    return {"image": (zlib.compress(picture.tobytes()), entries), **more}


@pytest.fixture
def make_sheet() -> Callable[..., Image.Image]:
    return sheet


@pytest.fixture
def make_coded() -> Callable[..., bytes]:
    return coded


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    return pdf_of


@pytest.fixture
def make_jpeg_page() -> Callable[..., dict]:
    return jpeg_page


@pytest.fixture
def corner_of() -> Callable[[np.ndarray, str], str]:
    return corner


@pytest.fixture
def make_flate_page() -> Callable[..., dict]:
    return flate_page
