"""Writes scans as the files that desks send.

A multi-page TIFF holds JPEG pages (colour, grey) or group-4 pages (bilevel); a PDF holds one image a page and nothing
else, as scanners make it; a JPEG holds one page. No file carries a date or a random identifier, so equal scans give
equal bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image as Picture

from models.synthesis.scan import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.synthesis.pages import ScannedPage
    from models.synthesis.scan import Scan

_STRIP_OFFSETS, _STRIP_SIZES = 273, 279


def _picture(scan: Scan) -> Picture.Image:
    picture = Picture.fromarray(scan.image)
    return picture.convert("1", dither=Picture.Dither.NONE) if scan.mode is Mode.BILEVEL else picture


def tiff_bytes(pages: Sequence[ScannedPage], quality: int = 70) -> bytes:
    """One TIFF of all pages, in the order given. All pages are bilevel (group 4) or none is (JPEG)."""
    first, *rest = [_picture(page.scan) for page in pages]
    bilevel = pages[0].scan.mode is Mode.BILEVEL
    dpi = pages[0].scan.dpi
    options: dict[str, Any] = {"compression": "group4"} if bilevel else {"compression": "jpeg", "quality": quality}
    stream = io.BytesIO()
    first.save(stream, "TIFF", save_all=True, append_images=rest, dpi=(dpi, dpi), **options)
    return _without_stray_bytes(stream.getvalue())


def _without_stray_bytes(data: bytes) -> bytes:
    """The same TIFF with every byte that belongs to nothing set to zero.

    The TIFF library aligns directories on even offsets and leaves in the gap whatever its memory held.
    """
    used = bytearray(len(data))
    used[:8] = b"\1" * 8
    widths = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
    at = int.from_bytes(data[4:8], "little")
    while at:
        count = int.from_bytes(data[at : at + 2], "little")
        spans: list[tuple[int, int]] = [(at, 6 + 12 * count)]
        strips: dict[int, list[int]] = {}
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind = (int.from_bytes(data[entry + n : entry + n + 2], "little") for n in (0, 2))
            number = int.from_bytes(data[entry + 4 : entry + 8], "little")
            size = number * widths[kind]
            place = entry + 8 if size <= 4 else int.from_bytes(data[entry + 8 : entry + 12], "little")
            spans.append((place, size))
            if tag in {_STRIP_OFFSETS, _STRIP_SIZES}:
                width = widths[kind]
                values = range(place, place + size, width)
                strips[tag] = [int.from_bytes(data[value : value + width], "little") for value in values]
        spans += zip(strips[_STRIP_OFFSETS], strips[_STRIP_SIZES], strict=True)
        for start, size in spans:
            used[start : start + size] = b"\1" * size
        at = int.from_bytes(data[at + 2 + 12 * count : at + 6 + 12 * count], "little")
    return bytes(byte if kept else 0 for byte, kept in zip(data, used, strict=True))


def jpeg_bytes(page: ScannedPage, quality: int = 75) -> bytes:
    """One page as a JPEG."""
    stream = io.BytesIO()
    _picture(page.scan).save(stream, "JPEG", quality=quality, dpi=(page.scan.dpi, page.scan.dpi))
    return stream.getvalue()


def pdf_bytes(pages: Sequence[ScannedPage], quality: int = 75) -> bytes:
    """One PDF, one image a page: JPEG, or group 4 where the scan is bilevel."""
    import img2pdf

    images = [tiff_bytes([page]) if page.scan.mode is Mode.BILEVEL else jpeg_bytes(page, quality) for page in pages]
    data = img2pdf.convert(images, engine=img2pdf.Engine.internal, nodate=True)
    if not isinstance(data, bytes):
        raise TypeError("img2pdf gave no bytes")
    return data
