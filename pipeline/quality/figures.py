"""Measured quality as people read it: each kind's promise beside its measured error, and how clerks work.

Bounds are one-sided with 95 % confidence (Clopper and Pearson) over the samples of the present cycle; `watched` is the
wider one that holds although somebody looks all the time. Figures of one person are that person's; leaders get sums,
and a person's own only once that person released them, and only of days that lie `individual_days` back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipeline.clock import local
from pipeline.quality.acts import evidence_of
from pipeline.quality.rows import CaseKind, Mode, Verdict
from pipeline.quality.statistics import always_bound, announced, corrected_bound
from pipeline.trust import upper_bound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pipeline.access.principal import Principal
    from pipeline.quality.acts import Evidence
    from pipeline.quality.rows import Case, FieldKind, KindState, Switch
    from pipeline.tools import Tools

_PAUSE_MS = 120_000
"""An answer that took longer was a pause: it counts no working time beyond this."""
_SPAN = timedelta(days=30)
_LEAST_PEOPLE = 3


@dataclass(frozen=True, slots=True)
class KindFigures:
    """One kind of field."""

    kind: FieldKind
    full: bool
    promise: float
    detect: float
    wrong: int
    samples: int
    announced: int
    bound: float
    watched: float
    corrected: float | None
    """The bound, had people seen no better than they see planted errors."""
    ever: tuple[int, int]
    """Wrong ones and all, over all cycles."""
    since: datetime
    rate: float
    alarm_at: int
    """Wrong ones among so many samples that break the promise."""
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Planted:
    """How many planted errors people saw."""

    caught: int
    missed: int
    kept: int
    spoiled: int

    @property
    def errors(self) -> int:
        """Planted values that were wrong."""
        return self.caught + self.missed


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two people keyed blindly."""

    equal: int
    total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """An agency's quality."""

    kinds: tuple[KindFigures, ...]
    switches: tuple[Switch, ...]
    planted: Planted
    agreement: Agreement
    waiting: int
    """Cases that people have not settled."""


def overview(tools: Tools, agency: str) -> Overview:
    """Everything of an agency."""
    door = tools.catalogue.quality()
    planted = planted_of(door.cases(agency, purpose=CaseKind.PLANTED.value))
    second = door.cases(agency, purpose=CaseKind.SECOND.value)
    equal = sum(case.verdict is Verdict.RIGHT for case in second)
    total = equal + sum(case.verdict is Verdict.WRONG for case in second)
    return Overview(
        kinds=tuple(kind_figures(tools, state, planted) for state in door.states(agency)),
        switches=tuple(door.switches(agency, 20)),
        planted=planted,
        agreement=Agreement(equal, total),
        waiting=len(door.cases(agency, verdict=Verdict.OPEN.value)),
    )


def kind_figures(tools: Tools, state: KindState, planted: Planted) -> KindFigures:
    """One kind, in its present cycle; of one under full review, what people found since."""
    door, settings = tools.catalogue.quality(), tools.settings.quality
    test = settings.test(key_field=state.kind.key_field)
    evidence = evidence_of(tools, state.kind)
    if evidence is not None:
        wrong, samples = evidence.wrong, evidence.samples
    else:
        wrong, samples = door.tally(state.kind, state.cycle)
    return KindFigures(
        kind=state.kind,
        full=state.mode is Mode.FULL,
        promise=test.promise,
        detect=test.detect,
        wrong=wrong,
        samples=samples,
        announced=announced(test),
        bound=upper_bound(wrong, samples),
        watched=always_bound(wrong, samples),
        corrected=corrected_bound(wrong, samples, planted.caught, planted.errors),
        ever=door.tally(state.kind),
        since=state.since,
        rate=1.0 if state.mode is Mode.FULL else state.rate,
        alarm_at=test.alarms_at(max(samples, 1)),
        evidence=evidence,
    )


