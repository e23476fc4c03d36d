"""Measures how well handwriting is told from print on a folder of real pages with ground truth.

FOLDER/handwriting holds photos of handwriting; FOLDER/pages, forms and crops hold print, whose ground truth marks what
was written into it as `‹…›`. Counted: words and unread lines of the photos that are flagged; inserts of which a word is
flagged (found between the print on both sides of them); and printed words, those of the ground truth, flagged wrongly.
Words that the ground truth does not have (signatures, seals, noise) are counted apart. Also the judge's own time.
Usage: scripts/bench_handwriting.py --data FOLDER [--show] [--recogniser trueocr]. Prints a table; nothing is written.
"""

from __future__ import annotations

import argparse
import re
import time
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from models.factory import ReaderOptions, build_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.reading import PageReader, ReadPage, Word

INSERT = re.compile(r"‹([^›]*)›")
PICTURES = {".png", ".jpg", ".jpeg", ".tif"}


class Stopwatch:
    """A judge that keeps the processor time spent in another."""

    def __init__(self, judge: object) -> None:
        self._judge = judge
        self.name = getattr(judge, "name", "")
        self.spent = 0.0

    def judge(self, crop: object, spans: object) -> object:
        """As the other judge answers."""
        started = time.process_time()
        answer = self._judge.judge(crop, spans)  # type: ignore[attr-defined]
        self.spent += time.process_time() - started
        return answer


def pictures(folder: Path) -> Iterator[tuple[Path, str]]:
    """Images with the text beside them."""
    for truth in sorted(folder.glob("*.gt.txt")):
        stem = truth.name.removesuffix(".gt.txt")
        image = next((p for p in sorted(folder.glob(f"{stem}.*")) if p.suffix in PICTURES), None)
        if image is not None:
            yield image, unicodedata.normalize("NFC", truth.read_text(encoding="utf-8"))


def rows(page: ReadPage) -> list[list[Word]]:
    """The words of each printed row from left to right, whatever lines the detector made of it."""
    found: list[list[Word]] = []
    for line in sorted((line for line in page.lines if line.words), key=lambda line: line.box.y0):
        middle = (line.box.y0 + line.box.y1) / 2
        row = next((r for r in found if min(w.box.y0 for w in r) < middle < max(w.box.y1 for w in r)), None)
        if row is None:
            found.append(list(line.words))
        else:
            row.extend(line.words)
    return [sorted(row, key=lambda word: word.box.x0) for row in found]


def inserted(truth: str, page: ReadPage) -> list[tuple[str, list[Word]]]:
    """Every insert with the words that stand in its place, between the print before and after it."""
    found = []
    for line in truth.splitlines():
        if "‹" not in line:
            continue
        printed = INSERT.sub("", line)
        row = max(rows(page), key=lambda row: likeness(printed, row), default=[])
        text, owners = "", []
        for word in row:
            text += word.text + " "
            owners += [word] * (len(word.text) + 1)
        at = 0
        plain = INSERT.sub(lambda match: "\0" * len(match[1]), line)
        blocks = SequenceMatcher(None, plain, text, autojunk=False).get_matching_blocks()
        for match in INSERT.finditer(line):
            start = plain.index("\0", at)
            at = start + len(match[1])
            # The nearest printed characters on both sides that were read bound the place.
            left = max((b.b + b.size for b in blocks if b.size and b.a + b.size <= start), default=0)
            right = min((b.b for b in blocks if b.size and b.a >= at), default=len(text))
            between = [owners[k] for k in range(left, right) if not text[k].isspace()]
            found.append((match[1], list({id(word): word for word in between}.values())))
    return found


def likeness(printed: str, row: Sequence[Word]) -> float:
    """How much of a printed text a row holds, 0 to 1."""
    text = " ".join(word.text for word in row)
    blocks = SequenceMatcher(None, printed, text, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size > 1) / max(1, len(printed))


def words_of(text: str) -> set[str]:
    """The printed words of a ground truth, bare of punctuation and case."""
    return {bare(word) for word in INSERT.sub(" ", text).split()} - {""}


def bare(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", text).casefold()


def measure(reader: PageReader, data: Path, *, show: bool) -> tuple[Counter[str], Counter[str], int]:
    """Hits and totals by what is counted, and the number of printed pages."""
    hits, totals, count = Counter[str](), Counter[str](), 0
    for path, _ in pictures(data / "handwriting"):
        page = read(reader, path)
        words = [word for line in page.lines for word in line.words]
        unread = [line for line in page.lines if not line.words]
        hits["photos: words read"] += sum(word.handwritten for word in words)
        totals["photos: words read"] += len(words)
        hits["photos: unread lines"] += sum(line.unreadable == "handwriting" for line in unread)
        totals["photos: unread lines"] += len(unread)
        hits["photos: lines"] += sum((line.handwriting or 0) > 0.5 for line in page.lines)
        totals["photos: lines"] += len(page.lines)
        missed = [f"{word.text} {word.handwriting:.2f}" for word in words if not word.handwritten]
        if show and missed:
            print(f"{path.name}: not flagged: {missed}")
    for folder in ("pages", "forms", "crops"):
        for path, truth in pictures(data / folder):
            page, count = read(reader, path), count + 1
            pens = inserted(truth, page)
            mine = {id(word) for _, words in pens for word in words}
            for text, words in pens:
                hits["inserts"] += any(word.handwritten for word in words)
                totals["inserts"] += 1
                if show and not any(word.handwritten for word in words):
                    print(f"{path.name}: insert {text} not flagged: {[(w.text, w.handwriting) for w in words]}")
            known = words_of(truth)
            for word in (word for line in page.lines for word in line.words if id(word) not in mine):
                kind = f"{folder}: printed words" if bare(word.text) in known else f"{folder}: other words"
                hits[kind] += word.handwritten
                totals[kind] += 1
                if show and word.handwritten:
                    print(f"{path.name}: {kind}: {word.text} {word.handwriting:.2f} {tuple(word.box)}")
    return hits, totals, count


def read(reader: PageReader, path: Path) -> ReadPage:
    """A picture as it is read."""
    with Image.open(path) as picture:
        return reader.read(np.asarray(picture.convert("RGB")))


def main() -> None:
    """Reads, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print every difference")
    parser.add_argument("--recogniser", choices=("auto", "trueocr", "hoso"), default="auto")
    options = parser.parse_args()
    reader = build_reader(ReaderOptions(recogniser=options.recogniser, precision="f32"))
    watch = Stopwatch(reader._judge)  # type: ignore[attr-defined]  # noqa: SLF001 - the reader has no seam for a watch
    reader._judge = watch  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    started = time.process_time()
    hits, totals, pages = measure(reader, options.data, show=options.show)
    spent = time.process_time() - started
    pages += sum(1 for _ in pictures(options.data / "handwriting"))
    print(f"reader {reader.name}")
    print(f"judge: {1000 * watch.spent / pages:.1f} ms of {1000 * spent / pages:.0f} ms processor time a picture")
    printed = [kind for kind in totals if kind.endswith("printed words")]
    hits["all printed words"] = sum(hits[kind] for kind in printed)
    totals["all printed words"] = sum(totals[kind] for kind in printed)
    for kind, total in totals.items():
        print(f"{kind:24} {hits[kind]:6} of {total:6} flagged  {100 * hits[kind] / max(1, total):7.2f} %")


if __name__ == "__main__":
    main()
