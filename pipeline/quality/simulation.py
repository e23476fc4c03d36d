"""Planted errors, a thousand times: how soon the sampling finds a broken kind of field, and how often it cries wolf.

A run is one cycle of every kind with the tests of the settings: values are drawn, a share of them was silently changed,
a clerk sees most of the errors, and slips now and then; what the clerk says otherwise a second person confirms or
not, as in `pipeline.quality.judging`. Same seed, same runs. Exact chances (`statistics`) stand
beside what was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.quality.statistics import announced, chance_of_alarm

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from pipeline.quality.settings import QualitySettings

KINDS = (("name", True), ("id_number", True), ("date", True), ("code", True), ("place", False), ("issuer", False),
         ("text", False), ("date", False))  # fmt: skip
"""Kinds of an ordinary procedure's fields; key fields apart."""


@dataclass(frozen=True, slots=True)
class People:
    """How well clerks look."""

    sees: float = 0.97
    """Chance that a clerk sees a wrong value, and that a second one confirms it."""
    slips: float = 0.005
    """Chance that a clerk says otherwise of a right value; a second one takes that back, but for the same chance."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried."""

    runs: int = 1000
    changed: float = 0.02
    """Share of accepted values that are silently changed in a broken kind."""
    broken: tuple[tuple[str, bool], ...] = (("place", False),)
    own: Mapping[bool, float] = field(default_factory=lambda: {True: 0.0003, False: 0.003})
    """Share of wrong values that a kind has anyway; key fields, others."""
    people: People = People()
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one kind over all runs."""

    kind: str
    key_field: bool
    broken: bool
    share: float
    """Of values that are wrong."""
    announced: int
    alarms: int
    """Runs in which it was switched, all within the announced number of samples."""
    runs: int
    median: int | None
    """Samples until the switch, of the runs with one."""
    most: int | None
    """In 95 % of those runs, at most."""
    expected: float
    """Exact chance of an alarm at the share that people report."""


def simulate(plan: Plan, settings: QualitySettings) -> list[Found]:
    """Every kind, over all runs."""
    import numpy as np

    random = np.random.default_rng(plan.seed)
    found = []
    for kind, key_field in KINDS:
        broken = (kind, key_field) in plan.broken
        own = plan.own[key_field]
        share = own + (plan.changed * (1 - own) if broken else 0.0)
        test = settings.test(key_field=key_field)
        told = announced(test)
        limits = np.array([test.alarms_at(total) for total in range(1, told + 1)])
        at = [one for _ in range(plan.runs) if (one := _run(random, share, limits, plan.people)) is not None]
        reported = share * plan.people.sees**2 + (1 - share) * plan.people.slips**2
        found.append(
            Found(
                kind=kind,
                key_field=key_field,
                broken=broken,
                share=round(share, 5),
                announced=told,
                alarms=len(at),
                runs=plan.runs,
                median=int(np.median(at)) if at else None,
                most=int(np.quantile(at, 0.95)) if at else None,
                expected=round(chance_of_alarm(test, reported, told), 4),
            )
        )
    return found


def _run(random: np.random.Generator, share: float, limits: np.ndarray, people: People) -> int | None:
    """Samples until the alarm, or None."""
    import numpy as np

    size = len(limits)
    wrong = random.random(size) < share
    says = np.where(wrong, people.sees, people.slips)
    told = (random.random(size) < says) & (random.random(size) < says)
    over = np.nonzero(np.cumsum(told) >= limits)[0]
    return int(over[0]) + 1 if len(over) else None
