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
    return stream.getvalue()


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
