"""The fields of a letter, from where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
