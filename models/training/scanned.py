"""Cuts training lines out of scans that nobody has transcribed: real paper, and the text that two readers agree on.

A page is read by our recogniser; a line is kept where the second, independent recogniser of the `trueocr` wheel reads
the same letters in the same crop, or where ours is nearly certain of every word. What both misread stays in, so these
lines are a part of the training and never its measure. Files that measured pages come from are left out by their hash.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import numpy as np

from models.training.alphabet import spell
from models.training.exclusion import Measured
from models.training.labels import leaders_to_one
from models.training.lines import LineWriter, PrintedLine, PrintedWord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.reading import Image, Line, LineRecogniser, PageReader

log = logging.getLogger(__name__)

CERTAIN = 0.995
"""Probability of every word above which a line needs no second reader."""
PROBABLE = 0.8
"""Probability of every word below which a line is not kept, whoever agrees."""
DPI = 200
STRAIGHT = 0.25
"""Degrees of skew up to which an upright box cuts a line well; a page that leans more is levelled first."""


def build_scanned(data: Path, out: Path, weights: Path, *, seed: int, pages: int) -> int:
    """Writes lines of up to `pages` pages of each PDF under `data`/pdf/scanned; gives their number.

    `weights` is the folder of the recogniser that reads them. A store that exists is kept.
    Raises `FileNotFoundError` where there is no such PDF.
    """
    from models.factory import ReaderOptions, build_reader, build_recogniser

    if out.with_suffix(".jsonl").exists():
        return 0
    pdfs = sorted((data / "pdf" / "scanned").glob("*.pdf"))
    if not pdfs:
        raise FileNotFoundError(f"{data / 'pdf' / 'scanned'} holds no PDF")
    measured = Measured.of_folder(data)
    reader = build_reader(ReaderOptions(recogniser="hoso", weights=weights))
    second, _ = build_recogniser(ReaderOptions(recogniser="trueocr"))
    kept = 0
    with LineWriter(out) as writer:
        for pdf in pdfs:
            if measured.holds_file(pdf):
                continue
            number = int(hashlib.sha256(pdf.read_bytes()).hexdigest()[:8], 16)
            for page, image in pages_of(pdf, np.random.default_rng([seed, number]), pages):
                for line in lines_of_page(image, reader, second):
                    if not measured.holds_text(line.text):
                        writer.add(line, f"{pdf.name}#{page}")
                        kept += 1
            log.info("lines of scans: %s, %d so far", pdf.name, kept)
    return kept


def pages_of(pdf: Path, rng: np.random.Generator, count: int) -> Iterator[tuple[int, Image]]:
    """Up to `count` pages drawn at random, with their numbers from 1, at `DPI`."""
    import pypdfium2

    document = pypdfium2.PdfDocument(str(pdf))
    try:
        for number in sorted(rng.permutation(len(document))[:count].tolist()):
            drawn = document[number].render(scale=DPI / 72, rev_byteorder=True).to_numpy()
            yield number + 1, np.ascontiguousarray(drawn[:, :, :3])
    finally:
        document.close()


def lines_of_page(image: Image, reader: PageReader, second: LineRecogniser) -> Iterator[PrintedLine]:
    """The lines of an upright page that two readers agree on."""
    from models.images import as_grey, rotate
    from models.orientation import estimate_skew

    skew = estimate_skew(as_grey(image))
    if abs(skew) > STRAIGHT:
        image, _ = rotate(image, -skew)
    for line in reader.read(image).lines:
        if not line.words or min(word.probability for word in line.words) < PROBABLE:
            continue
        box = line.box
        crop = image[box.y0 : box.y1, box.x0 : box.x1]
        sure = min(word.probability for word in line.words) >= CERTAIN
        text = " ".join(word.text for word in line.words)
        if sure or (crop.shape[0] > 8 and agree(text, second.recognise(crop).text, second.alphabet)):
            printed = cut(image, line)
            if printed is not None:
                yield printed


def agree(ours: str, theirs: str, alphabet: frozenset[str]) -> bool:
    """Whether two readings are the same in the characters that both can write, spaces aside."""
    common = [[c for c in text if c in alphabet and not c.isspace() and c.isalnum()] for text in (ours, theirs)]
    return common[0] == common[1] and len(common[0]) > 1


def cut(image: Image, line: Line) -> PrintedLine | None:
    """The line's crop with margins, or None where it makes no training line."""
    box, height = line.box, line.box.y1 - line.box.y0
    words = [(leaders_to_one(word.text), word.box) for word in line.words]
    if height < 10 or any(spell(text) is None for text, _ in words):
        return None
    margin = int(height * 0.35)
    top, left = max(0, box.y0 - margin), max(0, box.x0 - margin)
    crop = np.asarray(image[top : box.y1 + margin, left : box.x1 + margin].min(axis=2), np.uint8)
    if float(np.median(crop)) < 140:
        return None
    inside = crop[box.y0 - top : box.y1 - top, box.x0 - left : box.x1 - left]
    inked = np.flatnonzero((inside < 160).any(axis=1))
    if len(inked) < 4:
        return None
    printed = tuple(PrintedWord(text, at.x0 - left, at.x1 - left) for text, at in words)
    first = box.y0 - top + int(inked[0])
    return PrintedLine(np.ascontiguousarray(crop), printed, first, box.y0 - top + int(inked[-1]) + 1)
