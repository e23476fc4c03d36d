"""The fields of a letter, from where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractors.doctypes import claim_type
from extractors.fields import FieldStatus
from extractors.letterhead import LetterheadExtractor

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import PageView

HEAD = [
    (240, 200, "ỦY BAN NHÂN DÂN"), (240, 240, "TỈNH QUẢNG NGÃI"), (740, 200, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (860, 240, "Độc lập - Tự do - Hạnh phúc"), (800, 310, "Quảng Ngãi, ngày 15 tháng 01 năm 2025"),
]  # fmt: skip
BODY = [
    (300, 700 + 40 * i, "Thực hiện nội dung các quyết định của Bộ trưởng về việc công bố thủ tục hành")
    for i in range(9)
]
SIGNER = [
    (220, 1700, "Nơi nhận:"), (220, 1740, "- Như trên;"), (1000, 1700, "KT. CHỦ TỊCH"), (980, 1745, "PHÓ CHỦ TỊCH"),
    (960, 2010, "Đại tá Trần Hoàng Tuấn"),
]  # fmt: skip
LETTER = [
    *HEAD, (240, 310, "Số: 299 /UBND-TTHC"), (200, 350, "V/v công bố Danh mục"), (220, 390, "thủ tục hành chính"),
    (600, 560, "Kính gửi: Các sở"), *BODY, *SIGNER,
]  # fmt: skip
DECISION = [
    *HEAD, (240, 310, "Số: 47 /QĐ-UBND"), (740, 420, "QUYẾT ĐỊNH"),
    (500, 470, "Về việc kinh phí thực hiện hỗ trợ quà Tết cho"),
    (600, 510, "hộ nghèo trên địa bàn tỉnh"), (600, 600, "ỦY BAN NHÂN DÂN TỈNH QUẢNG NGÃI"), *BODY,
]  # fmt: skip


def values(*pages: PageView) -> dict[str, object]:
    return {field.key: field.value for field in LetterheadExtractor().extract(pages, [])}


def test_a_plain_letter(page_of: Callable[..., PageView]) -> None:
    assert values(page_of(LETTER)) == {
        "co_quan_ban_hanh": ["ỦY BAN NHÂN DÂN", "TỈNH QUẢNG NGÃI"],
        "so_ky_hieu": "299/UBND-TTHC",
        "dia_danh": "Quảng Ngãi",
        "ngay_ban_hanh": "2025-01-15",
        "loai_van_ban": "CÔNG VĂN",
        "trich_yeu": "V/v công bố Danh mục thủ tục hành chính",
        "chuc_vu_nguoi_ky": "KT. CHỦ TỊCH PHÓ CHỦ TỊCH",
        "nguoi_ky": "Trần Hoàng Tuấn",
    }


@pytest.mark.parametrize("cut", ["ngày", "tháng", "năm"])
def test_place_and_date_on_two_rows(page_of: Callable[..., PageView], cut: str) -> None:
    text = "Thành phố Hồ Chí Minh, ngày 15 tháng 01 năm 2025"
    at = text.index(cut)
    rows = [(760, 310, text[: at - 1]), (780, 350, text[at:]), *(row for row in LETTER if "Quảng Ngãi, " not in row[2])]
    found = values(page_of(rows))
    assert (found["dia_danh"], found["ngay_ban_hanh"]) == ("Thành phố Hồ Chí Minh", "2025-01-15")
    far = [(760, 310, text[: at - 1]), (780, 420, text[at:]), *rows[2:]]
    assert "dia_danh" not in values(page_of(far))


def test_dots_of_a_stamp_before_the_number(page_of: Callable[..., PageView]) -> None:
    rows = [(180, 310, "…… Số: 299 /UBND-TTHC") if row[2].startswith("Số") else row for row in LETTER]
    found = values(page_of(rows))
    assert found["so_ky_hieu"] == "299/UBND-TTHC"
    assert found["co_quan_ban_hanh"] == ["ỦY BAN NHÂN DÂN", "TỈNH QUẢNG NGÃI"]


def test_a_decision_and_its_signer_on_the_last_page(page_of: Callable[..., PageView]) -> None:
    found = values(page_of(DECISION), page_of([(800, 60, "2"), *BODY[:3], *SIGNER], number=2))
    assert found["loai_van_ban"] == "QUYẾT ĐỊNH"
    assert found["trich_yeu"] == "Về việc kinh phí thực hiện hỗ trợ quà Tết cho hộ nghèo trên địa bàn tỉnh"
    assert found["nguoi_ky"] == "Trần Hoàng Tuấn"


def test_a_number_nobody_read_is_unreadable_not_guessed(page_of: Callable[..., PageView]) -> None:
    rows = [row if not row[2].startswith("Số:") else (240, 310, "Số: /UBND-TTHC") for row in LETTER]
    number = next(f for f in LetterheadExtractor().extract([page_of(rows)], []) if f.key == "so_ky_hieu")
    assert (number.value, number.status, number.probability) == (None, FieldStatus.UNREADABLE, 0.0)
    assert number.box is not None


def test_urgency_is_read_from_its_stamp(page_of: Callable[..., PageView]) -> None:
    assert values(page_of([*LETTER, (200, 470, "HOẢ TỐC")]))["do_khan"] == "HỎA TỐC"


def test_a_page_of_running_text_has_no_letterhead(page_of: Callable[..., PageView]) -> None:
    assert values(page_of([(800, 60, "2"), *BODY])) == {}


def test_types_of_pages(page_of: Callable[..., PageView]) -> None:
    letter, decision = claim_type(page_of(LETTER)), claim_type(page_of(DECISION))
    assert (letter.type, letter.starts) == ("cong_van", True)
    assert (decision.type, decision.starts) == ("quyet_dinh", True)
    later = claim_type(page_of([(800, 60, "2"), *BODY]))
    assert (later.type, later.starts) == ("unknown", False)
    assert "Kính gửi" in letter.evidence


def test_a_stamp_of_arrival_beside_the_title_is_not_part_of_it(page_of: Callable[..., PageView]) -> None:
    stamp = [(100, 424, "CÔNG VĂN ĐẾN"), (90, 468, "Số: 2352 Ngày: 21/3"), (100, 512, "Chuyển: VP")]
    assert values(page_of([*DECISION, *stamp]))["trich_yeu"] == values(page_of(DECISION))["trich_yeu"]
    assert values(page_of([*DECISION, *stamp]))["loai_van_ban"] == "QUYẾT ĐỊNH"


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("GHÁNH VĂN PHÒNG", "TL. CHỦ TỊCH CHÁNH VĂN PHÒNG"),
        ("CHÁNH VĂN PHÒNG", "TL. CHỦ TỊCH CHÁNH VĂN PHÒNG"),
    ],
)
def test_words_of_posts_are_a_closed_list(page_of: Callable[..., PageView], printed: str, said: str) -> None:
    rows = [*LETTER[:-3], (1000, 1700, "TL. CHỦ TỊCH"), (980, 1745, printed), (960, 2010, "Nguyễn Quốc Việt")]
    assert values(page_of(rows))["chuc_vu_nguoi_ky"] == said


def test_what_a_seal_hides_is_filled_in_only_by_grammar_and_said_to_be_doubtful(
    page_of: Callable[..., PageView],
) -> None:
    rows = [*LETTER[:-3], (1000, 1700, "CỤC TRƯỞNG"), (1000, 1745, "CỤC TRƯỞNG"), (960, 2010, "guyễn Quốc Việt")]
    fields = {field.key: field for field in LetterheadExtractor().extract([page_of(rows)], [])}
    post, name = fields["chuc_vu_nguoi_ky"], fields["nguoi_ky"]
    assert (post.value, post.reason) == ("KT. CỤC TRƯỞNG PHÓ CỤC TRƯỞNG", "stamp_over_text")
    assert name.value == "Nguyễn Quốc Việt"
    assert name.probability < 0.95


def test_a_signature_without_a_readable_name_is_unreadable(page_of: Callable[..., PageView]) -> None:
    fields = {field.key: field for field in LetterheadExtractor().extract([page_of(LETTER[:-1])], [])}
    assert (fields["nguoi_ky"].status, fields["nguoi_ky"].reason) == (FieldStatus.UNREADABLE, "no_name_read")


def test_a_slanted_stamp_is_found_among_its_pieces(page_of: Callable[..., PageView]) -> None:
    assert values(page_of([*LETTER, (100, 520, "H0A"), (160, 480, "T0C")]))["do_khan"] == "HỎA TỐC"


def test_a_law_names_itself_in_its_number(page_of: Callable[..., PageView]) -> None:
    head = [
        (240, 200, "QUỐC HỘI"),
        (740, 200, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (200, 310, "Luật số: 68/2020/QH14"),
    ]
    found = values(page_of([*head, (740, 420, "LUẬT"), (730, 470, "CƯ TRÚ"), *BODY]))
    assert (found["so_ky_hieu"], found["loai_van_ban"], found["trich_yeu"]) == ("68/2020/QH14", "LUẬT", "CƯ TRÚ")


def test_a_letter_whose_code_looks_like_another_kinds(page_of: Callable[..., PageView]) -> None:
    rows = [(240, 310, "Số: 607/CT-KTT3"), (240, 360, "V/v: Không đóng “ dấu ” trên"), (240, 400, "hoá đơn đặt in.")]
    found = {field.key: field for field in LetterheadExtractor().extract([page_of([*HEAD, *rows, *BODY])], [])}
    assert (found["loai_van_ban"].value, found["loai_van_ban"].status) == ("CÔNG VĂN", FieldStatus.DOUBTFUL)
    assert found["trich_yeu"].value == "V/v: Không đóng “dấu” trên hoá đơn đặt in."
