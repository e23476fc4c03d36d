"""Draws what papers write in digits, for typeset training lines: dates, amounts, numbers of people and things.

Plain strings from a generator of random numbers; what a line prints and how it is labelled is for
`models.training.texts`, which mixes them with words. Every number is invented: digits are drawn one by one.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np


def pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    """One of the options, each as likely as any other."""
    return options[int(rng.integers(0, len(options)))]


def digits(rng: np.random.Generator, count: int) -> str:
    """`count` digits."""
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def any_day(rng: np.random.Generator) -> str:
    """A date, in one of the ways in which papers write it."""
    day, month, year = rng.integers(1, 32), rng.integers(1, 13), rng.integers(1930, 2031)
    hour, minute = rng.integers(0, 24), rng.integers(0, 60)
    spelled = [
        f"ngày {day:02d} tháng {month:02d} năm {year}",
        f"ngày {day} tháng {month} năm {year}",
        f"{day:02d}/{month:02d}/{year}",
        f"{day:02d}-{month:02d}-{year}",
        f"{day}/{month}/{year}",
        f"{day:02d}.{month:02d}.{year}",
        f"{hour:02d}:{minute:02d} {day:02d}/{month:02d}/{year}",
        f"{hour} giờ {minute:02d} phút, ngày {day}/{month}/{year}",
    ]
    return pick(rng, spelled)


def any_number(rng: np.random.Generator) -> str:
    """A number with its label or its unit: identity, telephone, account, amount, share, number plate."""
    plate = f"{digits(rng, 2)}{pick(rng, string.ascii_uppercase)}{digits(rng, 1)}"
    plate += f"-{digits(rng, 3)}.{digits(rng, 2)}"
    amount = f"{int(10 ** rng.uniform(2, 11)):,}".replace(",", pick(rng, [".", ".", ",", " "]))
    spelled = [
        digits(rng, 12),
        digits(rng, 9),
        f"0{digits(rng, 9)}",
        f"{digits(rng, 10)}-{digits(rng, 3)}",
        amount,
        f"{amount} {pick(rng, ['đồng', 'đ', 'VNĐ', 'USD', 'm', 'kg', 'hồ sơ', 'trường hợp', '%'])}",
        f"{rng.integers(0, 100)},{digits(rng, int(rng.integers(1, 3)))}%",
        f"({rng.integers(1, 100)})",
        digits(rng, 15),
        f"0{digits(rng, 3)}.{digits(rng, 3)}.{digits(rng, 3)}",
        f"{rng.integers(1, 40)}.{rng.integers(1, 20)}.",
        digits(rng, 4),
        plate,
    ]
    before = pick(rng, ["", "", "Số: ", "CCCD số ", "ĐT: ", "MST: ", "Mã số: ", "Tổng số: ", "STK ", "Biển số: "])
    return before + pick(rng, spelled)
