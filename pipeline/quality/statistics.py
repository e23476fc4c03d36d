"""What a sample proves: bounds of an error rate, a test that may look after every value, and sizes told beforehand.

The test: Wald's likelihood ratio of "the share of wrong values is `detect`" against "it is `promise`" (Wald, Sequential
Tests of Statistical Hypotheses, Ann. Math. Stat. 16, 1945), one-sided: it alarms once the ratio reaches 1/alpha. By
Ville's inequality (1939) a kept promise is then called broken with a chance of at most alpha however often one looks:
no correction for repeated looks is needed. The number of samples told beforehand is exact: binomial paths are summed
directly (Aroian, Sequential Analysis, Direct Method, Technometrics 10, 1968). Bounds are Clopper and Pearson's (1934);
the one that holds at all times at once is Robbins' beta mixture (Ann. Math. Stat. 41, 1970). Pure functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.trust import upper_bound

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 200_000
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class PromiseTest:
    """A promise, the share of wrong values that must not stay unseen, and the chances of being mistaken."""

    promise: float
    detect: float
    alpha: float = 0.05
    """Highest chance of calling a kept promise broken, in one cycle of at most `announced` samples."""
    power: float = 0.99
    """Chance of finding a share of `detect` within the announced samples."""

    def __post_init__(self) -> None:
        """Raises `ValueError` for shares that no test can tell apart."""
        if not 0 < self.promise < self.detect < 1 or not 0 < self.alpha < 1 or not 0 < self.power < 1:
            raise ValueError("a test needs 0 < promise < detect < 1 and chances between 0 and 1")

    def alarms_at(self, total: int) -> int:
        """Wrong values among `total` samples from which on the promise counts as broken."""
        wrong = math.log(self.detect / self.promise)
        right = math.log((1 - self.promise) / (1 - self.detect))
        return math.ceil((math.log(1 / self.alpha) + total * right) / (wrong + right) - _ROUNDING)

    def alarms(self, wrong: int, total: int) -> bool:
        """Whether what was found breaks the promise. To be asked after every sample."""
        return total > 0 and wrong >= self.alarms_at(total)


@lru_cache(maxsize=64)
def announced(test: PromiseTest) -> int:
    """Most samples that a cycle takes: within them a share of `detect` is found with a chance of `power`.

    Raises `ValueError` where that takes more than 200,000.
    """
    return _walk(test, test.detect, lambda _, found: found >= test.power)[0]


@lru_cache(maxsize=256)
def chance_of_alarm(test: PromiseTest, share: float, samples: int) -> float:
    """Exact chance that `samples` samples of a kind with this share of wrong values raise the alarm."""
    return _walk(test, share, lambda total, _: total >= samples)[1]


def expected_samples(test: PromiseTest, share: float) -> float:
    """Mean number of samples until the alarm or the end of the cycle, at this share of wrong values."""
    most = announced(test)
    seen = 0.0

    def done(total: int, found: float) -> bool:
        nonlocal seen
        seen += 1 - found
        return total >= most - 1

    _walk(test, share, done)
    return seen + 1


def _walk(test: PromiseTest, share: float, done: Callable[[int, float], bool]) -> tuple[int, float]:
    """Samples and the chance of an alarm by then, when `done` says so; paths are summed by their wrong values."""
    alive = [1.0]
    found = 0.0
    for total in range(1, _MOST + 1):
        limit = test.alarms_at(total)
        longer = [0.0] * (len(alive) + 1)
        for wrong, chance in enumerate(alive):
            longer[wrong] += chance * (1 - share)
            longer[wrong + 1] += chance * share
        found += math.fsum(longer[limit:])
        alive = longer[: min(limit, len(longer))]
        while len(alive) > 1 and alive[-1] < 1e-18:
            alive.pop()
        if done(total, found):
            return total, found
    raise ValueError("no number of samples is enough for this test")


def lower_bound(wrong: int, total: int, confidence: float = 0.95) -> float:
    """Lowest share that `wrong` of `total` leave possible (one-sided Clopper-Pearson); 0 for none."""
    return 0.0 if total == 0 or wrong == 0 else 1.0 - upper_bound(total - wrong, total, confidence)


def always_bound(wrong: int, total: int, confidence: float = 0.95) -> float:
    """Upper bound that holds at all sizes of a growing sample at once: wider than `upper_bound`, may be watched."""
    if total == 0 or wrong >= total:
        return 1.0
    mixed = math.lgamma(wrong + 0.5) + math.lgamma(total - wrong + 0.5) - math.lgamma(total + 1) - math.log(math.pi)
    limit = mixed + math.log(1 - confidence)
    low, high = wrong / total, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        said = wrong * math.log(middle) + (total - wrong) * math.log1p(-middle) if 0 < middle < 1 else -math.inf
        low, high = (middle, high) if said > limit else (low, middle)
    return high


def corrected_bound(wrong: int, total: int, caught: int, planted: int, confidence: float = 0.95) -> float | None:
    """Upper bound of the error rate where people overlook some errors; None where too little was planted to tell.

    The measured share divided by the share of planted errors that were caught (Rogan and Gladen 1978, without false
    corrections, which a second person takes out), each with half of what is left of the confidence (Bonferroni).
    """
    half = 1 - (1 - confidence) / 2
    sees = lower_bound(caught, planted, half)
    return None if planted < 20 or sees <= 0 else min(1.0, upper_bound(wrong, total, half) / sees)


def share_of_same(equal: int, total: int) -> float | None:
    """Share of values that two people keyed alike; None before the first."""
    return equal / total if total else None


def batch_sample(size: int, limit: float = 0.01, confidence: float = 0.95, allowed: int = 0) -> int:
    """How many of a batch to look at, so that one with more than `limit` wrong passes in at most 5 % of cases.

    The batch passes with at most `allowed` wrong ones in the sample (hypergeometric, exact; the consumer's side of
    ISO 2859-2). All of a small batch. Raises `ValueError` for an empty one.
    """
    if size < 1:
        raise ValueError("an empty batch")
    wrong = math.floor(size * limit) + 1
    low, high = min(size, allowed + 1), size
    while low < high:
        middle = (low + high) // 2
        if passes(size, wrong, middle, allowed) <= 1 - confidence:
            high = middle
        else:
            low = middle + 1
    return low


def passes(size: int, wrong: int, sample: int, allowed: int) -> float:
    """Chance that a batch with so many wrong ones passes."""
    whole = math.comb(size, sample)
    ways = sum(
        math.comb(wrong, k) * math.comb(size - wrong, sample - k) for k in range(min(allowed, sample, wrong) + 1)
    )
    return ways / whole
