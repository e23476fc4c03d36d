"""The whole product as real processes: what every bench of the machine room starts, kills and ends.

`embedded` is what no settings give: SQLite, a folder, one worker, `hoso up`. `full` is a small city's: SeaweedFS,
PostgreSQL, a timestamp authority behind HTTP, Prefect, the API and several workers. Parts are started as an operator
starts them, through the command line; the harness restarts only what a service manager would.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from pipeline.trials.machine_room import database, disk
from pipeline.trials.machine_room.processes import Keeper, Service, clear, environment, janitor, members

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import psutil

    from pipeline.settings import Settings

Kind = Literal["embedded", "full"]
HOSO: Final = (sys.executable, "-m", "api.cli")
START_S: Final = 120.0
ROLES: Final = {
    "supervisor": ("api.cli", "up"),
    "store": ("server", "-filer"),
    "store_parent": ("api.cli", "store"),
    "api": ("api.cli", "serve"),
    "prefect": ("flows.prefect_child",),
    "worker": ("api.cli", "worker"),
    "tsa": ("pipeline.trials.machine_room.authority",),
    "database": ("-D", "-k"),
}
"""Words of a part's command by which it is known."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start."""

    kind: Kind = "embedded"
    workers: int = 1
    """Workers beside one another; the first one is `hoso up`'s."""
    cores: int = 1
    """For each worker."""
    disk_mb: int = 0
    """Size of a disk of its own, so that it can be filled; 0: the machine's."""
    environment: tuple[tuple[str, str], ...] = ()
    """Further settings."""
    nice: int = 0
    worker_prefix: tuple[str, ...] = ()
    """Words before each further worker's command, such as `taskset -c 1`."""


