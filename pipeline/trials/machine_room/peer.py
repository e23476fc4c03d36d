"""OCRmyPDF with Tesseract `vie`, the peer of the backlog bench: the same files, one call each, to PDF/A.

A call is what its users type in a loop over a folder; `--jobs` spreads a file's pages over the cores. Its processor
time is that of the whole tree below it. What it makes is counted by its pages and thrown away.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.trials.machine_room.pages import Papers


@dataclass(frozen=True, slots=True)
class PeerRun:
    """What a chunk cost."""

    seconds: float
    cpu_s: float
    pages: int
    failed: tuple[str, ...] = ()
    """Names of dossiers of which it made nothing, with its last words."""


def command(jobs: int) -> list[str]:
    """The words before input and output."""
    program = Path(sys.executable).with_name("ocrmypdf")
    options = ["-l", "vie", "--output-type", "pdfa", "--jobs", str(jobs), "--quiet"]
    return [str(program), *options, "--invalidate-digital-signatures"]


def run(papers: Sequence[Papers], jobs: int) -> PeerRun:
    """Makes PDF/A of each dossier, one after another."""
    failed: list[str] = []
    pages = 0
    with tempfile.TemporaryDirectory(prefix="hoso-peer-") as scratch:
        source, target = Path(scratch) / "in.pdf", Path(scratch) / "out.pdf"
        cpu, started = _cpu(), time.monotonic()
        for paper in papers:
            for _, data in paper.files:
                source.write_bytes(data)
                environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
                done = subprocess.run(
                    [*command(jobs), str(source), str(target)],
                    check=False,
                    capture_output=True,
                    text=True,
                    env=environment,
                    timeout=1800,
                )
                if done.returncode:
                    failed.append(f"{paper.name}: {done.stderr.strip()[-200:]}")
                else:
                    pages += paper.pages
        return PeerRun(time.monotonic() - started, _cpu() - cpu, pages, tuple(failed))


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
