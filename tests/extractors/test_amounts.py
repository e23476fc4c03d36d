"""Numbers and money say one thing, or nothing."""

from __future__ import annotations

import pytest

from extractors.amounts import money, whole_number, words_to_number
from extractors.dates import is_lunar, parse_partial, parse_words


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("mười lăm", 15),
        ("năm mươi nhăm", 55),
        ("hai mươi mốt", 21),
        ("hai mươi tư", 24),
        ("hăm bốn", 24),
        ("một trăm lẻ năm", 105),
        ("ba trăm linh năm", 305),
        ("hai trăm rưỡi", 250),
        ("năm trăm ngàn", 500_000),
        ("một triệu hai trăm nghìn đồng", 1_200_000),
        ("một triệu rưỡi", 1_500_000),
        ("một tỷ hai trăm triệu", 1_200_000_000),
        ("một trăm hai mươi ba triệu bốn trăm năm mươi sáu nghìn bảy trăm tám mươi chín", 123_456_789),
        ("hai nghìn hai", None),  # 2002 or 2200
        ("mười", 10),
        ("triệu", None),
        ("Nguyễn Văn An", None),
    ],
)
def test_words(text: str, number: int | None) -> None:
    assert words_to_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("02 bản", 2),
        ("02 (hai) bản", 2),
        ("02 (ba) bản", None),
        ("3.200 gam", 3200),
        ("3200g", 3200),
        ("0 2", 2),
        ("Không", 0),
        ("3.2", None),
        ("1.000.00", None),
        ("02 03", None),
        ("hai người", 2),
        ("bản", None),
    ],
)
def test_counts(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.000.000 đ", 1_000_000),
        ("1,000,000 VNĐ", 1_000_000),
        ("8.000đ/bản", 8_000),
        ("1,5 triệu đồng", 1_500_000),
        ("500 nghìn", 500_000),
        ("Một triệu đồng", 1_000_000),
        ("Năm mươi triệu đồng Việt Nam", 50_000_000),
        ("1.000.000 đồng (bằng chữ: Một triệu đồng chẵn)", 1_000_000),
        ("1.000.000 đồng (Hai triệu đồng)", None),
        ("1.000.00", None),
        ("miễn lệ phí", None),
    ],
)
def test_money(text: str, amount: int | None) -> None:
    assert money(text) == amount


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("../05/1962", "1962-05"),
        ("…/…/1962", "1962"),
        ("00/00/1962", "1962"),
        ("--/--/1962", "1962"),
        ("00/13/1962", None),
        ("31/02/1962", None),
        ("khoảng năm 1950", "1950"),
    ],
)
def test_a_day_left_out(text: str, iso: str | None) -> None:
    found = parse_partial(text)
    assert (found.iso if found else None) == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Ngày mùng năm tháng Giêng năm hai nghìn không trăm linh năm", "2005-01-05"),
        ("ngày mười lăm tháng tư năm hai ngàn không trăm lẻ chín", "2009-04-15"),
        ("ngày hai mươi nhăm tháng chạp năm một nghìn chín trăm tám mươi tư", "1984-12-25"),
        ("ngày hăm mốt tháng mười một năm hai nghìn không trăm hai mươi", "2020-11-21"),
        ("ngày ba mươi hai tháng ba năm hai nghìn", None),
    ],
)
def test_all_words_of_a_date(text: str, iso: str | None) -> None:
    found = parse_words(text)
    assert (found.iso if found else None) == iso


def test_a_lunar_date_is_told_as_one() -> None:
    assert all(map(is_lunar, ("10/3 âm lịch", "05/8/1945 (ÂL)", "tháng 6 nhuận", "năm Giáp Thân")))
    assert not any(map(is_lunar, ("10/3/1945", "Âu Lạc", "Tân Dậu", "ngày mười tháng giêng")))
