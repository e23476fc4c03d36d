"""Numbers and dates in Vietnamese words, as a civil-status form wants them beside the digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    head = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if ones == 0:
        return head
    if ones == 5:
        return f"{head} lăm"
    if ones == 1 and tens > 1:
        return f"{head} mốt"
    return f"{head} {_DIGITS[ones]}"


def number_in_words(number: int) -> str:
    """`number` (0 to 9999) in words: 2026 is `hai nghìn không trăm hai mươi sáu`."""
    if not 0 <= number <= 9999:
        raise ValueError(f"only 0 to 9999, not {number}")
    if number < 100:
        return _below_hundred(number)
    thousands, rest = divmod(number, 1000)
    words = [f"{_DIGITS[thousands]} nghìn"] if thousands else []
    hundreds, below = divmod(rest, 100)
    if rest:
        words.append(f"{_DIGITS[hundreds]} trăm")
        if 0 < below < 10:
            words.append(f"lẻ {_DIGITS[below]}")
        elif below:
            words.append(_below_hundred(below))
    return " ".join(words)


def date_in_words(day: date) -> str:
    """`Ngày mười bốn, tháng mười một, năm hai nghìn không trăm hai mươi sáu`."""
    month = "tư" if day.month == 4 else number_in_words(day.month)
    return f"Ngày {number_in_words(day.day)}, tháng {month}, năm {number_in_words(day.year)}"


def letter_date(day: date) -> str:
    """`ngày 05 tháng 02 năm 2026`: days below ten and the first two months take a zero (Decree 30/2020)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def short_date(day: date) -> str:
    """`05/02/2026`."""
    return day.strftime("%d/%m/%Y")
