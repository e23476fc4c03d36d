#!/usr/bin/env python3
"""Measures what lies between a page and its flat, upright, clean self: turns, skew, photographs, seals, poor scans.

Takes a folder of flat pages with truth (NAME.png or .jpg beside NAME.gt.txt), makes every variant of them, reads and
scores them. Turned pages are only asked how they lie (turned upright they are the same pixels). Seals are laid on lines
that the reader finds on the clean page, and only the words under them are scored, against what it read there without
a seal. Everything is drawn from fixed seeds. Prints a Markdown table: pages, CER, WER, CPU-seconds a page.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.factory import ReaderOptions, build_reader
from models.images import as_grey, as_rgb, rotate
from models.scoring import Score, score_text
from models.synthesis.fonts import FontBook
from models.synthesis.marks import lay
from models.synthesis.photograph import LEVELS, photograph
from models.synthesis.typesetter import Mark, Rect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.reading import Box, Image, PageReader, ReadPage

    Made = tuple[Image, str]

SKEWS = (-10.0, -5.0, -2.0, 2.0, 5.0, 10.0)
INKS = {
    "red": (205, 25, 40),
    "red, pale": (228, 110, 115),
    "red, dark": (150, 20, 35),
    "magenta": (190, 30, 110),
    "blue": (40, 60, 170),
}
SEAL_DPI = 300
SEAL_MM = 36.0


def main() -> int:
    """Makes, reads, scores, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of flat pages with .gt.txt")
    parser.add_argument("--pages", type=int, default=99, help="at most so many, spread over the folder")
    parser.add_argument("--only", default="", help="variants whose name starts with this")
    parser.add_argument("--keep", type=Path, help="folder for the pictures made and the texts read")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    reader = build_reader(ReaderOptions(threads=1))
    every = pages_of(chosen.data)
    pages = every[:: max(1, len(every) // chosen.pages)][: chosen.pages]
    print("| variant | pages | CER % | WER % | CPU-s a page |\n|---|---|---|---|---|")
    if "turned".startswith(chosen.only) or chosen.only.startswith("turned"):
        print(turned(reader, pages))
    for name, make in variants(reader).items():
        if name.startswith(chosen.only):
            print(measured(name, make, reader, pages, chosen.keep), flush=True)
    return 0


def variants(reader: PageReader) -> dict[str, Callable[[Image, str, int], Iterator[Made]]]:
    """By name: from a page, its truth and its number to pictures with the truth they are scored by."""
    made: dict[str, Callable[[Image, str, int], Iterator[Made]]] = {
        "flat": lambda page, truth, _: iter([(page, truth)])
    }
    for angle in SKEWS:
        made[f"skewed by {angle:g}"] = lambda page, truth, _, angle=angle: iter([(rotate(page, angle)[0], truth)])
    for number, (level, settings) in enumerate(LEVELS.items()):
        made[f"photographed, {level}"] = lambda page, truth, k, number=number, settings=settings: iter(
            [(photograph(page, 100 * k + number, settings), truth)]
        )
    for name, ink in INKS.items():
        made[f"seal, {name}"] = lambda page, _, k, ink=ink: sealed(reader, page, k, ink)
    made["seal, red, grey scan"] = lambda page, _, k: sealed(reader, page, k, INKS["red"], as_grey)
    made["seal, red, bilevel scan"] = lambda page, _, k: sealed(reader, page, k, INKS["red"], bilevel)
    made["100 dpi"] = lambda page, truth, _: iter([(scaled(page, 1170), truth)])
    made["75 dpi"] = lambda page, truth, _: iter([(scaled(page, 877), truth)])
    made["faint"] = lambda page, truth, k: iter([(faint(page, k), truth)])
    made["shadowed"] = lambda page, truth, k: iter([(shadowed(page, k), truth)])
    return made


def measured(
    name: str,
    make: Callable[[Image, str, int], Iterator[Made]],
    reader: PageReader,
    pages: list[Path],
    keep: Path | None,
) -> str:
    """One row of the table."""
    total, count, spent = Score(0, 0, 0, 0, 0), 0, 0.0
    for number, path in enumerate(pages):
        for part, (picture, truth) in enumerate(make(load(path), truth_of(path), number)):
            started = time.process_time()
            page = reader.read(picture)
            spent += time.process_time() - started
            score = score_text(truth, page.text)
            total, count = total + score, count + 1
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                stem = keep / f"{name.replace(' ', '_').replace(',', '')}-{path.stem}-{part}"
                cv2.imwrite(f"{stem}.png", picture if picture.ndim == 2 else picture[:, :, ::-1])
                Path(f"{stem}.txt").write_text(page.text, encoding="utf-8")
                Path(f"{stem}.gt.txt").write_text(truth, encoding="utf-8")
                print(f"  {stem.name} {100 * score.cer:.2f} {100 * score.wer:.2f}", file=sys.stderr, flush=True)
    return f"| {name} | {count} | {100 * total.cer:.2f} | {100 * total.wer:.2f} | {spent / max(1, count):.2f} |"


def turned(reader: PageReader, pages: list[Path]) -> str:
    """How many of the pages, turned by 0, 90, 180 and 270 degrees, are seen as they lie."""
    left = wrong = 0
    started = time.process_time()
    for path in pages:
        page = load(path)
        for turns in range(4):
            seen = reader.turn(np.ascontiguousarray(np.rot90(page, turns))).quarter_turns
            left += turns != 0 and seen == 0
            wrong += seen not in {0, turns}
    spent = (time.process_time() - started) / max(1, 4 * len(pages))
    return f"| turned: {left} left as they lay, {wrong} turned wrongly | {4 * len(pages)} | | | {spent:.2f} |"


def sealed(
    reader: PageReader, page: Image, seed: int, ink: tuple[int, int, int], scan: Callable[[Image], Image] | None = None
) -> Iterator[Made]:
    """The page with a seal on one of its long lines, and the words under it as read without the seal."""
    rng = np.random.default_rng(seed)
    page = scaled(page, 3508)
    clean = read_once(reader, scan(page) if scan else page)
    side = round(SEAL_MM / 25.4 * SEAL_DPI)
    lines = [line for line in clean.lines if line.box.width > 1.2 * side and not line.unreadable]
    if not lines:
        return
    line = lines[int(rng.integers(len(lines)))]
    x = int(rng.integers(line.box.x0, max(line.box.x0 + 1, line.box.x1 - side)))
    y = min(max(0, (line.box.y0 + line.box.y1 - side) // 2), page.shape[0] - side)
    words = "\n".join(" ".join(word.text for word in line.words if under(word.box, x, y, side)) for line in clean.lines)
    cover = seal_cover(side)
    picture = page.astype(np.float32)
    factor = 1 - cover[:, :, None] * (1 - np.array(ink, np.float32) / 255)
    picture[y : y + side, x : x + side] *= factor
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7) + rng.normal(0, 3, (*picture.shape[:2], 1)).astype(np.float32)
    sealed_page = np.clip(picture, 0, 255).astype(np.uint8)
    yield (scan(sealed_page) if scan else sealed_page), words


_READ: dict[bytes, ReadPage] = {}


def read_once(reader: PageReader, page: Image) -> ReadPage:
    """A page as read; the same page is read once for all seals on it."""
    key = page[::17, ::13].tobytes()
    if key not in _READ:
        _READ[key] = reader.read(page)
    return _READ[key]


def under(box: Box, x: int, y: int, side: int) -> bool:
    """Whether a word lies under the seal, at least by half."""
    centre, radius = (x + side / 2, y + side / 2), side / 2
    middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return bool(np.hypot(middle[0] - centre[0], middle[1] - centre[1]) < 0.97 * radius)


def seal_cover(side: int) -> np.ndarray:
    """How much ink a round seal leaves, 0 to 1."""
    white = np.full((side, side, 3), 255, np.uint8)
    millimetres = side / SEAL_DPI * 25.4
    mark = Mark(
        "seal", Rect(0, 0, millimetres, millimetres), "ỦY BAN NHÂN DÂN XÃ KHÁNH VĨNH TỈNH KHÁNH HÒA", "ỦY BAN NHÂN DÂN"
    )
    laid = lay(white, [mark], FontBook.portable(), SEAL_DPI)[:side, :side, 1]
    return (255 - laid.astype(np.float32)) / 230


def bilevel(page: Image) -> Image:
    """Black and white, as office scanners make it: darker than the neighbourhood is black."""
    grey = as_grey(page)
    level = cv2.GaussianBlur(grey, (0, 0), 20).astype(np.int16)
    return np.where((grey < level - 22) | (grey < 70), 0, 255).astype(np.uint8)


def scaled(page: Image, height: int) -> Image:
    """The page at another number of pixels."""
    size = (round(page.shape[1] * height / page.shape[0]), height)
    how = cv2.INTER_AREA if height < page.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(page, size, interpolation=how), np.uint8)


def faint(page: Image, seed: int) -> Image:
    """Print of an empty cartridge on grey paper: 45 grey levels between ink and ground, and noise."""
    rng = np.random.default_rng(seed)
    pale = 185 + page.astype(np.float32) * (45 / 255)
    return np.clip(pale + 3 * rng.standard_normal((*page.shape[:2], 1), np.float32), 0, 255).astype(np.uint8)


def shadowed(page: Image, seed: int) -> Image:
    """A flat page under a lamp and a hand: light between a quarter and all of it."""
    rng = np.random.default_rng(seed)
    field = cv2.resize(rng.random((4, 3), dtype=np.float32), page.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    x = np.linspace(0, 1, page.shape[1], dtype=np.float32)[None]
    hand = 1 / (1 + np.exp(-(x - rng.uniform(0.3, 0.7)) / 0.02))
    light = np.clip(0.55 + 0.45 * field, 0, 1) * (1 - 0.5 * hand)
    return (page * light[:, :, None]).astype(np.uint8)


def pages_of(data: Path) -> list[Path]:
    """Page images that have a ground truth."""
    pictures = (path for path in data.iterdir() if path.suffix.lower() in {".png", ".jpg", ".jpeg"})
    return sorted(path for path in pictures if path.with_name(f"{path.stem}.gt.txt").is_file())


def truth_of(page: Path) -> str:
    """What is printed on it."""
    return page.with_name(f"{page.stem}.gt.txt").read_text(encoding="utf-8")


def load(page: Path) -> Image:
    """A page as RGB."""
    return as_rgb(np.ascontiguousarray(cv2.imread(str(page), cv2.IMREAD_COLOR)[:, :, ::-1]))


if __name__ == "__main__":
    sys.exit(main())
