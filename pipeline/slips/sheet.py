"""Sets a slip on A4: agency and national heading side by side, title, rows, a numbered list, signers, the QR code.

Layout after Decree 30/2020 (margins, order of the heading); typeface Source Serif Pro from a pinned package, as Times
New Roman may not be given away. PDF/A-3u without attachments; the same slip gives the same bytes. Text flows over as
many pages as it needs, and every page says which dossier it belongs to.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.archive.metadata import xmp_packet
from pipeline.clock import local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.slips.content import Row, Slip

FACE = "source-serif-pro"
"""Of everything that is set here."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 30.0, 15.0, 20.0, 20.0
"""Margins in millimetres (Decree 30/2020, appendix I)."""
_QR = 26.0
"""Side of the QR code in millimetres: read by a phone at arm's length."""
_QUIET = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""
_TEXT, _SMALL = 12.5, 10.5
_LINE = 6.6
"""Millimetres from line to line."""


def slip_pdf(slip: Slip) -> bytes:
    """The slip as PDF/A."""
    sheet = _new(slip)
    _heading(sheet, slip)
    _title(sheet, slip)
    for row in slip.opening:
        _row(sheet, row)
    _paragraph(sheet, slip.list_heading)
    for number, (text, note) in enumerate(slip.items, start=1):
        remark = f" ({note.rstrip('.')})" if note else ""
        _paragraph(sheet, f"{number}. {text.rstrip('.')}{remark}.", indent=6)
    for row in slip.closing:
        _row(sheet, row)
    if slip.text:
        _paragraph(sheet, slip.text)
    _signers(sheet, slip)
    return bytes(sheet.output())


def _new(slip: Slip) -> Any:
    from fpdf import FPDF

    class Sheet(FPDF):  # type: ignore[misc]  # fpdf2 ships no types
        """A4 that names its dossier at the foot of every page."""

        def footer(self) -> None:
            self.set_y(-14)
            self.set_font(FACE, "", 8.5)
            self.cell(0, 5, f"{slip.code} · trang {self.page_no()}", align="C")

    sheet = Sheet(format="A4", unit="mm", enforce_compliance="PDF/A-3U")
    sheet.set_margins(_LEFT, _TOP, _RIGHT)
    sheet.set_auto_page_break(True, _BOTTOM)
    folder = fonts()
    sheet.add_font(FACE, "", folder / "SourceSerifPro-Regular.ttf")
    sheet.add_font(FACE, "B", folder / "SourceSerifPro-Bold.ttf")
    sheet.set_title(f"{slip.title} {slip.code}")
    sheet.set_lang("vi")
    sheet.set_creator("Hồ Sơ Số")
    sheet.set_producer("Hồ Sơ Số")
    sheet.set_creation_date(slip.moment)
    packet = xmp_packet(f"{slip.title} {slip.code}", {}, slip.moment, "vi").decode()
    # Its own packet has the present moment in it; the wrapping it makes itself.
    sheet.set_xmp_metadata(packet[packet.index("<x:xmpmeta") : packet.index("<?xpacket end")].strip())
    sheet.add_page()
    return sheet


def fonts() -> Path:
    """The folder of the typeface."""
    package = importlib.util.find_spec("font_source_serif_pro")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("font-source-serif-pro is not installed; run `make setup`")
    return Path(package.origin).parent / "files"


