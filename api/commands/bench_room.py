"""`hoso bench kill | machines | backlog | desk | load`: trials of the whole machine room; the exit code is the verdict.

The work is in `pipeline.trials.machine_room`. Each writes `report.json` into its folder and a table for people to
stdout; what happens meanwhile goes to stderr. Ctrl-C and SIGTERM end a trial and every process that it started.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from rich.table import Table

from api.commands.common import print_screen
from pipeline.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.trials.machine_room.backlog import BacklogTest
    from pipeline.trials.machine_room.kill import KillTest
    from pipeline.trials.machine_room.latency import DeskTest
    from pipeline.trials.machine_room.load import LoadTest
    from pipeline.trials.machine_room.machines import MachinesTest


def asked(name: str) -> Any:
    """A module of the machine room, for what it can be asked."""
    return importlib.import_module(f"pipeline.trials.machine_room.{name}")


def kill(test: KillTest, out: Path, *, as_json: bool) -> int:
    """Parts die every ten seconds; was anything lost, or done twice?"""
    from pipeline.trials.machine_room.kill import run

    return _ended(lambda: run(test, out, _pool(out), _say), out, _killed, as_json=as_json)


def load(test: LoadTest, out: Path, *, as_json: bool) -> int:
    """Many clients at once."""
    from pipeline.trials.machine_room.load import run

    return _ended(lambda: run(test, out, _pool(out), _say), out, _flat, as_json=as_json)


def desk(test: DeskTest, out: Path, *, as_json: bool) -> int:
    """The citizen in the chair beside a backlog."""
    from pipeline.trials.machine_room.latency import run

    return _ended(lambda: run(test, out, _pool(out), _say), out, _flat, as_json=as_json)


def backlog(test: BacklogTest, out: Path, *, as_json: bool) -> int:
    """Pages a minute beside the peer."""
    from pipeline.trials.machine_room.backlog import run
    from pipeline.trials.machine_room.plot import cost_svg

    def work() -> dict[str, Any]:
        report = run(test, out, _pool(out), _say)
        title = f"Cost of a page through the whole pipeline, {test.cores} cores"
        (out / "cost.svg").write_text(cost_svg(report["cost_by_pages"], title), encoding="utf-8")
        return report

    return _ended(work, out, _flat, as_json=as_json)


def machines(test: MachinesTest, out: Path, *, as_json: bool) -> int:
    """Workers and store on networks of their own; one is cut off and comes back."""
    from pipeline.trials.machine_room.machines import run

    return _ended(lambda: run(test, out, _pool(out), _say), out, _flat, as_json=as_json)


def _pool(out: Path) -> Path:
    """Invented dossiers lie beside the reports, so that the next trial finds them."""
    return out.absolute().parent / "hoso-room-pages"


def _say(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()


def _ended(
    work: Callable[[], dict[str, Any]], out: Path, table: Callable[[dict[str, Any]], Table], *, as_json: bool
) -> int:
    # All of these end a trial as Ctrl-C does, through every `finally`; a shell starts background jobs deaf to SIGINT.
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, signal.default_int_handler)
    out.mkdir(parents=True, exist_ok=True)
    report = work()
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        print_screen(table(report))
    return Exit.FILED if report.get("ok", True) else Exit.FAULT


def _killed(report: dict[str, Any]) -> Table:
    grid = _flat({name: value for name, value in report.items() if name not in {"harm", "harms", "verdict", "http"}})
    for kind, harm in report["harm"].items():
        progress, api = harm["progress_s"], harm["api_s"]
        said = f"x{harm['times']}: next stage after {progress.get('median', '-')} s (most {progress.get('most', '-')})"
        grid.add_row(kind, f"{said}, API after {api.get('median', '-')} s (most {api.get('most', '-')})")
    for name, question in report["verdict"].items():
        if isinstance(question, dict):
            named = "; ".join(question["named"][:3])
            grid.add_row(name, f"{question['faults']} of {question['asked']} {named}".rstrip())
    grid.add_row("http", ", ".join(f"{what} {count}" for what, count in report["http"].items()))
    return grid


def _flat(report: dict[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in report.items():
        if isinstance(value, list) and len(value) > 5:
            continue
        said = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else str(value)
        grid.add_row(name, said)
    return grid
