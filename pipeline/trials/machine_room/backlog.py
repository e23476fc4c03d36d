"""`hoso bench backlog`: pages a minute through the whole pipeline beside a peer, in turns, in one run.

The same dossiers go to both, chunk by chunk; who goes first changes with each chunk, so that a machine that is busy
with other things is busy for both. While the peer works our processes are stopped (SIGSTOP), so that waiting costs it
nothing. Each chunk is a line of a file: a run that was cut short goes on after the last one. Processor time is that of
every process below either, children included.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psutil

from pipeline.trials.machine_room import peer, processes
from pipeline.trials.machine_room.in_bulk import Backlog
from pipeline.trials.machine_room.pages import Papers, invented, real, shuffled
from pipeline.trials.machine_room.stack import Plan, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

CHUNK_S: Final = 1800.0
"""A chunk that takes longer is given up."""


@dataclass(frozen=True, slots=True)
class BacklogTest:
    """What to run."""

    data: tuple[Path, ...] = ()
    """Folders with real PDFs; half of the pages come from there as long as there are some."""
    pages: int = 1000
    each: int = 10
    """Pages of a dossier."""
    chunk: int = 5
    """Dossiers of a chunk."""
    cores: int = 2
    peer: bool = True
    replay: int = 0
    """Further pages after these, of pages that were read before: the step ledger knows what they say."""
    seed: int = 1
    hours: float = 6.0


def papers(test: BacklogTest, pool: Path) -> Iterator[Papers]:
    """Real and invented dossiers in turns, `pages` pages in all."""
    from_real = itertools.chain.from_iterable(real(folder, test.pages // 2, test.each) for folder in test.data)
    made = (invented(pool, test.seed, number, test.each) for number in itertools.count())
    left = test.pages
    turns: list[Iterator[Papers]] = [from_real, made]
    for turn in itertools.cycle((0, 1)):
        paper = next(turns[turn], None)
        if paper is None:
            turns[0] = made
            continue
        yield paper
        left -= paper.pages
        if left <= 0:
            return


def run(test: BacklogTest, out: Path, pool: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Runs the bench, or goes on with it; the report."""
    out.mkdir(parents=True, exist_ok=True)
    kept = out / "chunks.jsonl"
    done = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: test.cores])
    plan = Plan(kind="embedded", workers=1, cores=test.cores)
    with Stack(plan, test.hours * 3600 + 600, keep=out) as stack:
        from pipeline.composition import build_house

        until = time.monotonic() + test.hours * 3600
        with build_house(stack.settings) as house, kept.open("a") as lines:
            backlog = Backlog(stack, house)
            _warm(backlog, test, pool)
            for number, chunk in enumerate(_chunks(test, pool)):
                if number < len(done):
                    continue
                if time.monotonic() > until:
                    break
                row = _chunk(stack, backlog, chunk, number, test)
                done.append(row)
                lines.write(json.dumps(row) + "\n")
                lines.flush()
                say(_line(row))
    return report(test, done)


def _chunks(test: BacklogTest, pool: Path) -> Iterator[tuple[str, list[Papers]]]:
    """Chunks to read, then those whose pages were read before."""
    seen: list[Papers] = []
    source = papers(test, pool)
    # The first chunk is one dossier: what a small kho costs.
    first = list(itertools.islice(source, 1))
    for chunk in itertools.chain([first], _batched(source, test.chunk)):
        # A chunk of the replay needs a few pages of many dossiers; all of them would fill the memory.
        seen += chunk if sum(len(paper.files[0][1]) for paper in seen) < 200_000_000 else []
        yield "read", chunk
    again = (shuffled(seen, test.seed, number, test.each) for number in itertools.count())
    count = 0
    for chunk in _batched(again, test.chunk * 4):
        if count >= test.replay:
            return
        count += sum(paper.pages for paper in chunk)
        yield "replayed", chunk


def _batched(source: Iterator[Papers], size: int) -> Iterator[list[Papers]]:
    while chunk := list(itertools.islice(source, size)):
        yield chunk


def _warm(backlog: Backlog, test: BacklogTest, pool: Path) -> None:
    """One dossier that does not count: models are loaded and networks compiled once per machine, not per page."""
    backlog.warm(invented(pool, test.seed + 7_000, 0, 2))


def _chunk(
    stack: Stack, backlog: Backlog, chunk: tuple[str, list[Papers]], number: int, test: BacklogTest
) -> dict[str, Any]:
    kind, dossiers = chunk
    row: dict[str, Any] = {"chunk": number, "kind": kind, "pages": sum(paper.pages for paper in dossiers)}
    with_peer = test.peer and kind == "read"
    order = ("ours", "peer") if number % 2 == 0 else ("peer", "ours")
    for who in order if with_peer else ("ours",):
        if who == "ours":
            row["ours"] = _ours(stack, backlog, dossiers)
        else:
            with _asleep(stack):
                made = peer.run(dossiers, test.cores)
            row["peer"] = {
                "seconds": round(made.seconds, 2),
                "cpu_s": round(made.cpu_s, 2),
                "pages": made.pages,
                "failed": list(made.failed),
            }
    return row


