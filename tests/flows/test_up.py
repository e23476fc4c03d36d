"""`hoso up` as people run it: it starts, Ctrl-C ends it within five seconds, the next start finds everything."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.slow


class Up:
    """A running `hoso up` on a port and home of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/api/v1"
        self.home = home
        self.said = home.parent / "said.txt"
        self.headers = self._key()
        self.process = self._start()

    def _key(self) -> dict[str, str]:
        rights = ("dossier.receive", "dossier.read", "system.operate")
        command = [sys.executable, "-m", "api.cli", "access", "key", "add", "test", "--json"]
        made = subprocess.run(
            [*command, *(word for right in rights for word in ("--right", right))],
            env={**os.environ, "HOSO_HOME": str(self.home)},
            capture_output=True,
            check=True,
        )
        return {"Authorization": f"Bearer {json.loads(made.stdout)['key']}"}

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "api.cli", "up", "--port", str(self.port)]
        env = {**os.environ, "HOSO_HOME": str(self.home)}
        with self.said.open("ab") as said:
            return subprocess.Popen(command, env=env, stdout=said, stderr=subprocess.PIPE, start_new_session=True)

    def again(self) -> None:
        self.process = self._start()

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def get(self, path: str) -> httpx.Response:
        # The socket listens from the first moment: a request waits until the API is there.
        return httpx.get(f"{self.url}{path}", headers=self.headers, timeout=60, trust_env=False)

    def end(self, number: signal.Signals) -> float:
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.communicate()
        return time.monotonic() - started


def test_it_starts_stops_and_starts_again(
    tmp_path: Path, alive: Callable[[int], bool], wait_until: Callable[..., bool]
) -> None:
    bad = tmp_path / "a.pdf"
    bad.write_bytes(b"%PDF-1.7 nothing")
    up = Up(tmp_path / "home")
    try:
        assert wait_until(lambda: _answers(up), 60)
        with bad.open("rb") as stream:
            own = {"headers": up.headers, "timeout": 30, "trust_env": False}
            draft = httpx.post(f"{up.url}/dossiers", **own).json()["id"]
            httpx.put(f"{up.url}/dossiers/{draft}/files", content=stream.read(), **own)
        dossier = httpx.post(f"{up.url}/dossiers/{draft}/start", **own).json()["id"]
        # The worker loads its models first; then it refuses what is no document.
        assert wait_until(lambda: up.get(f"/dossiers/{dossier}").json()["status"] == "refused", 90)

        second = subprocess.run(
            [sys.executable, "-m", "api.cli", "up", "--port", "0"],
            env={**os.environ, "HOSO_HOME": str(up.home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert second.returncode == 1
        assert "[already_running]" in second.stderr

        children = up.children()
        assert len(children) == 3
        assert up.end(signal.SIGINT) < 5.0
        assert up.process.returncode == 0
        assert not any(alive(pid) for pid in children)
        assert not (up.home / "run" / "up.json").exists()

        up.again()
        assert wait_until(lambda: _answers(up), 60)
        assert up.get(f"/dossiers/{dossier}").json()["status"] == "refused"
        children = up.children()
        up.end(signal.SIGKILL)
        assert wait_until(lambda: not any(alive(pid) for pid in children), 3.0)

        up.again()
        assert wait_until(lambda: _answers(up), 60)
        assert up.get("/health").json()["ok"]
        said = [line for line in up.said.read_text().splitlines() if "Đăng nhập lần đầu" in line]
        assert len(said) == 1, "the first password is said once"
        assert not (up.home / "first-sign-in").exists()
    finally:
        if up.process.poll() is None:
            up.end(signal.SIGTERM)


def _answers(up: Up) -> bool:
    try:
        return up.get("/health/live").status_code == 200
    except httpx.HTTPError:
        return False
