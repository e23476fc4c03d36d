"""Which of a form's rows that speak of days is the one above the signatures, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractors.dated_row import dated
from extractors.fields import FieldSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import PageView

SPECS = [FieldSpec("noi", ("Làm tại", "@dated"), "place"), FieldSpec("ngay", ("Làm tại", "@dated"), "date")]
RIGHT = (900, 900, "Hà Nội, ngày 02 tháng 3 năm 2024")


@pytest.mark.parametrize(
    ("rows", "place", "day"),
    [
        ([RIGHT], "Hà Nội", "2024-03-02"),
        ([(860, 900, "Làm tại: Hà Nội, ngày 02 tháng 3 năm 2024")], "Hà Nội", "2024-03-02"),
        # In the middle of the page above three places to sign, left of where such a row mostly begins.
        ([(440, 900, "Buôn Ma Thuột, ngày 18 tháng 11 năm 2026")], "Buôn Ma Thuột", "2026-11-18"),
        # A value in its column, and the end of a sentence, though they stand lower.
        ([RIGHT, (740, 1000, "ngày 06 tháng 02 năm 2004")], "Hà Nội", "2024-03-02"),
        ([RIGHT, (740, 1000, "hành chính về trật tự xã hội cấp ngày 04 tháng 6 năm 2022")], "Hà Nội", "2024-03-02"),
        ([RIGHT, (740, 1000, "Đã chết vào lúc 8 giờ, ngày 04 tháng 6 năm 2022")], "Hà Nội", "2024-03-02"),
        # The year went over into the next row.
        ([(900, 900, "Nam Định, ngày 19 tháng 11 năm"), (1050, 942, "2026")], "Nam Định", "2026-11-19"),
        ([(160, 900, "Hôm nay, ngày 19 tháng 11 năm 2026")], None, None),
        ([(160, 900, "Ngày sinh: ngày 19 tháng 11 năm 1990")], None, None),
    ],
)
def test_the_row_that_says_place_and_day(
    page_of: Callable[..., PageView], rows: list[tuple[int, int, str]], place: str | None, day: str | None
) -> None:
    said = {field.key: field.value for field in dated([page_of(rows)], SPECS)}
    assert said == ({} if day is None else {"noi": place, "ngay": day})


def test_the_last_sheet_tells_the_day(page_of: Callable[..., PageView]) -> None:
    first = page_of([(900, 900, "ngày 06 tháng 02 năm 2004")])
    second = page_of([(900, 200, "Hồng Gai, ngày 21 tháng 11 năm 2026")], number=2)
    day = next(field for field in dated([first, second], SPECS) if field.key == "ngay")
    assert (day.value, day.page) == ("2026-11-21", 2)
