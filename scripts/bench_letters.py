"""Measures the fields of administrative letters on a folder of pages with truth: exact, doubtful, wrong, for each key.

A page is an image with NAME.fields.json beside it; null or a missing key in the truth is not measured, except that a
key whose truth is null must not be claimed. A letter's later pages are not read here, so signers may be absent.
Usage: scripts/bench_letters.py --data FOLDER [--show] [--threads 1]. Prints one table; nothing is written.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from extractors.fields import PageView
from extractors.letterhead import KEYS, LetterheadExtractor
from extractors.values import letters_agree
from models.factory import ReaderOptions, build_reader
from pipeline.fusion import Thresholds, fuse_all
from pipeline.procedures.letters import letter_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.record import FieldRecord

OUTCOMES = ("exact", "exact, flagged", "wrong, flagged", "unread, flagged", "not claimed", "WRONG, accepted")


def pages(folder: Path) -> Iterator[tuple[Path, dict[str, object]]]:
    """Images with their truth."""
    for truth in sorted(folder.glob("*.fields.json")):
        stem = truth.name.removesuffix(".fields.json")
        image = next((p for p in sorted(folder.glob(f"{stem}.*")) if p.suffix in {".png", ".jpg", ".tif"}), None)
        if image is not None:
            yield image, json.loads(truth.read_text(encoding="utf-8"))


def outcome(truth: object, field: FieldRecord | None) -> str:
    """What became of one key."""
    if field is None or field.value is None:
        missing = "not claimed" if field is None else "unread, flagged"
        return "exact" if truth is None else missing
    right = letters_agree(truth, field.value)  # type: ignore[arg-type]
    accepted = field.status == "read"
    if right:
        return "exact" if accepted else "exact, flagged"
    return "WRONG, accepted" if accepted else "wrong, flagged"


def main() -> None:
    """Reads, extracts, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print every difference")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    reader = build_reader(ReaderOptions(threads=options.threads))
    table: dict[str, Counter[str]] = {key: Counter() for key in KEYS}
    reading = extracting = 0.0
    for path, truth in pages(options.data):
        with Image.open(path) as picture:
            image = np.asarray(picture.convert("RGB"))
        started = time.perf_counter()
        view = PageView.of(1, image, reader.read(image))
        reading += time.perf_counter() - started
        started = time.perf_counter()
        fields = fuse_all(LetterheadExtractor().extract([view], []), letter_schema("cong_van"), Thresholds())
        extracting += time.perf_counter() - started
        for key, wanted in truth.items():
            field = fields.get(key)
            result = outcome(wanted, field)
            table[key][result] += 1
            if options.show and result != "exact":
                got = (field.value, field.probability, field.reason) if field else None
                print(f"{path.name} {key}: {result}\n    truth {wanted}\n    got   {got}")
    print(f"reader {reader.name}; reading {reading:.1f} s, extraction {extracting:.2f} s")
    print(f"{'key':20}" + "".join(f"{name:>17}" for name in OUTCOMES))
    for key, counts in table.items():
        print(f"{key:20}" + "".join(f"{counts[name]:>17}" for name in OUTCOMES))
    total = sum(table.values(), Counter())
    print(f"{'all':20}" + "".join(f"{total[name]:>17}" for name in OUTCOMES))


if __name__ == "__main__":
    main()
