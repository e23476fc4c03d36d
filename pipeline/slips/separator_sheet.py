"""The sheet that parts papers in a stack, to be printed: a large QR code, the patch code 2 at both ends, words.

Patch bars have their standard size (0.20 and 0.08 inch, 3 inches long) and stand at the top and the bottom, so that the
sheet may go into the feeder either way. A sheet that names a type is for clerks who sort as they scan.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.separators import payload
from pipeline.slips.sheet import qr_modules

if TYPE_CHECKING:
    from collections.abc import Sequence

_INCH = 25.4
_BARS = (0.20, 0.08, 0.08, 0.20)
_SPACE = 0.08
_LENGTH = 3.0
_CODE = 60.0
"""Side of the QR code in millimetres."""


def separator_sheets(types: Sequence[tuple[str | None, str]]) -> bytes:
    """A PDF with one A4 sheet for each (type or None, words for people)."""
    from fpdf import FPDF

    sheet = FPDF(format="A4", unit="mm")
    package = importlib.util.find_spec("font_source_serif_pro")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("font-source-serif-pro is not installed; run `make setup`")
    folder = Path(package.origin).parent / "files"
    sheet.add_font("serif", "", folder / "SourceSerifPro-Regular.ttf")
    sheet.add_font("serif", "B", folder / "SourceSerifPro-Bold.ttf")
    sheet.set_auto_page_break(False)
    sheet.set_title("Tờ phân cách giấy tờ")
    sheet.set_lang("vi")
    for doc_type, name in types:
        sheet.add_page()
        _bars(sheet, 18)
        _bars(sheet, sheet.h - 18 - sum(_BARS) * _INCH - 3 * _SPACE * _INCH)
        _code(sheet, payload(doc_type), 105)
        sheet.set_y(70)
        sheet.set_font("serif", "B", 26)
        sheet.cell(0, 14, "TỜ PHÂN CÁCH GIẤY TỜ", align="C", new_x="LMARGIN", new_y="NEXT")
        sheet.set_y(185)
        sheet.set_font("serif", "B", 18)
        sheet.multi_cell(0, 10, name, align="C", new_x="LMARGIN", new_y="NEXT")
        sheet.set_font("serif", "", 12)
        sheet.multi_cell(0, 8, "Đặt tờ này trước trang đầu của mỗi giấy tờ trong tập quét.", align="C")
    return bytes(sheet.output())


def _bars(sheet: Any, top: float) -> None:
    left = (sheet.w - _LENGTH * _INCH) / 2
    sheet.set_fill_color(0, 0, 0)
    for bar in _BARS:
        sheet.rect(left, top, _LENGTH * _INCH, bar * _INCH, style="F")
        top += (bar + _SPACE) * _INCH


def _code(sheet: Any, text: str, top: float) -> None:
    modules = qr_modules(text)
    side = _CODE / len(modules)
    left = (sheet.w - _CODE) / 2
    for row, column in zip(*modules.nonzero(), strict=True):
        # A hair wider than a module: readers and printers leave white lines between squares that only touch.
        sheet.rect(left + column * side, top + row * side, side * 1.02, side * 1.02, style="F")
