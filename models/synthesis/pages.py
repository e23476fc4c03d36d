"""From a set paper to a scanned page whose words, fields and marks are known in the pixels of the scan.

This is the seam for whoever wants pages rather than files: training data, tests, measurements. `scan_page` draws one
sheet, lays its seals and signatures over it and scans it; `page_truth` says what stands where, as plain data.
The truth of a page: type and page of its paper, size, resolution, skew, printed lines with their words in reading
order, fields with value, raw text and box, seals and signatures. Boxes are [x0, y0, x1, y1] in pixels of the scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.synthesis.marks import lay
from models.synthesis.printers import Printer, print_out
from models.synthesis.printing import raster
from models.synthesis.scan import scan

if TYPE_CHECKING:
    from models.synthesis.fonts import FontBook
    from models.synthesis.forms.paper import Paper
    from models.synthesis.scan import Scan, ScanSettings
    from models.synthesis.typesetter import Rect

CLEAN_DPI = 300
"""Resolution at which sheets are drawn before they are scanned."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of one paper after scanning."""

    paper: Paper
    page: int
    """1-based page of the paper."""
    scan: Scan


def scan_page(
    book: FontBook, paper: Paper, page: int, seed: int, settings: ScanSettings, *, printer: Printer = Printer.LASER
) -> ScannedPage:  # fmt: skip
    """Draws, prints, seals, signs and scans one page (1-based) of a paper."""
    sheet = paper.sheets[page - 1]
    printed = print_out(raster(sheet, CLEAN_DPI), printer, seed, CLEAN_DPI)
    clean = lay(printed, sheet.marks, book, CLEAN_DPI)
    return ScannedPage(paper, page, scan(clean, seed * 101 + page, settings, CLEAN_DPI))


def _box(rect: Rect, page: ScannedPage) -> list[int]:
    scale = CLEAN_DPI / 25.4
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
