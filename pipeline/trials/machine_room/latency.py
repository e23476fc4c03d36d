"""`hoso bench desk`: how long the citizen in the chair waits while the same machine works off a backlog.

A backlog keeps the worker busy; dossiers are handed in through the API one after another, and the clock runs from the
end of the upload to the moment at which the API shows its checklist and fields: the status says that it waits for a
person or is past that, and it has documents. The backlog is topped up, so that it never runs dry.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.trials.machine_room.desk import Desk, sign_in
from pipeline.trials.machine_room.in_bulk import Backlog
from pipeline.trials.machine_room.pages import invented
from pipeline.trials.machine_room.stack import Plan, Stack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.trials.machine_room.stack import Kind

BAR: Final = (8.0, 12.0)
"""Seconds: median and 95th percentile."""
_READY: Final = frozenset({"waits_for_person", "filed", "refused"})
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class DeskTest:
    """What to run."""

    dossiers: int = 20
    pages: int = 5
    backlog: int = 30
    """Dossiers of ten pages in the backlog at the start; there are never fewer than a third of them."""
    cores: int = 2
    workers: int = 1
    kind: Kind = "embedded"
    seed: int = 1
    pause_s: float = 1.0
    """Between two citizens."""


def run(test: DeskTest, out: Path, pool: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Runs the bench; the report, in which `ok` says whether the bar is met."""
    from pipeline.composition import build_house

    out.mkdir(parents=True, exist_ok=True)
    plan = Plan(kind=test.kind, workers=test.workers, cores=test.cores)
    waits: list[dict[str, Any]] = []
    with Stack(plan, 3600, keep=out) as stack, build_house(stack.settings) as house:
        backlog = Backlog(stack, house)
        desk = Desk(stack.url, sign_in(stack.credentials))
        backlog.warm(invented(pool, test.seed + 7_000, 0, 2))
        brought = backlog.pour([_bulk(test, pool, number) for number in range(test.backlog)])
        over = threading.Event()
        for number in range(test.dossiers):
            brought += _topped_up(backlog, test, pool, brought)
            waits.append(_one(desk, test, pool, number))
            waits[-1]["backlog"] = _waiting(backlog)
            say(f"{number + 1:3}: {waits[-1]['seconds']:.1f} s ({waits[-1]['status']}), backlog {waits[-1]['backlog']}")
            over.wait(test.pause_s)
        desk.close()
    ordered = sorted(one["seconds"] for one in waits)
    median, p95 = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {
        "ok": median <= BAR[0] and p95 <= BAR[1] and all(one["status"] in _READY for one in waits),
        "dossiers": test.dossiers,
        "pages_each": test.pages,
        "cores": test.cores,
        "median_s": round(median, 2),
        "p95_s": round(p95, 2),
        "most_s": round(ordered[-1], 2),
        "bar_s": list(BAR),
        "least_backlog": min(one["backlog"] for one in waits),
        "waits": waits,
    }


def _one(desk: Desk, test: DeskTest, pool: Path, number: int) -> dict[str, Any]:
    # Numbers that no backlog has: nothing of it is in the step ledger.
    papers = invented(pool, test.seed + 1_000, number, test.pages)
    taken = desk.hand_in(papers)
    until = taken.at + 300
    while True:
        dossier = desk.get(f"/dossiers/{taken.dossier}")
        ready = dossier["status"] in _READY or (dossier["documents"] and dossier["checklist"])
        now = time.monotonic()
        if ready or now > until:
            return {
                "seconds": round(now - taken.at, 2),
                "status": dossier["status"],
                "upload_s": round(taken.seconds, 2),
            }
        time.sleep(_LOOK_S)


def _bulk(test: DeskTest, pool: Path, number: int) -> Any:
    return invented(pool, test.seed, number, 10)


def _waiting(backlog: Backlog) -> int:
    """Dossiers of the backlog that are not done with."""
    found = backlog.house.catalogue.count_by_status()
    return sum(count for status, count in found.items() if status.value in {"received", "processing", "held"})


def _topped_up(backlog: Backlog, test: DeskTest, pool: Path, brought: list[str]) -> list[str]:
    if _waiting(backlog) >= max(3, test.backlog // 3):
        return []
    first = len(brought)
    return backlog.pour([_bulk(test, pool, number) for number in range(first, first + test.backlog // 2)])
