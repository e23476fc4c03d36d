"""The server as a child: what it opens, what it keeps, and that nobody outlives anybody."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import textwrap
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.store.errors import StoreOptionsError, StoreUnreachableError
from pipeline.store.factory import StoreOptions, open_store, opened_store
from pipeline.store.protocol import Duty
from pipeline.store.seaweed import SeaweedServer, _sockets, running_endpoint, weed_binary

if TYPE_CHECKING:
    from pipeline.store.protocol import ObjectStore

ROOT = Path(__file__).parents[2]


def status(port: int, method: str, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, headers={"Content-Length": "0"})
        return connection.getresponse().status
    finally:
        connection.close()


def test_nothing_but_s3_can_be_used(server: SeaweedServer, s3_store: ObjectStore) -> None:
    key = f"tests/{uuid.uuid4()}/doors"
    s3_store.put_new(key, b"still here")
    ports = server._ports
    attempts = [
        ("master", "GET", "/dir/assign"),
        ("master", "GET", "/col/delete?collection=kho-thu"),
        ("master", "GET", "/dir/status"),
        ("filer", "GET", f"/buckets/kho-thu/{key}"),
        ("filer", "DELETE", f"/buckets/kho-thu/{key}"),
        ("filer", "DELETE", "/buckets/kho-thu?recursive=true"),
        ("volume", "GET", "/admin/assign_volume?volume=99"),
        ("volume", "DELETE", "/1,01637037d6"),
        ("s3", "GET", "/kho-thu"),
        ("s3", "DELETE", f"/kho-thu/{key}"),
    ]
    answers = {(role, method, path): status(ports[role], method, path) for role, method, path in attempts}
    assert {attempt: code for attempt, code in answers.items() if code not in {401, 403, 404}} == {}
    assert s3_store.get(key) == b"still here"


def test_grpc_wants_our_certificate(server: SeaweedServer) -> None:
    def listed(environment: dict[str, str]) -> bytes:
        command = [str(weed_binary()), "shell", f"-master=127.0.0.1:{server._ports['master']}"]
        try:
            return subprocess.run(
                command, input=b"fs.ls /\nexit\n", env=environment, capture_output=True, timeout=3, check=False
            ).stdout
        except subprocess.TimeoutExpired as error:
            return error.stdout or b""

    from pipeline.store.seaweed_secrets import load_or_make

    plain = {"PATH": os.environ["PATH"], "HOME": str(server._folder)}
    assert b"buckets" in listed(plain | dict(load_or_make(server._folder / "secrets").environment))
    assert b"buckets" not in listed(plain)


def test_secrets_are_the_owners_alone(server: SeaweedServer) -> None:
    folder = server._folder / "secrets"
    assert folder.stat().st_mode & 0o077 == 0
    files = list(folder.iterdir())
    assert len(files) == 9
    assert all(path.stat().st_mode & 0o177 == 0 for path in files)
    command = Path(f"/proc/{server.pid}/cmdline").read_bytes()
    assert all(value.encode() not in command for value in open_keys(server))


def open_keys(server: SeaweedServer) -> list[str]:
    import json

    files = (server.keys_file, *(server.duty_keys_file(duty) for duty in Duty))
    return [value for file in files for value in json.loads(file.read_bytes()).values()]


def test_two_servers_never_share_a_folder(server: SeaweedServer) -> None:
    with pytest.raises(StoreUnreachableError, match="another server"):
        SeaweedServer(server._folder, start_seconds=0.3).start()
    assert server.running
    assert running_endpoint(server._folder) == server.endpoint


def test_a_missing_binary_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreOptionsError, match="seaweedfs"):
        SeaweedServer(tmp_path)


def test_a_server_that_ends_at_once_is_out_of_reach(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachableError, match="ended at once"):
        SeaweedServer(tmp_path / "weed", binary=Path("/bin/false")).start()
    with pytest.raises(StoreUnreachableError):
        SeaweedServer(tmp_path / "weed", binary=tmp_path / "nothing").start()


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_and_moved_ports(tmp_path: Path) -> None:
    options = StoreOptions(kind="seaweedfs", folder=tmp_path / "weed")
    with SeaweedServer(tmp_path / "weed") as server:
        store = open_store(options)
        kept = {f"a/{number}": os.urandom(100_000) for number in range(30)}
        for key, data in kept.items():
            store.put_new(key, data)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(StoreUnreachableError):
            store.put_new("b", b"x")
        first = dict(server._ports)
        server.stop()
        server._remember(server._remembered() | {"ports": {role: port + 1 for role, port in first.items()}})
        server.start()
        assert server._ports != first
        store = open_store(options)
        assert {key: store.get(key) for key in list(store.keys())} == kept
        store.put_new("b", b"x")
    assert running_endpoint(tmp_path / "weed") is None
    assert not [path for path in _sockets(server._ports) if path.exists()]


ORPHAN = """
    import os, sys
    from pathlib import Path
    from pipeline.store.seaweed import SeaweedServer
    server = SeaweedServer(Path(sys.argv[1]))
    server.start()
    print(server.pid, flush=True)
    os.kill(os.getpid(), 9)
"""


@pytest.mark.slow
def test_a_child_that_outlived_its_parent_is_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(ORPHAN), str(tmp_path / "weed")]
    orphan = int(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False).stdout)
    os.kill(orphan, 0)
    options = StoreOptions(kind="seaweedfs", folder=tmp_path / "weed")
    with opened_store(options) as store:
        with pytest.raises(ProcessLookupError):
            os.kill(orphan, 0)
        assert not store.capabilities().immutable
        assert "trên máy này" in store.capabilities().note_vi
        store.put_new("a", b"x")
        with opened_store(options) as beside:
            assert beside.get("a") == b"x"
        assert store.get("a") == b"x"
    assert running_endpoint(tmp_path / "weed") is None
