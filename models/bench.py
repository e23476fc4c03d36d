"""Measures page readers side by side: same pages, one run, one thread each, page by page in turn.

Every engine has a process of its own, so that its peak memory is its own. All of them read the first page before the
second, so that a machine that is busy for a while is busy for all; which one begins changes from page to page. A first
page is read twice and not counted, so that building kernels is not charged to pages. Engines that are not installed
are named with the reason. Read texts are kept as `OUT/FOLDER/ENGINE/PAGE.txt` for any other judge. Ground truth is
`PAGE.gt.txt` beside the image; without it, or without `edlib`, only cost is measured.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib import util
from typing import TYPE_CHECKING

from models.bench_engines import ENGINES, EngineProcess, load, missing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.scoring import Score

__all__ = ["ENGINES", "Bench", "Row", "load", "pages_of", "run"]

_PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True, slots=True)
class Row:
    """What one engine did with one folder. Rates are shares (0.01 is one per cent), None without ground truth."""

    data: str
    """The folder's name."""
    engine: str
    version: str
    pages: int
    cpu_seconds: float
    """A page, all threads together."""
    wall_seconds: float
    """A page."""
    start_seconds: float
    peak_megabytes: float
    """Of the whole run so far: folders are read in turn by the same process."""
    cer: float | None = None
    tone_cer: float | None = None
    wer: float | None = None
    exact: float | None = None
    """Dates, numbers, codes and addresses that are exactly right (`models.scoring.exact_tokens`)."""
    tokens: int | None = None
    """How many of them the folder has."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Rows of all engines that could be measured, and why the others could not."""

    rows: tuple[Row, ...]
    missing: dict[str, str]


def run(folders: Sequence[Path], engines: Sequence[str], out: Path) -> Bench:
    """Reads the page images of each folder with each engine that is installed; writes their texts under `out`.

    Raises `ValueError` for an engine that is not known and for a folder without pages, `RuntimeError` where an engine
    ends in the middle.
    """
    reasons = {engine: missing(engine) for engine in engines}
    for folder in folders:
        if not pages_of(folder):
            raise ValueError(f"no page images in {folder}")
    rows: list[Row] = []
    with ExitStack() as stack:
        processes = {
            engine: stack.enter_context(closing(EngineProcess(engine)))
            for engine, reason in reasons.items()
            if reason is None
        }
        for number, folder in enumerate(folders):
            if number == 0:
                for process in processes.values():
                    process.read(pages_of(folder)[0])
            rows += _measure(folder, processes, out / folder.name)
    return Bench(tuple(rows), {engine: reason for engine, reason in reasons.items() if reason is not None})


def pages_of(data: Path) -> list[Path]:
    """The page images of a folder, by name."""
    return sorted(path for path in data.iterdir() if path.suffix.lower() in _PICTURES)


def _measure(folder: Path, processes: dict[str, EngineProcess], out: Path) -> list[Row]:
    pages = pages_of(folder)
    spent = {engine: [0.0, 0.0, 0.0] for engine in processes}
    for engine in processes:
        (out / engine).mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages):
        turn = number % max(1, len(processes))
        for engine in [*processes][turn:] + [*processes][:turn]:
            answer = processes[engine].read(page)
            cpu, wall, peak = spent[engine]
            spent[engine] = [cpu + answer["cpu"], wall + answer["wall"], max(peak, answer["peak"])]
            (out / engine / f"{page.stem}.txt").write_text(answer["text"], encoding="utf-8")
    return [
        Row(
            data=folder.name,
            engine=engine,
            version=process.built["version"],
            pages=len(pages),
            cpu_seconds=round(spent[engine][0] / len(pages), 4),
            wall_seconds=round(spent[engine][1] / len(pages), 4),
            start_seconds=round(process.built["start_seconds"], 3),
            peak_megabytes=round(spent[engine][2], 1),
            cer=_share(score, "cer"),
            tone_cer=_share(score, "tone_cer"),
            wer=_share(score, "wer"),
            exact=_share(score, "exact_rate"),
            tokens=None if score is None else score.tokens,
        )
        for engine, process in processes.items()
        for score in [_score(pages, out / engine)]
    ]


def _score(pages: Sequence[Path], read: Path) -> Score | None:
    truths = [(page, page.with_name(f"{page.stem}.gt.txt")) for page in pages]
    scored = [(page, truth) for page, truth in truths if truth.is_file()]
    if not scored or util.find_spec("edlib") is None:
        return None
    from models.scoring import Score, score_text

    total = Score(0, 0, 0, 0, 0)
    for page, truth in scored:
        text = (read / f"{page.stem}.txt").read_text(encoding="utf-8")
        total += score_text(truth.read_text(encoding="utf-8"), text)
    return total


def _share(score: Score | None, name: str) -> float | None:
    return None if score is None else round(float(getattr(score, name)), 6)
