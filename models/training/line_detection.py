"""`python -m models.training.line_detection --data FOLDER --out FOLDER`: trains the quick line detector.

Needs the `train` extra and PDFs under FOLDER/pdf. Collects pages with the lines that the thorough detector finds on
them, trains the network to find the same, and writes `quick.onnx` and `quick.json` under FOLDER/weights. Started again,
it keeps the pages that it has. PDFs that measured pages come from are left out by their SHA-256 (`exclusion.py`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

NAME = "hoso-lines-1"


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.line_detection", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with pdf/scanned and pdf/born_digital")
    parser.add_argument("--out", type=Path, required=True, help="folder for pages and weights")
    parser.add_argument("--pages", type=int, default=20, help="pages of each PDF")
    parser.add_argument("--dossiers", type=int, default=14, help="generated dossiers")
    parser.add_argument("--steps", type=int, default=2600)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="ends the training early")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs all of it. Raises whatever the parts raise."""
    chosen = arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the trainer has threads of its own

    from models.factory import ReaderOptions, build_detector
    from models.training.line_network import as_onnx, train
    from models.training.line_pages import collect, read_pages
    from models.training.line_samples import draw

    teacher = build_detector(ReaderOptions(threads=chosen.threads, precision="f32", detector="ppocr"))
    collect(chosen.data, chosen.out / "pages", teacher, pages=chosen.pages, dossiers=chosen.dossiers)
    pages = list(read_pages(chosen.out / "pages"))
    network = train(pages, steps=chosen.steps, minutes=chosen.minutes, seed=chosen.seed, threads=chosen.threads)
    ink, _ = draw(pages, np.random.default_rng(chosen.seed + 1))
    graph = as_onnx(network, ink.astype(np.float32)[None, None])
    folder = chosen.out / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quick.onnx").write_bytes(graph)
    described = {
        "name": NAME,
        "sha256": hashlib.sha256(graph).hexdigest(),
        "taught_by": teacher.name,
        "pages": len(pages),
        "steps": chosen.steps,
        "seed": chosen.seed,
    }
    (folder / "quick.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    log.info("%d bytes in %s", len(graph), folder / "quick.onnx")


if __name__ == "__main__":
    main()
