"""The day and the number that a pen wrote into a letter's head: what one figure may say, and what it may not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from extractors.fields import FieldStatus
from extractors.letter_days import likely_day, signed_on
from extractors.letterhead import LetterheadExtractor

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import Field, PageView


def head(day: str, *marks: str) -> list[tuple[int, int, str]]:
    return [
        *((1100, 20 + 30 * i, mark) for i, mark in enumerate(marks)),
        (240, 200, "ỦY BAN NHÂN DÂN"), (240, 240, "TỈNH QUẢNG NGÃI"), (740, 200, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (860, 240, "Độc lập - Tự do - Hạnh phúc"), (800, 310, f"Quảng Ngãi, ngày {day} tháng 03 năm 2025"),
        (240, 310, "Số: 299 /UBND-TTHC"), (600, 560, "Kính gửi: Các sở"),
    ]  # fmt: skip


def dated(page: PageView) -> Field:
    return next(field for field in LetterheadExtractor().extract([page], []) if field.key == "ngay_ban_hanh")


MARK = "Thời gian ký: 23/03/2025 17:06:30"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("83", 23),  # the first figure of a day is no 8
        ("4T", 17),  # a seven with its bar
        ("QD", 20),  # open noughts
        ("0", 20),  # the first figure was lost
        ("2", None),  # each of four days has a 2
        ("ồ", None),  # nothing was read
        ("95", None),  # no day of the week before
    ],
)
def test_one_figure_and_the_week_of_the_signature(said: str, day: int | None) -> None:
    assert likely_day(said, "03", "2025", [date(2025, 3, 23)]) == (day and date(2025, 3, day))
    assert likely_day(said, "02", "2025", [date(2025, 3, 23)]) is None  # another month than the printed one
    assert likely_day(said, "03", "2025", []) is None


def test_moments_at_the_top_of_the_page_only(page_of: Callable[..., PageView]) -> None:
    page = page_of([(1100, 20, MARK), (1100, 60, "24.03.2025 07:46:10 +07:00"), (200, 90, "ngày 11/03/2025"),
                    (1100, 100, "45/13/2025 07:46"), (200, 900, "22/03/2025 08:00")])  # fmt: skip
    assert signed_on(page.read) == [date(2025, 3, 23), date(2025, 3, 24)]


def test_a_suggested_day_is_always_asked_about(page_of: Callable[..., PageView]) -> None:
    field = dated(page_of(head("83", MARK)))
    assert (field.value, field.status, field.reason) == ("2025-03-23", FieldStatus.DOUBTFUL, "handwriting")
    assert field.probability <= 0.5
    field = dated(page_of(head("1T")))  # no mark: the figures alone
    assert (field.value, field.status, field.reason) == ("2025-03-17", FieldStatus.DOUBTFUL, "handwriting")
    field = dated(page_of(head("83")))
    assert (field.value, field.status, field.reason) == (None, FieldStatus.UNREADABLE, "date_incomplete")


def test_a_day_that_was_read_stays_whatever_the_signature_says(page_of: Callable[..., PageView]) -> None:
    field = dated(page_of(head("15", MARK)))
    assert (field.value, field.status) == ("2025-03-15", FieldStatus.READ)


@pytest.mark.parametrize(("number", "value"), [("8T", "87/UBND-TTHC"), ("TT", None), ("8X", None)])
def test_a_written_number_with_a_figure_taken_for_a_letter(
    page_of: Callable[..., PageView], number: str, value: str | None
) -> None:
    rows = [(x, y, text.replace("299", number)) for x, y, text in head("15")]
    field = next(f for f in LetterheadExtractor().extract([page_of(rows)], []) if f.key == "so_ky_hieu")
    assert field.value == value
    assert field.status is (FieldStatus.DOUBTFUL if value else FieldStatus.UNREADABLE)
