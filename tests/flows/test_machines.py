"""Two workers with homes of their own share one PostgreSQL and one S3 store, with nothing but settings; one is killed.

What a second machine needs is copied as docs/machines.md says: the master key and the signing PKI, nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows.retries import events_of
from pipeline.catalogue.lanes import Lane
from pipeline.composition import House, build_house
from pipeline.record import Status
from pipeline.settings import Settings, StoreSettings
from pipeline.trials.machine_room import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture
def postgresql() -> Iterator[str]:
    # Not under the test's folder: the server runs as an ordinary user, who must get in, and sockets have short names.
    folder = Path(tempfile.mkdtemp(prefix="hoso-pg-"))
    folder.chmod(0o755)
    try:
        database.make(folder)
    except database.NotHereError as error:
        shutil.rmtree(folder)
        pytest.skip(str(error))
    service = database.service(folder, folder / "log")
    server = subprocess.Popen(
        service.command, cwd="/", user=service.user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 30
        while not database.create(folder) and time.monotonic() < until:
            time.sleep(0.2)
        yield database.url(folder)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[StoreSettings]:
    from pipeline.store.errors import StoreOptionsError
    from pipeline.store.seaweed import SeaweedServer

    try:
        server = SeaweedServer(tmp_path / "seaweed")
    except StoreOptionsError as error:
        pytest.skip(str(error))
    server.start()
    try:
        yield StoreSettings(kind="s3", endpoint=server.endpoint, keys_file=server.keys_file)
    finally:
        server.stop()


def given(settings: Settings) -> dict[str, str]:
    """The settings as an operator writes them down."""
    return {
        "HOSO_HOME": str(settings.home),
        "HOSO_CORES": "1",
        "HOSO_CATALOGUE_URL": settings.catalogue_url,
        "HOSO_STORE__KIND": "s3",
        "HOSO_STORE__ENDPOINT": str(settings.store.endpoint),
        "HOSO_STORE__KEYS_FILE": str(settings.store.keys_file),
        "HOSO_FLOWS__BEAT_SECONDS": "1",
        "HOSO_FLOWS__RECONCILE_SECONDS": "1",
    }


def worker(settings: Settings) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "api.cli", "worker"]
    with (settings.home.parent / f"{settings.home.name}.log").open("wb") as log:
        return subprocess.Popen(command, env={**os.environ, **given(settings)}, cwd="/", stdout=log, stderr=log)


def received(house: House, folder: Path, number: int) -> str:
    path = folder / f"{number}.pdf"
    path.write_bytes(b"%PDF-1.7 " + str(number).encode())
    dossier_id = house.conductor.receive([path], None).dossier_id
    house.catalogue.queue().put(dossier_id, lane=Lane.BACKLOG if number % 2 else Lane.DESK)
    return dossier_id


def test_two_machines_share_the_work_and_one_dies(
    postgresql: str, s3: StoreSettings, tmp_path: Path, wait_until: Callable[..., bool]
) -> None:
    first = Settings(home=tmp_path / "a", catalogue_url=postgresql, store=s3)
    second = first.model_copy(update={"home": tmp_path / "b"})
    with build_house(first) as house:
        ids = [received(house, tmp_path, number) for number in range(4)]
        shutil.copytree(first.home / "vault", second.home / "vault")
        workers = [worker(first), worker(second)]
        try:
            assert wait_until(lambda: len(house.catalogue.queue().workers()) == 2, 60), "both have said so"
            assert wait_until(lambda: settled(house, ids), 60)
            workers[0].kill()
            workers[0].wait()
            ids += [received(house, tmp_path, number) for number in range(4, 12)]
            assert wait_until(lambda: settled(house, ids), 60)
            assert wait_until(lambda: len(house.catalogue.queue().workers()) == 1, 30), "the dead one is off the list"
        finally:
            for one in workers:
                one.terminate()
            for one in workers:
                one.wait(20)
        for dossier_id in ids:
            states = [event.state for event in events_of(house.catalogue, dossier_id) if event.stage == "worker"]
            # Killed between its last save and its last event, a worker leaves the second out.
            assert states in (["claimed", "ended"], ["claimed"]), "once each"
        assert {duty.name for duty in house.catalogue.queue().duties()} >= {"reconcile", "seal", "fixity"}
        assert house.catalogue.queue().workers() == [], "who ends in peace signs off"
    listed = subprocess.run(
        [sys.executable, "-m", "api.cli", "list", "--workers", "--json"],
        env={**os.environ, **given(second)},
        cwd="/",
        check=True,
        capture_output=True,
    )
    told = json.loads(listed.stdout)
    assert [lane["waiting"] for lane in told["lanes"]] == [0, 0]


def settled(house: House, ids: list[str]) -> bool:
    return all(house.conductor.dossier(dossier_id).status is Status.REFUSED for dossier_id in ids)
