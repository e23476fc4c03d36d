"""The queue: leases that renew and end, dossiers that kill their worker, held dossiers that wait longer each time."""

import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.retries import HELD_FIRST, HELD_MOST, STAGE, attempts, held_until
from flows.runner import LeaseLost, Runner, leased
from flows.worker import Worker
from pipeline.catalogue.rows import StoredEvent
from pipeline.composition import House
from pipeline.record import Status

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def event(stage: str, state: str, minute: int = 0) -> StoredEvent:
    return StoredEvent(dossier="d", seq=1, stage=stage, state=state, at=NOW + timedelta(minutes=minute))


def test_a_worker_takes_what_waits_and_leaves_it_settled(house: House, hopeless: Callable[[str], str]) -> None:
    ids = [hopeless("one"), hopeless("two")]
    worker = Worker(house, None)
    assert worker.work_once()
    assert worker.work_once()
    assert not worker.work_once()
    assert [house.conductor.dossier(i).status for i in ids] == [Status.REFUSED, Status.REFUSED]
    states = [e.state for e in house.catalogue.events_after(ids[0]) if e.stage == STAGE]
    assert states == ["claimed", "ended"]


def test_two_workers_never_share_a_dossier(house: House, hopeless: Callable[[str], str]) -> None:
    ids = [hopeless(str(number)) for number in range(8)]
    workers = [Worker(house, None), Worker(house, None)]
    stop = threading.Event()

    def drain(worker: Worker) -> None:
        while not stop.is_set() and worker.work_once():
            pass

    threads = [threading.Thread(target=drain, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    stop.set()
    for dossier_id in ids:
        events = house.catalogue.events_after(dossier_id)
        assert [e.state for e in events if e.stage == STAGE] == ["claimed", "ended"]
        assert house.conductor.dossier(dossier_id).status is Status.REFUSED


def test_a_dossier_that_ends_its_workers_is_set_aside(house: House, hopeless: Callable[[str], str]) -> None:
    dossier_id = hopeless("poison")
    for _ in range(house.settings.flows.attempts):
        # What a worker killed in the middle leaves behind: a claim without an end.
        house.catalogue.append_event(dossier_id, STAGE, "claimed")
    assert Worker(house, None).work_once()
    assert house.conductor.dossier(dossier_id).status is Status.FAULT
    assert house.catalogue.events_after(dossier_id)[-1].code == "given_up"


def test_what_a_killed_worker_left_is_taken_up_when_its_lease_ends(
    house: House, hopeless: Callable[[str], str]
) -> None:
    dossier_id = hopeless("left")
    assert house.catalogue.claim(dossier_id, "killed", timedelta(seconds=0.4)) is not None
    worker = Worker(house, None)
    assert not worker.work_once()
    time.sleep(0.5)
    assert worker.work_once()


def test_a_lease_renews_itself_while_work_goes_on(house: House, hopeless: Callable[[str], str]) -> None:
    dossier_id = hopeless("long")
    with leased(house, dossier_id, "me", timedelta(seconds=0.6)) as held:
        assert held is not None
        time.sleep(1.2)
        held.check()
        assert house.catalogue.claim(dossier_id, "you", timedelta(seconds=1)) is None
    assert house.catalogue.claim(dossier_id, "you", timedelta(seconds=1)) is not None


def test_a_lost_lease_stops_the_work_without_touching_the_record(
    house: House, hopeless: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.catalogue.errors import LeaseLostError

    dossier_id = hopeless("lost")

    def lost(*_args: object) -> None:
        raise LeaseLostError(dossier_id)

    monkeypatch.setattr(type(house.catalogue), "heartbeat", lost)
    with leased(house, dossier_id, "me", timedelta(seconds=0.15)) as held:
        assert held is not None
        time.sleep(0.3)
        with pytest.raises(LeaseLost):
            Runner(house, None).run(dossier_id, held)
    assert house.conductor.dossier(dossier_id).status is Status.RECEIVED


def test_a_process_that_forgot_to_close_its_worker_ends_all_the_same() -> None:
    code = """
        from types import SimpleNamespace
        from flows.runner import Runner
        from flows.server import PrefectServer
        Runner(SimpleNamespace(), PrefectServer("http://127.0.0.1:9/api"))
    """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], check=False, capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, b"")


def test_claims_without_an_end_are_counted() -> None:
    claimed, ended = event(STAGE, "claimed"), event(STAGE, "ended")
    assert attempts([]) == 0
    assert attempts([claimed, ended, claimed, claimed]) == 2
    assert attempts([claimed, event("read", "started"), claimed, ended]) == 0


def test_the_pause_of_a_held_dossier_doubles_up_to_a_limit() -> None:
    assert held_until([]) is None
    assert held_until([event("sign", "held")]) == NOW + HELD_FIRST
    assert held_until([event("sign", "held"), event("sign", "held", 1)]) == NOW + timedelta(minutes=1) + 2 * HELD_FIRST
    assert held_until([event("sign", "held")] * 40) == NOW + HELD_MOST
    again = [event("sign", "held"), event("sign", "continue"), event("file", "held", 2)]
    assert held_until(again) == NOW + timedelta(minutes=2) + HELD_FIRST
