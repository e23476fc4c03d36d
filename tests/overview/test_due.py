"""When results are due: the citizen's turn does not count, whoever asked late is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.overview.due import due

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Limit:
    working_days: int
    cutoff: str | None = None


def at(day: int, hour: int = 9, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


# November 2026: the 2nd is a Monday; no holiday falls into it.
FIVE = Limit(5)


def test_nothing_asked_is_the_plain_rule() -> None:
    assert due(at(2), FIVE, [(4, at(3))], at(4)).day == date(2026, 11, 9)
    same_day = Limit(1, "15:00")
    assert due(at(2, 14), same_day, [], at(2, 16)).day == date(2026, 11, 2)
    assert due(at(2, 16), same_day, [], at(2, 16)).day == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("asked", "brought", "last"),
    [
        (at(4), at(6), date(2026, 11, 11)),  # Wednesday to Friday: two working days
        (at(4), at(4, 16), date(2026, 11, 9)),  # the same day: none
        (at(6), at(8), date(2026, 11, 9)),  # Friday to Sunday: none
        (at(6), at(9), date(2026, 11, 10)),  # Friday to Monday: one
    ],
)
def test_time_stands_still_while_it_is_the_citizens_turn(asked: datetime, brought: datetime, last: date) -> None:
    found = due(at(2), FIVE, [(4, at(2)), (5, asked), (4, brought)], at(30))
    assert found.day == last
    assert not found.waiting


def test_who_waits_for_the_citizen_is_not_late_and_the_day_moves_daily() -> None:
    moves = [(4, at(2)), (5, at(4))]
    monday, friday = due(at(2), FIVE, moves, at(9)), due(at(2), FIVE, moves, at(27))
    assert (monday.day, friday.day) == (date(2026, 11, 12), date(2026, 12, 2))
    assert monday.waiting
    assert not friday.late_on(date(2026, 11, 27))


def test_asking_after_the_due_day_does_not_mend_it() -> None:
    found = due(at(2), FIVE, [(4, at(2)), (5, at(11))], at(27))
    assert found.late_on(date(2026, 11, 27))
    assert found.before == date(2026, 11, 9)


def test_fees_are_the_citizens_turn_too_and_asking_on_is_one_turn() -> None:
    found = due(at(2), FIVE, [(4, at(2)), (5, at(3)), (6, at(4)), (4, at(5))], at(30))
    assert found.stood_still == 2
    assert found.day == date(2026, 11, 11)


def test_anew_counts_from_the_day_on_which_all_was_there() -> None:
    found = due(at(2), FIVE, [(4, at(2)), (5, at(4)), (4, at(18))], at(30), anew=True)
    assert found.day == date(2026, 11, 25)


def test_a_holiday_is_no_working_day() -> None:
    # Independence Day 2026 and the day beside it, as the calendar has them, lie between asking and bringing.
    asked, brought = at(31, month=8), at(4, month=9)
    found = due(at(28, month=8), FIVE, [(4, at(28, month=8)), (5, asked), (4, brought)], at(30))
    assert found.stood_still < 4
