"""TỜ KHAI ĐĂNG KÝ KHAI SINH: the application form of Circular 04/2020/TT-BTP, as first issued or as amended in 2024.

`edition="2024"` has the requester's date of birth, the parents' identity papers and their marriage certificate, as
the amended form asks; `edition="2020"` leaves these out, as on the many sheets still in use. The label wording is
the form's own. What is filled in is set in the body face, in black; the leaders run from its end to the edge.
Names of people are in capitals, as registrars ask for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from models.synthesis.fonts import Role
from models.synthesis.forms.paper import Paper, Values, nation_head, note_mark, sheet_a4, specimen_note
from models.synthesis.typesetter import Box, Item, Leader, Mark, Rect, Run, Sheet
from models.synthesis.wording import date_in_words, short_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.synthesis.fonts import FontBook
    from models.synthesis.people import Family, Person

Edition = Literal["2020", "2024"]

_LEFT = 28.0
_WIDTH = 166.0
_LEADING = 1.55
_RESIDENCE_2020 = (
    "Trường hợp công dân Việt Nam cư trú trong nước thì ghi theo nơi đăng ký thường trú, nếu không có nơi đăng ký "
    "thường trú thì ghi theo nơi đăng ký tạm trú; trường hợp không có nơi đăng ký thường trú và nơi đăng ký tạm trú "
    "thì ghi theo nơi đang sinh sống. Trường hợp công dân Việt Nam cư trú ở nước ngoài thì ghi theo nơi thường trú "
    "hoặc tạm trú ở nước ngoài."
)
_RESIDENCE_2024 = (
    "Chỉ ghi trong trường hợp người có yêu cầu đăng ký hộ tịch chưa có/không cung cấp số định danh cá nhân/căn cước "
    "công dân/thẻ căn cước/chứng minh nhân dân; không cung cấp đầy đủ thông tin ngày, tháng, năm sinh. "
) + _RESIDENCE_2020
_PAPERS_2020 = (
    "Ghi thông tin về giấy tờ tùy thân của người đi đăng ký khai sinh, ghi rõ tên, số, cơ quan cấp, ngày cấp hộ chiếu, "
    "chứng minh nhân dân hoặc giấy tờ hợp lệ thay thế (ví dụ: Chứng minh nhân dân số 001089123 do Công an thành phố "
    "Hà Nội cấp ngày 20/10/2014)."
)
_PAPERS_2024 = (
    "Ghi số định danh cá nhân/căn cước công dân/thẻ căn cước; trường hợp không có thì ghi rõ tên, số, cơ quan cấp, "
    "ngày cấp hộ chiếu hoặc giấy tờ hợp lệ thay thế."
)
_PLACE = (
    "Trường hợp sinh tại cơ sở y tế thì ghi rõ tên cơ sở y tế và địa chỉ trụ sở cơ sở y tế đó. Trường hợp sinh ra "
    "ngoài cơ sở y tế thì ghi địa danh hành chính nơi sinh ra."
)


def birth_application(book: FontBook, family: Family, edition: Edition = "2024") -> Paper:
    """The filled form: two sheets, with the requester's signature."""
    values = Values()
    first, second = sheet_a4(book), sheet_a4(book)
    y = nation_head(first, _LEFT, _WIDTH, 24.0)
    title = [Run("TỜ KHAI ĐĂNG KÝ KHAI SINH", Role.SERIF_BOLD)]
    y = first.write(title, _LEFT, y + 5.0, _WIDTH, align="centre", size=15)
    office = f"Ủy ban nhân dân {family.place.now}"
    to: Sequence[Item] = (Run("Kính gửi:"), note_mark(1), Run(" "), values.put("kinh_gui", office), Leader())
    y = first.write(to, _LEFT + 22, y + 4.0, _WIDTH - 22) + 3.0
    y = _requester(first, values, family, edition, y)
    y = _line(first, [Run("Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:", Role.SERIF_BOLD)], y + 1.0)
    y = _child(first, values, family, y)
    y = _parent(first, values, family, "me", edition, y=y + 1.0)
    y = _parent(first, values, family, "cha", edition, y=y + 1.0)
    if edition == "2024":
        _marriage(first, values, family, y + 1.0)
    specimen_note(first)
    _closing(second, values, family, edition)
    specimen_note(second)
    return Paper("to_khai_khai_sinh", (first, second), values.truth)


