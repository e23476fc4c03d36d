"""When a result is due: working days, the 15:00 rule, and Vietnamese holidays as data of each year.

Days are counted from the day after receipt (Civil Code 2015 art. 147); Saturdays, Sundays and holidays do not count,
a Saturday worked in exchange for another day does. A limit of one day with a cutoff means the same day for what came in
time. A year that nobody has published yet, or a day only proposed, makes the answer uncertain, and it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGED = Path(__file__).parent / "data" / "holidays.yaml"


class Limit(Protocol):
    """A time limit, as a procedure's file has it."""

    @property
    def working_days(self) -> int:
        """Days that the authority may take."""
        ...

    @property
    def cutoff(self) -> str | None:
        """`15:00`: what comes later is due a working day later, where the limit is one day or none."""
        ...


class Case(Protocol):
    """A kind of dossier that takes another time."""

    @property
    def working_days(self) -> int | None:
        """Working days; None where it is the limit's own number."""
        ...

    @property
    def days(self) -> int | None:
        """Calendar days, where the law counts them; they end on a working day."""
        ...


@dataclass(frozen=True, slots=True)
class DueDate:
    """The last day for a result."""

    day: date
    certain: bool
    """Whether every day on the way is known to be a working day or a holiday."""
    note: str = ""
    """Vietnamese: why it is not certain; empty where it is."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off and days worked, year by year; beyond the years it knows, fixed holidays alone."""

    off: frozenset[date]
    worked: frozenset[date]
    proposed: frozenset[date]
    certainty: Mapping[int, str]
    fixed: frozenset[tuple[int, int]]

    def works(self, day: date) -> bool:
        """Whether desks are open."""
        if day in self.worked:
            return True
        return day.weekday() < 5 and day not in self.off and (day.month, day.day) not in self.fixed

    def doubt(self, first: date, last: date) -> str:
        """Vietnamese: what is not known of the days between two days, both included; empty where all is."""
        for day in sorted(self.proposed):
            if first <= day <= last and day.weekday() < 5:
                return f"ngày {day:%d/%m/%Y} có thể là ngày nghỉ lễ"
        for year in range(first.year, last.year + 1):
            if self.certainty.get(year) != "official":
                return f"lịch nghỉ lễ năm {year} chưa được công bố"
        return ""


@cache
def calendar(path: Path = PACKAGED) -> Calendar:
    """The calendar of a file of holidays. Raises `OSError`, `KeyError` or `ValueError` for a file that is none."""
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    off: set[date] = set()
    worked: set[date] = set()
    proposed: set[date] = set()
    for year in data["years"].values():
        off |= {*year["tet"], year["hung_kings"], year["independence_second"], *year.get("in_lieu", ())}
        off |= {*year.get("other", ()), *(pair["free"] for pair in year.get("exchanged", ()))}
        worked |= {pair["worked"] for pair in year.get("exchanged", ())}
        proposed |= set(year.get("proposed", ()))
    fixed = frozenset((int(item["day"][:2]), int(item["day"][3:])) for item in data["fixed"])
    certainty = {number: year["certainty"] for number, year in data["years"].items()}
    return Calendar(frozenset(off), frozenset(worked), frozenset(proposed), certainty, fixed)


def due_date(received_at: datetime, limit: Limit, case: Case | None = None, days: Calendar | None = None) -> DueDate:
    """The last day for the result of a dossier that came in at `received_at`, in the desk's own time.

    What comes in on a day off counts as received on the next working day, in time.
    """
    known = days or calendar()
    start = received_at.date()
    while not known.works(start):
        start += timedelta(days=1)
    if case is not None and case.days is not None:
        day = start + timedelta(days=case.days)
        while not known.works(day):
            day += timedelta(days=1)
    else:
        count = limit.working_days if case is None or case.working_days is None else case.working_days
        if limit.cutoff and count <= 1:
            late = start == received_at.date() and received_at.time() > time.fromisoformat(limit.cutoff)
            count = 1 if late else 0
        day = start
        while count:
            day += timedelta(days=1)
            count -= known.works(day)
    note = known.doubt(received_at.date(), day)
    return DueDate(day, not note, note)