def _ours(stack: Stack, backlog: Backlog, dossiers: Sequence[Papers]) -> dict[str, Any]:
    before, parts, started = _cpu(stack), _by_part(stack), time.monotonic()
    ids = backlog.bring(dossiers)
    left = backlog.finish(ids, CHUNK_S)
    seconds = time.monotonic() - started
    after = _by_part(stack)
    stages: dict[str, float] = {}
    statuses: dict[str, int] = {}
    for dossier_id in ids:
        dossier = backlog.house.catalogue.load(dossier_id)
        if dossier is not None:
            statuses[dossier.status.value] = statuses.get(dossier.status.value, 0) + 1
            for event in dossier.events:
                stages[event.stage] = round(stages.get(event.stage, 0.0) + event.seconds, 3)
    return {
        "seconds": round(seconds, 2),
        "cpu_s": round(_cpu(stack) - before, 2),
        "parts_cpu_s": {name: round(after[name] - parts.get(name, 0.0), 2) for name in after},
        "stages_s": stages,
        "statuses": statuses,
        "left": len(left),
        "memory_mb": {name: round(_memory(stack, name) / 1e6) for name in ("api", "prefect", "worker")},
    }


def _cpu(stack: Stack) -> float:
    return processes.cpu_seconds(stack.processes())


def _by_part(stack: Stack) -> dict[str, float]:
    """Processor seconds by part; a worker's reading children are the worker's."""
    roles = ("supervisor", "api", "prefect", "worker", "worker_child")
    return {name: processes.cpu_seconds(stack.role(name)) for name in roles}


def _memory(stack: Stack, role: str) -> int:
    found = stack.role(role)
    return processes.memory(found + (stack.role("worker_child") if role == "worker" else []))


@contextlib.contextmanager
def _asleep(stack: Stack) -> Iterator[None]:
    """Our processes stand still for the time of a `with` block."""
    stopped = stack.processes()
    for process in stopped:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGCONT)


def _line(row: dict[str, Any]) -> str:
    ours = row["ours"]
    said = f"chunk {row['chunk']:3} {row['kind']:8} {row['pages']} pages: {row['pages'] * 60 / ours['seconds']:.0f}/min"
    said += f", {ours['cpu_s'] / row['pages']:.2f} CPU-s/page, {ours['statuses']}"
    if "peer" in row:
        said += f"; peer {row['peer']['pages'] * 60 / row['peer']['seconds']:.0f}/min"
    return said


def report(test: BacklogTest, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Figures over all chunks, quarters against one another, and cost by the number of pages."""
    read = [row for row in rows if row["kind"] == "read"]
    both = [row for row in read if "peer" in row]
    pages = sum(row["pages"] for row in read)
    quarter = max(1, len(read) // 4)
    stages: dict[str, float] = {}
    for row in read:
        for stage, seconds in row["ours"]["stages_s"].items():
            stages[stage] = stages.get(stage, 0.0) + seconds
    ours, theirs = _figures(both, "ours"), _figures(both, "peer")
    found: dict[str, Any] = {
        "pages": pages,
        "cores": test.cores,
        "chunks": len(rows),
        "ours": _figures(read, "ours"),
        "first_quarter": _figures(read[:quarter], "ours"),
        "last_quarter": _figures(read[-quarter:], "ours"),
        "memory_mb": [row["ours"]["memory_mb"] for row in read],
        "stages_s_per_page": {stage: round(seconds / max(pages, 1), 4) for stage, seconds in stages.items()},
        "parts_cpu_s_per_page": _parts(read, pages),
        "statuses": _summed(read, "statuses"),
        "not_ended": sum(row["ours"]["left"] for row in rows),
        "cost_by_pages": _cost(rows),
    }
    if both:
        found |= {"beside_peer": ours, "peer": theirs}
        found["times_peer"] = round(ours["pages_a_minute"] / theirs["pages_a_minute"], 2)
        found["peer_failed"] = [name for row in both for name in row["peer"]["failed"]]
    return found


def _figures(rows: Sequence[dict[str, Any]], who: str) -> dict[str, float]:
    pages = sum(row[who].get("pages", row["pages"]) for row in rows)
    seconds, cpu = (sum(row[who][key] for row in rows) for key in ("seconds", "cpu_s"))
    if not pages:
        return {"pages": 0, "pages_a_minute": 0.0, "cpu_s_per_page": 0.0}
    return {
        "pages": pages,
        "pages_a_minute": round(pages * 60 / seconds, 1),
        "cpu_s_per_page": round(cpu / pages, 3),
    }


def _parts(rows: Sequence[dict[str, Any]], pages: int) -> dict[str, float]:
    names = {name for row in rows for name in row["ours"]["parts_cpu_s"]}
    sums = {name: sum(row["ours"]["parts_cpu_s"].get(name, 0.0) for row in rows) for name in sorted(names)}
    return {name: round(seconds / max(pages, 1), 4) for name, seconds in sums.items()}


def _summed(rows: Sequence[dict[str, Any]], key: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        for name, count in row["ours"][key].items():
            found[name] = found.get(name, 0) + count
    return found


def _cost(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Processor and wall seconds a page of the chunks in which the 10th, 100th, 1,000th and 10,000th page lies."""
    found: list[dict[str, Any]] = []
    for mark in (10, 100, 1_000, 10_000):
        total = 0
        for row in rows:
            total += row["pages"]
            if total >= mark:
                ours = row["ours"]
                cost = {key: round(ours[key] / row["pages"], 3) for key in ("cpu_s", "seconds")}
                found.append({"pages": mark, "reading": row["kind"], **cost})
                break
    return found
