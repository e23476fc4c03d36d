#!/usr/bin/env python
"""Lists every line of real pages that was not read as it is printed: what is left to mend, and of which kind.

    scripts/reading_errors.py FOLDER... [--read FOLDER] [--out FILE.tsv] [--crops FOLDER]

Each FOLDER holds page images with NAME.gt.txt. Pages are read by the installed reader, or their texts are taken from
`--read` (NAME.txt, as `hoso bench read --out` keeps them). One line of the table is one printed line: page, edits, the
kinds of its edits, truth, what was read. `--crops` cuts the place out of the scan, to be looked at beside the table.
Kinds are those that a machine can tell (tone, case, spacing, punctuation, digits, missed line); causes are for eyes.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import edlib

from models.bench import load, pages_of
from models.factory import ReaderOptions, build_reader
from models.scoring import match_lines, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.reading import ReadPage
    from models.scoring import Match


_GAP = "\0"
"""Stands for a sign that one side lacks."""


def main() -> None:
    """Reads or takes texts, prints the table and the sums of its kinds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--read", type=Path, help="folder of texts that were read before: NAME.txt")
    parser.add_argument("--out", type=Path, help="table as tab-separated values; default: standard output")
    parser.add_argument("--crops", type=Path, help="folder for pictures of the places; reads the pages itself")
    options = parser.parse_args()
    if options.read and options.crops:
        parser.error("--crops needs the boxes of a reading of its own: leave --read out")
    reader = None if options.read else build_reader(ReaderOptions())
    rows, kinds = ["page\tedits\tkinds\ttruth\tread"], Counter[str]()
    for page in (page for folder in options.folders for page in pages_of(folder)):
        truth = page.with_name(f"{page.stem}.gt.txt")
        if not truth.is_file():
            continue
        read = reader.read(load(page)) if reader else None
        text = read.text if read else (options.read / f"{page.stem}.txt").read_text(encoding="utf-8")
        wrong = [match for match in match_lines(truth.read_text(encoding="utf-8"), text) if match.edits]
        for number, match in enumerate(wrong, start=1):
            found = kinds_of(match)
            kinds.update(found)
            said = ", ".join(f"{kind} {count}" for kind, count in found.items())
            rows.append("\t".join([page.stem, str(match.edits), said, match.truth, match.read.replace("\n", " | ")]))
            if options.crops and read:
                _crop(page, read, match, options.crops / f"{page.stem}-{number}.png")
    content = "\n".join(rows) + "\n"
    if options.out:
        options.out.write_text(content, encoding="utf-8")
    else:
        sys.stdout.write(content)
    for kind, count in kinds.most_common():
        print(f"{count:6} {kind}", file=sys.stderr)


def kinds_of(match: Match) -> Counter[str]:
    """The edits of a line by kind: one for each sign that differs."""
    if not match.read:
        return Counter({"missed line": match.edits})
    nice = edlib.getNiceAlignment(
        edlib.align(match.truth, match.read, task="path"), match.truth, match.read, gapSymbol=_GAP
    )
    pairs = zip(nice["query_aligned"], nice["target_aligned"], strict=True)
    return Counter(_kind(wanted, got) for wanted, got in pairs if wanted != got)


def _kind(wanted: str, got: str) -> str:
    if _bare(wanted) == _bare(got):
        return "tone"
    if wanted.casefold() == got.casefold():
        return "case"
    if (wanted + got).strip(f" \n{_GAP}") == "":
        return "spacing"
    if "…" in wanted + got:
        return "leaders"
    if all(not sign.isalnum() for sign in wanted + got):
        return "punctuation"
    if any(sign.isdigit() for sign in wanted + got):
        return "digit"
    return "letter left out" if got == _GAP else "letter too many" if wanted == _GAP else "letter"


def _bare(sign: str) -> str:
    sign = sign.replace("đ", "d").replace("Đ", "D")
    return "".join(part for part in unicodedata.normalize("NFD", sign) if not unicodedata.combining(part))


def _crop(page: Path, read: ReadPage, match: Match, file: Path) -> None:
    """The read line that is closest to the true one, with its surroundings; nothing where there is none."""
    lines = [line for line in read.lines if line.text]
    boxes = [line.box for line in _closest(lines, match)]
    if not boxes:
        return
    box, image = boxes[0], load(page)
    above = box.height
    part = image[max(0, box.y0 - above) : box.y1 + above, max(0, box.x0 - above) : box.x1 + above]
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), part[:, :, ::-1])


def _closest(lines: Sequence, match: Match) -> list:
    def far(line: object) -> float:
        text = plain(line.text)  # type: ignore[attr-defined]
        short, long = sorted((text, match.truth), key=len)
        return edlib.align(short, long, mode="HW")["editDistance"] / max(1, len(short))

    return sorted(lines, key=far)[:1]


if __name__ == "__main__":
    main()
