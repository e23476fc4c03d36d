"""`python -m models.training.leader_eraser --data FOLDER --out FOLDER`: trains the eraser of leaders under text.

Needs the `train` extra, typefaces with Vietnamese letters, and PDFs under FOLDER/pdf. Cuts free leaders out of blank
forms, draws pairs of rows with and without leaders, trains the network to take them away, and writes `erase.onnx` and
`erase.json` under FOLDER/weights. Started again, it keeps the pairs that it has. PDFs that measured pages come from are
left out by their SHA-256 (`exclusion.py`).
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
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

log = logging.getLogger(__name__)

NAME = "hoso-leaders-1"
_DPI = 200
_LINES_TO_EMS = 1.15
"""Height of a detected line in ems as `type_size` measures them."""


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m models.training.leader_eraser", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with pdf/scanned and pdf/born_digital")
    parser.add_argument("--out", type=Path, required=True, help="folder for pairs and weights")
    parser.add_argument("--pairs", type=int, default=9000)
    parser.add_argument("--texts", type=int, default=3000)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="ends the training early")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def form_pages(data: Path) -> Iterator[NDArray[np.uint8]]:
    """Grey pages of all PDFs that no measured page comes from."""
    import pypdfium2

    from models.training.exclusion import Measured

    measured = Measured.of_folder(data)
    for pdf in sorted((data / "pdf").rglob("*.pdf")):
        if measured.holds_file(pdf):
            continue
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            log.info("%s: %s", pdf.name, error)
            continue
        for number in range(len(document)):
            picture = document[number].render(scale=_DPI / 72, grayscale=True, may_draw_forms=False).to_numpy()
            yield np.ascontiguousarray(picture.reshape(picture.shape[0], picture.shape[1]))
        document.close()


def draw_pairs(data: Path, *, count: int, texts: int, seed: int) -> NDArray[np.uint8]:
    """Pairs of shape (count, 2, rows, columns), ink 0..255: with leaders and without."""
    from models.synthesis.filling import type_size
    from models.training.eraser_samples import COLUMNS, ROWS, cut_leaders, pair, printed_texts
    from models.training.synthetic import fonts_that_print
    from models.training.texts import TextMaker

    rng = np.random.default_rng(seed)
    cuts = []
    for page in form_pages(data):
        cuts += cut_leaders(page, _LINES_TO_EMS * type_size(page))
    log.info("%d leaders cut from forms", len(cuts))
    printed = printed_texts(fonts_that_print(), TextMaker([]), rng, texts)
    pairs = np.empty((count, 2, ROWS, COLUMNS), np.uint8)
    for k in range(count):
        drawn = pair(printed, cuts, rng)
        pairs[k] = np.round(np.stack([drawn.seen, drawn.wanted]) * 255)
    return pairs


def main(argv: Sequence[str] | None = None) -> None:
    """Runs all of it. Raises whatever the parts raise."""
    chosen = arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the trainer has threads of its own

    from models.training.eraser_network import as_onnx, train

    folder = chosen.out / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    kept = chosen.out / "pairs.npy"
    if not kept.exists():
        np.save(kept, draw_pairs(chosen.data, count=chosen.pairs, texts=chosen.texts, seed=chosen.seed))
    pairs = np.load(kept)
    network = train(pairs, steps=chosen.steps, minutes=chosen.minutes, seed=chosen.seed, threads=chosen.threads)
    graph = as_onnx(network, pairs[:1, :1].astype(np.float32) / 255)
    (folder / "erase.onnx").write_bytes(graph)
    described = {
        "name": NAME,
        "sha256": hashlib.sha256(graph).hexdigest(),
        "pairs": len(pairs),
        "steps": chosen.steps,
        "seed": chosen.seed,
    }
    (folder / "erase.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    log.info("%d bytes in %s", len(graph), folder / "erase.onnx")


if __name__ == "__main__":
    main()
