"""`python -m models.training --data FOLDER --out FOLDER`: from documents to the two files that reading needs.

Builds the stores of lines, trains (or goes on training where it was stopped), and exports to FOLDER/weights.
Needs the `train` extra, Poppler's command-line tools, and typefaces with Vietnamese letters.
The smallest PDF is never trained on: the error on its lines is logged at the end, degraded as in training.
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

NAME = "hoso-reader-1"
SYNTHETIC_SHARE = 0.5
"""Typeset lines drawn for each line cut from a PDF."""


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m models.training", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with pdf/born_digital and what is measured")
    parser.add_argument("--out", type=Path, required=True, help="folder for lines, checkpoint and weights")
    parser.add_argument("--steps", type=int, default=3000, help="steps of about 5,800 columns each")
    parser.add_argument("--synthetic", type=int, default=14000, help="typeset lines")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs all of it. Raises whatever the parts raise; started again, it goes on where it stopped."""
    chosen = arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the trainer has threads of its own

    from models.training.export import export
    from models.training.lines import LineStore
    from models.training.network import HEIGHT, start_network
    from models.training.sampling import Sampler, Source
    from models.training.start import START
    from models.training.stores import build
    from models.training.train import Recipe, Trainer, as_input, averaged, error_rate

    built = build(chosen.data, chosen.out / "lines", seed=chosen.seed, synthetic_lines=chosen.synthetic)
    opened = sorted(((LineStore(path), weight) for path, weight in built.born_digital), key=lambda pair: len(pair[0]))
    held_out, *used = [Source(store, weight) for store, weight in opened]
    share = SYNTHETIC_SHARE * sum(source.weight for source in used)
    used.append(Source(LineStore(built.synthetic), share))
    checkpoint = chosen.out / "checkpoint.pt"
    trainer = Trainer(start_network(START.load()), Recipe(steps=chosen.steps, threads=chosen.threads))
    trainer.run(Sampler(used, height=HEIGHT, seed=chosen.seed), checkpoint)
    network = averaged(checkpoint)
    fresh = Sampler([held_out], height=HEIGHT, seed=chosen.seed + 1)
    log.info("error on the PDF held out: %.2f %%", 100 * error_rate(network, fresh, batches=30))
    extra = {"steps": trainer.step, "seed": chosen.seed, "start": f"{START.distribution} {START.name}"}
    found = export(network, chosen.out / "weights", NAME, extra, as_input(fresh.batch(0, 2880).crops).numpy())
    log.info("exported; (largest difference, share of equal steps) by runtime: %s", found)


if __name__ == "__main__":
    main()
