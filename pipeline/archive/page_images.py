"""Page images as PDF image streams: the scanner's own coding wherever PDF can hold it, else a master of the profile.

JPEG, group 4 and JBIG2 go in bit for bit, turned or mirrored by the page and not by a new coding. What has to be
coded is kept lossless where that is small enough: bilevel pages as group 4 (or packed, where a dithered page grows
by it), print in grey and RGB as a PNG's packed rows, which PDF can hold as they are. The rest becomes a master.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from pipeline.archive.colour import usable_profile
from pipeline.archive.errors import ArchivePageError
from pipeline.archive.masters import Ink, Master, group4, master
from pipeline.intake.native import AS_CODED, jpeg_native

if TYPE_CHECKING:
    from PIL import Image

    from pipeline.archive.profiles import Profile
    from pipeline.intake.native import NativeImage, Placing

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2
_FILTERS = {"jpeg": "/DCTDecode", "group4": "/CCITTFaxDecode", "jbig2": "/JBIG2Decode"}


@dataclass(frozen=True, slots=True)
class CodedImage:
    """An image as a PDF holds it: its data, and what the entries of its dictionary say."""

    data: bytes
    width: int
    """As coded."""
    height: int
    bits: int
    colours: int
    filter: str
    parameters: dict[str, int | bool] | None = None
    placing: Placing = AS_CODED
    profile: bytes | None = None
    """A usable ICC profile, or None: device grey or sRGB."""
    inverted: bool = False
    shared: bytes | None = None
    """JBIG2: the segments that several images share."""
    ink: Ink | None = None
    """Print that is drawn over it, upright as it is."""

    @property
    def size(self) -> int:
        """Bytes of all its data."""
        return len(self.data) + len(self.shared or b"") + (0 if self.ink is None else len(self.ink.data))


def page_image(
    image: bytes, dpi: float, profile: Profile, *, native: NativeImage | None = None, turned: int = 0
) -> CodedImage:
    """The page's image as the profile wants it: `native`, or a coding of `image` (a whole JPEG or PNG, upright).

    `turned`: quarter turns clockwise that make the native image's page upright. Raises `ArchivePageError`.
    """
    kept = None if native is None else _from_native(native, turned)
    if kept is not None and profile.originals == "keep":
        return kept
    try:
        if image.startswith(b"\xff\xd8\xff"):
            return _from_jpeg(image, dpi, profile, kept)
        if image.startswith(_PNG_MAGIC):
            return _from_png(image, dpi, profile, kept)
    except (OSError, SyntaxError, ValueError, KeyError, struct.error) as error:
        raise ArchivePageError(detail=f"{type(error).__name__}: {error}") from error
    raise ArchivePageError(detail="neither JPEG nor PNG")


def _from_native(native: NativeImage, turned: int) -> CodedImage | None:
    profile = usable_profile(native.profile, native.colours)
    if native.colours == 4 and profile is None:
        return None  # CMYK means nothing without the press that it is for
    how: dict[str, int | bool] | None = None
    if native.coding == "group4":
        how = {"/K": -1, "/Columns": native.width, "/Rows": native.height, "/BlackIs1": native.black_is_1}
    return CodedImage(
        native.data,
        native.width,
        native.height,
        native.bits,
        native.colours,
        _FILTERS[native.coding],
        how,
        native.placing.turned(turned),
        profile,
        native.inverted,
        native.shared,
    )


def _from_jpeg(data: bytes, dpi: float, profile: Profile, kept: CodedImage | None) -> CodedImage:
    with JpegImageFile(BytesIO(data)) as picture:
        room = profile.room(picture.width, picture.height, dpi)
        if kept is not None and len(kept.data) <= room:
            return kept
        small = len(data) <= room and jpeg_native(data)
        if small and (coded := _from_native(small, 0)) is not None:
            return coded
        icc = picture.info.get("icc_profile")
        return _from_master(master(picture, dpi, profile), icc if picture.mode in {"L", "RGB"} else None)


def _from_png(data: bytes, dpi: float, profile: Profile, kept: CodedImage | None) -> CodedImage:
    width, height, bits, colour, interlaced, packed, keyed = _png_parts(data)
    room = profile.room(width, height, dpi)
    if kept is not None and len(kept.data) <= room:
        return kept
    with PngImageFile(BytesIO(data)) as picture:
        if bits == 1 and colour == _GREY and not keyed:
            coded = _group4(picture)
            if not interlaced and len(packed) < len(coded.data):
                coded = _packed(packed, width, height, 1, 1)
            if profile.originals == "keep" or len(coded.data) <= room:
                return coded
        lossless = not (keyed or interlaced) and colour in {_GREY, _RGB} and bits in {1, 8}
        icc = picture.info.get("icc_profile")
        colours = 3 if colour == _RGB else 1
        if lossless and len(packed) <= room:
            return replace(_packed(packed, width, height, bits, colours), profile=usable_profile(icc, colours))
        return _from_master(master(picture, dpi, profile), icc if lossless else None)


def _packed(data: bytes, width: int, height: int, bits: int, colours: int) -> CodedImage:
    how: dict[str, int | bool] = {
        "/Predictor": 15, "/Colors": colours, "/BitsPerComponent": bits, "/Columns": width
    }  # fmt: skip
    return CodedImage(data, width, height, bits, colours, "/FlateDecode", how)


def _from_master(made: Master, icc: bytes | None) -> CodedImage:
    profile = usable_profile(icc, made.colours)
    return CodedImage(made.data, made.width, made.height, 8, made.colours, "/DCTDecode", profile=profile, ink=made.ink)


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
    data, black_is_1 = group4(picture)
    width, height = picture.size
    how: dict[str, int | bool] = {"/K": -1, "/Columns": width, "/Rows": height, "/BlackIs1": black_is_1}
    return CodedImage(data, width, height, 1, 1, "/CCITTFaxDecode", how)
