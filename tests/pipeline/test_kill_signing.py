"""Killed with SIGKILL at each of the eight states; `scripts/kill_signing.py` does it twenty times each."""

from __future__ import annotations

import signal

import pytest

from pipeline.composition import build_house
from pipeline.trials.killed import (
    STATES,
    Tally,
    go_on,
    judge,
    kept_records,
    kill_once,
    receive_blank,
    settings_of,
    watch_keys,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("state", STATES)
def test_killed_there_nothing_is_lost_signed_twice_or_half_filed(tmp_path, monkeypatch, state, after):
    from signing import containers

    monkeypatch.setattr(containers, "signed_container", containers.signed_container)  # put back at the end
    with build_house(settings_of(tmp_path)) as house:
        watch_keys(tmp_path, lambda: "hs-kill")
        receive_blank(house, "hs-kill")
        assert kill_once(tmp_path, "hs-kill", state, 0, after=after) == -signal.SIGKILL
        before = kept_records(house, "hs-kill")
        go_on(house, "hs-kill")
        tally = Tally()
        judge(house, "hs-kill", before, tally)
    assert (tally.filed, tally.lost, tally.signed_twice, tally.half_filed) == (1, 0, 0, 0), tally.notes
