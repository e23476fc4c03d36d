"""The coded image that a page came as, for whoever wants the scanner's own bits rather than a picture made of them.

An opened original gives it where one image is all of a page and a PDF may hold its coding as it is: JPEG, CCITT
group 4, JBIG2. What had to be done to see the page upright (EXIF, /Rotate) is a `Placing`, never a new coding.
What a decoder would take on trust is checked from the header; a coding with a doubt gives None and is made anew.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from PIL.JpegImagePlugin import JpegImageFile

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import TiffImageFile

_PLAIN_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive Huffman coding: what PDF decoders promise to know (ISO 32000-1, 7.4.8)."""
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 259, 262, 266
_STRIP_OFFSETS, _SAMPLES, _STRIP_COUNTS, _OPTIONS = 273, 277, 279, 293
_GROUP_4 = 4
_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


@dataclass(frozen=True, slots=True)
class Placing:
    """How a coded image becomes the page: mirrored left to right first, then turned clockwise by quarters."""

    quarter_turns: int = 0
    mirrored: bool = False

    def turned(self, quarter_turns: int) -> Placing:
        """The same, turned clockwise once more by so many quarters."""
        return replace(self, quarter_turns=(self.quarter_turns + quarter_turns) % 4)


AS_CODED = Placing()
_EXIF = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (1, False), 7: (1, True), 8: (3, False)}
"""What EXIF's orientations ask for (EXIF 2.3, 4.6.4)."""


@dataclass(frozen=True, slots=True)
class NativeImage:
    """A coded image, bit for bit as the file holds it, and what a decoder must be told beside it."""

    coding: Literal["jpeg", "group4", "jbig2"]
    data: bytes
    width: int
    """Pixels as coded, before `placing`."""
    height: int
    colours: int
    """1 grey, 3 RGB, 4 CMYK."""
    bits: int = 8
    placing: Placing = AS_CODED
    profile: bytes | None = None
    """The ICC profile that came with it, unchecked."""
    inverted: bool = False
    """Samples mean their opposite: /Decode [1 0 ...] of ISO 32000-1, 8.9.5.2."""
    black_is_1: bool = False
    """Group 4: /BlackIs1 of ISO 32000-1, 7.4.6."""
    shared: bytes | None = None
    """JBIG2: the segments that several images share."""


def jpeg_native(data: bytes, *, orientation: int = 1) -> NativeImage | None:
    """A whole JPEG file as it is, or None where its coding is one that not every PDF reader knows."""
    frame = _jpeg_frame(data)
    if frame is None:
        return None
    width, height, colours = frame
    try:
        with JpegImageFile(BytesIO(data)) as picture:
            profile = picture.info.get("icc_profile")
            adobe = "adobe" in picture.info
    except (OSError, SyntaxError, ValueError, struct.error):
        return None
    return NativeImage(
        "jpeg",
        data,
        width,
        height,
        colours,
        placing=Placing(*_EXIF.get(orientation, (0, False))),
        profile=profile,
        # Adobe's programs write CMYK upside down and mark it; nobody else writes CMYK.
        inverted=colours == 4 and adobe,
    )


def _jpeg_frame(data: bytes) -> tuple[int, int, int] | None:
    """Width, height and components of a frame coded plainly, as its header says (ISO/IEC 10918-1, B.2.2)."""
    at = 2
    try:
        while data[at] == 0xFF:
            marker = data[at + 1]
            if marker == 0xFF:
                at += 1
                continue
            if marker in _NO_LENGTH:
                at += 2
                continue
            (length,) = struct.unpack_from(">H", data, at + 2)
            if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
                bits, height, width, colours = struct.unpack_from(">BHHB", data, at + 4)
                plain = marker in _PLAIN_FRAMES and bits == 8 and colours in {1, 3, 4} and width and height
                return (width, height, colours) if plain else None
            at += 2 + length
    except (IndexError, struct.error):
        return None
    return None


def tiff_native(data: bytes, picture: TiffImageFile, *, orientation: int = 1) -> NativeImage | None:
    """The group 4 strip of the TIFF page that `picture` stands at, or None where it is coded in another way.

    A page cut into several strips is several codings; they cannot be joined without decoding.
    """
    tags = picture.tag_v2
    offsets, counts = tags.get(_STRIP_OFFSETS, ()), tags.get(_STRIP_COUNTS, ())
    plain = tags.get(_COMPRESSION) == _GROUP_4 and tags.get(_SAMPLES, 1) == 1 and not tags.get(_OPTIONS, 0)
    if not plain or picture.mode != "1" or len(offsets) != 1 or len(counts) != 1:
        return None
    strip = data[offsets[0] : offsets[0] + counts[0]]
    if tags.get(_FILL_ORDER, 1) == 2:
        strip = strip.translate(_REVERSED)  # the same codes; PDF knows one order of bits only
    return NativeImage(
        "group4",
        strip,
        *picture.size,
        1,
        bits=1,
        placing=Placing(*_EXIF.get(orientation, (0, False))),
        # Decoders give 1 for the code's black runs. With photometric 1 (black is zero) those are what is seen as white.
        black_is_1=tags.get(_PHOTOMETRIC, 0) == 1,
    )
