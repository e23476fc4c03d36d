"""The trials themselves, small, with everything real: what they find must be nothing, and nothing of them may stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.trials.machine_room import kill, load
from pipeline.trials.machine_room.database import NotHereError, programs
from pipeline.trials.machine_room.networks import made, network

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.trials.machine_room.stack import Kind

pytest.importorskip("uharfbuzz", reason="the extra 'synthesis' is not installed")


def _said(lines: list[str]) -> str:
    return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("kind", "minutes"), [("embedded", 1.0), ("full", 2.0)])
def test_nothing_is_lost_and_nothing_done_twice_while_parts_die(tmp_path: Path, kind: Kind, minutes: float) -> None:
    if kind == "full":
        try:
            programs()
        except NotHereError as error:
            pytest.skip(str(error))
        pytest.importorskip("psycopg", reason="no psycopg: install the extra 'postgresql'")
    test = kill.KillTest(dossiers=6, pages=2, minutes=minutes, kind=kind, settle_minutes=5, seed=5)
    said: list[str] = []
    report = kill.run(test, tmp_path / "out", tmp_path / "pages", said.append)
    assert report["ok"], f"{report['verdict']}\n{report['broken']}\n{_said(said)}"
    assert report["acknowledged"] == test.dossiers
    assert len(report["harms"]) >= minutes * 60 / kill.EVERY_S - 1


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_many_clients_lose_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    test = load.LoadTest(clients=8, minutes=0.2, pages=1)
    report = load.run(test, tmp_path / "out", tmp_path / "pages", said.append)
    assert report["ok"], f"{report['dishonest']}\n{report['lost']}\n{_said(said)}"
    assert report["acknowledged"] > 0


def test_a_machine_without_its_cable_is_not_reached() -> None:
    import subprocess

    try:
        with made(network(("x", "y"))) as net:
            listen = [*net.inside("x"), "python3", "-m", "http.server", "--bind", net.address("x"), "9100"]
            server = subprocess.Popen(listen, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ask = [*net.inside("y"), "python3", "-c", _ASK, net.address("x")]
            try:
                assert subprocess.run(ask, check=False, timeout=30).returncode == 0
                net.plug("x", in_=False)
                assert subprocess.run(ask, check=False, timeout=30).returncode == 1
                net.plug("x", in_=True)
                assert subprocess.run(ask, check=False, timeout=30).returncode == 0
            finally:
                server.kill()
                server.wait()
    except NotHereError as error:
        pytest.skip(str(error))


_ASK = """
import socket, sys, time
until = time.monotonic() + 4
while time.monotonic() < until:
    try:
        socket.create_connection((sys.argv[1], 9100), timeout=1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit(1)
"""
