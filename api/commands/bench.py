"""`hoso bench`: figures, side by side in one run, on data that the caller gives; nothing is written into the home.

Reading is measured against the other readers that are installed (`models.bench`), fields against the truth beside each
page, whole dossiers against themselves: the same stages called directly and through Prefect, in fresh homes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from api.commands.common import open_settings, print_screen
from api.words import STAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.composition import House
    from pipeline.record import Dossier

_OUTCOMES = ("exact", "exact_flagged", "wrong_flagged", "not_claimed", "wrong_accepted")


def reading(data: Sequence[Path], engines: Sequence[str] | None, out: Path | None, *, as_json: bool) -> int:
    """Error rates and cost of each reader on folders of page images with NAME.gt.txt; a report into `out`."""
    from models.bench import ENGINES, run
    from models.bench_report import as_json as report_json
    from models.bench_report import write_report

    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as scratch:
        bench = run(data, engines or ENGINES, out or Path(scratch))
        files = write_report(bench, out) if out else []
    if as_json:
        sys.stdout.write(report_json(bench))
        return 0
    _show([dataclasses.asdict(row) for row in bench.rows], as_json=False)
    for engine, reason in bench.missing.items():
        sys.stdout.write(f"{engine}: {reason}\n")
    for file in files:
        sys.stdout.write(f"{file}\n")
    return 0


def extracting(data: Path, limit: int, *, as_json: bool) -> int:
    """What became of each field that has a truth (NAME.fields.json); a page is a dossier of its own."""
    from extractors.values import letters_agree

    truths = sorted(data.glob("*.fields.json"))[: limit or None]
    table: dict[str, Counter[str]] = {}
    with _fresh_house() as house:
        for truth in truths:
            stem = truth.name.removesuffix(".fields.json")
            image = next(p for p in sorted(data.glob(f"{stem}.*")) if p.suffix in {".png", ".jpg", ".tif", ".pdf"})
            dossier = _until(house, house.conductor.receive([image], None).dossier_id, "extract")
            fields = {key: field for document in dossier.documents for key, field in document.fields.items()}
            for key, wanted in json.loads(truth.read_text(encoding="utf-8")).items():
                field = fields.get(key)
                if field is None or field.value is None:
                    outcome = "exact" if wanted is None else "not_claimed"
                else:
                    right = "exact" if letters_agree(wanted, field.value) else "wrong"
                    flagged = field.status.value != "read"
                    outcome = {("exact", False): "exact", ("wrong", False): "wrong_accepted"}.get(
                        (right, flagged), f"{right}_flagged"
                    )
                table.setdefault(key, Counter())[outcome] += 1
    table["total"] = sum(table.values(), Counter())
    _show(
        [{"field": key, **{name: counts[name] for name in _OUTCOMES}} for key, counts in table.items()], as_json=as_json
    )
    return 0


def whole(paths: Sequence[Path], procedure: str | None, *, as_json: bool) -> int:
    """Seconds of each stage, run directly and through Prefect; what Prefect adds is the difference of the sums."""
    rows = [_whole(paths, procedure, way) for way in ("direct", "prefect")]
    _show(rows, as_json=as_json)
    return 0


def _whole(paths: Sequence[Path], procedure: str | None, way: str) -> dict[str, Any]:
    from flows.runner import Runner, leased
    from flows.server import prefect_server
    from flows.session import prepare

    with _fresh_house() as house, contextlib.ExitStack() as stack:
        server = None
        waited = 0.0
        if way == "prefect":
            started = time.perf_counter()
            server = stack.enter_context(prefect_server(house.settings))
            prepare(house.settings)
            server.url()
            waited = time.perf_counter() - started
        runner = stack.enter_context(contextlib.closing(Runner(house, server)))
        runner.warm()
        # The name is known once the models are loaded.
        _ = house.reader().name
        house.tools.signer()
        dossier_id = house.conductor.receive(paths, procedure).dossier_id
        held = stack.enter_context(leased(house, dossier_id, "bench"))
        if held is None:
            raise RuntimeError("a fresh home has no other worker")
        before, started = _cpu(), time.perf_counter()
        dossier = runner.run(dossier_id, held)
        wall, cpu = time.perf_counter() - started, _cpu() - before
    stages = {event.stage: event.seconds for event in dossier.events}
    return {
        "way": way,
        "status": dossier.status.value,
        "pages": len(dossier.pages),
        "server_start": round(waited, 2),
        "wall": round(wall, 2),
        "cpu": round(cpu, 2),
        "in_stages": round(sum(stages.values()), 2),
        "between_stages": round(wall - sum(stages.values()), 2),
        **{stage: round(seconds, 2) for stage, seconds in stages.items() if stage in STAGE},
    }


@contextlib.contextmanager
def _fresh_house() -> Iterator[House]:
    from pipeline.composition import build_house

    settings = open_settings()
    with (
        tempfile.TemporaryDirectory(prefix="hoso-bench-") as home,
        build_house(settings.model_copy(update={"home": Path(home)})) as house,
    ):
        yield house


def _until(house: House, dossier_id: str, last: str) -> Dossier:
    from pipeline.stages import STAGES, Outcome

    for stage in STAGES[: STAGES.index(last) + 1]:
        if house.conductor.run_stage(dossier_id, stage) is not Outcome.CONTINUE:
            break
    return house.conductor.dossier(dossier_id)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"rows": rows}, ensure_ascii=False) + "\n")
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=len(rows) >= len(names), header_style="dim"
    )
    if len(rows) >= len(names):
        for name in names:
            table.add_column(name)
        for row in rows:
            table.add_row(*(_cell(row.get(name)) for name in names))
    else:
        # Few rows with many figures are read downwards.
        for name in names:
            table.add_row(name, *(_cell(row.get(name)) for row in rows))
    print_screen(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
