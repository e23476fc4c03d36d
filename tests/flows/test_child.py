"""Children end with their parent, sockets never race, and the supervisor keeps, restarts and ends its parts."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from flows import child
from flows.supervisor import AlreadyRunningError, Part, PartStatus, State, Supervisor, sole_supervisor

Alive = Callable[[int], bool]
WaitUntil = Callable[..., bool]
SERVER = """
import http.server, socket, signal, sys
from flows.child import die_with_parent
die_with_parent()
if "stubborn" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
s = http.server.HTTPServer(("127.0.0.1", 0), H, bind_and_activate=False)
s.socket.close(); s.socket = socket.socket(fileno=int(sys.argv[1])); s.serve_forever()
"""
PARENT = """
import sys, time
from pathlib import Path
from flows import child
code = "from flows.child import die_with_parent as d; d(); import time; time.sleep(60)"
p = child.spawn([sys.executable, "-c", code], log=Path(sys.argv[1]), env={})
time.sleep(1.0)
print(p.pid, flush=True)
time.sleep(60)
"""


def test_a_child_dies_with_a_killed_parent(tmp_path: Path, alive: Alive, wait_until: WaitUntil) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
        parent.wait()
        assert wait_until(lambda: not alive(pid), 3.0)


def test_a_taken_port_is_an_error_that_says_so() -> None:
    with child.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(child.PortTakenError) as caught:
            child.listen("127.0.0.1", port)
    assert caught.value.file == f"127.0.0.1:{port}"
    assert "HOSO_API__PORT" in caught.value.remedy_vi


class Watched:
    """A supervisor in a thread of its own, with what it last showed."""

    def __init__(self, parts: list[Part]) -> None:
        self.stop = threading.Event()
        self.last: list[PartStatus] = []
        supervisor = Supervisor(parts)
        self.thread = threading.Thread(target=supervisor.run, args=(self.stop, self._show, 0.05))
        self.thread.start()

    def _show(self, status: list[PartStatus]) -> None:
        self.last = status

    def is_running(self) -> bool:
        return bool(self.last) and all(part.state is State.RUNNING for part in self.last)

    def end(self) -> float:
        started = time.monotonic()
        self.stop.set()
        self.thread.join()
        return time.monotonic() - started


def part(tmp_path: Path, listener: socket.socket, *options: str) -> Part:
    return Part(
        name="server",
        command=[sys.executable, "-c", SERVER, str(listener.fileno()), *options],
        log=tmp_path / "server.log",
        listener=listener,
        health=child.url_of(listener),
    )


def test_a_killed_part_is_started_again_on_the_same_address(tmp_path: Path, wait_until: WaitUntil) -> None:
    with child.listen("127.0.0.1", 0) as listener:
        watched = Watched([part(tmp_path, listener)])
        try:
            assert wait_until(watched.is_running)
            first = watched.last[0].pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            # The socket is the supervisor's: callers wait for the new process instead of being refused.
            assert httpx.get(child.url_of(listener), timeout=10, trust_env=False).status_code == 200
            assert wait_until(lambda: watched.is_running() and watched.last[0].restarts == 1)
            assert watched.last[0].pid != first
        finally:
            watched.end()


def test_even_a_stubborn_part_ends_within_five_seconds(tmp_path: Path, alive: Alive, wait_until: WaitUntil) -> None:
    with child.listen("127.0.0.1", 0) as listener:
        watched = Watched([part(tmp_path, listener, "stubborn")])
        assert wait_until(watched.is_running)
        pid = watched.last[0].pid
        assert pid is not None
        assert watched.end() < 5.0
        assert not alive(pid)


def test_one_supervisor_per_home(tmp_path: Path) -> None:
    with (
        sole_supervisor(tmp_path / "run", {"api": "x"}),
        pytest.raises(AlreadyRunningError),
        sole_supervisor(tmp_path / "run", {"api": "y"}),
    ):
        pass
    with sole_supervisor(tmp_path / "run", {"api": "z"}):
        assert '"z"' in (tmp_path / "run" / "up.json").read_text()
