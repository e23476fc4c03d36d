"""When a result is due: the hour of receipt, weekends, Tết, exchanged days, and years that nobody has published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from pipeline.rules.deadlines import calendar, due_date


def due(received: str, working_days: int, cutoff: str | None = None, /, **case: int) -> str:
    limit = SimpleNamespace(working_days=working_days, cutoff=cutoff)
    own = SimpleNamespace(**({"working_days": None, "days": None} | case)) if case else None
    return due_date(datetime.fromisoformat(received), limit, own).day.isoformat()


@pytest.mark.parametrize(
    ("received", "days", "cutoff", "day"),
    [
        ("2026-11-12T14:59", 1, "15:00", "2026-11-12"),
        ("2026-11-12T15:00", 1, "15:00", "2026-11-12"),
        ("2026-11-12T15:01", 1, "15:00", "2026-11-13"),
        ("2026-11-13T16:30", 1, "15:00", "2026-11-16"),  # Friday afternoon
        ("2026-11-14T16:30", 1, "15:00", "2026-11-16"),  # Saturday: as if on Monday morning
        ("2026-11-12T10:00", 1, None, "2026-11-13"),
        ("2026-11-12T16:00", 3, "15:00", "2026-11-17"),  # the hour counts for limits of one day
        ("2026-11-12T10:00", 0, None, "2026-11-12"),
        ("2026-02-13T10:00", 3, None, "2026-02-25"),  # a week of Tết
        ("2026-02-13T15:30", 1, "15:00", "2026-02-23"),
        ("2026-04-24T10:00", 1, None, "2026-04-28"),  # in lieu of the Hùng Kings' day, a Sunday
        ("2026-04-29T10:00", 1, None, "2026-05-04"),
        ("2026-08-21T10:00", 1, None, "2026-08-22"),  # a Saturday that is worked
        ("2026-08-28T10:00", 1, None, "2026-09-03"),
        ("2026-12-31T10:00", 1, None, "2027-01-04"),
        ("2031-05-01T10:00", 1, None, "2031-05-05"),  # beyond the data: fixed holidays and weekends
    ],
)
def test_due(received: str, days: int, cutoff: str | None, day: str) -> None:
    assert due(received, days, cutoff) == day


def test_cases_take_their_own_time() -> None:
    assert due("2026-11-12T10:00", 1, "15:00", working_days=5) == "2026-11-19"
    assert due("2026-11-12T10:00", 1, None, days=10) == "2026-11-23"  # a Sunday moves to Monday


def test_what_is_not_known_is_told() -> None:
    limit = SimpleNamespace(working_days=3, cutoff=None)
    sure = due_date(datetime(2026, 11, 10, 9, tzinfo=UTC), limit)
    assert (sure.certain, sure.note) == (True, "")
    proposed = due_date(datetime(2026, 11, 23, 9, tzinfo=UTC), limit)
    assert not proposed.certain
    assert "24/11/2026" in proposed.note
    later = due_date(datetime(2027, 3, 1, 9, tzinfo=UTC), limit)
    assert "năm 2027 chưa được công bố" in later.note
    assert not due_date(datetime(2033, 3, 1, 9, tzinfo=UTC), limit).certain


def test_each_year_frees_five_working_days_at_tet_and_the_hung_kings_day() -> None:
    known = calendar()
    for year, new_year in ((2025, date(2025, 1, 29)), (2026, date(2026, 2, 17)), (2027, date(2027, 2, 6)),
                           (2028, date(2028, 1, 26))):  # fmt: skip
        around = [new_year + timedelta(days=n) for n in range(-3, 8)]
        assert sum(day.weekday() < 5 and not known.works(day) for day in around) == 5, year
        assert not known.works(new_year)
