"""`hoso up` and what it starts: the API, a worker and Prefect as children of one supervisor; and a worker alone.

The supervisor's own process stays small: it imports neither models nor Prefect. Children find their socket by its
descriptor and their parent by its pid, and die with it.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from typing import TYPE_CHECKING

from api import words
from api.commands.common import open_settings

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import RenderableType
    from rich.live import Live

    from flows.supervisor import Part, PartStatus
    from pipeline.composition import House
    from pipeline.settings import Settings

_LOG = logging.getLogger("hoso.up")
_FIRST = "first-sign-in"
"""File in the home, for its owner only, that takes a first password from the API to the terminal, and is gone then."""


def run(port: int | None) -> int:
    """Runs everything until Ctrl-C."""
    from flows import child, server
    from flows.supervisor import Supervisor, sole_supervisor, stop_on_signals

    settings = open_settings("up")
    api_port = settings.api.port if port is None else port
    with (
        contextlib.closing(child.listen(settings.api.host, api_port)) as api_socket,
        contextlib.closing(child.listen("127.0.0.1", 0)) as prefect_socket,
        sole_supervisor(server.run_folder(settings), {"api": child.url_of(api_socket)}),
        stop_on_signals() as stop,
    ):
        prefect_url = f"{child.url_of(prefect_socket)}/api"
        server.record(settings, prefect_url)
        supervisor = Supervisor(_parts(settings, api_socket, prefect_socket, prefect_url))
        try:
            with _screen(child.url_of(api_socket), settings.home / _FIRST) as screen:
                supervisor.run(stop, screen.show)
        finally:
            server.record(settings, None)
    return 0


def run_worker() -> int:
    """One worker until Ctrl-C or until it is to be started anew; what is in hand is given back or finished."""
    from flows.child import die_with_parent
    from flows.server import PrefectServer, find
    from flows.session import prepare
    from flows.supervisor import stop_on_signals
    from flows.worker import Worker
    from pipeline.composition import build_house
    from pipeline.freed_memory import let_go_of_freed_memory

    die_with_parent()
    let_go_of_freed_memory()
    settings = _waiting(open_settings("worker"))
    prepare(settings)
    with stop_on_signals() as stop, build_house(settings) as house:
        url = _prefect_url(settings) or find(settings)
        worker = Worker(house, PrefectServer(url) if url else None)
        thread = threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
        thread.start()
        while thread.is_alive() and not stop.is_set():
            thread.join(0.5)
        # The pages in hand get a moment to end; what they have said is in the ledger either way.
        thread.join(2.0)
        if not thread.is_alive() and not worker.broken:
            return 0
        worker.let_go()
        _leave(1 if worker.broken else 0)
    return 0


def run_api(descriptor: int) -> int:
    """The HTTP API on a socket that the supervisor listens on."""
    import socket

    import uvicorn

    from api.app import build_app
    from flows.child import die_with_parent
    from pipeline.composition import build_house

    die_with_parent()
    settings = _waiting(open_settings("api"))
    with build_house(settings) as house:
        _first_account(settings, house)
        config = uvicorn.Config(
            build_app(house), log_config=None, log_level="warning", timeout_graceful_shutdown=1, server_header=False
        )
        uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])
    return 0


def _first_account(settings: Settings, house: House) -> None:
    """On a first start: an administrator, whose one-time password the supervisor says once (it has the terminal)."""
    import os

    from pipeline.access.people import People

    made = People(house.tools).begin()
    if made is not None:
        descriptor = os.open(settings.home / _FIRST, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("  ".join(made))


def run_store() -> int:
    """The SeaweedFS server of this home until Ctrl-C; 1 where it ends by itself, so that it is started again."""
    from flows.child import die_with_parent
    from flows.supervisor import stop_on_signals
    from pipeline.store.seaweed import SeaweedServer

    die_with_parent()
    settings = open_settings("store")
    server = SeaweedServer(settings.store.folder or settings.home / "store", stop_seconds=1.5)
    with stop_on_signals() as stop:
        server.start()
        try:
            while server.running and not stop.is_set():
                stop.wait(0.5)
                if server.seized():
                    server.stop()
                    server.start()
        finally:
            server.stop()
    return 0 if stop.is_set() else 1


def _waiting(settings: Settings) -> Settings:
    """A part that lives as long as the others waits for the store that all share; it never starts one of its own."""
    return settings.model_copy(update={"store": settings.store.model_copy(update={"serve": False})})


def _prefect_url(settings: Settings) -> str | None:
    from flows.server import recorded

    # Not asked whether it answers: it may be starting beside us.
    return recorded(settings)


def _leave(code: int) -> None:
    # A stage that does not end in time is cut off; its dossier was given back, and the next worker takes it up.
    import os

    os._exit(code)


def _parts(settings: Settings, api: socket.socket, prefect: socket.socket, prefect_url: str) -> list[Part]:
    from flows import child, server
    from flows.supervisor import Part

    logs = settings.home / "logs"
    hoso = [sys.executable, "-m", "api.cli"]
    home = {"HOSO_HOME": str(settings.home)}
    address = child.url_of(api)
    store = Part(name="store", command=[*hoso, "store"], log=logs / "store.out", env=home)
    return [
        *([store] if settings.store.kind == "seaweedfs" else []),
        Part(
            name="api",
            command=[*hoso, "serve", "--fd", str(api.fileno())],
            log=logs / "api.out",
            env=home,
            listener=api,
            health=f"{address}/api/v1/health/live",
            address=address,
        ),
        Part(
            name="prefect",
            command=server.server_command(prefect.fileno()),
            log=logs / "prefect.log",
            env=server.server_environment(settings),
            listener=prefect,
            health=f"{prefect_url}/health",
            address=prefect_url,
        ),
        Part(name="worker", command=[*hoso, "worker"], log=logs / "worker.out", env=home),
        *([_watch(settings, hoso, home)] if settings.watch.folder is not None else []),
    ]


def _watch(settings: Settings, hoso: list[str], home: dict[str, str]) -> Part:
    from flows.supervisor import Part

    folder = str(settings.watch.folder)
    command = [*hoso, "watch", folder, "--quiet", str(settings.watch.quiet_seconds)]
    return Part(name="watch", command=command, log=settings.home / "logs" / "watch.out", env=home, address=folder)


class _Screen:
    """The table on a terminal; one line per change elsewhere."""

    def __init__(self, address: str, live: Live | None, first: Path) -> None:
        self._address = address
        self._first = first
        self._live = live
        self._last: dict[str, str] = {}

    def show(self, parts: list[PartStatus]) -> None:
        """Shows how the parts are."""
        if self._first.exists():
            said = f"Đăng nhập lần đầu (mật khẩu dùng một lần): {self._first.read_text(encoding='utf-8')}"
            self._first.unlink()
            if self._live is None:
                print(said, flush=True)  # noqa: T201
            else:
                self._live.console.print(said)
        for part in parts:
            if self._last.get(part.name) != part.state.value:
                self._last[part.name] = part.state.value
                _LOG.info("%s: %s (pid %s, restarts %d)", part.name, part.state.value, part.pid, part.restarts)
                if self._live is None:
                    print(f"{part.name}: {words.PART[part.state.value]} {part.address}".rstrip(), flush=True)  # noqa: T201
        if self._live is not None:
            self._live.update(_table(self._address, parts))


@contextlib.contextmanager
def _screen(address: str, first: Path) -> Iterator[_Screen]:
    if not sys.stdout.isatty():
        yield _Screen(address, None, first)
        return
    from rich.live import Live

    from api.screens import console

    with Live(console=console(sys.stdout), refresh_per_second=2) as live:
        yield _Screen(address, live, first)


def _table(address: str, parts: list[PartStatus]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    style = {"running": "green", "starting": "yellow", "silent": "yellow", "waiting": "red", "stopped": "dim"}
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in ("Bộ phận", "Tình trạng", "PID", "Chạy lại", "Thời gian", "Địa chỉ"):
        table.add_column(heading, header_style="dim", no_wrap=True)
    for part in parts:
        state = part.state.value
        uptime = time.strftime("%H:%M:%S", time.gmtime(part.seconds))
        pid = str(part.pid or "–")
        table.add_row(
            part.name, Text(words.PART[state], style=style[state]), pid, str(part.restarts), uptime, part.address
        )
    return Group(Text(f"Hồ Sơ Số chạy tại {address}   (Ctrl-C để dừng)", style="bold"), table)
