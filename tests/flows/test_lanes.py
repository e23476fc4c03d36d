"""A worker's two lanes, its time limits, its memory and its end, with stages that do what the test asks of them."""

from __future__ import annotations

import dataclasses
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from flows.keeper import Keeper, here, memory_of
from flows.retries import CUT_OFF, STAGE, events_of
from flows.worker import Worker
from pipeline.catalogue.lanes import Lane
from pipeline.composition import House, build_house
from pipeline.flow_settings import FlowSettings
from pipeline.record import Status
from pipeline.settings import Settings
from pipeline.stages import Outcome, Progress, StageResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.record import Dossier
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools

QUICK = FlowSettings(
    poll_seconds=0.02, beat_seconds=0.1, trickle_seconds=30, held_first_seconds=60, cut_off_seconds=0.3, desk_slots=1
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2, flows=QUICK)) as built:
        # No dossier here has a page for a model to look at.
        yield dataclasses.replace(built, tools=dataclasses.replace(built.tools, reader=lambda: None))  # type: ignore[arg-type,return-value]


class Script:
    """Stands in for the first stage: every dossier has so many pages, each of which takes its time; then it waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.order: list[str] = []
        self.pages = {"slow": 40}
        self.hang = threading.Event()
        from pipeline import conductor

        monkeypatch.setitem(conductor._RUNS, "intake", self.run)  # type: ignore[index]

    def run(self, tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
        name = dossier.originals[0].name.split(".")[0]
        pages = self.pages.get(name, 1)
        for page in range(1, pages + 1):
            if name == "hangs":
                self.hang.wait(30)
            self.order.append(name)
            time.sleep(0.02)
            on_progress(Progress("intake", page, pages))
        return StageResult(dossier, Outcome.WAITS)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    made = Script(monkeypatch)
    yield made
    made.hang.set()


@pytest.fixture
def give(house: House, tmp_path: Path) -> Callable[..., str]:
    def make(name: str, lane: Lane = Lane.DESK) -> str:
        path = tmp_path / f"{name}.txt"
        path.write_text(name, encoding="utf-8")
        dossier_id = house.conductor.receive([path], None).dossier_id
        house.catalogue.queue().put(dossier_id, lane=lane)
        return dossier_id

    return make


@pytest.fixture
def running(house: House) -> Iterator[Callable[..., Worker]]:
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start(**changes: Any) -> Worker:
        settings = house.settings.model_copy(update={"flows": QUICK.model_copy(update=changes)})
        worker = Worker(dataclasses.replace(house, settings=settings), None)
        thread = threading.Thread(target=worker.run, args=(stop,), daemon=True)
        threads.append(thread)
        thread.start()
        return worker

    yield start
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def status(house: House, dossier_id: str) -> Status:
    return house.conductor.dossier(dossier_id).status


def test_the_citizen_in_the_chair_overtakes_a_backlog_dossier_in_the_middle(
    house: House,
    script: Script,
    give: Callable[..., str],
    running: Callable[..., Worker],
    wait_until: Callable[..., bool],
) -> None:
    slow = give("slow", Lane.BACKLOG)
    running(slots=1)
    assert wait_until(lambda: len(script.order) > 3)
    desk = give("desk")
    assert wait_until(lambda: status(house, desk) is Status.WAITS)
    at = script.order.index("desk")
    assert at < 39, "long before the other's last page"
    assert status(house, slow) is not Status.WAITS
    assert wait_until(lambda: status(house, slow) is Status.WAITS)
    assert script.order.count("slow") == 40, "nothing was done twice"

    def states() -> list[str]:
        return [event.state for event in events_of(house.catalogue, slow) if event.stage == STAGE]

    assert wait_until(lambda: len(states()) > 1)
    assert states() == ["claimed", "ended"], "it stood aside under its lease"


def test_a_paused_dossier_goes_to_a_worker_that_is_free(
    house: House, script: Script, give: Callable[..., str], wait_until: Callable[..., bool]
) -> None:
    slow = give("slow", Lane.BACKLOG)
    settings = house.settings.model_copy(update={"flows": QUICK.model_copy(update={"handover_seconds": 0.2})})
    worker = Worker(dataclasses.replace(house, settings=settings), None)
    worker.free_elsewhere = True
    thread = threading.Thread(target=worker.drain, args=(1,), daemon=True)
    thread.start()
    assert wait_until(lambda: len(script.order) > 1)
    # A desk dossier that takes long: the backlog's stands aside, and is then given back.
    turn = worker.gate.join(Lane.DESK)
    time.sleep(0.4)
    worker.gate.leave(turn)
    assert wait_until(lambda: not thread.is_alive())
    assert status(house, slow) in {Status.WAITS, Status.RECEIVED, Status.PROCESSING}
    other = Worker(house, None)
    while other.work_once():
        pass
    assert status(house, slow) is Status.WAITS


def test_a_stage_over_its_limit_is_cut_off_and_tried_again_later_then_set_aside(
    house: House, script: Script, give: Callable[..., str]
) -> None:
    slow = give("slow")
    settings = house.settings.model_copy(update={"flows": QUICK.model_copy(update={"stage_seconds": {"intake": 0.1}})})
    worker = Worker(dataclasses.replace(house, settings=settings), None)
    for attempt in range(3):
        assert worker.work_once()
        assert len(script.order) < 40 * (attempt + 1)
        assert house.catalogue.queue().code_of(slow) == "stage_limit"
        assert not worker.work_once(), "it waits before it is tried again"
        house.catalogue.queue().put(slow)
    cut = [event for event in events_of(house.catalogue, slow) if event.state == CUT_OFF]
    assert [event.data["stage"] for event in cut] == ["intake"] * 3
    assert worker.work_once()
    assert status(house, slow) is Status.FAULT
    assert house.catalogue.queue().code_of(slow) == "stage_limit"
    house.conductor.retry(slow)
    assert worker.work_once(), "a person's retry gives all attempts back"
    assert house.catalogue.queue().code_of(slow) == "stage_limit"


def test_a_stage_that_never_stops_ends_the_worker_and_not_the_dossier(
    house: House,
    script: Script,
    give: Callable[..., str],
    wait_until: Callable[..., bool],
) -> None:
    hanging, other = give("hangs"), give("slow", Lane.BACKLOG)
    settings = house.settings.model_copy(update={"flows": QUICK.model_copy(update={"stage_seconds": {"intake": 0.2}})})
    worker = Worker(dataclasses.replace(house, settings=settings), None)
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), daemon=True)
    thread.start()
    assert wait_until(lambda: worker.broken)
    thread.join(10)
    assert not thread.is_alive(), "whoever supervises it ends the process now"
    assert house.catalogue.queue().code_of(hanging) == "stage_limit"
    assert house.catalogue.claim(hanging, "next", timedelta(seconds=1)) is not None, "its lease is free"
    assert status(house, other) is not Status.FAULT
    assert not [row for row in house.catalogue.queue().workers() if row.name == worker.name]
    script.hang.set()


def test_a_worker_is_recycled_after_so_many_pages_or_so_much_memory_and_finishes_what_it_has(
    house: House, script: Script, give: Callable[..., str], wait_until: Callable[..., bool]
) -> None:
    slow = give("slow")
    settings = house.settings.model_copy(update={"flows": QUICK.model_copy(update={"memory_mb": None})})
    worker = Worker(dataclasses.replace(house, settings=settings), None)
    keeper = Keeper(worker, house)
    keeper._most = memory_of(here_pid()) // 2
    thread = threading.Thread(target=worker.work_once, daemon=True)
    thread.start()
    assert wait_until(lambda: len(script.order) > 2)
    keeper.start()
    assert wait_until(lambda: worker.recycling)
    (row,) = house.catalogue.queue().workers()
    assert (row.host, row.desk, row.state) == (here(), 1, "recycling")
    thread.join(10)
    assert status(house, slow) is Status.WAITS
    assert script.order.count("slow") == 40
    keeper.close()
    assert house.catalogue.queue().workers() == []


def here_pid() -> int:
    import os

    return os.getpid()


def test_a_worker_that_was_overtaken_leaves_the_dossier_as_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch, give: Callable[..., str], running: Callable[..., Worker]
) -> None:
    from pipeline import conductor

    begun = threading.Event()

    def overtaken(tools: Tools, dossier: Dossier, _on_progress: OnProgress) -> StageResult:
        tools.catalogue.save(dossier.model_copy(update={"status": Status.FILED}))
        begun.set()
        return StageResult(dossier, Outcome.CONTINUE)

    monkeypatch.setitem(conductor._RUNS, "intake", overtaken)  # type: ignore[index]
    worker = running()
    dossier_id = give("overtaken")
    assert begun.wait(10)
    until = time.monotonic() + 10
    while worker.hands() and time.monotonic() < until:
        time.sleep(0.05)
    assert status(house, dossier_id) is Status.FILED
    assert events_of(house.catalogue, dossier_id)[-1].state == "started"