def _heading(sheet: Any, slip: Slip) -> None:
    left, right = sheet.epw - 82.0, 82.0
    top = sheet.get_y()
    if slip.desk.parent:
        _centred(sheet, slip.desk.parent.upper(), left, ("", 11))
    _centred(sheet, slip.desk.agency.upper(), left, ("B", 11))
    _rule(sheet, left, 24)
    _centred(sheet, f"Số: ……………/{slip.number_mark}", left, ("", 11))
    left_end = sheet.get_y()
    sheet.set_y(top)
    _centred(sheet, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", right, ("B", 11), at=_LEFT + left)
    _centred(sheet, "Độc lập - Tự do - Hạnh phúc", right, ("B", 12), at=_LEFT + left)
    _rule(sheet, right, 52, at=_LEFT + left)
    day = local(slip.moment)
    place = slip.desk.place or "……………"
    said = f"{place}, ngày {day.day:02} tháng {day.month:02} năm {day.year}"
    _centred(sheet, said, right, ("", 12), at=_LEFT + left)
    sheet.set_y(max(left_end, sheet.get_y()) + 2)


def _title(sheet: Any, slip: Slip) -> None:
    top = sheet.get_y()
    _draw_code(sheet, slip.link or slip.code, sheet.w - _RIGHT - _QR, top)
    sheet.set_y(top + (_QR - 12) / 2)
    _centred(sheet, slip.title, sheet.epw - _QR - 4, ("B", 14))
    sheet.set_y(max(top + _QR, sheet.get_y()) + 3)


def _centred(sheet: Any, text: str, width: float, font: tuple[str, float], *, at: float = _LEFT) -> None:
    style, size = font
    sheet.set_font(FACE, style, size)
    sheet.set_x(at)
    sheet.multi_cell(width, size * 0.46, text, align="C", new_x="LMARGIN", new_y="NEXT")


def _rule(sheet: Any, width: float, length: float, at: float = _LEFT) -> None:
    y = sheet.get_y() + 0.8
    sheet.set_line_width(0.3)
    sheet.line(at + (width - length) / 2, y, at + (width + length) / 2, y)
    sheet.set_y(y + 1.6)


def _row(sheet: Any, row: Row) -> None:
    if row.value is not None:
        _paragraph(sheet, f"{row.label}: {row.value}")
        return
    sheet.set_font(FACE, "", _TEXT)
    label = f"{row.label}: "
    room = sheet.epw - sheet.get_string_width(label)
    dots = "." * int(room / sheet.get_string_width("."))
    sheet.cell(0, _LINE, label + dots, new_x="LMARGIN", new_y="NEXT")


def _paragraph(sheet: Any, text: str, indent: float = 0) -> None:
    sheet.set_font(FACE, "", _TEXT)
    sheet.set_x(_LEFT + indent)
    sheet.multi_cell(sheet.epw - indent, _LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _signers(sheet: Any, slip: Slip) -> None:
    if sheet.will_page_break(48):
        sheet.add_page()  # a signer's name never stands apart from what is signed
    sheet.ln(5)
    half = sheet.epw / 2
    top = sheet.get_y()
    for at, signer, name in ((_LEFT, slip.left_signer, ""), (_LEFT + half, slip.right_signer, slip.officer)):
        if not signer:
            continue
        sheet.set_y(top)
        _centred(sheet, signer, half, ("B", 12), at=at)
        _centred(sheet, "(Ký và ghi rõ họ tên)", half, ("", _SMALL), at=at)
        sheet.ln(20)
        _centred(sheet, name, half, ("B", 12), at=at)


def _draw_code(sheet: Any, text: str, x: float, y: float) -> None:
    """A QR code as filled squares: sharp at any resolution, and no picture to be lost in printing."""
    modules = qr_modules(text)
    side = _QR / (len(modules) + 2 * _QUIET)
    sheet.set_fill_color(0, 0, 0)
    for row, cells in enumerate(modules):
        start = 0
        while start < len(cells):
            if not cells[start]:
                start += 1
                continue
            end = start
            while end < len(cells) and cells[end]:
                end += 1
            left, top = x + (start + _QUIET) * side, y + (row + _QUIET) * side
            sheet.rect(left, top, (end - start) * side, side, style="F")
            start = end


def qr_modules(text: str) -> NDArray[Any]:
    """The QR code of a text (level M): a square of booleans, True where it is dark, without its white border."""
    import numpy as np
    import zxingcpp

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return np.asarray(code.to_image(scale=1, add_quiet_zones=False)) < 128
