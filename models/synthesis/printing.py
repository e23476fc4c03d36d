"""Sheets as a born-digital PDF with embedded fonts, and as clean pixels; the pale word across every specimen.

A sheet keeps what is to be drawn in order; here a PDF writer draws it. Equal sheets give equal bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from models.synthesis.fonts import Role
from models.synthesis.typesetter import POINT, Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from models.reading import Image


def watermark(sheet: Sheet, text: str = "MẪU", size: float = 150.0, grey: int = 236) -> None:
    """A pale diagonal word under everything: this sheet is a specimen."""
    face = sheet.book.face(Role.SANS_BOLD)
    ink = face.ink(text)
    middle_x, middle_y = sheet.width / 2, sheet.height / 2
    left = middle_x - (ink[0] + ink[2]) / 2 * size * POINT
    base = middle_y + 0.36 * size * POINT

    def draw(pdf: Any) -> None:
        pdf.set_font(Role.SANS_BOLD.value, size=size)
        pdf.set_text_color(grey, grey, grey)
        with pdf.rotation(52, middle_x, middle_y):
            pdf.text(left, base, text)

    sheet.drawing(draw)


def to_pdf(sheets: Sequence[Sheet], title: str = "MẪU") -> bytes:
    """A born-digital PDF of the sheets, without their marks. Equal sheets give equal bytes."""
    from fpdf import FPDF

    pdf = FPDF(unit="mm", format=(sheets[0].width, sheets[0].height))
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    for role, face in sheets[0].book.faces.items():
        pdf.add_font(role.value, fname=str(face.path))
    for sheet in sheets:
        pdf.add_page(format=(sheet.width, sheet.height))
        for draw in sheet.drawings:
            draw(pdf)
    return bytes(pdf.output())


def raster(sheet: Sheet, dpi: int = 300) -> Image:
    """The sheet as clean RGB pixels, without its marks."""
    import pypdfium2

    document = pypdfium2.PdfDocument(to_pdf([sheet]))
    try:
        page = document[0]
        pixels = page.render(scale=dpi / 72, rev_byteorder=True).to_numpy()
        return np.ascontiguousarray(pixels[:, :, :3])
    finally:
        document.close()
