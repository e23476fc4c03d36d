"""What moving a dossier along costs by itself: eight stages that do nothing, so that catalogue and Prefect are left.

    scripts/bench_flows.py [--dossiers 60] [--pages 5] [--database URL]

Three ways: the stages alone through the catalogue, a backlog as one Prefect run, a Prefect run for each dossier (the
desk). Prints seconds of wall and of this process's processor for each dossier; docs/benchmarks.md puts them beside what
a dossier takes to be read. The server's own processor time is its own line.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flows.server import PrefectServer
    from pipeline.composition import House
    from pipeline.record import Dossier
    from pipeline.stages import OnProgress, StageResult
    from pipeline.tools import Tools


def main() -> None:
    """Runs all three and prints one JSON object."""
    parser = argparse.ArgumentParser(description="What catalogue and Prefect cost by themselves.")
    parser.add_argument("--dossiers", type=int, default=60)
    parser.add_argument("--pages", type=int, default=5)
    parser.add_argument("--database", default="", help="URL; default: SQLite in a folder of its own")
    options = parser.parse_args()
    from flows.server import prefect_server
    from flows.session import prepare
    from pipeline.composition import build_house
    from pipeline.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home", catalogue_url=options.database)
        prepare(settings)
        with build_house(settings) as house, prefect_server(settings) as server, _idle_stages(options.pages):
            server.url()
            import prefect.flows  # noqa: F401 - its import is a worker's start, not a dossier's cost

            found = {
                "dossiers": options.dossiers,
                "pages": options.pages,
                "database": "postgresql" if options.database else "sqlite",
                "catalogue_alone": _measure(house, server, options, _alone),
                "backlog_one_run": _measure(house, server, options, _one_run),
                "desk_a_run_each": _measure(house, server, options, _a_run_each),
            }
    print(json.dumps(found, indent=2))


@contextlib.contextmanager
def _idle_stages(pages: int) -> Iterator[None]:
    """Every stage gives the dossier on at once; intake gives it pages, which each save then writes."""
    from pipeline import conductor
    from pipeline.record import PageRecord
    from pipeline.stages import StageResult

    def page(dossier: Dossier, number: int) -> PageRecord:
        return PageRecord(
            number=number, file=dossier.id, file_page=number, width=1, height=1, dpi=300.0, image_sha256=""
        )

    def run(_tools: Tools, dossier: Dossier, _on_progress: OnProgress) -> StageResult:
        made = tuple(page(dossier, number) for number in range(1, pages + 1))
        return StageResult(dossier.model_copy(update={"pages": made}))

    def file(tools: Tools, dossier: Dossier, _on_progress: OnProgress) -> StageResult:
        tools.catalogue.record_filing(dossier.id, "archive_pdf", f"filed/{dossier.id}/a", "ab" * 32, 1)
        return StageResult(dossier)

    runs: Any = conductor._RUNS  # noqa: SLF001 - no seam of the product is for leaving its work out
    before = dict(runs)
    try:
        runs.update(dict.fromkeys(before, run) | {"file": file})
        yield
    finally:
        runs.update(before)


def _measure(
    house: House,
    server: PrefectServer,
    options: argparse.Namespace,
    way: Callable[[House, PrefectServer, int], None],
) -> dict[str, float]:
    import psutil

    for number in range(options.dossiers):
        _receive(house, f"{way.__name__}-{number}")
    process = psutil.Process(server.pid)
    theirs = sum(process.cpu_times()[:2])
    wall, own = time.perf_counter(), time.process_time()
    way(house, server, options.dossiers)
    count = options.dossiers
    return {
        "wall_s": round((time.perf_counter() - wall) / count, 4),
        "cpu_s": round((time.process_time() - own) / count, 4),
        "server_cpu_s": round((sum(process.cpu_times()[:2]) - theirs) / count, 4),
    }


def _receive(house: House, name: str) -> None:
    from pipeline.catalogue.lanes import Lane
    from pipeline.keys import new_dossier_id
    from pipeline.record import Dossier, Status

    now = house.tools.clock()
    dossier = Dossier(id=new_dossier_id(now), procedure=None, status=Status.RECEIVED, received_at=now)
    lane = Lane.DESK if name.startswith("_a_run_each") else Lane.BACKLOG
    house.catalogue.create_dossier(dossier, lane=lane)


def _alone(house: House, _server: PrefectServer, count: int) -> None:
    from flows.worker import Worker

    assert Worker(house, None).drain(count).done == count  # noqa: S101 - a figure of less work would be wrong


def _one_run(house: House, server: PrefectServer, count: int) -> None:
    from flows.backlog import through_prefect
    from flows.worker import Worker

    worker = Worker(house, None, name=f"bench:{os.getpid()}")
    counts = through_prefect(server.url(), worker.name, worker.drain, count)
    assert counts is not None  # noqa: S101 - as above
    assert counts["dossiers"] == count  # noqa: S101 - as above


def _a_run_each(house: House, server: PrefectServer, count: int) -> None:
    from flows.worker import Worker

    worker = Worker(house, server)
    worker.warm()
    for _ in range(count):
        assert worker.work_once()  # noqa: S101 - as above


if __name__ == "__main__":
    main()
