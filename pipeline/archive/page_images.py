"""Page images as PDF image streams, passed through wherever PDF can hold what the file holds.

JPEG goes in as it is. Bilevel pages become CCITT group 4 (or stay packed, where a dithered page grows by it).
Grey and RGB PNG keep their packed rows: PDF knows the same predictor. Only a PNG that is large for its pixels,
a photograph rather than print, becomes JPEG of quality 85: measured, it is then a third of the size or less.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from PIL import Image as Pil
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import ROWSPERSTRIP, STRIPBYTECOUNTS, STRIPOFFSETS, TiffImageFile

from pipeline.archive.errors import ArchivePageError

if TYPE_CHECKING:
    from PIL import Image

_JPEG_QUALITY = 85
_PHOTOGRAPH = 0.3
"""Packed bytes per pixel from which a PNG is tried as JPEG: print lies below, photographs and noise far above."""
_WORTH_LOSS = 0.5
"""The JPEG is taken only where it is smaller than this share of the PNG."""
_PHOTOMETRIC, _FILL_ORDER = 262, 266
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2


@dataclass(frozen=True, slots=True)
class CodedImage:
    """An image as a PDF holds it: its data, and the entries of its dictionary."""

    data: bytes
    width: int
    height: int
    bits: int
    colour_space: str
    filter: str
    parameters: pikepdf.Dictionary | None = None

    def stream(self, pdf: pikepdf.Pdf) -> pikepdf.Stream:
        """The image XObject."""
        stream = pikepdf.Stream(pdf, self.data)
        stream.Type = pikepdf.Name.XObject
        stream.Subtype = pikepdf.Name.Image
        stream.Width, stream.Height = self.width, self.height
        stream.BitsPerComponent = self.bits
        stream.ColorSpace = pikepdf.Name(self.colour_space)
        stream.Filter = pikepdf.Name(self.filter)
        if self.parameters is not None:
            stream.DecodeParms = self.parameters
        return stream


def coded_image(image: bytes) -> CodedImage:
    """A JPEG or PNG file as a PDF image. Raises `ArchivePageError` when it is neither, or broken."""
    try:
        if image.startswith(b"\xff\xd8\xff"):
            return _from_jpeg(image)
        if image.startswith(_PNG_MAGIC):
            return _from_png(image)
    except (OSError, SyntaxError, ValueError, KeyError, struct.error) as error:
        raise ArchivePageError(detail=f"{type(error).__name__}: {error}") from error
    raise ArchivePageError(detail="neither JPEG nor PNG")


def _from_jpeg(data: bytes) -> CodedImage:
    with JpegImageFile(BytesIO(data)) as picture:
        if picture.mode not in {"L", "RGB"}:
            return _as_jpeg(picture.convert("RGB"))
        return _jpeg(data, picture)


def _from_png(data: bytes) -> CodedImage:
    width, height, bits, colour, interlaced, packed, keyed = _png_parts(data)
    with PngImageFile(BytesIO(data)) as picture:
        if bits == 1 and colour == _GREY and not keyed:
            group4 = _group4(picture)
            if interlaced or len(group4.data) <= len(packed):
                return group4
        if keyed or interlaced or colour not in {_GREY, _RGB} or bits not in {1, 8}:
            return _as_jpeg(_on_white(picture))
        if len(packed) > _PHOTOGRAPH * width * height:
            smaller = _as_jpeg(picture)
            if len(smaller.data) < _WORTH_LOSS * len(packed):
                return smaller
    colours = 3 if colour == _RGB else 1
    rows = pikepdf.Dictionary(Predictor=15, Colors=colours, BitsPerComponent=bits, Columns=width)
    space = "/DeviceRGB" if colour == _RGB else "/DeviceGray"
    return CodedImage(packed, width, height, bits, space, "/FlateDecode", rows)


def _png_parts(data: bytes) -> tuple[int, int, int, int, bool, bytes, bool]:
    """Header values, all packed rows, and whether a colour is keyed out (PNG specification, 5.3 and 11.2)."""
    width, height, bits, colour, _, _, interlace = struct.unpack(">2I5B", data[16:29])
    packed: list[bytes] = []
    keyed = False
    at = len(_PNG_MAGIC)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if kind == b"IDAT":
            packed.append(data[at + 8 : at + 8 + length])
        elif kind == b"IEND":
            return width, height, bits, colour, interlace != 0, b"".join(packed), keyed
        elif kind == b"tRNS":
            keyed = True
        at += 12 + length
    raise ValueError("PNG without its end")


def _group4(picture: Image.Image) -> CodedImage:
    out = BytesIO()
    picture.convert("1").save(out, "TIFF", compression="group4", tiffinfo={ROWSPERSTRIP: picture.height})
    with TiffImageFile(BytesIO(out.getvalue())) as tiff:
        tags = dict(tiff.tag_v2)  # type: ignore[attr-defined]  # the context manager's type forgets the plugin
        if len(tags[STRIPOFFSETS]) != 1 or tags.get(_FILL_ORDER, 1) != 1:
            raise ValueError("group 4 data in more than one strip")
        start, length = tags[STRIPOFFSETS][0], tags[STRIPBYTECOUNTS][0]
        black_is_1 = tags[_PHOTOMETRIC] == 1
    data = out.getvalue()[start : start + length]
    width, height = picture.size
    how = pikepdf.Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=black_is_1)
    return CodedImage(data, width, height, 1, "/DeviceGray", "/CCITTFaxDecode", how)


def _on_white(picture: Image.Image) -> Image.Image:
    over = picture.convert("RGBA")
    paper = Pil.new("RGBA", over.size, "white")
    paper.alpha_composite(over)
    return paper.convert("RGB")


def _as_jpeg(picture: Image.Image) -> CodedImage:
    out = BytesIO()
    picture.save(out, "JPEG", quality=_JPEG_QUALITY)
    return _jpeg(out.getvalue(), picture)


def _jpeg(data: bytes, picture: Image.Image) -> CodedImage:
    space = "/DeviceGray" if picture.mode == "L" else "/DeviceRGB"
    return CodedImage(data, picture.width, picture.height, 8, space, "/DCTDecode")
