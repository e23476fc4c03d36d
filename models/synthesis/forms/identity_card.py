"""CĂN CƯỚC CÔNG DÂN with a chip, front and back copied onto one sheet, enlarged as desks do so that it can be read.

The front carries the QR code that the card's issuer prints: seven fields parted by `|`, UTF-8. The back carries the
machine-readable zone. Both are derived from the same person as the printed text, so they agree with it.
The portrait, the emblem and the fingerprints are plain drawings: nothing here could pass for a real card.
`CardSide` turns the card's own millimetres (85.6 x 54, ISO 7810 ID-1) into the sheet's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.synthesis.fonts import Role
from models.synthesis.forms.paper import Paper, Values, specimen_note
from models.synthesis.mrz import td1
from models.synthesis.printing import watermark
from models.synthesis.typesetter import BLACK, RED, Colour, Item, Mark, Rect, Run, Sheet
from models.synthesis.wording import short_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.synthesis.fonts import FontBook
    from models.synthesis.people import Person

_CARD = (85.6, 54.0)
_SCALE = 1.5
_GREY: Colour = (60, 70, 75)


def qr_payload(person: Person, old_number: str = "") -> str:
    """What the QR code on the front says."""
    return "|".join(
        (
            person.number,
            old_number,
            person.name,
            person.born.strftime("%d%m%Y"),
            person.sex,
            person.card.address,
            person.card.issued.strftime("%d%m%Y"),
        )
    )


@dataclass(slots=True)
class _CardSide:
    sheet: Sheet
    x: float
    y: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * _SCALE, self.y + y * _SCALE

    def write(self, items: Sequence[Item] | str, x: float, y: float, width: float, size: float, **style: Any) -> None:
        left, baseline = self.at(x, y)
        if isinstance(items, str):
            items = [Run(items, Role.SANS, colour=_GREY)]
        self.sheet.write(items, left, baseline, width * _SCALE, size=size * _SCALE, leading=1.15, **style)

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> Rect:
        return Rect(*self.at(x0, y0), *self.at(x1, y1))


def identity_card(book: FontBook, person: Person) -> Paper:
    """Front above, back below, on one A4 sheet."""
    sheet = Sheet(book)
    left = (sheet.width - _CARD[0] * _SCALE) / 2
    values = Values(role=Role.SANS)
    front, back = _CardSide(sheet, left, 40.0), _CardSide(sheet, left, 150.0)
    _body(front, (226, 240, 236), (204, 226, 219))
    _body(back, (240, 238, 228), (226, 221, 205))
    watermark(sheet, size=110, grey=222)
    _front(front, values, person)
    _back(back, values, person)
    specimen_note(sheet)
    return Paper("cccd", (sheet,), values.truth)


def _body(side: _CardSide, fill: Colour, line: Colour) -> None:
    box = side.rect(0, 0, *_CARD)

    def draw(pdf: Any) -> None:
        pdf.set_fill_color(*fill)
        pdf.set_draw_color(150, 165, 160)
        pdf.set_line_width(0.25)
        pdf.rect(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0, style="DF", round_corners=True, corner_radius=4.5)
        pdf.set_draw_color(*line)
        pdf.set_line_width(0.15)
        for wave in range(14):
            points = []
            for step in range(61):
                x = box.x0 + 3 + (box.x1 - box.x0 - 6) * step / 60
                y = box.y0 + (box.y1 - box.y0) * (wave + 1) / 15 + 1.8 * math.sin(step / 4.5 + wave * 0.6)
                points.append((x, y))
            pdf.polyline(points)

    side.sheet.drawing(draw)


def _emblem(side: _CardSide, x: float, y: float, radius: float) -> None:
    middle_x, middle_y = side.at(x, y)
    reach = radius * _SCALE

    def draw(pdf: Any) -> None:
        pdf.set_fill_color(205, 40, 40)
        pdf.set_draw_color(214, 170, 60)
        pdf.set_line_width(0.8)
        pdf.circle(middle_x, middle_y, reach, style="DF")
        pdf.set_fill_color(240, 205, 60)
        points = []
        for corner in range(10):
            far = reach * (0.55 if corner % 2 == 0 else 0.22)
            turn = math.pi * corner / 5
            points.append((middle_x + far * math.sin(turn), middle_y - far * math.cos(turn)))
        pdf.polygon(points, style="F")

    side.sheet.drawing(draw)


def _portrait(side: _CardSide) -> None:
    box = side.rect(3.5, 19.5, 22.5, 44.5)

    def draw(pdf: Any) -> None:
        wide, tall = box.x1 - box.x0, box.y1 - box.y0
        pdf.set_fill_color(214, 224, 232)
        pdf.rect(box.x0, box.y0, wide, tall, style="F")
        pdf.set_fill_color(150, 160, 170)
        pdf.ellipse(box.x0 + wide * 0.31, box.y0 + tall * 0.2, wide * 0.38, tall * 0.38, style="F")
        pdf.ellipse(box.x0 + wide * 0.12, box.y0 + tall * 0.63, wide * 0.76, tall * 0.7, style="F")
        pdf.set_fill_color(226, 240, 236)
        pdf.rect(box.x0 - 0.2, box.y1, wide + 0.4, tall * 0.34, style="F")

    side.sheet.drawing(draw)


def _qr(side: _CardSide, payload: str, x: float, y: float, size: float) -> None:
    import segno

    code = segno.make(payload, error="l", encoding="utf-8", micro=False, boost_error=False)
    rows = [list(row) for row in code.matrix_iter(border=0)]
    left, top = side.at(x, y)
    pitch = size * _SCALE / len(rows)
    side.sheet.codes.append((payload, Rect(left, top, left + size * _SCALE, top + size * _SCALE)))

    def draw(pdf: Any) -> None:
        quiet = 2.5 * pitch
        pdf.set_fill_color(255, 255, 255)
        pdf.rect(left - quiet, top - quiet, size * _SCALE + 2 * quiet, size * _SCALE + 2 * quiet, style="F")
        pdf.set_fill_color(*BLACK)
        for row, modules in enumerate(rows):
            for column, dark in enumerate(modules):
                if dark:
                    pdf.rect(left + column * pitch, top + row * pitch, pitch * 1.02, pitch * 1.02, style="F")

    side.sheet.drawing(draw, under=False)


def _front(side: _CardSide, values: Values, person: Person) -> None:
    _emblem(side, 11.5, 9.5, 5.5)
    _portrait(side)
    bold = Role.SANS_BOLD
    side.write([Run("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold)], 18, 5.4, 48, 5.6, align="centre")
    side.write([Run("Độc lập - Tự do - Hạnh phúc", bold)], 18, 8.2, 48, 5.6, align="centre")
    side.write("SOCIALIST REPUBLIC OF VIET NAM", 18, 10.7, 48, 4.2, align="centre")
    side.write("Independence - Freedom - Happiness", 18, 12.8, 48, 4.2, align="centre")
    side.write([Run("CĂN CƯỚC CÔNG DÂN", bold, colour=RED)], 18, 17.3, 48, 10.0, align="centre")
    side.write("Citizen Identity Card", 18, 20.0, 48, 5.0, align="centre")
    _qr(side, qr_payload(person), 67.4, 3.6, 14.6)
    x, width = 26.0, 57.5
    number = values.put("so_dinh_danh", person.number, role=bold, size=10.5 * _SCALE)
    side.write([Run("Số / No.: ", Role.SANS, colour=_GREY), number], x, 24.6, width, 5.4)
    side.write("Họ và tên / Full name:", x, 27.7, width, 5.2)
    side.write([values.put("ho_ten", person.name.upper(), role=bold)], x, 31.2, width, 7.4)
    born = values.put("ngay_sinh", short_date(person.born), person.born.isoformat(), size=6.6 * _SCALE)
    side.write([Run("Ngày sinh / Date of birth: ", Role.SANS, colour=_GREY), born], x, 34.3, width, 5.2)
    sex = values.put("gioi_tinh", person.sex, size=6.6 * _SCALE)
    nation = values.put("quoc_tich", person.nationality, size=6.6 * _SCALE)
    side.write([Run("Giới tính / Sex: ", Role.SANS, colour=_GREY), sex], x, 37.3, 22, 5.2)
    side.write([Run("Quốc tịch / Nationality: ", Role.SANS, colour=_GREY), nation], x + 22, 37.3, width - 22, 5.2)
    side.write("Quê quán / Place of origin:", x, 40.2, width, 5.2)
    side.write([values.put("que_quan", person.card.origin)], x, 43.0, width, 6.4)
    head, _, tail = person.card.address.partition(", ")
    first, _, rest = tail.partition(", ") if head.lower().startswith("tổ") else (tail, "", "")
    near = f"{head}, {first}" if rest else head
    home = values.put("noi_thuong_tru", near)
    side.write([Run("Nơi thường trú / Place of residence: ", Role.SANS, colour=_GREY), home], x, 46.0, width, 5.2)
    side.write([values.put("noi_thuong_tru", rest or tail)], x, 49.0, width, 6.4)
    values.put("noi_thuong_tru", person.card.address)
    side.write("Có giá trị đến:", 3.5, 46.9, 20, 4.6)
    until = person.card.expires
    expires = values.put("ngay_het_han", short_date(until), until.isoformat(), size=4.8 * _SCALE)
    side.write([Run("Date of expiry: ", Role.SANS, colour=_GREY), expires], 3.5, 49.0, 24, 4.2)


def _back(side: _CardSide, values: Values, person: Person) -> None:
    side.write("Đặc điểm nhận dạng / Personal identification:", 4, 5.0, 50, 5.0)
    side.write([Run("Nốt ruồi C: 2cm trước mép phải", Role.SANS)], 4, 8.4, 50, 6.0)
    chip = side.rect(5, 13, 17, 24)

    def draw(pdf: Any) -> None:
        pdf.set_fill_color(214, 186, 110)
        pdf.set_draw_color(150, 125, 60)
        pdf.set_line_width(0.3)
        wide, tall = chip.x1 - chip.x0, chip.y1 - chip.y0
        pdf.rect(chip.x0, chip.y0, wide, tall, style="DF", round_corners=True, corner_radius=2)
        for part in (1 / 3, 2 / 3):
            pdf.line(chip.x0, chip.y0 + tall * part, chip.x1, chip.y0 + tall * part)
        pdf.line(chip.x0 + wide / 2, chip.y0, chip.x0 + wide / 2, chip.y1)
        pdf.set_draw_color(150, 140, 130)
        pdf.set_line_width(0.2)
        for left in (57.0, 70.5):
            box = side.rect(left, 7, left + 11, 22)
            for ring in range(6):
                inset = ring * 1.2
                width, height = box.x1 - box.x0 - 2 * inset, box.y1 - box.y0 - 2.4 * inset
                pdf.ellipse(box.x0 + inset, box.y0 + 1.2 * inset, width, height)

    side.sheet.drawing(draw)
    issued = person.card.issued
    day = values.put("ngay_cap", short_date(issued), issued.isoformat(), size=6.0 * _SCALE)
    side.write([Run("Ngày, tháng, năm / Date, month, year: ", Role.SANS, colour=_GREY), day], 4, 12.0, 52, 4.4)
    issuer = ("CỤC TRƯỞNG CỤC CẢNH SÁT", "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI")
    for row, text in enumerate(issuer):
        side.write([Run(text, Role.SANS_BOLD)], 18, 15.3 + 2.5 * row, 37, 4.6, align="centre")
    side.write("DIRECTOR GENERAL OF THE POLICE DEPARTMENT", 18, 20.2, 37, 3.4, align="centre")
    side.write("FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER", 18, 22.0, 37, 3.4, align="centre")
    side.write([Run("Người Ký Mẫu", Role.SANS_BOLD)], 18, 31.0, 37, 5.2, align="centre")
    side.sheet.marks.append(Mark("signature", side.rect(28, 22.5, 46, 30), seed=41))
    for left, vi, en in ((55.0, "Ngón trỏ trái", "Left index finger"), (69.0, "Ngón trỏ phải", "Right index finger")):
        side.write(vi, left, 24.6, 14.5, 4.2, align="centre")
        side.write(en, left, 26.6, 14.5, 3.6, align="centre")
    lines = td1(person.number, person.born, person.sex, person.card.expires, person.name)
    for row, text in enumerate(lines):
        side.write([Run(text, Role.MRZ)], 4.5, 39.0 + 5.2 * row, 80, 9.9)
