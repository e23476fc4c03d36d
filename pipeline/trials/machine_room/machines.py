"""`hoso bench machines`: two workers, the store and the database on machines of their own; one is cut off.

Three namespaces: `a` runs `hoso up` (API, Prefect, a worker), `b` a second `hoso worker`, `s` SeaweedFS and PostgreSQL.
Each worker is pinned to a core of its own. The same number of dossiers is worked off by the first alone and by both;
then, in the middle of a third lot, the second worker's cable is pulled for longer than its leases last, and put back.
A second worker is worth (pages a second with both) / (with one); where other programs share the cores, what a page
costs in processor time with both beside with one says the same without them: no dearer page, twice the work.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import psutil

from pipeline.trials.machine_room import database, processes
from pipeline.trials.machine_room.database import NotHereError
from pipeline.trials.machine_room.desk import Acknowledged
from pipeline.trials.machine_room.in_bulk import Backlog
from pipeline.trials.machine_room.judge import judge
from pipeline.trials.machine_room.networks import made, network
from pipeline.trials.machine_room.pages import invented
from pipeline.trials.machine_room.processes import Keeper, Service, clear, environment, janitor, members
from pipeline.trials.machine_room.stack import HOSO, answers

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pipeline.settings import Settings
    from pipeline.trials.machine_room.pages import Papers

DEADLINE_S: Final = 3600.0
CUT_S: Final = 75.0
"""Longer than a lease lasts."""
BAR: Final = 1.8
_PORTS: Final = {"api": 8000, "database": 5432, "s3": 8333}


@dataclass(frozen=True, slots=True)
class MachinesTest:
    """What to run."""

    dossiers: int = 24
    """In each of the three lots."""
    pages: int = 5
    seed: int = 1


class Machines:
    """The running machines. Leaving the `with` block ends every process and takes the network away."""

    def __init__(self, out: Path) -> None:
        self.token = f"room-{os.getpid()}-{time.time_ns():x}"
        self.credentials: dict[str, str] = {}
        self.doctors: dict[str, str] = {}
        self.net = network(("a", "b", "s"))
        self._out = out
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            import tempfile

            self.folder = Path(tempfile.mkdtemp(prefix="hoso-room-", dir="/var/tmp"))
            self.folder.chmod(0o755)
            undo = [*self.net.undo(), ["rm", "-rf", str(self.folder)]]
            opening.enter_context(janitor(self.token, self.folder, DEADLINE_S, undo))
            opening.enter_context(made(self.net))
            opening.callback(self._keep_logs)
            opening.callback(clear, self.token, self.folder)
            self.keeper = Keeper(self.token)
            opening.callback(self.keeper.close)
            self._start()
            self._parts = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parts.close()

    @property
    def url(self) -> str:
        """The API, as the harness reaches it."""
        return f"http://{self.net.address('a')}:{_PORTS['api']}"

    @property
    def settings(self) -> Settings:
        """For a house of the harness's own."""
        from pipeline.settings import Settings, StoreSettings
        from pipeline.vault.settings import VaultSettings

        store = StoreSettings(kind="s3", endpoint=self._endpoint, keys_file=self.folder / "keys.json")
        vault = VaultSettings(master_file=self.folder / "master.key")
        return Settings(home=self.folder / "a", cores=1, catalogue_url=self._catalogue, store=store, vault=vault)

    def run(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """A command of `hoso` on machine `a`."""
        return self.run_on("a", *arguments, timeout=timeout)

    def run_on(self, machine: str, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """A command of `hoso` on a machine."""
        return subprocess.run(
            [*self.net.inside(machine), *HOSO, *arguments],
            env=environment(self.token) | self.variables(machine),
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def variables(self, machine: str) -> dict[str, str]:
        """The settings of a machine, as docs/machines.md has an operator write them."""
        return {
            "HOSO_HOME": str(self.folder / machine),
            "HOSO_CORES": "1",
            "HOSO_API__HOST": self.net.address("a"),
            "HOSO_API__PORT": str(_PORTS["api"]),
            "HOSO_CATALOGUE_URL": self._catalogue,
            "HOSO_STORE__KIND": "s3",
            "HOSO_STORE__ENDPOINT": self._endpoint,
            "HOSO_STORE__KEYS_FILE": str(self.folder / "keys.json"),
            "HOSO_VAULT__MASTER_FILE": str(self.folder / "master.key"),
        }

    def worker_cpu(self) -> float:
        """Processor seconds of all workers and their reading children."""
        return processes.cpu_seconds(self._workers())

    def join(self) -> None:
        """The second machine's worker begins."""
        command = [*self.net.inside("b"), *_pinned(1), *HOSO, "worker"]
        self.keeper.add(Service("worker", command, self.folder / "worker-b.log", self.variables("b")))

    def _workers(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for one in members(self.token, self.folder):
            # Any of them may end while it is looked at.
            with suppress(psutil.Error):
                command = one.cmdline()
                if "worker" in command and "api.cli" in command:
                    found += [one, *one.children(recursive=True)]
        return found

    @property
    def _catalogue(self) -> str:
        return f"postgresql://hoso@{self.net.address('s')}:{_PORTS['database']}/hoso"

    @property
    def _endpoint(self) -> str:
        return f"http://{self.net.address('s')}:{_PORTS['s3']}"

    def _start(self) -> None:
        self._start_database()
        self._start_store()
        self._share_keys()
        command = [*self.net.inside("a"), *_pinned(0), *HOSO, "up"]
        self.keeper.add(Service("up", command, self.folder / "up.log", self.variables("a"), again_s=2.0))
        self._until(lambda: answers(f"{self.url}/api/v1/health/live"), "the API", 120)

    def _start_database(self) -> None:
        room = self.folder / "pg"
        room.mkdir()
        database.make(room)
        with (room / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {self.net.subnet}.0/24 trust\n")
        plain = database.service(room, self.folder / "pg.log", port=_PORTS["database"], host=self.net.address("s"))
        as_user = ["setpriv", f"--reuid={database.USER}", "--regid=nogroup", "--clear-groups"]
        command = [*self.net.inside("s"), *as_user, *plain.command]
        self.keeper.add(Service("database", command, plain.log))
        create = [*self.net.inside("s"), *as_user, str(database.programs() / "createdb")]
        create += ["-h", str(room / "run"), "-p", str(_PORTS["database"]), "-U", "hoso", "hoso"]

        def created() -> bool:
            done = subprocess.run(create, check=False, cwd="/", capture_output=True, timeout=30)
            return done.returncode == 0

        self._until(created, "PostgreSQL", 60)

    def _start_store(self) -> None:
        from pipeline.store.seaweed import weed_binary

        address = self.net.address("s")
        keys = {"access_key": "machine-room", "secret_key": secrets.token_hex(20)}
        (self.folder / "keys.json").write_text(json.dumps(keys))
        (self.folder / "keys.json").chmod(0o600)
        names = {"accessKey": keys["access_key"], "secretKey": keys["secret_key"]}
        s3 = {"identities": [{"name": "hoso", "credentials": [names], "actions": ["Admin"]}]}
        (self.folder / "s3.json").write_text(json.dumps(s3))
        (self.folder / "weed").mkdir()
        command = [*self.net.inside("s"), str(weed_binary()), "-logtostderr=true", "server"]
        command += [f"-dir={self.folder / 'weed'}", f"-ip={address}", f"-ip.bind={address}", "-filer", "-s3"]
        command += [f"-s3.port={_PORTS['s3']}", f"-s3.config={self.folder / 's3.json'}", "-s3.port.iceberg=0"]
        command += ["-s3.port.lance=0", "-master.telemetry=false", "-master.electionTimeout=1s", "-volume.max=0"]
        command += ["-master.volumeSizeLimitMB=512", "-s3.autoCreateBucket=false"]
        self.keeper.add(Service("weed", command, self.folder / "weed.log"))
        self._until(lambda: answers(f"{self._endpoint}/healthz"), "SeaweedFS", 60)

    def _share_keys(self) -> None:
        """What the first `hoso doctor` makes, and what is then copied to the other machine: the development PKI.

        The vault's master is one file here; on real machines it is copied, too.
        """
        from pipeline.access.people import People
        from pipeline.access.roles import Right
        from pipeline.composition import build_house

        self.doctors["a"] = self._doctor("a")
        shutil.copytree(self.folder / "a" / "pki", self.folder / "b" / "pki")
        self.doctors["b"] = self._doctor("b")
        with build_house(self.settings) as house:
            self.credentials["api_key"] = People(house.tools).add_key("machine room", list(Right))[1]

    def _doctor(self, machine: str) -> str:
        """What is not well on a machine before anything runs, as an operator sees it; empty: all is."""
        done = self.run_on(machine, "doctor")
        return "" if done.returncode == 0 else f"{done.returncode}: {done.stdout[-1500:]}{done.stderr[-500:]}"

    def _until(self, there: Callable[[], bool], what: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not there():
            if time.monotonic() > until:
                logs = "\n".join(log.read_text(errors="replace")[-800:] for log in self.folder.glob("*.log"))
                raise TimeoutError(f"{what} did not answer within {seconds:g} s\n{logs}")
            time.sleep(0.2)

    def _keep_logs(self) -> None:
        target = self._out / "logs"
        target.mkdir(parents=True, exist_ok=True)
        for log in [*self.folder.glob("*.log"), *self.folder.glob("[ab]/logs/*")]:
            shutil.copy(log, target / f"{log.parent.parent.name}-{log.name}")


@dataclass(slots=True)
class _Trial:
    machines: Machines
    backlog: Backlog
    say: Callable[[str], None]
    taken: list[Acknowledged] = field(default_factory=list)


def run(test: MachinesTest, out: Path, pool: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Runs the trial; the report, in which `ok` is the verdict. `skipped` says why it could not be run here."""
    from pipeline.composition import build_house

    out.mkdir(parents=True, exist_ok=True)
    lots = [
        [invented(pool, test.seed, lot * test.dossiers + n, test.pages) for n in range(test.dossiers)]
        for lot in range(3)
    ]
    try:
        with Machines(out) as machines, build_house(machines.settings) as house:
            say(f"machines at {machines.url}")
            backlog = Backlog(machines, house)
            backlog.warm(invented(pool, test.seed + 7_000, 0, 2))
            trial = _Trial(machines, backlog, say)
            one = _lot(trial, lots[0], "one worker")
            machines.join()
            backlog.warm(invented(pool, test.seed + 7_000, 1, 2))
            time.sleep(15)  # the second one loads its models
            both = _lot(trial, lots[1], "two workers")
            cut = _lot(trial, lots[2], "two workers, one cut off", cut=True)
            verdict, doctors = judge(machines, trial.taken, {}, out), machines.doctors
    except NotHereError as error:
        return {"ok": True, "skipped": str(error)}
    wall = one["seconds"] / both["seconds"]
    work = 2 * one["cpu_s_per_page"] / both["cpu_s_per_page"]
    return {
        "ok": verdict.ok
        and not any(doctors.values())
        and max(wall, work) >= BAR
        and not any(lot["left"] for lot in (one, both, cut)),
        "times_by_wall": round(wall, 2),
        "times_by_work_per_cpu_second": round(work, 2),
        "bar": BAR,
        "doctor": doctors,
        "one_worker": one,
        "two_workers": both,
        "one_cut_off": cut,
        "verdict": verdict.facts(),
    }


def _lot(trial: _Trial, papers: list[Papers], name: str, *, cut: bool = False) -> dict[str, Any]:
    machines, backlog = trial.machines, trial.backlog
    cpu, started = machines.worker_cpu(), time.monotonic()
    ids = backlog.bring(papers)
    trial.taken += [
        Acknowledged(dossier, paper.name, paper.sums, paper.pages, 0.0, started)
        for dossier, paper in zip(ids, papers, strict=True)
    ]
    if cut:
        left = backlog.finish(ids, 1200, open_=2 * len(ids) // 3)
        trial.say(f"{name}: cable pulled with {len(left)} open")
        machines.net.plug("b", in_=False)
        try:
            pulled = time.monotonic()
            backlog.finish(left, CUT_S)
            time.sleep(max(0.0, CUT_S - (time.monotonic() - pulled)))
        finally:
            machines.net.plug("b", in_=True)
        trial.say(f"{name}: cable back")
    left = backlog.finish(ids, 1200)
    seconds, pages = time.monotonic() - started, sum(paper.pages for paper in papers)
    row = {
        "pages": pages,
        "seconds": round(seconds, 1),
        "pages_a_minute": round(pages * 60 / seconds, 1),
        "cpu_s_per_page": round((machines.worker_cpu() - cpu) / pages, 3),
        "left": len(left),
        "by_worker": _by_worker(backlog, ids),
    }
    trial.say(f"{name}: {row}")
    return row


def _by_worker(backlog: Backlog, ids: list[str]) -> dict[str, int]:
    """How many dossiers each worker had last, by its lease."""
    from sqlalchemy import select

    from pipeline.catalogue import tables as t

    found: dict[str, int] = {}
    with backlog.house.catalogue.queue().database.reading() as connection:
        rows = connection.execute(select(t.leases.c.worker).where(t.leases.c.dossier_id.in_(ids)))
        for (worker,) in rows:
            found[worker] = found.get(worker, 0) + 1
    return found


def _pinned(core: int) -> list[str]:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if shutil.which("taskset") is None or len(cores) < 2:
        return []
    return ["taskset", "-c", str(cores[core])]