def _line(sheet: Sheet, items: Sequence[Item], y: float) -> float:
    return sheet.write(items, _LEFT, y, _WIDTH, leading=_LEADING)


def _identity(values: Values, prefix: str, person: Person) -> list[Item]:
    return [
        Run(f"{person.card.kind} số "),
        values.put(f"{prefix}_so_dinh_danh", person.number),
        Run(" do "),
        values.put(f"{prefix}_noi_cap", person.card.authority),
        Run(" cấp ngày "),
        values.put(f"{prefix}_ngay_cap", short_date(person.card.issued), person.card.issued.isoformat()),
    ]


def _requester(sheet: Sheet, values: Values, family: Family, edition: Edition, y: float) -> float:
    person = family.requester
    name = values.put("nyc_ho_ten", person.name.upper(), role=Role.SERIF_BOLD)
    y = _line(sheet, [Run("Họ, chữ đệm, tên người yêu cầu: "), name, Leader()], y)
    if edition == "2024":
        born = values.put("nyc_ngay_sinh", short_date(person.born), person.born.isoformat())
        y = _line(sheet, [Run("Ngày, tháng, năm sinh: "), born, Leader()], y)
    home = values.put("nyc_noi_cu_tru", person.home)
    y = _line(sheet, [Run("Nơi cư trú:"), note_mark(2), Run(" "), home, Leader()], y)
    papers: list[Item] = [Run("Giấy tờ tùy thân:"), note_mark(3), Run(" "), *_identity(values, "nyc", person), Leader()]
    y = _line(sheet, papers, y)
    relation = values.put("nyc_quan_he", family.relation)
    return _line(sheet, [Run("Quan hệ với người được khai sinh: "), relation, Leader()], y)


def _child(sheet: Sheet, values: Values, family: Family, y: float) -> float:
    child = family.child
    name = values.put("nks_ho_ten", child.name.upper(), role=Role.SERIF_BOLD)
    y = _line(sheet, [Run("Họ, chữ đệm, tên: "), name, Leader()], y)
    born: list[Item] = [
        Run("Ngày, tháng, năm sinh: "),
        values.put("nks_ngay_sinh", short_date(child.born), child.born.isoformat()),
        Run(" ghi bằng chữ: "),
        values.put("nks_ngay_sinh_bang_chu", date_in_words(child.born)),
        Leader(),
    ]
    y = _line(sheet, born, y)
    kind: list[Item] = [
        Run("Giới tính: "),
        values.put("nks_gioi_tinh", child.sex),
        Leader(_LEFT + 48),
        Run(" Dân tộc: "),
        values.put("nks_dan_toc", family.father.ethnicity),
        Leader(_LEFT + 102),
        Run(" Quốc tịch: "),
        values.put("nks_quoc_tich", "Việt Nam"),
        Leader(),
    ]
    y = _line(sheet, kind, y)
    place = values.put("nks_noi_sinh", f"{family.hospital.name}, {family.hospital.address}")
    y = _line(sheet, [Run("Nơi sinh:"), note_mark(4), Run(" "), place, Leader()], y)
    return _line(sheet, [Run("Quê quán: "), values.put("nks_que_quan", child.origin), Leader()], y)


def _parent(
    sheet: Sheet, values: Values, family: Family, prefix: Literal["me", "cha"], edition: Edition, *, y: float
) -> float:
    kind, person = ("mẹ", family.mother) if prefix == "me" else ("cha", family.father)
    amended = edition == "2024"
    name = values.put(f"{prefix}_ho_ten", person.name.upper(), role=Role.SERIF_BOLD)
    y = _line(sheet, [Run(f"Họ, chữ đệm, tên người {kind}: "), name, Leader()], y)
    marks = [note_mark(2)] if amended else []
    details: list[Item] = [
        Run("Năm sinh:"),
        note_mark(5),
        Run(" "),
        values.put(f"{prefix}_ngay_sinh", short_date(person.born), person.born.isoformat()),
        Leader(_LEFT + 58),
        Run(" Dân tộc:"),
        *marks,
        Run(" "),
        values.put(f"{prefix}_dan_toc", person.ethnicity),
        Leader(_LEFT + 104),
        Run(" Quốc tịch:"),
        *marks,
        Run(" "),
        values.put(f"{prefix}_quoc_tich", person.nationality),
        Leader(),
    ]
    y = _line(sheet, details, y)
    home = values.put(f"{prefix}_noi_cu_tru", person.home)
    y = _line(sheet, [Run("Nơi cư trú:"), note_mark(2), Run(" "), home, Leader()], y)
    if amended:
        papers = [Run("Giấy tờ tùy thân:"), note_mark(3), Run(" "), *_identity(values, prefix, person), Leader()]
        y = _line(sheet, papers, y)
    return y


