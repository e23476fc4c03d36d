"""The day of a letter where a pen wrote it and only one of its figures was read: `ngày 4_ tháng 01 năm 2025`.

A letter that goes out electronically carries the moment of its signature as a printed mark above the letterhead (Decree
30/2020/NĐ-CP, Annex I). It is signed on its day or within the week after. Where exactly one day of that week has a
figure in common with what was read, that day is put forward. It is a suggestion for a person to confirm, never more.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from extractors.dates import LOOK_ALIKES

if TYPE_CHECKING:
    from models.reading import ReadPage

WRITTEN = LOOK_ALIKES | str.maketrans({"D": "0", "Q": "0", "T": "7"})
"""Figures as a pen draws them: an open nought is taken for `D` or `Q`, a seven with its bar for `T`."""

_MOMENT = re.compile(r"(?<!\d)(\d{2})[./\-](\d{2})[./\-](20\d\d)\D{1,3}\d{2}[:.]\d{2}")
_WEEK = 7
_UPPER = 0.2
"""Share of the page's height in which the marks of signatures stand."""


def signed_on(read: ReadPage) -> list[date]:
    """Days of the moments that are printed at the top of a page, in the order of the lines."""
    days = []
    for line in read.lines:
        found = _MOMENT.search(line.text) if line.box.y0 < read.height * _UPPER else None
        if found:
            try:
                days.append(date(int(found[3]), int(found[2]), int(found[1])))
            except ValueError:
                continue
    return days


def likely_day(said: str, month: str, year: str, signed: list[date]) -> date | None:
    """The one day of the printed month, in the week up to the first signature, that shares a figure with `said`."""
    figures = [figure if figure.isdigit() else "" for figure in said.translate(WRITTEN)]
    if not signed or not 1 <= len(figures) <= 2 or not any(figures):
        return None
    last = min(signed)
    week = [last - timedelta(days=back) for back in range(_WEEK)]
    fits = [day for day in week if (f"{day.month:02d}", str(day.year)) == (month.zfill(2), year)
            and _shares(f"{day.day:02d}", figures)]  # fmt: skip
    return fits[0] if len(fits) == 1 else None


def _shares(day: str, figures: list[str]) -> bool:
    if len(figures) == 1:
        return figures[0] in day
    return any(figure == own for figure, own in zip(figures, day, strict=True))
