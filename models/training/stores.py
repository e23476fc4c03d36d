"""Builds the stores of training lines from a folder of documents, and leaves out everything that is measured.

The folder holds PDFs made by a word processor under `pdf/born_digital`, ground truths `*.gt.txt` of measured pages
anywhere, and `MEASURING_SOURCES.tsv`, which names the PDFs that measured pages come from.
A store that exists is kept, so that an interrupted build goes on where it stopped. Counts are logged and returned.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.training.born_digital import lines_of
from models.training.exclusion import Measured
from models.training.lines import LineStore, LineWriter
from models.training.synthetic import Typesetter, fonts_that_print
from models.training.texts import TextMaker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

ENOUGH = 4000
"""Lines beyond which a PDF is not drawn from more often: one long table must not outweigh ten letters."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build gave: the paths of its stores (without suffix) and what was left out."""

    born_digital: tuple[tuple[Path, float], ...]
    """Each with how often its lines are to be drawn, relative to the others."""
    synthetic: Path
    measured_files: int
    """PDFs left out because a measured page comes from them."""
    measured_lines: int
    """Lines left out because their text occurs in a measured page."""


def build(data: Path, out: Path, *, seed: int, synthetic_lines: int, dpi: tuple[int, int] = (150, 270)) -> Built:
    """Cuts and typesets all training lines under `out`. Raises `FileNotFoundError` where `data` holds no PDF."""
    measured = Measured.of_folder(data)
    stores: list[tuple[Path, float]] = []
    files = dropped = 0
    pdfs = sorted((data / "pdf" / "born_digital").glob("*.pdf"))
    if not pdfs:
        raise FileNotFoundError(f"{data / 'pdf' / 'born_digital'} holds no PDF")
    for pdf in pdfs:
        if measured.holds_file(pdf):
            files += 1
            continue
        name = hashlib.sha256(pdf.read_bytes()).hexdigest()[:12]
        store = out / f"born-{name}"
        tally = store.with_suffix(".dropped")
        if not store.with_suffix(".jsonl").exists():
            left_out = 0
            rng = np.random.default_rng([seed, int(name[:8], 16)])
            with LineWriter(store) as writer:
                for page, line in lines_of(pdf, rng, dpi):
                    if measured.holds_text(line.text):
                        left_out += 1
                    else:
                        writer.add(line, f"{pdf.name}#{page}")
            tally.write_text(str(left_out), encoding="utf-8")
        dropped += int(tally.read_text(encoding="utf-8"))
        lines = LineStore(store)
        stores.append((store, min(len(lines), ENOUGH) ** 0.5 * (2.0 if is_times(pdf) else 1.0)))
        log.info("lines cut: %s, %d, drawn %.0f", pdf.name, len(lines), stores[-1][1])
        lines.close()
    synthetic = out / "synthetic"
    if not synthetic.with_suffix(".jsonl").exists():
        typeset([path for path, _ in stores], synthetic, measured, seed=seed, count=synthetic_lines)
    log.info("left out: %d files and %d lines that are measured", files, dropped)
    return Built(tuple(stores), synthetic, files, dropped)


def is_times(pdf: Path) -> bool:
    """Whether a PDF is set in Times rather than Arial, as Decree 30/2020/ND-CP asks of papers of the state."""
    fonts = subprocess.run(["pdffonts", str(pdf)], check=True, capture_output=True, timeout=60).stdout.decode()
    return fonts.count("Times") > fonts.count("Arial")


def typeset(stores: Sequence[Path], out: Path, measured: Measured, *, seed: int, count: int) -> None:
    """Writes `count` typeset lines, whose words come in part from the lines of `stores`."""
    rng = np.random.default_rng([seed, 1])
    corpus = []
    for path in stores:
        store = LineStore(path)
        corpus += [store.text(number) for number in range(len(store))]
        store.close()
    texts, typesetter = TextMaker(corpus), Typesetter(fonts_that_print())
    with LineWriter(out) as writer:
        done = 0
        while done < count:
            words = texts.line(rng)
            known = measured.holds_text(" ".join(word.label for word in words))
            line = None if known else typesetter.line(words, rng)
            if line is not None:
                writer.add(line, "synthetic")
                done += 1
