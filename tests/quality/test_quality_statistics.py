"""Bounds, the test that may look after every value, and announced sizes, against their definitions."""

from __future__ import annotations

import math
from random import Random

import pytest

from pipeline.quality.settings import QualitySettings
from pipeline.quality.statistics import (
    PromiseTest,
    always_bound,
    announced,
    batch_sample,
    chance_of_alarm,
    corrected_bound,
    expected_samples,
    lower_bound,
    passes,
)
from pipeline.trust import upper_bound

ORDINARY, KEY = PromiseTest(0.01, 0.02), PromiseTest(0.001, 0.005)


@pytest.mark.parametrize("test", [ORDINARY, KEY])
def test_announced_sizes_keep_both_chances(test: PromiseTest) -> None:
    most = announced(test)
    assert chance_of_alarm(test, test.detect, most) >= test.power
    assert chance_of_alarm(test, test.detect, most - 1) < test.power
    assert chance_of_alarm(test, test.promise, most) <= test.alpha
    assert chance_of_alarm(test, test.promise, 4 * most) <= test.alpha, "looking longer must not break it"
    assert expected_samples(test, test.detect) < most / 2


def test_the_limit_is_the_likelihood_ratio() -> None:
    for total in (1, 50, 800, 3554):
        wrong = ORDINARY.alarms_at(total)

        def ratio(k: int, n: int = total) -> float:
            return k * math.log(2.0) + (n - k) * math.log(0.98 / 0.99)

        assert ratio(wrong) >= math.log(20) - 1e-6
        assert ratio(wrong - 1) < math.log(20)
        assert ORDINARY.alarms(wrong, total)
        assert not ORDINARY.alarms(wrong - 1, total)
    assert not ORDINARY.alarms(0, 0)


def test_exact_chances_are_what_a_draw_shows() -> None:
    test, random, runs = PromiseTest(0.05, 0.2, power=0.9), Random(7), 4000  # noqa: S311 - a draw, no secret
    most = announced(test)
    found = 0
    for _ in range(runs):
        wrong = 0
        for total in range(1, most + 1):
            wrong += random.random() < 0.12
            if test.alarms(wrong, total):
                found += 1
                break
    expected = chance_of_alarm(test, 0.12, most)
    assert abs(found / runs - expected) < 4 * math.sqrt(expected * (1 - expected) / runs)


def test_bounds() -> None:
    assert upper_bound(0, 299) == pytest.approx(0.00997, abs=1e-4)
    assert lower_bound(3, 3) == pytest.approx(0.05 ** (1 / 3), abs=1e-6)
    assert lower_bound(0, 10) == 0.0
    assert always_bound(0, 0) == 1.0
    for wrong, total in ((0, 300), (3, 300), (40, 2000)):
        assert always_bound(wrong, total) > upper_bound(wrong, total) > wrong / total
    assert corrected_bound(1, 500, 9, 10) is None, "ten planted values tell nothing"
    some, all_seen = corrected_bound(1, 500, 60, 100), corrected_bound(1, 500, 100, 100)
    assert some is not None
    assert all_seen is not None
    assert some > all_seen > upper_bound(1, 500)


def test_a_bound_for_all_times_holds_at_all_times() -> None:
    random, broken, runs, share = Random(3), 0, 400, 0.03  # noqa: S311 - a draw, no secret
    for _ in range(runs):
        wrong = 0
        for total in range(1, 401):
            wrong += random.random() < share
            if total % 10 == 0 and always_bound(wrong, total) < share:
                broken += 1
                break
    assert broken / runs <= 0.05


def test_samples_of_batches() -> None:
    assert batch_sample(1) == 1
    for size in (10, 80, 300, 5000, 100_000):
        sample, wrong = batch_sample(size), size // 100 + 1
        assert passes(size, wrong, sample, 0) <= 0.05
        assert sample == 1 or passes(size, wrong, sample - 1, 0) > 0.05
    assert batch_sample(5000, allowed=1) > batch_sample(5000)
    with pytest.raises(ValueError, match="empty"):
        batch_sample(0)


def test_promises_that_cannot_be_tested_are_refused() -> None:
    with pytest.raises(ValueError, match="promise < detect"):
        QualitySettings(promise=0.02, detect=0.02)
    with pytest.raises(ValueError, match=r"least is above"):
        QualitySettings(least=0.5, most=0.2)
