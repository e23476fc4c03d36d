"""Times `hoso digitize` of one scanned PDF beside OCRmyPDF with Tesseract `vie` making PDF/A from the same file.

Same machine, same run, interleaved, every run from scratch (a new home). The first line is the whole command as a
person types it, the second what its stages took of that. Seconds of a shared machine say little; processor seconds, of
all processes that took part, say what was done. OCRmyPDF does not extract, validate, sign, verify or file: it is the
yardstick for reading and PDF/A only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent


def timed(command: list[str | Path], **environment: str) -> tuple[float, float, subprocess.CompletedProcess[str]]:
    """Wall and processor seconds of a command, its children included."""
    before, started = _cpu(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return time.perf_counter() - started, _cpu() - before, done


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pdf", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rows: dict[str, list[float]] = {"hoso digitize": [], "its stages alone": [], "OCRmyPDF + Tesseract vie": []}
    processor: dict[str, list[float]] = {"hoso digitize": [], "OCRmyPDF + Tesseract vie": []}
    stages: dict[str, list[float]] = {}
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as home:
            seconds, cpu, done = timed([BIN / "hoso", "digitize", arguments.pdf, "--json"], HOSO_HOME=home)
            dossier = json.loads(done.stdout)
            rows["hoso digitize"].append(seconds)
            processor["hoso digitize"].append(cpu)
            rows["its stages alone"].append(sum(event["seconds"] for event in dossier["events"]))
            for event in dossier["events"]:
                stages.setdefault(event["stage"], []).append(event["seconds"])
            command = [BIN / "ocrmypdf", "-l", "vie", "--jobs", "2", "--force-ocr", "--output-type", "pdfa"]
            command.append("--invalidate-digital-signatures")  # it refuses signed inputs otherwise
            seconds, cpu, done = timed([*command, arguments.pdf, Path(home) / "peer.pdf"], OMP_THREAD_LIMIT="1")
            if done.returncode:
                raise SystemExit(done.stderr[-2000:])
            rows["OCRmyPDF + Tesseract vie"].append(seconds)
            processor["OCRmyPDF + Tesseract vie"].append(cpu)
    pages = len(dossier["pages"])
    print(f"{arguments.pdf.name}: {pages} pages, {arguments.rounds} rounds, ended as {dossier['status']}\n")
    print("| what | median s | best s | pages a minute | median CPU-s |\n|---|---|---|---|---|")
    for name, values in rows.items():
        median = statistics.median(values)
        cpu_text = f"{statistics.median(processor[name]):.1f}" if name in processor else ""
        print(f"| {name} | {median:.1f} | {min(values):.1f} | {pages * 60 / median:.0f} | {cpu_text} |")
    print("\nstages, median s: " + ", ".join(f"{name} {statistics.median(v):.2f}" for name, v in stages.items()))


if __name__ == "__main__":
    main()
