"""A page image that was let go is the system's again, in a process that says so at its start."""

import subprocess
import sys

import pytest

from pipeline.freed_memory import let_go_of_freed_memory

_PAGES = """
import sys
from pathlib import Path

import numpy as np

from pipeline.freed_memory import let_go_of_freed_memory

if sys.argv[1] == "let go":
    assert let_go_of_freed_memory()


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


first = np.ones(25_000_000, np.uint8)
del first
before = resident()
page = np.ones(25_000_000, np.uint8)
above = np.ones(900_000, np.uint8)  # what is still in use above the page keeps the heap from shrinking
del page
print(resident() - before - above.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; only glibc has these limits")
def test_a_page_that_was_let_go_is_the_systems_again() -> None:
    left = {}
    for how in ("let go", "keep"):
        done = subprocess.run([sys.executable, "-c", _PAGES, how], check=True, capture_output=True, text=True)
        left[how] = int(done.stdout)
    assert left["let go"] < 3_000_000
    assert left["keep"] > 20_000_000, "the limits are not needed any more"


def test_elsewhere_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _name: object())
    assert not let_go_of_freed_memory()
