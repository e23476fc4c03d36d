"""Page images between their coded and their decoded form: decode, encode, turn upright.

A lossless source becomes PNG (1-bit, grey or RGB: the smallest that holds it exactly); a lossy one JPEG of
quality 95 without chroma subsampling, whose loss is below the scanner's own noise. Alpha lies on white paper.
Sixteen bits become eight; every other colour space becomes sRGB-like RGB, since readers know nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pil
from PIL import ImageCms, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.intake.pages import PageMedia, SourcePage

JPEG_QUALITY = 95
_PNG_LEVEL = 3
"""Measured on 300 dpi pages: higher levels cost twice the time for a tenth of the size."""
_ROUNDING = 3
"""Steps by which pdfium's channels differ in black letters (measured: up to 2)."""
_ORIENTATION = 0x0112
_PLUGINS = ((b"\xff\xd8\xff", JpegImageFile), (b"\x89PNG", PngImageFile))


def decode(image: bytes) -> NDArray[np.uint8]:
    """The page image as a contiguous RGB array (height, width, 3), uint8, exactly as encoded (no EXIF turn).

    Raises `ValueError` when the bytes are no whole JPEG or PNG; the pages that intake gives never do.
    """
    import cv2

    found = decode_plain(image)
    return found if found.ndim == 3 else np.asarray(cv2.cvtColor(found, cv2.COLOR_GRAY2RGB), np.uint8)


def decode_plain(image: bytes) -> NDArray[np.uint8]:
    """The same for whoever takes grey as well: (height, width) where the page has no colour, a third of the bytes.

    Raises `ValueError` as `decode` does.
    """
    with _opened(image) as picture:
        try:
            return np.asarray(picture.convert("L" if picture.mode in {"1", "L"} else "RGB"))
        except (OSError, SyntaxError) as error:
            raise ValueError(f"page image cannot be decoded: {error}") from error


def upright(page: SourcePage, quarter_turns: int) -> SourcePage:
    """Undoes a turn of the content: `quarter_turns` counter-clockwise are turned back clockwise.

    PNG stays PNG and exact; JPEG is coded anew at quality 95. With 0 (mod 4) the very same page comes back.
    """
    turns = quarter_turns % 4
    if turns == 0:
        return page
    with _opened(page.image) as picture:
        turned = picture.transpose(
            {1: Pil.Transpose.ROTATE_270, 2: Pil.Transpose.ROTATE_180, 3: Pil.Transpose.ROTATE_90}[turns]
        )
    image = encode_png(turned) if page.media_type == "image/png" else encode_jpeg(turned)
    return replace(page, image=image, width=turned.width, height=turned.height)


def encode(picture: Pil.Image, *, lossy: bool, drawn: bool = False) -> tuple[bytes, PageMedia]:
    """A plain picture (mode 1, L or RGB) as a page image; RGB without colour becomes grey.

    `drawn`: the picture was rasterised, and differences of a step or two between channels are its rounding.
    """
    picture = _without_empty_colour(picture, _ROUNDING if drawn else 0)
    if lossy and picture.mode != "1":
        return encode_jpeg(picture), "image/jpeg"
    return encode_png(picture), "image/png"


def encode_png(picture: Pil.Image) -> bytes:
    """Lossless."""
    out = BytesIO()
    picture.save(out, "PNG", compress_level=_PNG_LEVEL)
    return out.getvalue()


def encode_jpeg(picture: Pil.Image) -> bytes:
    """Quality 95, full chroma."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return out.getvalue()


def _without_empty_colour(picture: Pil.Image, tolerance: int) -> Pil.Image:
    if picture.mode != "RGB":
        return picture
    pixels = np.asarray(picture)
    # Most coloured pages show it soon; the whole page is compared only when it may be grey.
    for part in (pixels[::64], pixels):
        red, green, blue = part[..., 0], part[..., 1], part[..., 2]
        spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
        if spread.max(initial=0) > tolerance:
            return picture
    return Pil.fromarray(np.ascontiguousarray(pixels[..., 1]))


def as_shown(picture: Pil.Image) -> Pil.Image:
    """Undoes the EXIF orientation, if there is one."""
    return ImageOps.exif_transpose(picture) if picture.getexif().get(_ORIENTATION, 1) != 1 else picture


def plain(picture: Pil.Image) -> Pil.Image:
    """Any picture that Pillow can decode as mode 1, L or RGB: alpha on white, 16 bits to 8, CMYK and Lab to RGB."""
    mode = picture.mode
    if mode in {"1", "L", "RGB"} and "transparency" not in picture.info:
        return picture
    if mode.startswith(("I;16", "I", "F")):
        return _eight_bits(picture)
    if mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in picture.info:
        over = picture.convert("RGBA")
        paper = Pil.new("RGBA", over.size, "white")
        paper.alpha_composite(over)
        return paper.convert("RGB")
    if mode in {"CMYK", "LAB"}:
        return _managed(picture)
    return picture.convert("L" if mode == "P" and _is_grey_palette(picture) else "RGB")


def _eight_bits(picture: Pil.Image) -> Pil.Image:
    values = np.asarray(picture)
    if values.dtype.kind == "f":
        top = float(values.max(initial=0.0))
        scaled = np.clip(values, 0, None) * (255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / top)
        return Pil.fromarray(np.round(scaled).astype(np.uint8))
    top = int(values.max(initial=0))
    # Mode I holds 16-bit samples in 32 bits, or plain 8-bit ones: the values tell.
    if values.dtype.itemsize == 4 and top <= 255:
        return Pil.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    shift = 8 if top <= 0xFFFF else 24
    return Pil.fromarray((np.clip(values, 0, None) >> shift).astype(np.uint8))


def _managed(picture: Pil.Image) -> Pil.Image:
    try:
        source = ImageCms.createProfile("LAB") if picture.mode == "LAB" else BytesIO(picture.info["icc_profile"])
        turned = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, KeyError, OSError):
        turned = None  # no profile, or a broken one: the plain conversion is what viewers do
    return turned or picture.convert("RGB")


def _is_grey_palette(picture: Pil.Image) -> bool:
    palette = np.asarray(picture.getpalette("RGB") or [0, 0, 0], dtype=np.uint8).reshape(-1, 3)
    return bool((palette == palette[:, :1]).all())


def _opened(image: bytes) -> Pil.Image:
    # Straight to the plugin: `Image.open` would look at thirty other formats and at a process-wide pixel limit.
    plugin = next((opener for magic, opener in _PLUGINS if image.startswith(magic)), None)
    if plugin is None:
        raise ValueError("page image is neither JPEG nor PNG")
    try:
        return plugin(BytesIO(image))
    except (OSError, SyntaxError) as error:
        raise ValueError(f"page image cannot be decoded: {error}") from error
