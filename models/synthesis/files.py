"""Writes scans as the files that desks send, and the ground truth of each as JSON.

A multi-page TIFF holds JPEG pages (colour, grey) or group-4 pages (bilevel); a PDF holds one image a page and nothing
else, as scanners make it; a JPEG holds one page. No file carries a date or a random identifier, so equal scans give
equal bytes. The truth names, per file and page: paper type and its page number, size, resolution, the printed lines
with their words, the fields with their boxes, seals and signatures. All boxes are pixels of the scan.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as Picture

from models.synthesis.scan import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.synthesis.forms.paper import Paper
    from models.synthesis.scan import Scan
    from models.synthesis.typesetter import Rect


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of one paper after scanning."""

    paper: Paper
    page: int
    """1-based page of the paper."""
    scan: Scan
    clean_dpi: int


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

    images = []
    for page in pages:
        images.append(tiff_bytes([page]) if page.scan.mode is Mode.BILEVEL else jpeg_bytes(page, quality))
    data = img2pdf.convert(images, engine=img2pdf.Engine.internal, nodate=True)
    if not isinstance(data, bytes):
        raise TypeError("img2pdf gave no bytes")
    return data


def _box(rect: Rect, page: ScannedPage) -> list[int]:
    scale = page.clean_dpi / 25.4
    corners = np.array([[x, y, 1.0] for x in (rect.x0, rect.x1) for y in (rect.y0, rect.y1)])
    corners[:, :2] *= scale
    mapped = corners @ page.scan.affine.T
    height, width = page.scan.image.shape[:2]
    low = np.floor(mapped.min(axis=0)).astype(int)
    high = np.ceil(mapped.max(axis=0)).astype(int)
    return [max(0, int(low[0])), max(0, int(low[1])), min(width, int(high[0])), min(height, int(high[1]))]


def page_truth(page: ScannedPage) -> dict[str, Any]:
    """What stands on a page, in pixels of its scan."""
    sheet = page.paper.sheets[page.page - 1]
    height, width = page.scan.image.shape[:2]
    fields = {}
    for key, truth in page.paper.fields.items():
        place = sheet.field_box(key)
        if place is not None:
            fields[key] = {"value": truth.value, "raw": truth.raw, "box": _box(place, page)}
    lines = []
    for line in sheet.lines:
        words = [{"text": word.text, "box": _box(word.box, page)} for word in line.words]
        lines.append({"text": line.text, "box": _box(line.box, page), "words": words})
    return {
        "type": page.paper.type,
        "page_of_document": page.page,
        "pages_of_document": len(page.paper.sheets),
        "width": width,
        "height": height,
        "dpi": page.scan.dpi,
        "skew": round(page.scan.skew, 4),
        "fields": fields,
        "lines": lines,
        "marks": [{"kind": mark.kind, "box": _box(mark.box, page)} for mark in sheet.marks],
    }
