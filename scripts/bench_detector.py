#!/usr/bin/env python3
"""Measures line detectors side by side: the bare runtimes against PaddleOCR, same pages, same weights, one thread.

Each detector runs in a process of its own (PaddleOCR under `--paddle-python`, an environment with `paddleocr`), which
reports its start (imports and loading), CPU-seconds a page and peak memory. The lines found are then read by one and
the same recogniser and scored against the `.gt.txt` beside each page, so that accuracy differs by the detector alone.
Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np

ENGINES = ("ppocr-openvino", "ppocr-onnxruntime", "trueocr-openvino", "paddleocr")
HERE = Path(__file__).resolve()


def main() -> int:
    """Measures every detector, or is one of them (`--engine`)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of page images with .gt.txt")
    parser.add_argument("--paddle-python", type=Path, help="interpreter of an environment with paddleocr")
    parser.add_argument("--detector-weights", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.engine:
        print(json.dumps(detect_all(chosen.data, chosen.engine, chosen.detector_weights)))
        return 0
    print("| detector | start s | CPU-s a page | peak MB | lines | CER % | WER % |")
    print("|---|---|---|---|---|---|---|")
    for engine in ENGINES:
        if engine == "paddleocr" and chosen.paddle_python is None:
            continue
        cost, lines = measure(engine, chosen.data, chosen.paddle_python)
        score = read_all(chosen.data, lines)
        count = sum(map(len, lines.values()))
        print(
            f"| {engine} | {cost['start']:.1f} | {cost['cpu']:.3f} | {cost['peak']:.0f} | {count} "
            f"| {100 * score.cer:.2f} | {100 * score.wer:.2f} |"
        )
    return 0


def measure(engine: str, data: Path, paddle: Path | None) -> tuple[dict[str, float], dict[str, list[object]]]:
    """Runs one detector in its process: its cost, and its lines by page."""
    from models.weights import PPOCR_DETECTOR

    python = str(paddle) if engine == "paddleocr" else sys.executable
    settings = {**os.environ, "PYTHONPATH": str(HERE.parent.parent), "OMP_NUM_THREADS": "1"}
    weights = str(PPOCR_DETECTOR.locate())
    command = [python, str(HERE), "--data", str(data), "--engine", engine, "--detector-weights", weights]
    started = time.perf_counter()
    done = subprocess.run(command, env=settings, check=True, stdout=subprocess.PIPE, text=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    answer["cost"]["start"] = answer["ready"] - started
    return answer["cost"], answer["lines"]


def detect_all(data: Path, engine: str, weights: Path) -> dict[str, object]:
    """In the detector's own process: the lines of every page and what they cost."""
    cv2.setNumThreads(1)
    kind, _, backend = engine.partition("-")
    if kind == "paddleocr":
        from models.paddle import PaddleDetector

        detector = PaddleDetector(weights)
    else:
        from models.factory import ReaderOptions, build_detector

        detector = build_detector(ReaderOptions(backend=backend, detector=kind))
    ready = time.perf_counter()  # one clock for all processes of a machine
    pages = pages_of(data)
    detector.detect(load(pages[0]))
    lines, cpu = {}, 0.0
    for page in pages:
        image = load(page)
        before = time.process_time()
        found = detector.detect(image)
        cpu += time.process_time() - before
        lines[page.stem] = [line.corners for line in found]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"ready": ready, "cost": {"cpu": cpu / len(pages), "peak": peak}, "lines": lines}


def read_all(data: Path, lines: dict[str, list[object]]):  # noqa: ANN201 - models.scoring is imported late
    """Reads the lines of every page with trueocr's recogniser and scores them."""
    from models.factory import ReaderOptions, build_recogniser
    from models.images import cut
    from models.scoring import Score, score_text

    recogniser, _ = build_recogniser(ReaderOptions(recogniser="trueocr"))
    total = Score(0, 0, 0, 0, 0)
    for page in pages_of(data):
        image = load(page)
        corners = [np.array(line, np.float32) for line in lines[page.stem]]
        corners.sort(key=lambda line: (line[:, 1].min(), line[:, 0].min()))
        text = "\n".join(recogniser.recognise(cut(image, line)).text for line in corners)
        total += score_text(page.with_name(f"{page.stem}.gt.txt").read_text(encoding="utf-8"), text)
    return total


def pages_of(data: Path) -> list[Path]:
    """Page images that have a ground truth."""
    truths = {truth.name.removesuffix(".gt.txt") for truth in data.glob("*.gt.txt")}
    pictures = (path for path in data.iterdir() if path.suffix.lower() in {".png", ".jpg", ".jpeg"})
    return sorted(path for path in pictures if path.stem in truths)


def load(page: Path) -> np.ndarray:
    """A page as RGB."""
    return np.ascontiguousarray(cv2.imread(str(page), cv2.IMREAD_COLOR)[:, :, ::-1])


if __name__ == "__main__":
    sys.exit(main())
