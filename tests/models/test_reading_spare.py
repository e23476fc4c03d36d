"""A reading process that is started before anybody knows what for: taken by its reader, or ended without a trace."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest

from models.child_start import Spare, reading_task
from models.served import ServedReader

BUILD = "slow_reader:build"


def pid_of(reader: ServedReader) -> int:
    return int(reader.read(np.full((40, 30, 3), 200, np.uint8)).text)


def runs(pid: int) -> bool:
    return subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("told_before", [True, False])
def test_its_reader_takes_it_and_ends_it(*, told_before: bool) -> None:
    with Spare() as spare:
        pid = spare.pid
        assert pid is not None
        if told_before:
            spare.begin(reading_task(BUILD, {"name": "one"}, seconds=5.0))
        with closing(ServedReader(BUILD, {"name": "one"}, streams=2, seconds=5.0, spare=spare)) as reader:
            assert reader.name == "one"
            assert pid_of(reader) == pid
            assert spare.pid is None
            spare.close()
            assert pid_of(reader) == pid
        assert not runs(pid)


def test_one_that_was_told_something_else_is_not_taken() -> None:
    with Spare() as spare:
        pid = spare.pid
        spare.begin(reading_task(BUILD, {"name": "other"}))
        with closing(ServedReader(BUILD, {"name": "one"}, seconds=5.0, spare=spare)) as reader:
            assert reader.name == "one"
            assert pid_of(reader) != pid
        assert pid is not None
        assert runs(pid)
    assert not runs(pid)


def test_one_that_died_costs_no_page() -> None:
    with Spare() as spare:
        assert spare.pid is not None
        subprocess.run(["kill", "-9", str(spare.pid)], check=True)
        with closing(ServedReader(BUILD, {"name": "one"}, seconds=5.0, spare=spare)) as reader:
            assert pid_of(reader) > 0


def test_starting_one_loads_nothing_heavy_here() -> None:
    code = "import sys, models.child_start; print(sorted({'numpy', 'cv2', 'pydantic', 'openvino'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