class Stack:
    """A running system. Leaving the `with` block ends every process of it and removes what it wrote."""

    def __init__(self, plan: Plan, deadline_s: float, *, keep: Path | None = None) -> None:
        """`deadline_s`: when the janitor ends everything, us included. `keep`: where the logs go at the end."""
        self.plan = plan
        self.token = f"room-{os.getpid()}-{time.time_ns():x}"
        self._deadline = deadline_s
        self._keep = keep
        self._parts = ExitStack()
        self.credentials: dict[str, str] = {}
        """By which `desk.sign_in` gets the headers of a client."""
        self.no_disk = "not asked for"
        """Why there is no disk of its own; empty where there is one."""

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            # Not below /tmp: where that is memory, a disk image would be, too. The janitor removes it.
            self.folder = Path(tempfile.mkdtemp(prefix="hoso-room-", dir="/var/tmp"))
            self.folder.chmod(0o755)
            self.home = self.folder / "d"
            self.home.mkdir()
            undo = disk.undo(self.home) if self.plan.disk_mb else []
            undo.append(["rm", "-rf", str(self.folder)])
            opening.enter_context(janitor(self.token, self.folder, self._deadline, undo))
            if self.plan.disk_mb:
                self.no_disk = disk.mount(self.folder / "disk", self.home, self.plan.disk_mb)
            opening.callback(self._last_words)
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
        """`http://127.0.0.1:PORT` of the API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def hoso(self) -> Path:
        """HOSO_HOME."""
        return self.home / "hoso"

    @property
    def settings(self) -> Settings:
        """The stack's settings, for a house of the harness's own."""
        from pipeline.settings import Settings, SigningSettings, StoreSettings

        if self.plan.kind == "embedded":
            return Settings(home=self.hoso, cores=1, catalogue_url="", store=StoreSettings(kind="folder"))
        return Settings(
            home=self.hoso,
            cores=1,
            catalogue_url=database.url(self.home / "pg"),
            store=StoreSettings(kind="seaweedfs"),
            signing=SigningSettings(tsa_urls=(self.tsa,), fetch=False),
        )

    @property
    def tsa(self) -> str:
        """URL of the timestamp authority."""
        return f"http://127.0.0.1:{self.tsa_port}/tsa"

    def variables(self) -> dict[str, str]:
        """The settings as an operator sets them."""
        own = {
            "HOSO_HOME": str(self.hoso),
            "HOSO_CORES": str(self.plan.cores),
            "HOSO_API__PORT": str(self.port),
            **dict(self.plan.environment),
        }
        if self.plan.kind == "full":
            own |= {
                "HOSO_CATALOGUE_URL": database.url(self.home / "pg"),
                "HOSO_STORE__KIND": "seaweedfs",
                "HOSO_SIGNING__TSA_URLS": json.dumps([self.tsa]),
                "HOSO_SIGNING__FETCH": "false",
            }
        return own

    def run(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """A command of `hoso` over this installation, to its end."""
        return subprocess.run(
            [*HOSO, *arguments],
            env=environment(self.token) | self.variables(),
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def processes(self) -> list[psutil.Process]:
        """Every process of the stack."""
        return members(self.token, self.folder)

    def role(self, name: str) -> list[psutil.Process]:
        """Living processes of a part; `worker_child` are those that read pages."""
        import psutil

        everyone = self.processes()
        if name == "worker_child":
            workers = {process.pid for process in everyone if _is("worker", process)}
            found = []
            for process in everyone:
                with suppress(psutil.Error):
                    if process.ppid() in workers and not _is("store", process):
                        found.append(process)
            return found
        mine = [process for process in everyone if _is(name, process)]
        if name == "database":
            pids = {process.pid for process in mine}
            with suppress(psutil.Error):
                mine = [process for process in mine if process.ppid() not in pids]
        return mine

    def answers(self, timeout: float = 1.0) -> bool:
        """Whether the API is there."""
        return answers(f"{self.url}/api/v1/health/live", timeout)

    def wait(self, seconds: float = START_S) -> None:
        """Until the API answers. Raises `TimeoutError` with the end of the logs."""
        until = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > until:
                raise TimeoutError(f"the API did not answer within {seconds:g} s\n{self.log_ends()}")
            time.sleep(0.2)

    def log_ends(self, most: int = 1500) -> str:
        """The end of each log, for a report of what went wrong."""
        logs = [*self.folder.glob("*.log"), *(self.hoso / "logs").glob("*.out")]
        ends = [(log.name, log.read_bytes()[-most:].decode(errors="replace")) for log in sorted(logs)]
        return "\n".join(f"== {name}\n{text}" for name, text in ends if text)

    def _start(self) -> None:
        self.port, self.tsa_port = free_port(), free_port()
        self.hoso.mkdir(exist_ok=True)
        if self.plan.kind == "full":
            self._start_further()
        prefix = ["nice", "-n", str(self.plan.nice)] if self.plan.nice else []
        variables = self.variables()
        self.keeper.add(Service("supervisor", [*prefix, *HOSO, "up"], self.folder / "up.log", variables, again_s=2.0))
        self.wait()
        self.credentials["api_key"] = self._key()
        for number in range(2, self.plan.workers + 1):
            self.keeper.add(self.worker(number, [*prefix, *self.plan.worker_prefix]))

    def _key(self) -> str:
        """A key for the harness, as an operator gives one to a machine."""
        from pipeline.access.people import People
        from pipeline.access.roles import Right
        from pipeline.composition import build_house

        with build_house(self.settings) as house:
            return People(house.tools).add_key("machine room", list(Right))[1]

    def worker(self, number: int, prefix: list[str]) -> Service:
        """One more worker on this machine."""
        name = f"worker{number}"
        return Service(name, [*prefix, *HOSO, "worker"], self.folder / f"{name}.log", self.variables(), again_s=2.0)

    def _start_further(self) -> None:
        from signing.devpki import DevelopmentPki

        room = self.home / "pg"
        room.mkdir(exist_ok=True)
        database.make(room)
        self.keeper.add(database.service(room, self.folder / "database.log"))
        until = time.monotonic() + 60
        while not database.create(room):
            if time.monotonic() > until:
                raise TimeoutError(f"PostgreSQL did not start\n{self.log_ends()}")
            time.sleep(0.2)
        pki = self.hoso / "pki"
        DevelopmentPki.ensure(pki)
        command = [sys.executable, "-m", "pipeline.trials.machine_room.authority", str(pki), str(self.tsa_port)]
        self.keeper.add(Service("tsa", command, self.folder / "tsa.log"))

    def _last_words(self) -> None:
        if self._keep is None:
            return
        target = self._keep / "logs"
        target.mkdir(parents=True, exist_ok=True)
        for log in [*self.folder.glob("*.log"), *(self.hoso / "logs").glob("*"), *self.hoso.glob("store/weed.log")]:
            with suppress(OSError):
                shutil.copy(log, target / log.name)


def answers(url: str, timeout: float = 1.0) -> bool:
    """Whether a GET of this URL gives 200; a proxy is never asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError, urllib.error.URLError):
        return False


def free_port() -> int:
    """A port that is free now, below the range from which systems take ports for outgoing connections."""
    import secrets

    while True:
        port = 23_000 + secrets.randbelow(8000)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def settings_text(variables: Mapping[str, str]) -> str:
    """Settings as lines for a shell."""
    return "\n".join(f"{name}={value}" for name, value in sorted(variables.items()))


def _is(role: str, process: psutil.Process) -> bool:
    import psutil

    with suppress(psutil.Error):
        command = process.cmdline()
        if role == "database":
            return bool(command) and command[0].endswith("postgres") and "-D" in command
        return all(word in command for word in ROLES[role])
    return False
