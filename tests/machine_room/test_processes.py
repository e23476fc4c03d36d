"""Services are kept running, and nothing of a run is left over, however the harness ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from pipeline.trials.machine_room.harm import EMBEDDED, FULL, bag
from pipeline.trials.machine_room.processes import ROOT, Keeper, Service, clear, cpu_seconds, kill, members

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _until(there: Callable[[], bool], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if there():
            return True
        time.sleep(0.05)
    return False


def _sleeper(folder: Path) -> Service:
    command = [sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '300'])"]
    return Service("sleeper", command, folder / "sleeper.log", again_s=0.1)


def test_a_killed_service_is_started_again_and_a_resting_one_is_not(tmp_path: Path) -> None:
    keeper = Keeper("test-keeper")
    try:
        keeper.add(_sleeper(tmp_path))
        first = keeper.pid("sleeper")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert _until(lambda: keeper.pid("sleeper") not in {None, first})
        keeper.rest("sleeper")
        second = keeper.pid("sleeper")
        assert second is not None
        os.kill(second, signal.SIGKILL)
        assert _until(lambda: keeper.pid("sleeper") is None)
        time.sleep(0.6)
        assert keeper.pid("sleeper") is None
    finally:
        keeper.close(grace=1)
        clear("test-keeper", tmp_path)


def test_what_a_service_started_is_found_after_it_is_gone(tmp_path: Path) -> None:
    keeper = Keeper("test-members")
    try:
        keeper.add(_sleeper(tmp_path))
        assert _until(lambda: len(members("test-members", tmp_path)) == 2)
        assert cpu_seconds(members("test-members", tmp_path)) > 0
        keeper.rest("sleeper")
        kill([process for process in members("test-members", tmp_path) if process.name() != "sleep"])
        assert _until(lambda: [process.name() for process in members("test-members", tmp_path)] == ["sleep"])
    finally:
        keeper.close(grace=1)
    assert clear("test-members", tmp_path) == 1
    assert not members("test-members", tmp_path)


_HARNESS = """
import sys, time
from pathlib import Path
from pipeline.trials.machine_room.processes import Keeper, Service, janitor
folder = Path(sys.argv[1])
with janitor("test-janitor", folder, float(sys.argv[2]), [["touch", str(folder / "undone")]]):
    keeper = Keeper("test-janitor")
    keeper.add(Service("sleeper", ["sleep", "300"], folder / "log"))
    (folder / "ready").touch()
    time.sleep(300)
"""


def _harness(folder: Path, deadline: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _HARNESS, str(folder), str(deadline)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert _until((folder / "ready").exists, 20)
    return process


def test_a_killed_harness_leaves_nothing(tmp_path: Path) -> None:
    harness = _harness(tmp_path, 100)
    assert _until(lambda: any(process.name() == "sleep" for process in members("test-janitor", tmp_path)))
    harness.kill()
    harness.wait()
    assert _until((tmp_path / "undone").exists, 20)
    assert not members("test-janitor", tmp_path)


def test_a_harness_past_its_deadline_is_ended(tmp_path: Path) -> None:
    harness = _harness(tmp_path, 1.5)
    assert harness.wait(20) == -signal.SIGKILL
    assert _until((tmp_path / "undone").exists, 20)
    assert not members("test-janitor", tmp_path)
    assert not psutil.pid_exists(harness.pid)


def test_every_kind_of_harm_comes_before_any_comes_twice() -> None:
    for able in (EMBEDDED, FULL):
        kinds = bag(able, 3)
        first = [next(kinds) for _ in able]
        assert sorted(first) == sorted(able)
        assert first == [next(again) for again in [bag(able, 3)] for _ in able]
