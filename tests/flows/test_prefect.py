"""A real Prefect server and the real flow: what it is told, what it retries, and that nothing of it stays behind."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.digitize import RETRIES, build_flow
from flows.runner import Runner, leased
from flows.server import PrefectServer, find, prefect_server, record, server_for_command
from flows.session import prepare, session
from pipeline.composition import House
from pipeline.errors import HosoError
from pipeline.record import Status
from pipeline.settings import Settings
from pipeline.stages import STAGES, Outcome

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


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


class Stumbling:
    """A conductor whose stage fails in a given way a given number of times: the machine's failures, not a dossier's."""

    def __init__(self, cause: Exception | None, times: int) -> None:
        self.cause, self.times, self.calls = cause, times, []

    def run_stage(self, dossier_id: str, stage: str, _on_progress: object) -> Outcome:
        self.calls.append(stage)
        if stage == "read" and self.calls.count("read") <= self.times:
            raise HosoError(dossier_id, "stumbled") from self.cause
        return Outcome.CONTINUE

    def dossier(self, dossier_id: str) -> Any:
        from datetime import UTC, datetime

        from pipeline.record import Dossier

        return Dossier(id=dossier_id, procedure=None, status=Status.FILED, received_at=datetime.now(UTC))


def test_the_flow_runs_every_stage_and_prefect_learns_no_more_than_the_id(server: PrefectServer) -> None:
    conductor = Stumbling(None, 0)
    with session(server.url()):
        result = build_flow(conductor)("hs-261121-flowflow", STAGES[0])  # type: ignore[arg-type]
    assert conductor.calls == list(STAGES)
    assert result["id"] == "hs-261121-flowflow"
    body = {"flow_runs": {"name": {"any_": ["hs-261121-flowflow"]}}}
    runs = httpx.post(f"{server.url()}/flow_runs/filter", json=body, trust_env=False).json()
    assert [run["state_type"] for run in runs] == ["COMPLETED"]
    assert runs[0]["parameters"] == {"dossier_id": "hs-261121-flowflow", "start": "intake"}


def test_what_may_pass_is_tried_again_and_what_will_not_is_not(server: PrefectServer) -> None:
    with session(server.url()):
        passing = Stumbling(OSError("disk"), RETRIES)
        build_flow(passing, retry_seconds=0.01)("hs-261121-stumbles")  # type: ignore[arg-type]
        assert passing.calls.count("read") == RETRIES + 1
        lasting = Stumbling(ValueError("defect"), 9)
        with pytest.raises(HosoError, match="stumbled"):
            build_flow(lasting, retry_seconds=0.01)("hs-261121-faultyyy")  # type: ignore[arg-type]
        assert lasting.calls.count("read") == 1


def test_without_a_server_the_same_stages_run_with_the_same_retries(
    house: House, hopeless: Callable[[str], str]
) -> None:
    dossier_id = hopeless("direct")
    passing, lasting = Stumbling(OSError("disk"), RETRIES), Stumbling(ValueError("defect"), 9)
    with leased(house, dossier_id, "me") as held:
        assert held is not None
        steady = dataclasses.replace(house, conductor=passing)  # type: ignore[arg-type]
        assert Runner(steady, None, retry_seconds=0.01).run(dossier_id, held).status is Status.FILED
        assert passing.calls == ["intake", *["read"] * (RETRIES + 1), *STAGES[2:]]
        faulty = dataclasses.replace(house, conductor=lasting)  # type: ignore[arg-type]
        with pytest.raises(HosoError, match="stumbled"):
            Runner(faulty, None, retry_seconds=0.01).run(dossier_id, held)
        assert lasting.calls.count("read") == 1


def test_a_single_command_starts_a_server_unless_it_is_told_to_do_without(
    server: PrefectServer, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, prefect="found")
    with server_for_command(settings) as none:
        assert none is None
    record(settings, server.url())
    with server_for_command(settings) as found:
        assert found is not None
        assert found.ready() == server.url()
        assert not found.own
    record(settings, None)
    with server_for_command(Settings(home=tmp_path)) as own:
        assert own is not None
        assert own.own


def test_a_dossier_goes_through_the_flow_with_a_real_house(
    server: PrefectServer, house: House, hopeless: Callable[[str], str]
) -> None:
    dossier_id = hopeless("through-prefect")
    runner = Runner(house, server)
    runner.warm()
    with leased(house, dossier_id, "me") as held:
        assert held is not None
        dossier = runner.run(dossier_id, held)
    runner.close()
    assert dossier.status is Status.REFUSED
    body = {"flow_runs": {"name": {"any_": [dossier_id]}}}
    runs = httpx.post(f"{server.url()}/flow_runs/filter", json=body, trust_env=False).json()
    assert [run["state_type"] for run in runs] == ["COMPLETED"]


def test_a_recorded_server_is_found_and_a_stale_record_is_not_trusted(server: PrefectServer, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    record(settings, "http://127.0.0.1:9/api")
    assert find(settings) is None
    record(settings, server.url())
    assert find(settings) == server.url()
    with prefect_server(settings) as found:
        assert not found.own
    record(settings, None)
    assert find(settings) is None


def test_a_killed_command_leaves_no_server_behind(
    tmp_path: Path, alive: Callable[[int], bool], wait_until: Callable[..., bool]
) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom flows.server import prefect_server\n"
        "from pipeline.settings import Settings\n"
        "with prefect_server(Settings(home=Path(sys.argv[1]))) as s:\n"
        "    s.url(); print(s.pid, flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    assert wait_until(lambda: not alive(pid), 3.0)
