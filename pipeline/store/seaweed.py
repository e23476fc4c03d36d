"""A SeaweedFS server of our own: started, watched and stopped as a child process, on this machine only.

Everything binds to 127.0.0.1, and only the S3 port is of use there. The master's HTTP interface would let anybody
delete a whole bucket without a key, so all HTTP below S3 is off (`-disableHttp`), volumes and filer want signed
tokens, and gRPC wants a certificate of an authority made here, whose keys only the owner of the folder can read.
The child holds the folder's lock, so two servers never share data: a child that outlived its parent is ended first.
Acknowledged objects survive SIGKILL; after the first start the bucket is set to sync every write to the disk.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pipeline.store.errors import StoreOptionsError, StoreUnreachableError
from pipeline.store.seaweed_secrets import ROLES, Secrets, load_or_make

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.store.protocol import Duty

HOST = "127.0.0.1"
LOG_LIMIT = 20_000_000
"""Bytes of log kept from earlier runs."""
_NO_ROOM = b"no space left on device"
_FULL = 1 << 20
"""Bytes left on a disk that is taken for full."""
_ROOM = 64 << 20
"""Bytes on the disk from which on a start after a full disk is worth its while."""


class SeaweedServer:
    """One SeaweedFS process over one folder.

    Folder: `data/` (objects), `secrets/` (keys, mode 0600), `server.json` (ports and process of the running server),
    `lock`, `weed.log`.
    """

    def __init__(
        self, folder: Path, *, binary: Path | None = None, start_seconds: float = 60, stop_seconds: float = 5
    ) -> None:
        """Prepares nothing yet. Raises `StoreOptionsError` where there is no `weed` binary."""
        self._folder = folder.absolute()
        self._binary = binary or weed_binary()
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}
        self._said = 0
        self._choked = False

    @property
    def endpoint(self) -> str:
        """`http://127.0.0.1:PORT` of the S3 interface, once started."""
        return f"http://{HOST}:{self._ports['s3']}"

    @property
    def keys_file(self) -> Path:
        """JSON file with `access_key` and `secret_key` of the identity that makes buckets."""
        return self._folder / "secrets" / "keys.json"

    def duty_keys_file(self, duty: Duty) -> Path:
        """JSON file with `access_key` and `secret_key` of one duty's identity."""
        return self._folder / "secrets" / f"{duty}.json"

    @property
    def running(self) -> bool:
        """Whether our child lives."""
        return self._child is not None and self._child.poll() is None

    def seized(self) -> bool:
        """Whether the disk was full and no longer is: the server's index then refuses every write until a new start.

        The server says so in its log and nowhere else; what it said since the last look is read here. The log lies on
        the same disk, so its word may be lost with the rest: a disk seen full counts as much.
        """
        try:
            with (self._folder / "weed.log").open("rb") as log:
                log.seek(self._said)
                said = log.read()
            free = shutil.disk_usage(self._folder).free
        except OSError:
            return False
        self._said += len(said)
        self._choked = self._choked or _NO_ROOM in said or free < _FULL
        return self._choked and free > _ROOM

    @property
    def wanted(self) -> bool:
        """Whether somebody should start it: nothing answers over this folder, or only what a dead parent left."""
        return running_endpoint(self._folder) is None or self._orphan() is not None

    @property
    def pid(self) -> int | None:
        """Process number of our child."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Starts the server and returns when it answers; usually 3 to 5 seconds. Does nothing while it runs.

        Raises `StoreUnreachableError` where another living process has a server on this folder, or where it does not
        answer in time.
        """
        if self.running:
            return
        deadline = time.monotonic() + self._start_seconds
        try:
            for part in ("", "data"):
                (self._folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            kept = load_or_make(self._folder / "secrets")
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._take(lock, deadline)
                self._ports = _free_ports(self._remembered().get("ports", {}))
                self._spawn(lock, kept)
            finally:
                # The child has its own handle on the same lock, and keeps it for as long as it lives.
                os.close(lock)
        except OSError as error:
            raise StoreUnreachableError(self._folder.name, type(error).__name__) from error
        try:
            self._await_ready(deadline)
            self._sync_every_write(kept)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """SIGTERM, and after the time limit SIGKILL: the server's own leave takes up to 25 seconds."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(self._stop_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for path in _sockets(self._ports):
            path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _take(self, lock: int, deadline: float) -> None:
        """Gets the folder's lock, ending an orphan that has it."""
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not self._end_orphan() and time.monotonic() > deadline:
                    raise StoreUnreachableError(self._folder.name, "another server uses this folder") from None
                time.sleep(0.1)
            else:
                return

    def _end_orphan(self) -> bool:
        pid = self._orphan()
        if pid is None:
            return False
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
        return True

    def _orphan(self) -> int | None:
        """The recorded server, if it still runs over this folder and its parent is gone."""
        kept = self._remembered()
        pid = kept.get("pid")
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            parent = int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            return None
        ours = f"-dir={self._folder / 'data'}".encode() in command
        return int(str(pid)) if ours and parent != kept.get("parent") else None

    def _spawn(self, lock: int, kept: Secrets) -> None:
        log = self._folder / "weed.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.unlink()
        with log.open("ab") as output:
            self._said, self._choked = output.tell(), False
            self._child = subprocess.Popen(
                self._command(kept),
                cwd=self._folder,
                env=self._environment(kept),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                # Ctrl-C in a terminal goes to everyone there; the order of stopping is the parent's business.
                start_new_session=True,
            )
        state = {"ports": self._ports, "pid": self._child.pid, "parent": os.getpid()}
        self._remember(self._remembered() | state)

    def _command(self, kept: Secrets) -> list[str]:
        return [
            str(self._binary),
            "-logtostderr=true",
            "server",
            f"-dir={self._folder / 'data'}",
            f"-ip={HOST}",
            f"-ip.bind={HOST}",
            "-disableHttp=true",
            "-master.telemetry=false",
            "-master.electionTimeout=1s",
            "-master.volumeSizeLimitMB=1024",
            f"-master.port={self._ports['master']}",
            f"-volume.port={self._ports['volume']}",
            "-volume.max=0",
            "-volume.preStopSeconds=1",
            "-filer",
            f"-filer.port={self._ports['filer']}",
            "-s3",
            f"-s3.port={self._ports['s3']}",
            f"-s3.config={kept.s3_config}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
        ]

    def _environment(self, kept: Secrets) -> dict[str, str]:
        """Nothing of ours but what it needs; its home is the folder, so that no other configuration is found."""
        return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self._folder), **kept.environment}

    def _await_ready(self, deadline: float) -> None:
        while not _answers(self._ports["s3"]):
            if not self.running:
                raise StoreUnreachableError("weed", f"ended at once; see {self._folder.name}/weed.log")
            if time.monotonic() > deadline:
                raise StoreUnreachableError("weed", f"not ready within {self._start_seconds:g} s")
            time.sleep(0.05)

    def _sync_every_write(self, kept: Secrets) -> None:
        """Once a folder: without it an object lies in the page cache for a while after it was acknowledged."""
        if self._remembered().get("fsync"):
            return
        master = f"{HOST}:{self._ports['master']}"
        done = subprocess.run(
            [str(self._binary), "shell", f"-master={master}"],
            cwd=self._folder,
            env=self._environment(kept),
            input=b"fs.configure -locationPrefix=/buckets/ -fsync -apply\nfs.configure\nexit\n",
            capture_output=True,
            timeout=self._start_seconds,
            check=False,
        )
        if b'"fsync"' not in done.stdout.replace(b" ", b""):
            raise StoreUnreachableError("weed", "could not be told to sync its writes")
        self._remember(self._remembered() | {"fsync": True})

    def _remembered(self) -> dict[str, Any]:
        try:
            found = json.loads((self._folder / "server.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, state: dict[str, Any]) -> None:
        part = self._folder / f"server.json.{os.getpid()}"
        part.write_text(json.dumps(state, indent=1), encoding="ascii")
        part.replace(self._folder / "server.json")


def running_endpoint(folder: Path) -> str | None:
    """Where a server over this folder answers, whoever started it; None where none does."""
    try:
        port = int(json.loads((folder / "server.json").read_bytes())["ports"]["s3"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return f"http://{HOST}:{port}" if _answers(port) else None


def weed_binary() -> Path:
    """The `weed` binary that was installed into this environment. Raises `StoreOptionsError`."""
    import sys

    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise StoreOptionsError("weed", "not installed; it comes with the extra 'seaweedfs'")
    return Path(found)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_ports(wanted: dict[str, int]) -> dict[str, int]:
    """The remembered ports where they are free, others where not. A role's gRPC port is its port plus 10000."""
    ports: dict[str, int] = {}
    for role in ROLES:
        port = wanted.get(role)
        # Below the range from which systems take ports for outgoing connections.
        while not isinstance(port, int) or port in ports.values() or not (_free(port) and _free(port + 10_000)):
            port = 12_000 + secrets.randbelow(10_000)
        ports[role] = port
    return ports


def _free(port: int) -> bool:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server does it: connections of a server that just ended may linger.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _sockets(ports: dict[str, int]) -> list[Path]:
    """Unix sockets that the server makes outside its folder and leaves there when killed."""
    folder = Path("/tmp")  # noqa: S108 - the server's own fixed choice
    names = [f"seaweedfs-{role}-{port}.sock" for role, port in ports.items()]
    names += [f"seaweedfs-{role}-grpc-{port + 10_000}.sock" for role, port in ports.items()]
    return [folder / name for name in names]