def path_of(tools: Tools, state: KindState) -> list[bool]:
    """The samples of a kind's present cycle in the order in which they were settled: whether each was wrong."""
    named = {"kind": state.kind.kind, "key_field": state.kind.key_field, "cycle": state.cycle}
    cases = tools.catalogue.quality().cases(state.kind.agency, purpose=CaseKind.SAMPLE.value, **named)
    done = [case for case in cases if case.done_at and case.verdict in {Verdict.RIGHT, Verdict.WRONG}]
    return [case.verdict is Verdict.WRONG for case in sorted(done, key=_done)]


def _done(case: Case) -> tuple[float, str]:
    return (case.done_at.timestamp() if case.done_at else 0.0, case.id)


def planted_of(cases: Iterable[Case]) -> Planted:
    """Counts of planted cases."""
    counted: dict[Verdict, int] = defaultdict(int)
    for case in cases:
        counted[case.verdict] += 1
    return Planted(counted[Verdict.CAUGHT], counted[Verdict.MISSED], counted[Verdict.KEPT], counted[Verdict.SPOILED])


@dataclass(frozen=True, slots=True)
class Pace:
    """How some answers went."""

    fields: int
    hours: float
    per_hour: float
    keys_per_field: float
    changed: float
    """Share of values that were corrected."""


@dataclass(frozen=True, slots=True)
class ClerkFigures:
    """How one person, or a whole agency, works."""

    name: str
    whole: Pace
    by_hour: tuple[tuple[int, Pace], ...]
    """By hour of the day, local time: when one gets tired."""
    by_day: tuple[tuple[str, Pace], ...]
    """By day, the oldest first: drift."""
    planted: Planted
    slips: tuple[int, int]
    """First keys that a second person, or two, found wrong; and all that were compared."""


def mine(tools: Tools, who: Principal) -> ClerkFigures:
    """One's own figures, of the last thirty days."""
    return _figures(tools, who.agency, who.id, who.name, tools.clock())


def team(tools: Tools, agency: str) -> ClerkFigures | None:
    """An agency's, as a sum; None for fewer than three people, whose sum would say what each did."""
    since = tools.clock() - _SPAN
    people = {row["who"] for row in tools.catalogue.quality().worked(agency, since)}
    return _figures(tools, agency, None, "", tools.clock()) if len(people) >= _LEAST_PEOPLE else None


def released(tools: Tools, agency: str) -> list[ClerkFigures]:
    """Figures of people who released them, of days that are long enough ago."""
    until = tools.clock() - timedelta(days=tools.settings.quality.individual_days)
    people = tools.catalogue.quality().released(agency)
    found = [_figures(tools, agency, who, name, until) for who, name in sorted(people.items(), key=lambda one: one[1])]
    return [one for one in found if one.whole.fields]


def _figures(tools: Tools, agency: str, who: str | None, name: str, until: datetime) -> ClerkFigures:
    door = tools.catalogue.quality()
    rows = [row for row in door.worked(agency, until - _SPAN, who) if row["at"] <= until]
    by_hour: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    by_day: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        at = local(row["at"])
        by_hour[at.hour].append(row)
        by_day[at.date().isoformat()].append(row)
    wanted: dict[str, Any] = {} if who is None else {"who": who}
    cases = [case for case in door.cases(agency, **wanted) if case.done_at and case.done_at <= until]
    compared = [case for case in cases if case.purpose is not CaseKind.PLANTED and case.who]
    return ClerkFigures(
        name=name,
        whole=_pace(rows),
        by_hour=tuple((hour, _pace(by_hour[hour])) for hour in sorted(by_hour)),
        by_day=tuple((day, _pace(by_day[day])) for day in sorted(by_day)),
        planted=planted_of(case for case in cases if case.purpose is CaseKind.PLANTED),
        slips=(sum(case.slipped for case in compared), len(compared)),
    )


def _pace(rows: Sequence[Mapping[str, Any]]) -> Pace:
    hours = sum(min(int(row["ms"]), _PAUSE_MS) for row in rows) / 3_600_000
    keys = sum(int(row["keys"]) for row in rows)
    changed = sum(bool(row["changed"]) for row in rows)
    count = len(rows)
    return Pace(
        fields=count,
        hours=hours,
        per_hour=count / hours if hours else 0.0,
        keys_per_field=keys / count if count else 0.0,
        changed=changed / count if count else 0.0,
    )
