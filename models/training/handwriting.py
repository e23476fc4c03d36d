"""`python -m models.training.handwriting --data FOLDER --hands FOLDER --out FOLDER`: trains the handwriting judge.

Needs the `train` extra, PDFs under FOLDER/pdf, Poppler's tools, and handwritten typefaces (a folder each, see the model
card). Marks the lines of scanned pages, draws a bank of strips, trains, fits the threshold on documents and typefaces
kept apart, and writes `handwriting.onnx` and `handwriting.json` under FOLDER/weights. Started again, it keeps the pages
and the bank that it has. Nothing that is measured is trained on: PDFs of measured pages are left out by their SHA-256.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.handwriting import HEIGHT, STRIDE, HandwritingModel, NetworkJudge, span_odds, strip_of
from models.training.hand_pages import PEN, PRINT, MarkedLine, PageLines, collect, read_labels, read_page
from models.training.hand_samples import COLUMNS, Samples, draw_pool
from models.training.hands import hands_under

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.training.lines import LineStore

log = logging.getLogger(__name__)

NAME = "hoso-handwriting-1"
FALSE_PRINT = 0.002
"""Share of the validation's printed words that may stand above a chance of one half."""
KEPT_APART = 6
"""Every sixth typeface, and of unmarked PDFs those whose SHA-256 falls on a sixth, are for validation only."""
MOST_BYTES = 300_000


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m models.training.handwriting", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with pdf/scanned and pdf/born_digital")
    parser.add_argument("--hands", type=Path, required=True, help="folder of folders of handwritten typefaces")
    parser.add_argument("--out", type=Path, required=True, help="folder for pages, bank and weights")
    parser.add_argument("--lines", type=Path, help="printed lines of `python -m models.training`; default OUT/lines")
    parser.add_argument("--strips", type=int, default=9000)
    parser.add_argument("--drawings", type=int, default=500)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs all of it. Raises whatever the parts raise."""
    chosen = arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the trainer has threads of its own

    from models.factory import ReaderOptions, build_detector, build_recogniser
    from models.training.hand_network import as_onnx, train
    from models.training.lines import LineStore
    from models.training.stores import build

    options = ReaderOptions(threads=chosen.threads, precision="f32")
    collect(chosen.data, chosen.out / "pages", PageLines(build_detector(options), *build_recogniser(options)),
            seed=chosen.seed)  # fmt: skip
    built = build(chosen.data, chosen.lines or chosen.out / "lines", seed=chosen.seed, synthetic_lines=3000)
    stores = [(LineStore(path), weight) for path, weight in built.born_digital]
    stores.append((LineStore(built.synthetic), sum(weight for _, weight in stores)))
    lines, kept_apart = split(chosen.out / "pages")
    hands = hands_under(chosen.hands)
    texts = [stores[-1][0].text(number) for number in range(0, len(stores[-1][0]), 5)]
    banks = {}
    for part, among, marked, count in (
        ("training", [hand for number, hand in enumerate(hands) if number % KEPT_APART], lines, chosen.strips),
        ("validation", hands[::KEPT_APART], kept_apart, chosen.strips // 12),
    ):
        seed = [chosen.seed, len(part)]
        banks[part] = bank(chosen.out / f"{part}.npz", among, marked, stores, texts=texts, count=count,
                           drawings=chosen.drawings, seed=seed)  # fmt: skip
    network = train(*banks["training"], steps=chosen.steps, seed=chosen.seed, threads=chosen.threads)
    probe = banks["validation"][0][:64].astype(np.float32) / np.float32(100)
    graph = as_onnx(network, probe)
    if len(graph) > MOST_BYTES:
        raise ValueError(f"a graph of {len(graph)} bytes; at most {MOST_BYTES} are wanted")
    described = {"name": NAME, "sha256": hashlib.sha256(graph).hexdigest(), "height": HEIGHT, "stride": STRIDE,
                 "steps": chosen.steps, "strips": chosen.strips, "seed": chosen.seed, "hands": len(hands),
                 **fit(graph, kept_apart, *banks["validation"])}  # fmt: skip
    weights = chosen.out / "weights"
    weights.mkdir(parents=True, exist_ok=True)
    (weights / "handwriting.onnx").write_bytes(graph)
    (weights / "handwriting.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def split(pages: Path) -> tuple[list[MarkedLine], list[MarkedLine]]:
    """Lines for training and for validation, parted by PDF."""
    labels = read_labels()
    parts: tuple[list[MarkedLine], list[MarkedLine]] = ([], [])
    for path in sorted(pages.glob("*.npz")):
        digest = path.name.split("-")[0]
        marks = labels.get(digest)
        apart = marks[0].validation if marks else int(digest[:8], 16) % KEPT_APART == 0
        parts[apart].extend(read_page(path))
    log.info("marked lines: %d for training, %d for validation", len(parts[0]), len(parts[1]))
    return parts


def bank(
    path: Path, hands: Sequence[Any], lines: Sequence[MarkedLine], stores: Sequence[tuple[LineStore, float]], *,
    texts: Sequence[str], count: int, drawings: int, seed: Sequence[int],
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:  # fmt: skip
    """`count` strips in hundredths and their targets; drawn once and kept at `path`."""
    if not path.exists():
        rng = np.random.default_rng(list(seed))
        samples = Samples(lines, stores, draw_pool(hands, texts, max(40, drawings * len(hands) // 30), rng))
        log.info("drawings made for %s", path.name)
        strips = np.zeros((count, 2, HEIGHT, COLUMNS), np.int8)
        targets = np.zeros((count, COLUMNS // STRIDE), np.int8)
        for number in range(count):
            strip, its = samples.draw(rng)
            strips[number], targets[number] = np.round(strip * 100), its
        with path.open("wb") as file:
            np.savez(file, strips=strips, targets=targets)
        log.info("strips drawn: %s, %d", path.name, count)
    with np.load(path) as kept:
        return kept["strips"], kept["targets"]


def fit(
    graph: bytes, lines: Sequence[MarkedLine], strips: NDArray[np.int8], targets: NDArray[np.int8]
) -> dict[str, float]:
    """`slope` and `offset` of the chance, and what the validation shows at a chance of one half."""
    from models.runtime import open_network

    judge = NetworkJudge(open_network(graph, precision="f32"), HandwritingModel(graph, NAME, 1.0, 0.0))
    printed, real = [], []
    for line in lines:
        odds = judge.log_odds(strip_of(line.crop))
        pens = [span for span in line.spans if span[2] == PEN]
        real += [span_odds(odds, start, end) for start, end, _ in pens]
        printed += [
            span_odds(odds, start, end) for start, end, kind in line.spans
            if kind == PRINT and not any(a < end and start < b for a, b, _ in pens)
        ]  # fmt: skip
    drawn = []
    for strip, its in zip(strips, targets, strict=True):
        pen = np.flatnonzero(its == 1)
        if len(pen):
            odds = judge.log_odds(strip.astype(np.float32) / np.float32(100))
            drawn.append(span_odds(odds, pen[0] / len(its), (pen[0] + min(5, len(pen))) / len(its)))
    limit = float(np.quantile(printed, 1 - FALSE_PRINT))
    slope = slope_at(np.array(printed) - limit, np.array(drawn + real) - limit)
    found = {
        "slope": round(slope, 4), "offset": round(-slope * limit, 4), "printed_words": len(printed),
        "real_pens": len(real), "real_pens_flagged": round(float(np.mean(np.array(real) > limit)), 4) if real else 0.0,
        "drawn_pens": len(drawn), "drawn_pens_flagged": round(float(np.mean(np.array(drawn) > limit)), 4),
    }  # fmt: skip
    log.info("validation: limit %.3f, %s", limit, found)
    return found


def slope_at(printed: NDArray[np.float64], pens: NDArray[np.float64]) -> float:
    """The slope through the limit at which both kinds, weighed alike, are likeliest; between a third and three."""
    slopes = np.linspace(1 / 3, 3, 81)
    losses = [np.logaddexp(0, s * printed).mean() + np.logaddexp(0, -s * pens).mean() for s in slopes]
    return float(slopes[int(np.argmin(losses))])


if __name__ == "__main__":
    main()
