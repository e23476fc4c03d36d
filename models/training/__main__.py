"""`python -m models.training --data FOLDER --out FOLDER`: from documents to the files that reading needs.

Four steps, each kept in FOLDER and resumed where it was stopped: the stores of lines; the whole network, from the
published weights; the slim network, from the whole one, with lines of scans that the whole one and a second reader
agree on; the same in fixed point. FOLDER/weights gets the last one and the whole one, whose convolutions are rounded as
well, without training that way: it looks twice at little, and reads as well. Needs the `train` extra,
Poppler's command-line tools, and typefaces with Vietnamese letters. The smallest PDF is never trained on: the error on
its lines is logged.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.training.network import LineNetwork, Shape
    from models.training.sampling import Sampler

log = logging.getLogger(__name__)

NAME, WHOLE_NAME = "hoso-reader-2", "hoso-reader-2-whole"
SYNTHETIC_SHARE = 0.5
"""Typeset lines drawn for each line cut from a PDF."""
SCANNED_SHARE = 0.35
"""Lines of scans drawn for each other line."""
LAST_RATE = 6e-5
"""Learning rate of the fixed-point step, which only settles what rounding has moved."""
OBSERVED = 40
"""Batches from which the fixed-point layers learn how large their inputs get."""


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m models.training", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with pdf/born_digital and what is measured")
    parser.add_argument("--out", type=Path, required=True, help="folder for lines, checkpoints and weights")
    parser.add_argument("--whole-steps", type=int, default=3260, help="steps of the whole network")
    parser.add_argument("--steps", type=int, default=5300, help="steps of the slim network")
    parser.add_argument("--fixed-steps", type=int, default=250, help="steps in fixed point")
    parser.add_argument("--synthetic", type=int, default=14000, help="typeset lines")
    parser.add_argument("--scanned-pages", type=int, default=6, help="pages taken from each scanned PDF")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs all of it. Raises whatever the parts raise; started again, it goes on where it stopped."""
    chosen = arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the trainer has threads of its own

    from models.training.export import export
    from models.training.fixed_point import observe
    from models.training.lines import LineStore
    from models.training.network import HEIGHT, WHOLE, LineNetwork, slim_shape, slimmed, start_network
    from models.training.sampling import Sampler, Source
    from models.training.scanned import build_scanned
    from models.training.start import START
    from models.training.stores import build
    from models.training.train import COLUMNS, Recipe, Trainer, as_input, averaged, error_rate

    built = build(chosen.data, chosen.out / "lines", seed=chosen.seed, synthetic_lines=chosen.synthetic)
    opened = sorted(((LineStore(path), weight) for path, weight in built.born_digital), key=lambda pair: len(pair[0]))
    held_out, *used = [Source(store, weight) for store, weight in opened]
    fresh = Sampler([held_out], height=HEIGHT, seed=chosen.seed + 1)
    crops = as_input(fresh.batch(0, 2880).crops).numpy()

    def add(path: Path, share: float) -> None:
        used.append(Source(LineStore(path), share * sum(source.weight for source in used)))

    def sampler(step: int) -> Sampler:
        return Sampler(used, height=HEIGHT, seed=chosen.seed + 100 * step)

    def trained(name: str, network: LineNetwork, recipe: Recipe, lines: Sampler) -> LineNetwork:
        checkpoint = chosen.out / f"{name}.pt"
        Trainer(network, recipe).run(lines, checkpoint)
        found: LineNetwork = averaged(checkpoint, network.shape)
        log.info("%s: error on the PDF held out %.2f %%", name, 100 * error_rate(found, fresh, batches=30))
        return found

    def rounded(network: LineNetwork, shape: Shape, lines: Sampler) -> LineNetwork:
        fixed: LineNetwork = LineNetwork(shape).eval()
        fixed.load_state_dict(network.state_dict(), strict=False)
        observe(fixed, (as_input(lines.batch(10**6 + number, COLUMNS).crops) for number in range(OBSERVED)))
        return fixed

    origin = {"seed": chosen.seed, "start": f"{START.distribution} {START.name}"}
    add(built.synthetic, SYNTHETIC_SHARE)
    recipe = Recipe(steps=chosen.whole_steps, threads=chosen.threads)
    whole = trained("whole", start_network(START.load()), recipe, sampler(0))
    larger = rounded(whole, replace(WHOLE, fixed_point=True), sampler(0))
    export(larger, chosen.out / "whole", WHOLE_NAME, {"steps": [chosen.whole_steps]} | origin, crops)
    scanned = chosen.out / "lines" / "scanned"
    build_scanned(chosen.data, scanned, chosen.out / "whole", seed=chosen.seed, pages=chosen.scanned_pages)
    add(scanned, SCANNED_SHARE)
    recipe = Recipe(steps=chosen.steps, threads=chosen.threads)
    slim = trained("slim", slimmed(whole, slim_shape(fixed_point=False)), recipe, sampler(1))
    last = sampler(2)
    fixed = rounded(slim, slim_shape(fixed_point=True), last)
    recipe = Recipe(steps=chosen.fixed_steps, rate=LAST_RATE, threads=chosen.threads)
    fixed = trained("fixed", fixed, recipe, last)
    steps = {"steps": [chosen.whole_steps, chosen.steps, chosen.fixed_steps]}
    found = export(fixed, chosen.out / "weights", NAME, steps | origin, crops)
    for name in ("reader.onnx", "reader.json"):  # the larger network looks again at what the slim one doubts
        shutil.copy(chosen.out / "whole" / name, chosen.out / "weights" / name.replace("reader", "whole"))
    log.info("exported; (largest difference, share of equal steps) by runtime: %s", found)


if __name__ == "__main__":
    main()
