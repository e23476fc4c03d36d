"""Times `hoso digitize` of one scanned PDF beside OCRmyPDF with Tesseract `vie` making PDF/A from the same file.

Same machine, same run, interleaved, every run from scratch (a new home, no cache). The first line is what a person
types on a quiet machine, server start included; the second has `hoso`'s Prefect server running already, as under
`hoso up`. OCRmyPDF does not extract, validate, sign, verify or file: it is the yardstick for reading and PDF/A only.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent


def timed(command: list[str | Path], **environment: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Wall seconds of a command."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return time.perf_counter() - started, done


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pdf", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rows: dict[str, list[float]] = {"hoso digitize": [], "its stages alone": [], "OCRmyPDF + Tesseract vie": []}
    stages: dict[str, list[float]] = {}
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as home:
            seconds, done = timed([BIN / "hoso", "digitize", arguments.pdf, "--json"], HOSO_HOME=home)
            dossier = json.loads(done.stdout)
            rows["hoso digitize"].append(seconds)
            rows["its stages alone"].append(sum(event["seconds"] for event in dossier["events"]))
            for event in dossier["events"]:
                stages.setdefault(event["stage"], []).append(event["seconds"])
            command = [BIN / "ocrmypdf", "-l", "vie", "--jobs", "2", "--force-ocr", "--output-type", "pdfa"]
            command.append("--invalidate-digital-signatures")  # it refuses signed inputs otherwise
            seconds, done = timed([*command, arguments.pdf, Path(home) / "peer.pdf"], OMP_THREAD_LIMIT="1")
            if done.returncode:
                raise SystemExit(done.stderr[-2000:])
            rows["OCRmyPDF + Tesseract vie"].append(seconds)
    pages = len(dossier["pages"])
    print(f"{arguments.pdf.name}: {pages} pages, {arguments.rounds} rounds, ended as {dossier['status']}\n")
    print("| what | median s | best s | pages a minute |\n|---|---|---|---|")
    for name, values in rows.items():
        median = statistics.median(values)
        print(f"| {name} | {median:.1f} | {min(values):.1f} | {pages * 60 / median:.0f} |")
    print("\nstages, median s: " + ", ".join(f"{name} {statistics.median(v):.2f}" for name, v in stages.items()))


if __name__ == "__main__":
    main()