def _marriage(sheet: Sheet, values: Values, family: Family, y: float) -> None:
    marriage = family.marriage
    head = "Thông tin về Giấy chứng nhận kết hôn của cha, mẹ trẻ (nếu cha, mẹ trẻ đã đăng ký kết hôn):"
    y = _line(sheet, [Run(head)], y)
    certificate: list[Item] = [
        Run("Số: "),
        values.put("kh_so", marriage.number),
        Run(", Quyển số: "),
        values.put("kh_quyen_so", marriage.book),
        Run(", đăng ký ngày "),
        values.put("kh_ngay_dang_ky", short_date(marriage.registered), marriage.registered.isoformat()),
        Run(" tại "),
        values.put("kh_noi_dang_ky", marriage.office),
        Leader(),
    ]
    _line(sheet, certificate, y)


def _closing(sheet: Sheet, values: Values, family: Family, edition: Edition) -> None:
    y = 24.0
    vow = (
        "Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật, được sự thỏa thuận nhất trí của "
        "các bên liên quan theo quy định pháp luật."
    )
    y = sheet.write(vow, _LEFT, y, _WIDTH, align="justify", indent=10, leading=1.4)
    liable = "Tôi chịu hoàn toàn trách nhiệm trước pháp luật về nội dung cam đoan của mình."
    y = sheet.write(liable, _LEFT, y, _WIDTH, align="justify", indent=10, leading=1.4) + 4.0
    day = family.applied
    made: list[Item] = [
        Run("Làm tại: "),
        values.put("noi_lap", family.place.now.split(", ")[0].split(" ", 1)[1]),
        Run(", ngày "),
        values.put("ngay_lap", f"{day.day:02d} tháng {day.month:02d} năm {day.year}", day.isoformat()),
    ]
    y = sheet.write(made, _LEFT, y, _WIDTH, align="right") + 4.0
    half = _WIDTH / 2
    copies: list[Item] = [Run("Đề nghị cấp bản sao"), note_mark(6), Run(": Có "), Box(ticked=True, field="cap_ban_sao")]
    copies += [Run(", Không "), Box()]
    values.put("cap_ban_sao", "☑", value=True)
    sheet.write(copies, _LEFT, y, half)
    sheet.write([Run("Số lượng: "), values.put("so_luong", "02", 2), Run(" bản")], _LEFT, y + 7.5, half)
    right = _LEFT + half
    sheet.write([Run("Người yêu cầu", Role.SERIF_BOLD)], right, y, half, align="centre")
    sheet.write(
        [Run("(Ký, ghi rõ họ, chữ đệm, tên)", Role.SERIF_ITALIC)], right, y + 6.5, half, align="centre", size=12
    )
    pen = Mark("signature", Rect(right + 20, y + 10, right + half - 18, y + 31), seed=_seed(family))
    values.signed(sheet, pen)
    sheet.write([Run(family.requester.name)], right, y + 38, half, align="centre")
    _notes(sheet, edition, y + 58)


def _seed(family: Family) -> int:
    return int(family.requester.number[-6:])


def _notes(sheet: Sheet, edition: Edition, y: float) -> None:
    amended = edition == "2024"
    sheet.rule(_LEFT, y - 6.0, _LEFT + 50, y - 6.0, thickness=0.2)
    y = sheet.write([Run("Chú thích:", Role.SERIF_BOLD_ITALIC)], _LEFT, y, _WIDTH, size=11, leading=1.35)
    notes = (
        "Ghi rõ tên cơ quan đăng ký khai sinh.",
        _RESIDENCE_2024 if amended else _RESIDENCE_2020,
        _PAPERS_2024 if amended else _PAPERS_2020,
        _PLACE,
        "Ghi đầy đủ ngày, tháng sinh của cha, mẹ (nếu có).",
        "Đề nghị đánh dấu X vào ô nếu có yêu cầu cấp bản sao và ghi rõ số lượng.",
    )
    for number, note in enumerate(notes, start=1):
        text = [Run(f"({number}) {note}")]
        y = sheet.write(text, _LEFT, y, _WIDTH, align="justify", size=10.5, leading=1.35)
