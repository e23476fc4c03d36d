"""GIẤY CHỨNG SINH: the hospital's certificate that a child was born, as the health ministry's form has it.

The label wording follows the form of Circular 56/2017/TT-BYT with what Circular 22/2025/TT-BYT (in force since
1 October 2025) added: the code of the certificate, first issue or reissue, personal number, four signatures.
The director's signature carries the hospital's round seal over its left third.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.synthesis.fonts import Role
from models.synthesis.forms.paper import Paper, Values, nation_head, sheet_a4, specimen_note
from models.synthesis.typesetter import Box, Item, Leader, Mark, Rect, Run, Sheet
from models.synthesis.wording import letter_date, short_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.synthesis.fonts import FontBook
    from models.synthesis.people import Family

_LEFT = 25.0
_WIDTH = 168.0


def birth_notice(book: FontBook, family: Family) -> Paper:
    """One sheet with four signatures and a red seal."""
    values = Values()
    sheet = sheet_a4(book)
    child, mother, hospital = family.child, family.mother, family.hospital
    left = 72.0
    sheet.write(hospital.department, _LEFT - 5, 20.0, left, align="centre", size=12)
    name = [Run(hospital.name.upper(), Role.SERIF_BOLD)]
    y = sheet.write(name, _LEFT - 5, 25.4, left, align="centre", size=12)
    sheet.rule(_LEFT + 20, y - 3.4, _LEFT + 42, y - 3.4)
    values.put("co_so_y_te", hospital.name.upper(), hospital.name)
    sheet.fields["co_so_y_te"] = sheet.lines[-1].box
    year = child.born.year
    code = f"GCS.{family.place.code}01.GCS.{int(family.notice_number):05d}.{year % 100}"
    y = sheet.write([Run("Mã số GCS: "), values.put("ma_gcs", code)], _LEFT, y + 2.5, left, size=12)
    y = sheet.write([Run("Số: "), values.put("so", family.notice_number)], _LEFT, y, left, size=12)
    book_number = f"{family.notice_day.month:02d}/{year}"
    sheet.write([Run("Quyển số: "), values.put("quyen_so", book_number)], _LEFT, y, left, size=12)
    nation_head(sheet, 93.0, 107.0, 20.0, size=12)
    y = sheet.write([Run("GIẤY CHỨNG SINH", Role.SERIF_BOLD)], _LEFT, 63.0, _WIDTH, align="centre", size=17)
    issue: list[Item] = [Run("Cấp lần đầu: "), Box(ticked=True), Run("   Cấp lại: "), Box()]
    y = sheet.write(issue, _LEFT, y, _WIDTH, align="centre", size=12) + 4.0

    def line(*items: Item) -> None:
        nonlocal y
        y = sheet.write(items, _LEFT, y, _WIDTH, leading=1.6)

    full = values.put("me_ho_ten", mother.name.upper(), role=Role.SERIF_BOLD)
    line(Run("Họ và tên mẹ/Người nuôi dưỡng: "), full, Leader())
    born = values.put("me_ngay_sinh", short_date(mother.born), mother.born.isoformat())
    folk = values.put("me_dan_toc", mother.ethnicity)
    line(Run("Năm sinh: "), born, Leader(_LEFT + 84), Run(" Dân tộc: "), folk, Leader())
    number = values.put("me_so_dinh_danh", mother.number)
    line(Run("Số định danh cá nhân/Hộ chiếu: "), number, Leader())
    line(Run("Nơi đăng ký thường trú: "), values.put("me_noi_cu_tru", mother.home), Leader())
    line(Run("Họ và tên cha: "), values.put("cha_ho_ten", family.father.name.upper()), Leader())
    moment = f"{child.hour:02d} giờ {child.minute:02d} phút, {letter_date(child.born)}"
    iso = f"{child.born.isoformat()}T{child.hour:02d}:{child.minute:02d}"
    line(Run("Đã sinh con vào lúc: "), values.put("ngay_gio_sinh", moment, iso), Leader())
    line(Run("Tại: "), values.put("noi_sinh", f"{hospital.name}, {hospital.address}"), Leader())
    births = values.put("so_lan_sinh", f"{family.births:02d}", family.births)
    alive = values.put("so_con_hien_song", f"{family.births:02d}", family.births)
    line(Run("Số lần sinh: "), births, Leader(_LEFT + 84), Run(" Số con hiện sống: "), alive, Leader())
    line(Run("Số con trong lần sinh này: "), values.put("so_con", "01", 1), Leader())
    sex = values.put("gioi_tinh", child.sex)
    weight = values.put("can_nang_g", str(child.weight), child.weight)
    line(Run("Giới tính của con: "), sex, Leader(_LEFT + 84), Run(" Cân nặng: "), weight, Run(" gam"), Leader())
    line(Run("Tình trạng hiện tại của con: "), values.put("tinh_trang_con", "Khỏe mạnh"), Leader())
    planned = values.put("du_dinh_dat_ten", child.name.upper(), role=Role.SERIF_BOLD)
    line(Run("Dự định đặt tên con là: "), planned, Leader())
    line(Run("Người đỡ đẻ: "), values.put("nguoi_do_de", family.midwife), Leader())
    line(Run("Ghi chú: "), Leader())
    _signatures(sheet, values, family, y + 3.0)
    specimen_note(sheet)
    return Paper("giay_chung_sinh", (sheet,), values.truth)


def _signatures(sheet: Sheet, values: Values, family: Family, y: float) -> None:
    city = family.hospital.address.split(", ")[1].split(" ", 1)[1].removeprefix("phố ")
    day = values.put("ngay_cap", letter_date(family.notice_day), family.notice_day.isoformat())
    when: Sequence[Item] = (Run(f"{city}, "), day)
    sheet.write(when, _LEFT, y, _WIDTH, align="right")
    column = (_WIDTH + 8) / 4
    people = (
        ("Thân nhân của trẻ", "(Ký, ghi rõ họ tên)", family.requester.name, None),
        ("Người đỡ đẻ", "(Ký, ghi rõ họ tên)", family.midwife, None),
        ("Người ghi phiếu", "(Ký, ghi rõ họ tên)", family.clerk, None),
        ("Đại diện cơ sở KBCB", "(Ký tên, đóng dấu)", family.director, "thu_truong"),
    )
    top = y + 8.0
    for place, (title, how, name, key) in enumerate(people):
        x = _LEFT - 4 + place * column
        sheet.write([Run(title, Role.SERIF_BOLD)], x, top, column, align="centre", size=12)
        sheet.write([Run(how, Role.SERIF_ITALIC)], x, top + 5.0, column, align="centre", size=11)
        run = values.put(key, name) if key else Run(name)
        seed = int(family.requester.number[-6:]) if place == 0 else place * 7919 + int(family.notice_number)
        sheet.marks.append(Mark("signature", Rect(x + 6, top + 9, x + column - 5, top + 25), seed=seed))
        sheet.write([run], x, top + 32.0, column, align="centre", size=12)
    x = _LEFT - 4 + 3 * column
    ring = family.hospital.department
    centre = family.hospital.name.upper()
    sheet.marks.append(Mark("seal", Rect(x - 13, top + 3, x + 23, top + 39), text=ring, centre=centre))
