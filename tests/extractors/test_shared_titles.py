"""A title that a citizen's paper and an agency's letter share: the number beside it tells which one it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractors.doctypes import DocType, claim_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import PageView

KINDS = (DocType("van_ban_uy_quyen", "Văn bản ủy quyền", titles=("GIẤY ỦY QUYỀN",)),)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("Số: 800/2025", "van_ban_uy_quyen"),
        ("Số chứng thực: 702/2026", "van_ban_uy_quyen"),
        ("", "van_ban_uy_quyen"),
        ("Số: 12/GUQ-UBND", "giay_uy_quyen"),
        ("Số: 12/2026/GUQ-UBND", "giay_uy_quyen"),
    ],
)
def test_a_certified_paper_bears_the_number_of_a_book(
    page_of: Callable[..., PageView], number: str, expected: str
) -> None:
    rows = [
        (150, 150, "UBND TỈNH CÀ MAU"),
        (800, 150, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (150, 200, "ỦY BAN NHÂN DÂN PHƯỜNG"),
        (880, 200, "Độc lập - Tự do - Hạnh phúc"),
        (150, 280, number),
        (850, 280, "Cà Mau, ngày 12 tháng 4 năm 2024"),
        (650, 420, "GIẤY ỦY QUYỀN"),
        (200, 560, "Họ và tên người ủy quyền: NGUYỄN THỊ THU NHUNG"),
    ]
    assert claim_type(page_of([row for row in rows if row[2]]), KINDS).type == expected
