"""An administrative letter or decision in the layout of Decree 30/2020/NĐ-CP, Appendix I, for the letterhead reader.

Cells: 1 nation and motto, 2 issuing body, 3 number, 4 place and date, 5a/5b kind or abstract, 6 body, 7 signer,
8 seal over the left third of the signature, 9 addressees and recipients. Content is invented office talk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from models.synthesis.fonts import Role
from models.synthesis.forms.letter_texts import DECISIONS, LETTERS
from models.synthesis.forms.paper import Paper, Values, nation_head, sheet_a4, specimen_note
from models.synthesis.people import make_name, seeded
from models.synthesis.places import PLACES, Place
from models.synthesis.typesetter import Mark, Rect, Run, Sheet
from models.synthesis.wording import letter_date

if TYPE_CHECKING:
    from models.synthesis.fonts import FontBook

Kind = Literal["cong_van", "quyet_dinh"]

_LEFT = 30.0
_WIDTH = 163.0


@dataclass(frozen=True, slots=True)
class LetterContent:
    """What one letter says."""

    kind: Kind
    place: Place
    number: str
    day: date
    abstract: str
    grounds: tuple[str, ...]
    """What a decision is based on; empty in a letter."""
    paragraphs: tuple[str, ...]
    addressees: tuple[str, ...]
    recipients: tuple[str, ...]
    post: tuple[str, ...]
    signer: str


def make_letter(seed: int, kind: Kind = "cong_van", day: date | None = None) -> LetterContent:
    """Invents one letter of a commune's people's committee; the same for the same seed."""
    rng = seeded(seed)
    place = rng.choice(PLACES)
    day = day or date(2026, rng.randint(1, 11), rng.randint(1, 28))
    topic = rng.choice(DECISIONS if kind == "quyet_dinh" else LETTERS)
    due = f"{rng.randint(10, 28)}/{day.month % 12 + 1:02d}/{day.year + day.month // 12}"
    number = rng.randint(12, 1890)
    code = f"{number}/QĐ-UBND" if kind == "quyet_dinh" else f"{number}/UBND-VP"
    return LetterContent(
        kind=kind,
        place=place,
        number=code,
        day=day,
        abstract=topic.abstract,
        grounds=topic.fill(topic.grounds, place.commune, due),
        paragraphs=topic.fill(topic.paragraphs, place.commune, due),
        addressees=(
            f"Các phòng chuyên môn thuộc UBND {place.commune};",
            "Trung tâm Phục vụ hành chính công;",
            f"Công an {place.commune}.",
        ),
        recipients=(
            "- Như Điều 3;" if kind == "quyet_dinh" else "- Như trên;",
            "- Đảng ủy, HĐND (để b/c);",
            "- Chủ tịch, các PCT UBND;",
            "- Lưu: VT, VP.",
        ),
        post=rng.choice((("CHỦ TỊCH",), ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"))),
        signer=make_name(rng, rng.choice(("Nam", "Nữ"))),
    )


def letter(book: FontBook, content: LetterContent) -> Paper:
    """One sheet with signature and seal."""
    values = Values()
    sheet = sheet_a4(book)
    y = _head(sheet, values, content)
    y = _opening(sheet, values, content, y)
    for paragraph in content.paragraphs:
        y = (
            sheet.write(_article(paragraph), _LEFT, y, _WIDTH, align="justify", indent=12.7, size=14, leading=1.28)
            + 2.2
        )
    _signature(sheet, values, content, y + 5.0)
    specimen_note(sheet)
    return Paper(content.kind, (sheet,), values.truth)


def _article(paragraph: str) -> list[Run]:
    """`Điều 1.` stands in bold."""
    head, dot, rest = paragraph.partition(".")
    if head.startswith("Điều ") and head[5:].isdigit():
        return [Run(head + dot, Role.SERIF_BOLD), Run(rest)]
    return [Run(paragraph)]


def _head(sheet: Sheet, values: Values, content: LetterContent) -> float:
    """Cells 1 to 5b; returns the baseline for what follows."""
    left, width = _LEFT - 6, 66.0
    body = ["ỦY BAN NHÂN DÂN", content.place.commune.upper()]
    y = 22.0
    sheet.write([Run(body[0], Role.SERIF_BOLD, field="co_quan_ban_hanh")], left, y, width, align="centre", size=13)
    y += 5.4
    sheet.write([Run(body[1], Role.SERIF_BOLD, field="co_quan_ban_hanh")], left, y, width, align="centre", size=13)
    values.put("co_quan_ban_hanh", "\n".join(body), body)
    sheet.rule(left + width / 2 - 11, y + 2.0, left + width / 2 + 11, y + 2.0)
    y += 8.6
    number: list[Run] = [Run("Số: "), values.put("so_ky_hieu", content.number)]
    sheet.write(number, left, y, width, align="centre", size=13)
    if content.kind == "cong_van":
        y += 5.6
        about = [values.put("trich_yeu", f"V/v {content.abstract}")]
        y = sheet.write(about, left, y, width, align="centre", size=12, leading=1.25)
    nation_head(sheet, 92.0, 106.0, 22.0, size=12.5)
    city = values.put("dia_danh", content.place.commune.split(" ", 1)[1], role=Role.SERIF_ITALIC)
    when = values.put("ngay_ban_hanh", letter_date(content.day), content.day.isoformat(), role=Role.SERIF_ITALIC)
    sheet.write([city, Run(", ", Role.SERIF_ITALIC), when], 92.0, 36.2, 106.0, align="centre", size=13.5)
    if content.kind == "cong_van":
        values.put("loai_van_ban", "", "CÔNG VĂN")  # a letter does not print what it is
    values.blank("do_khan")
    return max(y, 50.0)


def _opening(sheet: Sheet, values: Values, content: LetterContent, y: float) -> float:
    if content.kind == "cong_van":
        y += 7.0
        sheet.write("Kính gửi:", _LEFT + 34, y, 30, size=14)
        y += 6.6
        for name in content.addressees:
            y = sheet.write(f"- {name}", _LEFT + 46, y, _WIDTH - 46, size=14, leading=1.28)
        return y + 4.0
    y += 6.0
    kind = values.put("loai_van_ban", "QUYẾT ĐỊNH", role=Role.SERIF_BOLD)
    sheet.write([kind], _LEFT, y, _WIDTH, align="centre", size=14)
    about = f"Về việc {content.abstract}"
    run = values.put("trich_yeu", about, role=Role.SERIF_BOLD)
    y = sheet.write([run], _LEFT + 15, y + 6.2, _WIDTH - 30, align="centre", size=14, leading=1.25)
    middle = _LEFT + _WIDTH / 2
    sheet.rule(middle - 18, y - 3.5, middle + 18, y - 3.5)
    body = f"CHỦ TỊCH ỦY BAN NHÂN DÂN {content.place.commune.upper()}"
    y = sheet.write([Run(body, Role.SERIF_BOLD)], _LEFT, y + 6.0, _WIDTH, align="centre", size=14) + 2.0
    for ground in content.grounds:
        text = [Run(ground, Role.SERIF_ITALIC)]
        y = sheet.write(text, _LEFT, y, _WIDTH, align="justify", indent=12.7, size=14, leading=1.28) + 1.2
    y = sheet.write([Run("QUYẾT ĐỊNH:", Role.SERIF_BOLD)], _LEFT, y + 3.0, _WIDTH, align="centre", size=14)
    return y + 2.5


def _signature(sheet: Sheet, values: Values, content: LetterContent, y: float) -> None:
    left = y
    sheet.write([Run("Nơi nhận:", Role.SERIF_BOLD_ITALIC)], _LEFT, left, 70, size=12)
    for text in content.recipients:
        left += 4.8
        sheet.write(text, _LEFT, left, 70, size=11)
    x, width = _LEFT + 82, _WIDTH - 82
    values.put("chuc_vu_nguoi_ky", "\n".join(content.post), " ".join(content.post))
    for row in content.post:
        sheet.write([Run(row, Role.SERIF_BOLD, field="chuc_vu_nguoi_ky")], x, y, width, align="centre", size=14)
        y += 6.0
    middle = x + width / 2
    seed = sum(map(ord, content.signer)) * 31
    sheet.marks.append(Mark("signature", Rect(middle - 14, y - 1, middle + 26, y + 21), seed=seed))
    ring = f"ỦY BAN NHÂN DÂN - {content.place.commune.upper()}"
    centre = content.place.province.upper()
    sheet.marks.append(Mark("seal", Rect(middle - 36, y - 6, middle, y + 30), text=ring, centre=centre))
    signer = values.put("nguoi_ky", content.signer, role=Role.SERIF_BOLD)
    sheet.write([signer], x, y + 27, width, align="centre", size=14)
