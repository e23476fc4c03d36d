#!/usr/bin/env python3
"""Counts `models/language.txt`: syllables of Vietnamese and pairs of them, from text that may be used for it.

Text: the text layers of born-digital PDFs of the state (statutes, decrees, standards, which are outside copyright by
Article 15 of Vietnam's Law on Intellectual Property), without the files and lines that measured pages come from
(`models.training.exclusion`), and `everyday.txt` beside this script, phrases written for this project. Only syllables
that spelling allows are counted; foreign words and numbers break a phrase. `--leave-out` keeps a PDF out for tests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

from models.language import count, format_language
from models.training.exclusion import Measured

TABLE = Path(__file__).resolve().parent.parent / "models" / "language.txt"
EVERYDAY = Path(__file__).with_name("everyday.txt")
EVERYDAY_WEIGHT = 3
"""How often each everyday phrase counts: enough for its pairs to be kept."""
LEAST = 2
"""How often a pair must stand in the text to be kept."""


def main() -> int:
    """Counts, writes the table and says how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with pdf/born_digital and what is measured")
    parser.add_argument("--leave-out", default="", help="beginning of the name of a PDF that is not counted")
    parser.add_argument("--out", type=Path, default=TABLE)
    chosen = parser.parse_args()
    measured = Measured.of_folder(chosen.data)
    syllables: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    used = 0
    for pdf in sorted((chosen.data / "pdf" / "born_digital").glob("*.pdf")):
        if measured.holds_file(pdf) or (chosen.leave_out and pdf.name.startswith(chosen.leave_out)):
            continue
        one, two = count(text_of(pdf, measured))
        syllables += one
        pairs += two
        used += 1
    one, two = count(EVERYDAY.read_text(encoding="utf-8"))
    for _ in range(EVERYDAY_WEIGHT):
        syllables += one
        pairs += two
    kept = {pair: times for pair, times in pairs.items() if times >= LEAST}
    head = (
        "Counts of Vietnamese syllables and of pairs of them. Each line: syllable, its tone as in Telex (f s r x j)",
        "behind an apostrophe, its count, then followers (line number in base 36 from 0) with the pair's count.",
        f"From {used} statutes, decrees and standards of the state of Vietnam (outside copyright by Article 15 of its",
        "Law on Intellectual Property) and scripts/everyday.txt (written for this project). Licence: Apache-2.0.",
        "Made by: PYTHONPATH=. python scripts/build_language.py --data FOLDER",
    )
    text = format_language(syllables, kept, head)
    chosen.out.write_text(text, encoding="utf-8")
    print(f"{used} PDFs, {syllables.total()} syllables, {len(syllables)} of them, {len(kept)} pairs, {len(text)} bytes")
    return 0


def text_of(pdf: Path, measured: Measured) -> str:
    """The text layer without the lines that measured pages hold."""
    command = ["pdftotext", "-q", str(pdf), "-"]
    text = subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "replace")
    lines = unicodedata.normalize("NFC", text).splitlines()
    return "\n".join(line for line in lines if not measured.holds_text(line.strip()))


if __name__ == "__main__":
    sys.exit(main())
