"""Measures the codes of identity cards on generated scans: is the QR code read, and does it say what the card says?

Cards of invented persons are drawn, half as large again as a card is, scanned at several resolutions and levels, and
their codes looked for as the product does. A card in its own size at 200 dpi has as many pixels as these at 133.
Usage: scripts/bench_cards.py [--cards 100] [--first-seed 1]. Prints one table; nothing is written.
"""

from __future__ import annotations

import argparse
import time
from datetime import date

from extractors.cccd_qr import find_codes, parse_payload
from models.synthesis.fonts import FontBook
from models.synthesis.forms.identity_card import identity_card
from models.synthesis.pages import scan_page
from models.synthesis.people import make_family
from models.synthesis.scan import Level, Mode, ScanSettings

ENLARGED = 1.5
"""How much larger than life the generator draws cards."""
CASES = (
    (Level.CLEAN, Mode.COLOUR, 133), (Level.OFFICE, Mode.COLOUR, 133), (Level.OFFICE, Mode.GREY, 133),
    (Level.BAD, Mode.COLOUR, 133), (Level.OFFICE, Mode.BILEVEL, 133), (Level.OFFICE, Mode.COLOUR, 200),
)  # fmt: skip


def main() -> None:
    """Draws, scans, looks for the code, counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=1)
    chosen = parser.parse_args()
    book = FontBook.office()
    people = [
        make_family(seed, date(2026, 11, 12)).mother
        for seed in range(chosen.first_seed, chosen.first_seed + chosen.cards)
    ]
    print("| scan | dpi of a card in its own size | read | of | ms a card |\n|---|---|---|---|---|")
    for level, mode, dpi in CASES:
        settings = ScanSettings(level=level, mode=mode, dpi=dpi)
        right, spent = 0, 0.0
        for number, person in enumerate(people):
            page = scan_page(book, identity_card(book, person), 1, number, settings)
            begin = time.process_time()
            codes = [parse_payload(text) for text, _ in find_codes(page.scan.image)]
            spent += time.process_time() - begin
            right += any(code is not None and code.number == person.number for code in codes)
        name = f"{level.value}, {mode.value}"
        print(
            f"| {name} | {dpi * ENLARGED:.0f} | {right} | {len(people)} | {1000 * spent / len(people):.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
