"""The figures of an agency for a span of days: sums, shares, a line over time, lanes, promises, ratings.

Shares are None where there is nothing to divide by. Ratings are told for whole months that are over and only where
enough of them came, so that nobody can watch a number move and know whose rating moved it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.catalogue.overview_door import Counts, Span
from pipeline.citizen.giving import words_of
from pipeline.clock import local
from pipeline.overview.cases import refresh
from pipeline.procedures.book import UnknownProcedureError
from pipeline.quality.rows import Mode
from pipeline.rules.deadlines import calendar
from pipeline.trust import upper_bound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.catalogue.overview_door import Case, Lining
    from pipeline.tools import Tools

LISTED = 200
"""Late dossiers that are named."""
_SOON = 3
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Line:
    """One day, week or month of the line over time."""

    start: date
    end: date
    received: int
    ended: int
    late: int


@dataclass(frozen=True, slots=True)
class Queued:
    """What stands in a lane at a status."""

    lane: str
    status: str
    count: int
    oldest_days: float


@dataclass(frozen=True, slots=True)
class Rated:
    """Ratings of a procedure; of all of them where it is empty."""

    procedure: str
    count: int
    mean: float
    counts: tuple[int, ...]
    """Of 1 to 5."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A kind of field, what was promised of it, and what was measured."""

    agency: str
    kind: str
    key_field: bool
    promised: float
    measured: float | None
    bound: float | None
    """The greatest error rate that the sample allows, at 95 %."""
    judged: int
    full: bool
    """Whether it went to full review."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that is shown and exported."""

    span: Span
    made_at: datetime
    left: int
    """Changed dossiers that are not counted yet."""
    total: Counts
    procedures: tuple[Counts, ...]
    names: dict[str, str]
    lines: tuple[Line, ...]
    step: str
    """`day`, `week` or `month`."""
    queue: tuple[Queued, ...]
    late: tuple[Case, ...]
    ratings: tuple[Rated, ...]
    ratings_of: tuple[str, str] | None
    """First and last month that were counted; None where none of the span is over."""
    said: tuple[str, ...]
    promises: tuple[Promise, ...]


def span_of(tools: Tools, first: str = "", last: str = "") -> Span:
    """The days between two ISO dates, none after today; this month so far where they are none."""
    today = local(tools.clock()).date()
    start, end = _day(first) or today.replace(day=1), _day(last) or today
    start, end = min(start, end, today), min(max(start, end), today)
    known, soon = calendar(), today
    for _ in range(_SOON):
        soon += timedelta(days=1)
        while not known.works(soon):
            soon += timedelta(days=1)
    return Span(max(start, end - _LONGEST), end, today, soon)


def overview(tools: Tools, agencies: Sequence[str], span: Span) -> Overview:
    """The figures of these agencies, of all where none is named. Raises `CatalogueUnreachableError`."""
    refreshed = refresh(tools, tools.settings.overview.refresh)
    door, now = tools.catalogue.overview(), tools.clock()
    made_at = (door.as_of() or now) if refreshed.left else now
    counts = door.counts(agencies, span)
    queue = [_queued(one, now) for one in door.lines(agencies, tools.settings.agency_code)]
    step, lines = _lines(door.days(agencies, span), span)
    ratings, months, said = _ratings(tools, agencies, span)
    return Overview(
        span=span,
        made_at=made_at,
        left=refreshed.left,
        total=_total(counts),
        procedures=tuple(counts),
        names=_names(tools, span, [one.procedure for one in counts]),
        lines=lines,
        step=step,
        queue=tuple(queue),
        late=tuple(door.late(agencies, span.today, LISTED)),
        ratings=ratings,
        ratings_of=months,
        said=said,
        promises=promises(tools, agencies),
    )


def share(part: int, whole: int) -> float | None:
    """None of nothing."""
    return part / whole if whole else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _total(counts: Sequence[Counts]) -> Counts:
    names = [field.name for field in fields(Counts)][1:]
    return Counts("", *(sum(getattr(one, name) for one in counts) for name in names))


def _names(tools: Tools, span: Span, codes: Sequence[str]) -> dict[str, str]:
    book, found = tools.procedures(), {}
    for code in codes:
        for day in (span.last, span.today):
            try:
                found[code] = book.get(code, day).name
                break
            except UnknownProcedureError:
                continue
    return found


def _queued(one: Lining, now: datetime) -> Queued:
    return Queued(one.lane, one.status, one.count, max(0.0, (now - one.oldest).total_seconds() / 86400))


def _lines(days: dict[date, tuple[int, int, int]], span: Span) -> tuple[str, tuple[Line, ...]]:
    length = (span.last - span.first).days + 1
    step = "day" if length <= 31 else "week" if length <= 190 else "month"
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for day, row in days.items():
        sums[_start(day, step)] = [a + b for a, b in zip(sums[_start(day, step)], row, strict=True)]
    lines, start = [], _start(span.first, step)
    while start <= span.last:
        after = _after(start, step)
        shown = max(start, span.first), min(after - timedelta(days=1), span.last)
        lines.append(Line(*shown, *sums[start]))
        start = after
    return step, tuple(lines)


def _start(day: date, step: str) -> date:
    if step == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if step == "week" else day


def _after(start: date, step: str) -> date:
    if step == "month":
        return (start + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if step == "week" else 1)


def _ratings(
    tools: Tools, agencies: Sequence[str], span: Span
) -> tuple[tuple[Rated, ...], tuple[str, str] | None, tuple[str, ...]]:
    """Of months that are over; what is fewer than the least stays untold, also as the rest of a sum."""
    least = tools.settings.citizen.ratings_least
    before = span.today.replace(day=1) - timedelta(days=1)
    first, last = f"{span.first:%Y-%m}", f"{min(span.last, before):%Y-%m}"
    if last < first:
        return (), None, ()
    door = tools.catalogue.citizens()
    scores = door.scores(agencies, first, last)
    told = [one for one in scores if sum(one.counts) >= least]
    hidden = sum(sum(one.counts) for one in scores) - sum(sum(one.counts) for one in told)
    everything = [sum(one.counts[at] for one in scores) for at in range(5)]
    if sum(everything) < least:
        return (), (first, last), ()
    found = [_rated("", everything)]
    if hidden == 0 or hidden >= least:
        found += [_rated(one.procedure, one.counts) for one in told]
    said = tuple(words_of(tools, sealed) for sealed in door.words(agencies, first, last))
    return tuple(found), (first, last), said


def _rated(procedure: str, counts: Sequence[int]) -> Rated:
    count = sum(counts)
    return Rated(procedure, count, sum((at + 1) * n for at, n in enumerate(counts)) / count, tuple(counts))


def promises(tools: Tools, agencies: Sequence[str]) -> tuple[Promise, ...]:
    """What quality measured of each kind of field, in the cycle that runs."""
    door, settings, found = tools.catalogue.quality(), tools.settings.quality, []
    for agency in agencies:
        for state in door.states(agency):
            wrong, judged = door.tally(state.kind, state.cycle)
            found.append(
                Promise(
                    agency=agency,
                    kind=state.kind.kind,
                    key_field=state.kind.key_field,
                    promised=settings.test(key_field=state.kind.key_field).promise,
                    measured=share(wrong, judged),
                    bound=upper_bound(wrong, judged) if judged else None,
                    judged=judged,
                    full=state.mode is Mode.FULL,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.agency, one.kind, one.key_field)))
