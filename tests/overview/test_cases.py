"""Cases follow dossiers and moves; figures are sums that a person can check with a pencil."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from overview_samples import SAME_DAY, case, days_ago, filed

from pipeline.access.roles import Role
from pipeline.catalogue import tables_owners as o
from pipeline.catalogue.citizen_door import Supplement
from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.rows import Decision
from pipeline.citizen import giving
from pipeline.citizen.tickets import Visit
from pipeline.overview.cases import refresh
from pipeline.overview.figures import overview, span_of
from pipeline.overview.sheets import shares_of
from pipeline.record import Status

if TYPE_CHECKING:
    from datetime import date

    from pipeline.composition import House
    from pipeline.overview.figures import Overview


def figures(house: House, first: date, last: date) -> Overview:
    span = span_of(house.tools, first.isoformat(), last.isoformat())
    return overview(house.tools, [house.settings.agency_code], span)


def test_sums_by_hand(house: House) -> None:
    old, now = days_ago(house, 40), days_ago(house, 0, 8)
    accepted = [(1, old), (2, old), (4, old)]
    on_time = case(house, "a", old, [*accepted, (9, old + timedelta(hours=3)), (10, old + timedelta(days=9))])
    case(house, "b", old, [*accepted, (9, old + timedelta(days=20))])
    turn = [(5, old + timedelta(hours=1)), (4, old + timedelta(hours=2))]
    # In time, but asked twice.
    twice = case(house, "c", old, [*accepted, *turn, *turn, (9, old + timedelta(hours=3))], component="x")
    case(house, "d", old, accepted)
    case(house, "e", old, [*accepted, (5, old + timedelta(hours=1))])
    case(house, "f", old, lane=Lane.BACKLOG)
    case(house, "g", now, agency="H99.01")
    for one in (on_time, twice):
        filed(house, one)
    filed(house, twice, "result_pdf")
    house.catalogue.add_decisions(on_time, [Decision(document="d1", key="ho_ten", value="x", who="Hoa", note="value")])
    view = figures(house, days_ago(house, 45).date(), now.date())
    total = view.total
    assert (total.received, total.ended, total.on_time, total.closed) == (6, 3, 1, 3)
    assert (total.open, total.late, total.waiting) == (2, 1, 1)
    assert (total.filed, total.straight, total.digitised, total.reused) == (2, 1, 1, 0)
    shares = shares_of(total)
    assert shares["on_time"] == pytest.approx(1 / 3)
    assert shares["straight"] == pytest.approx(1 / 2)
    assert [one.dossier_id[-1] for one in view.late] == ["d"]
    assert sum(line.received for line in view.lines) == 6
    assert sum(line.late for line in view.lines) == 2
    assert [one.procedure for one in view.procedures] == [SAME_DAY]
    assert {(one.lane, one.count) for one in view.queue} == {("desk", 5), ("backlog", 1)}


def test_outside_of_the_days_nothing_is_counted_but_what_is_open(house: House) -> None:
    old = days_ago(house, 40)
    case(house, "a", old, [(1, old), (2, old), (4, old), (9, old)])
    case(house, "b", old, [(1, old), (2, old), (4, old)])
    view = figures(house, days_ago(house, 3).date(), days_ago(house, 0).date())
    assert (view.total.received, view.total.ended, view.total.late) == (0, 0, 1)
    assert shares_of(view.total)["on_time"] is None


@pytest.mark.time_machine("2026-11-18T12:00+07:00")
def test_a_change_is_counted_and_only_it(house: House) -> None:
    old = days_ago(house, 3)
    one = case(house, "a", old, [(1, old), (2, old), (4, old)])
    case(house, "b", old)
    assert refresh(house.tools).counted == 2
    # A while later nothing has changed, then a move comes.
    later = replace(house.tools, clock=lambda: house.tools.clock() + timedelta(minutes=5))
    assert refresh(later).counted == 2, "what is about as new as the last count is looked at again"
    much = house.tools.clock() + timedelta(minutes=10)
    assert refresh(replace(house.tools, clock=lambda: much)).counted == 0
    with house.catalogue._database.writing() as connection:
        row = {"dossier_id": one, "seq": 4, "origin": 4, "status": 9, "at": much, "why": "", "who": "u-1"}
        connection.execute(o.moves.insert().values(**row, agency=house.settings.agency_code))
    assert refresh(replace(house.tools, clock=lambda: much + timedelta(minutes=1))).counted == 1
    assert figures(house, old.date(), days_ago(house, 0).date()).total.ended == 1


def test_what_a_citizen_sent_is_no_case_of_its_own(house: House) -> None:
    case(house, "a", days_ago(house, 1))
    sent = case(house, "b", days_ago(house, 0), procedure="")
    assert figures(house, days_ago(house, 1).date(), days_ago(house, 0).date()).total.received == 2
    row = Supplement(
        dossier="hs-261101-0000000a",
        sha256="0" * 64,
        supplement=sent,
        agency=house.settings.agency_code,
        size=1,
        at=house.tools.clock(),
    )
    assert house.catalogue.citizens().add_supplement(row, "slip-1")
    assert figures(house, days_ago(house, 1).date(), days_ago(house, 0).date()).total.received == 1


def test_too_much_change_is_left_to_the_worker_and_said(house: House) -> None:
    for code in "abc":
        case(house, code, days_ago(house, 1))
    assert refresh(house.tools, 2) == replace(refresh(house.tools, 2), counted=0, left=3)
    assert refresh(house.tools).counted == 3


def test_fewer_ratings_than_enough_are_shown_to_nobody(house: House) -> None:
    least = house.settings.citizen.ratings_least
    before = days_ago(house, 0).replace(day=1) - timedelta(days=3)
    earlier = replace(house.tools, clock=lambda: before)
    for number in range(least):
        rated = case(house, f"{number}", before, status=Status.FILED)
        assert giving.rate(earlier, Visit(rated, 1), 5 if number else 1, "lời khen" if number else "")
        told = figures(house, before.replace(day=1).date(), days_ago(house, 0).date()).ratings
        assert (told == ()) is (number + 1 < least)
    whole = figures(house, before.replace(day=1).date(), days_ago(house, 0).date())
    assert whole.ratings[0].counts == (1, 0, 0, 0, least - 1)
    assert whole.ratings[0].mean == pytest.approx((1 + 5 * (least - 1)) / least)
    assert len(whole.said) == least - 1
    # This month's are not told before it is over.
    late = case(house, "late", days_ago(house, 0), status=Status.FILED)
    assert giving.rate(house.tools, Visit(late, 1), 1)
    assert figures(house, before.replace(day=1).date(), days_ago(house, 0).date()).ratings == whole.ratings


def test_roles_that_have_the_overview_are_those_that_lead_receive_or_audit() -> None:
    from pipeline.access.roles import RIGHTS, Right

    assert {role for role in Role if Right.OVERVIEW_READ in RIGHTS[role]} == {
        Role.DESK_OFFICER,
        Role.LEADER,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }
