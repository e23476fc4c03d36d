"""Planted errors by the thousand: found within the announced samples, and no more false alarms than promised."""

from __future__ import annotations

import pytest

from pipeline.quality.settings import QualitySettings
from pipeline.quality.simulation import KINDS, People, Plan, simulate


@pytest.mark.parametrize("broken", [(("place", False),), KINDS])
def test_two_percent_are_found_within_the_announced_samples(broken: tuple[tuple[str, bool], ...]) -> None:
    found = simulate(Plan(runs=300, broken=broken), QualitySettings())
    for one in found:
        if one.broken:
            assert one.alarms >= 0.95 * one.runs, one
            assert one.most is not None
            assert one.most <= one.announced
        else:
            assert one.alarms <= 0.01 * one.runs, one


def test_a_promise_that_is_just_kept_alarms_as_rarely_as_promised() -> None:
    settings = QualitySettings()
    plan = Plan(runs=1000, broken=(), own={True: 0.001, False: 0.01}, people=People(1.0, 0.0))
    for one in simulate(plan, settings):
        assert one.alarms / one.runs <= settings.alpha
        assert one.alarms / one.runs == pytest.approx(one.expected, abs=0.02)
