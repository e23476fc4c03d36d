"""`hoso backlog`, `hoso reconcile`, `hoso deploy`: dossiers in bulk, repair, and Prefect's own workers.

A backlog is received here and worked on wherever there is a worker; each entry of a given folder is one dossier, by its
content, so that the same command again adds only what is new. An entry's refusal is its own: the others go on.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from pydantic import Field

from api.commands.common import open_house, open_settings, print_json
from pipeline.catalogue.lanes import Lane
from pipeline.errors import Exit, HosoError, InputRefusedError
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.composition import House


class Entry(Model):
    """What became of one entry of a folder."""

    name: str
    dossier: str | None = None
    known: bool = False
    """The very same files came before: nothing was added."""
    code: str | None = None
    """Why it was not received."""


class BacklogReport(Model):
    """The answer of `hoso backlog --json`."""

    received: int
    known: int
    refused: int
    waiting: int
    """Backlog dossiers due that nobody works on."""
    oldest_seconds: float
    entries: tuple[Entry, ...] = ()
    done: dict[str, float | int] = Field(default_factory=dict)
    """Counts of this command's own run (`--run`)."""


class NoPrefectError(HosoError):
    """No Prefect server answers."""

    code = "prefect_unavailable"
    exit_code = Exit.HELD
    message_vi = "Không có máy chủ Prefect nào trả lời."
    remedy_vi = "Hãy chạy hoso up, hoặc đặt PREFECT_API_URL tới máy chủ Prefect."


def run(paths: Sequence[Path], procedure: str | None, batch: str, *, work: bool, as_json: bool) -> int:
    """Receives, says how the backlog stands, and works it off where asked to."""
    with open_house() as house:
        entries = []
        for path in _entries(paths):
            entry = _receive(house, path, procedure, batch)
            entries.append(entry)
            if not as_json:
                note = entry.code or ("đã có từ trước" if entry.known else "đã nhận")
                sys.stdout.write(f"{entry.name}\t{entry.dossier or '–'}\t{note}\n")
        done = _work(house) if work else {}
        stand = house.catalogue.queue().stand(Lane.BACKLOG)
        report = BacklogReport(
            received=sum(entry.dossier is not None and not entry.known for entry in entries),
            known=sum(entry.known for entry in entries),
            refused=sum(entry.code is not None for entry in entries),
            waiting=stand.count,
            oldest_seconds=round(stand.oldest_seconds, 1),
            entries=tuple(entries),
            done=done,
        )
    if as_json:
        print_json(report)
    else:
        sys.stdout.write(f"Nhận {report.received}, trùng {report.known}, từ chối {report.refused}; ")
        sys.stdout.write(f"đang chờ {report.waiting} hồ sơ.\n")
    return Exit.REFUSED if report.refused else Exit.FILED


def reconcile(*, once: bool, as_json: bool) -> int:
    """Repairs once, or every so often until Ctrl-C."""
    from flows.reconcile import Reconciled, tidy_here
    from flows.reconcile import reconcile as look
    from flows.server import find
    from flows.session import prepare
    from flows.supervisor import stop_on_signals

    class Report(Reconciled):
        dead: tuple[str, ...]

    with stop_on_signals() as stop, open_house() as house:
        prepare(house.settings)
        while True:
            dead = tidy_here(house)
            found = Report(dead=tuple(dead), **look(house, find(house.settings)).model_dump())
            if as_json:
                print_json(found)
            else:
                words = f"bộ xử lý đã chết {len(dead)}, im lặng {found.silent}; lượt Prefect bỏ dở {found.zombies}"
                sys.stdout.write(words + "\n")
            if once or stop.wait(house.settings.flows.reconcile_seconds):
                return Exit.FILED


def deploy(pool: str, every: float) -> int:
    """Registers the flows with the Prefect server that runs, or that PREFECT_API_URL names."""
    from flows.deploy import register
    from flows.server import find
    from flows.session import prepare

    settings = open_settings()
    prepare(settings)
    url = find(settings)
    if url is None:
        raise NoPrefectError
    for name in register(settings, url, pool, every):
        sys.stdout.write(f"{name}\n")
    sys.stdout.write(f"PREFECT_API_URL={url} prefect worker start --type process --pool {pool}\n")
    return Exit.FILED


def _entries(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (inner for inner in sorted(path.iterdir()) if not inner.name.startswith((".", "_", "~$")))
        else:
            yield path


def _receive(house: House, path: Path, procedure: str | None, batch: str) -> Entry:
    try:
        received = house.conductor.receive([path], procedure, lane=Lane.BACKLOG, batch=batch or None)
    except InputRefusedError as error:
        return Entry(name=path.name, code=error.code)
    return Entry(name=path.name, dossier=received.dossier_id, known=received.known)


def _work(house: House) -> dict[str, float | int]:
    from flows.server import PrefectServer, find
    from flows.session import prepare
    from flows.supervisor import stop_on_signals
    from flows.worker import Worker

    prepare(house.settings)
    url = find(house.settings)
    worker = Worker(house, PrefectServer(url) if url else None)
    counts: dict[str, float | int] = {}
    with stop_on_signals() as stop:
        thread = threading.Thread(target=lambda: counts.update(worker.work_off(stop)), name="backlog", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(0.5)
            if stop.is_set():
                worker.give_back()
    return counts
