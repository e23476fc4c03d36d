#!/usr/bin/env python
"""Reads page after page in one process and prints its memory every 50 pages: it must be flat.

    scripts/soak_reader.py [--pages 1000] [--data FOLDER] [--out FILE.tsv]

Without `--data` the pages are drawn: lines of random words, a new length and a new paper size every few pages, small
so that a thousand take minutes. The process has the allocator settings of the product's own reading process.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import time
from importlib import metadata
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from models.bench import load, pages_of
from models.child_start import ENVIRONMENT
from models.factory import ReaderOptions, build_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.reading import Image

_EVERY = 50
_WORDS = [
    "Căn",
    "cứ",
    "Luật",
    "Tổ",
    "chức",
    "chính",
    "quyền",
    "địa",
    "phương",
    "ngày",
    "16",
    "tháng",
    "6",
    "năm",
    "2025",
    "số",
    "123/UBND-VP",
    "Nguyễn",
    "Thưởng",
]
_SIZES = ((480, 340), (480, 340), (480, 340), (340, 480), (420, 420))


def main() -> None:
    """Reads, and prints a table: pages, MB now, MB at the peak, CPU seconds a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--data", type=Path, help="folder of page images; they are read again and again")
    parser.add_argument("--out", type=Path, help="the table as tab-separated values")
    options = parser.parse_args()
    if not ENVIRONMENT.items() <= os.environ.items():
        # The allocator reads these once, when a process starts.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ENVIRONMENT})  # noqa: S606 - ourselves
    cv2.setNumThreads(1)
    reader = build_reader(ReaderOptions())
    pages = (load(page) for page in cycle(pages_of(options.data))) if options.data else _drawn()
    rows, started = ["pages\tMB\tpeak MB\tCPU s a page"], time.process_time()
    for number in range(1, options.pages + 1):
        reader.read(next(pages))
        if number == 1 or number % _EVERY == 0:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            rows.append(f"{number}\t{_resident()}\t{peak}\t{(time.process_time() - started) / number:.2f}")
            print(rows[-1], flush=True)
    if options.out:
        options.out.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _drawn() -> Iterator[Image]:
    font = str(metadata.distribution("ocrmypdf").locate_file("ocrmypdf/data/NotoSans-Regular.ttf"))
    chance = random.Random(7)  # noqa: S311 - pages, not secrets
    while True:
        height, width = chance.choice(_SIZES)
        picture = Pictures.new("RGB", (width, height), "white")
        draw = ImageDraw.Draw(picture)
        for row in range(3):
            text = " ".join(chance.choices(_WORDS, k=chance.randint(2, 6)))
            draw.text((20, 30 + 60 * row), text, fill="black", font=ImageFont.truetype(font, chance.randint(14, 24)))
        yield np.asarray(picture)


def _resident() -> int:
    """Megabytes of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // (1 << 20)


if __name__ == "__main__":
    main()
