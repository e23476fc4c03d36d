"""A real Prefect server beside the queue: one run for many dossiers, its own workers, runs without end, no reports.

The dossiers are files that no model needs to look at, so that what is seen is Prefect and the catalogue alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from flows.backlog import through_prefect
from flows.deploy import register
from flows.reconcile import reconcile, tidy_here
from flows.server import PrefectServer, prefect_server, record
from flows.session import prepare, session
from flows.worker import Worker
from pipeline.catalogue.lanes import Lane
from pipeline.record import Status
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.composition import House

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    settings = Settings(home=tmp_path_factory.mktemp("prefect-home"))
    before = dict(os.environ)
    with prefect_server(settings) as started:
        prepare(settings)
        started.url()
        yield started
    os.environ.clear()
    os.environ.update(before)


def asked(server: PrefectServer, what: str, **body: Any) -> list[dict[str, Any]]:
    answer = httpx.post(f"{server.url()}/{what}/filter", json=body, trust_env=False)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_backlog_is_one_run_with_progress_and_a_table(
    server: PrefectServer, house: House, hopeless: Callable[[str], str]
) -> None:
    ids = [hopeless(f"backlog-{number}") for number in range(25)]
    for dossier_id in ids:
        house.catalogue.queue().put(dossier_id, lane=Lane.BACKLOG)
    worker = Worker(house, None, name="host:1:backlog")
    counts = through_prefect(server.url(), worker.name, worker.drain, 20)
    assert counts is not None
    assert counts["dossiers"] == 20
    assert house.catalogue.queue().stand(Lane.BACKLOG).count == 5
    (run,) = asked(server, "flow_runs", flow_runs={"name": {"any_": [worker.name]}})
    assert run["state_type"] == "COMPLETED"
    assert run["parameters"] == {"worker": worker.name, "most": 20}, "no word of a dossier"
    made = {item["key"]: item for item in asked(server, "artifacts", artifacts={"flow_run_id": {"any_": [run["id"]]}})}
    assert float(made["backlog-host-1-backlog"]["data"]) == 100.0
    assert '"dossiers": 20' in made["backlog-host-1-backlog-table"]["data"]


def test_a_backlog_goes_on_where_the_server_goes_away(house: House, hopeless: Callable[[str], str]) -> None:
    house.catalogue.queue().put(hopeless("lonely"), lane=Lane.BACKLOG)
    worker = Worker(house, None)
    assert through_prefect("http://127.0.0.1:9/api", worker.name, worker.drain, 5) is None, "it was not even begun"
    assert worker.drain(5).done == 1


def test_the_stock_process_worker_runs_our_flow_from_a_fresh_process_with_settings_alone(
    server: PrefectServer, house: House, hopeless: Callable[[str], str]
) -> None:
    from prefect.deployments import run_deployment

    waiting, other = hopeless("deployed"), hopeless("in-bulk")
    house.catalogue.queue().put(other, lane=Lane.BACKLOG)
    assert register(house.settings, server.url(), "hoso") == ["digitize/hoso", "backlog/hoso"]
    assert register(house.settings, server.url(), "hoso"), "again changes nothing"
    with session(server.url()):
        run_deployment("digitize/hoso", parameters={"dossier_id": waiting}, timeout=0, as_subflow=False)
        run_deployment("backlog/hoso", timeout=0, as_subflow=False)
    prefect = Path(sys.executable).with_name("prefect")
    env = {**os.environ, **QUIET, "PREFECT_API_URL": server.url(), "HOSO_HOME": str(house.settings.home)}
    command = [str(prefect), "worker", "start", "--type", "process", "--pool", "hoso", "--run-once"]
    done = subprocess.run(
        command, env=env, cwd="/", check=False, timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    until = time.monotonic() + 60
    while time.monotonic() < until and house.conductor.dossier(other).status is Status.RECEIVED:
        time.sleep(0.2)
    assert house.conductor.dossier(waiting).status is Status.REFUSED, done.stdout.decode()
    assert house.conductor.dossier(other).status is Status.REFUSED, done.stdout.decode()


def test_runs_that_nobody_runs_are_marked_and_living_ones_are_left_alone(
    server: PrefectServer, house: House, hopeless: Callable[[str], str]
) -> None:
    from datetime import timedelta

    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.states import Running

    @flow(name="digitize")
    def digitize(dossier_id: str) -> None:
        """Never runs here: its runs are left behind by killed workers."""

    dead, alive = hopeless("dead"), hopeless("alive")
    assert house.catalogue.claim(alive, "somebody", timedelta(minutes=5)) is not None
    with session(server.url()), get_client(sync_client=True) as client:
        for dossier_id in (dead, alive):
            client.create_flow_run(digitize, parameters={"dossier_id": dossier_id}, name=dossier_id, state=Running())
    settings = house.settings
    quick = settings.model_copy(update={"flows": settings.flows.model_copy(update={"zombie_seconds": 0.01})})
    import dataclasses

    time.sleep(0.1)
    found = reconcile(dataclasses.replace(house, settings=quick), server.url())
    assert (found.zombies, found.prefect) == (1, True)
    runs = asked(server, "flow_runs", flow_runs={"name": {"any_": [dead, alive]}})
    assert {run["name"]: run["state_type"] for run in runs} == {dead: "CRASHED", alive: "RUNNING"}
    assert dead in house.catalogue.queue().waiting(), "the catalogue has it in the queue all the same"


def test_nothing_reports_home(server: PrefectServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from prefect.settings import get_current_settings

    assert get_current_settings().server.analytics_enabled is False
    assert server.pid is not None
    environment = Path(f"/proc/{server.pid}/environ").read_bytes().split(b"\0")
    assert b"PREFECT_SERVER_ANALYTICS_ENABLED=false" in environment
    assert b"DO_NOT_TRACK=1" in environment
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    prepare(Settings(home=tmp_path))
    assert os.environ["DO_NOT_TRACK"] == "1"


def test_a_worker_that_was_killed_gives_its_dossiers_back_at_once(house: House, hopeless: Callable[[str], str]) -> None:
    from datetime import timedelta

    from flows.keeper import here
    from pipeline.catalogue.workers import WorkerRow

    dossier_id = hopeless("left-behind")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        now = house.tools.clock()
        row = WorkerRow(
            name="killed",
            host=here(),
            pid=child.pid,
            since=now,
            beat_at=now,
            state="busy",
            desk=1,
            backlog=0,
            dossiers=0,
            pages=0,
            memory=1,
        )
        house.catalogue.queue().beat(row)
        house.catalogue.queue().beat(row.model_copy(update={"name": "elsewhere", "host": "another/1"}))
        assert house.catalogue.claim(dossier_id, "killed", timedelta(minutes=9)) is not None
        assert tidy_here(house) == []
        assert house.catalogue.queue().waiting() == []
        child.kill()
    assert tidy_here(house) == ["killed"]
    assert house.catalogue.queue().waiting() == [dossier_id]
    assert [one.name for one in house.catalogue.queue().workers()] == ["elsewhere"]


def test_what_waits_for_a_person_outlives_server_and_worker(
    tmp_path: Path, house: House, hopeless: Callable[[str], str]
) -> None:
    dossier_id = hopeless("waits")
    house.catalogue.save(house.conductor.dossier(dossier_id).model_copy(update={"status": Status.WAITS}))
    with prefect_server(Settings(home=tmp_path / "first")) as first:
        record(house.settings, first.url())
        with closing(Worker(house, first)) as worker:
            assert not worker.work_once(), "its flow has ended: nobody holds anything for it"
        runs = asked(first, "flow_runs", flow_runs={"name": {"any_": [dossier_id]}})
        assert runs == []
    # Server, its database and every worker are gone; the person decides, and another worker takes the dossier up.
    house.catalogue.save(house.conductor.dossier(dossier_id).model_copy(update={"status": Status.PROCESSING}))
    with closing(Worker(house, PrefectServer("http://127.0.0.1:9/api"))) as worker:
        assert worker.work_once()
    assert house.conductor.dossier(dossier_id).status is Status.REFUSED
