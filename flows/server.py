"""Finds a Prefect server or brings one along for as long as it is needed.

In order: PREFECT_API_URL, the one that `hoso up` recorded under HOME/run, a child of our own. A child is started at
once and waited for only when its address is asked: loading models and storing originals go on meanwhile.
Whoever has no server can run stages all the same: Prefect moves dossiers, the catalogue says where they stand. A child
costs five seconds of processor time, more than a page: a single command can be told to do without one by settings.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

from flows import child, prefect_child
from pipeline.errors import HosoError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.settings import Settings

START_SECONDS = 90.0
"""A first start runs Prefect's migrations; on a busy machine with slow disks that takes a while."""


class PrefectUnavailableError(HosoError):
    """No Prefect server answers, and one of our own did not start."""

    code = "prefect_unavailable"
    message_vi = "Không khởi động được máy chủ điều phối Prefect."
    remedy_vi = "Hãy xem nhật ký prefect.log trong thư mục logs của HOSO_HOME."


class PrefectServer:
    """A server's address, asked for when needed."""

    def __init__(self, url: str, process: subprocess.Popen[bytes] | None = None, log: Path | None = None) -> None:
        self._url = url
        self._process = process
        self._log = log

    @property
    def own(self) -> bool:
        """Whether it is our child."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """Process id of the child, or None for a server that was found."""
        return self._process.pid if self._process else None

    def ready(self) -> str | None:
        """The API's URL where it answers already, or None; never waits for a start."""
        return self._url if answers(self._url, timeout=0.2) else None

    def url(self, seconds: float = START_SECONDS) -> str:
        """The API's URL once it answers. Raises `PrefectUnavailableError`."""
        until = time.monotonic() + seconds
        while not answers(self._url, timeout=2.0):
            if (self._process and self._process.poll() is not None) or time.monotonic() > until:
                raise PrefectUnavailableError(str(self._log or self._url))
            time.sleep(0.05)
        return self._url

    def close(self) -> None:
        """Ends the child, within seconds."""
        if self._process:
            child.stop([self._process], grace=2.0)


@contextlib.contextmanager
def server_for_command(settings: Settings) -> Iterator[PrefectServer | None]:
    """The server of a command that ends with its dossier: one that runs, or its own, or none (`prefect=found`)."""
    if settings.prefect == "own":
        with prefect_server(settings) as server:
            yield server
    else:
        url = find(settings)
        yield PrefectServer(url) if url else None


@contextlib.contextmanager
def prefect_server(settings: Settings) -> Iterator[PrefectServer]:
    """A server for the time of a `with` block. Enter it in the main thread: a child lives as long as that thread."""
    found = find(settings)
    server = PrefectServer(found) if found else _start(settings)
    try:
        yield server
    finally:
        server.close()


def find(settings: Settings) -> str | None:
    """The API URL of a server that is there already and answers."""
    candidates = [os.environ.get("PREFECT_API_URL"), recorded(settings)]
    return next((url for url in candidates if url and answers(url, timeout=2.0)), None)


def answers(url: str, timeout: float) -> bool:
    """Whether a Prefect API says that it is well; a proxy is never asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url.rstrip('/')}/health", timeout=timeout) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def run_folder(settings: Settings) -> Path:
    """Where running processes of this home leave their addresses."""
    return settings.home / "run"


def record(settings: Settings, url: str | None) -> None:
    """Writes down (or forgets) the shared server's URL for other commands of the same home."""
    path = run_folder(settings) / "prefect.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    if url is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(json.dumps({"api_url": url}))


def recorded(settings: Settings) -> str | None:
    """The shared server's URL as written down, whether or not it answers now."""
    try:
        found = json.loads((run_folder(settings) / "prefect.json").read_text())["api_url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None


def server_command(descriptor: int) -> list[str]:
    """The command of the server child that serves on a handed-down socket."""
    return [sys.executable, "-m", "flows.prefect_child", str(descriptor)]


def server_environment(settings: Settings) -> dict[str, str]:
    """The variables of the server child."""
    return prefect_child.environment(settings.home / "prefect")


def _start(settings: Settings) -> PrefectServer:
    log = settings.home / "logs" / "prefect.log"
    env = server_environment(settings)
    with child.listen("127.0.0.1", 0) as listener:
        process = child.spawn(server_command(listener.fileno()), log=log, env=env, sockets=[listener])
        return PrefectServer(f"{child.url_of(listener)}/api", process, log)
