"""A house over a folder of its own; dossiers made of files that no model needs to look at."""

import queue
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.composition import House, build_house
from pipeline.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def _events_for_servers_that_are_gone() -> Iterator[None]:
    """What Prefect still wants to tell servers that ended with their tests would hold up the end for minutes."""
    yield
    events = sys.modules.get("prefect.events.worker")
    for worker in list(events.EventsWorker._instances.values()) if events else ():
        with suppress(queue.Empty):
            while True:
                worker._queue.get_nowait()
                worker._queue.task_done()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as built:
        yield built


@pytest.fixture
def hopeless(house: House, tmp_path: Path) -> Callable[[str], str]:
    """Receives a file that is no document: its dossier goes as far as intake, which needs no model for it."""

    def make(content: str) -> str:
        path = tmp_path / f"{content}.pdf"
        path.write_bytes(b"%PDF-1.7 " + content.encode())
        return house.conductor.receive([path], None).dossier_id

    return make


@pytest.fixture
def alive() -> Callable[[int], bool]:
    """Whether a process runs; one that is dead and not yet waited for does not."""

    def check(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    return check


@pytest.fixture
def wait_until() -> Callable[..., bool]:
    """Waits for a condition; whether it came."""

    def wait(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if condition():
                return True
            time.sleep(0.05)
        return False

    return wait
