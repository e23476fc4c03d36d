"""The certified copy as a PDF: the pages of the scan as they are, then the words of certification on a last page.

PDF/A-3u like slips; the first page's upper right corner is left to the stamp of the signature (Decree 30/2020, profile
`nd30_copy`). The same pages and words give the same bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pipeline.archive.metadata import xmp_packet
from pipeline.clock import local
from pipeline.slips.sheet import FACE, fonts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_MARGIN = 12.0
"""Millimetres around a page of the original."""
_STAMP = 16.0
"""Room above it for the stamp."""


def copy_pdf(pages: Sequence[bytes], *, title: str, words: Sequence[str], code: str, moment: datetime) -> bytes:
    """`pages` are PNG or JPEG images, upright; `words` the lines of the certification."""
    from fpdf import FPDF
    from PIL import Image

    sheet = FPDF(format="A4", unit="mm", enforce_compliance="PDF/A-3U")
    sheet.set_auto_page_break(False)
    folder = fonts()
    sheet.add_font(FACE, "", folder / "SourceSerifPro-Regular.ttf")
    sheet.add_font(FACE, "B", folder / "SourceSerifPro-Bold.ttf")
    sheet.set_title(title)
    sheet.set_lang("vi")
    sheet.set_creator("Hồ Sơ Số")
    sheet.set_producer("Hồ Sơ Số")
    sheet.set_creation_date(moment)
    packet = xmp_packet(title, {}, moment, "vi").decode()
    sheet.set_xmp_metadata(packet[packet.index("<x:xmpmeta") : packet.index("<?xpacket end")].strip())
    for page in pages:
        sheet.add_page()
        with Image.open(io.BytesIO(page)) as opened:
            picture = opened.convert("RGB")
        box = (_MARGIN, _MARGIN + _STAMP, sheet.w - 2 * _MARGIN, sheet.h - 2 * _MARGIN - _STAMP)
        sheet.image(picture, *box, keep_aspect_ratio=True)
    sheet.add_page()
    sheet.set_margins(30, 30, 20)
    sheet.set_y(40)
    sheet.set_font(FACE, "B", 14)
    sheet.multi_cell(0, 8, "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH", align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(6)
    sheet.set_font(FACE, "", 13)
    for line in words:
        sheet.set_x(30)
        sheet.multi_cell(sheet.w - 50, 7.5, line, align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.set_y(-16)
    sheet.set_font(FACE, "", 9)
    sheet.cell(0, 5, code, align="C")
    return bytes(sheet.output())


def words_of(
    *, title: str, number: int, volume: str, book: str, fee: int, pages: int, agency: str, officer: str, at: datetime
) -> list[str]:
    """The words of certification (Circular 01/2020/TT-BTP, from practice; to be confirmed)."""
    day = local(at)
    return [
        f"Bản chính: {title}",
        f"Số trang của bản sao: {pages:02}",
        f"Ngày {day.day:02} tháng {day.month:02} năm {day.year}",
        f"Số chứng thực: {number}    Quyển số: {volume}/{day.year} - {book}",
        f"Lệ phí mỗi bản: {fee:,} đồng".replace(",", "."),
        f"Người đối chiếu: {officer}",
        f"Cơ quan chứng thực: {agency}",
    ]
