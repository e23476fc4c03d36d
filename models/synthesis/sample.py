"""Writes a sample dossier: `python -m models.synthesis.sample --out samples/birth_registration --seed 4`.

The birth registration dossier is what a desk really gets: the application as a TIFF whose second page lies first,
the hospital's certificate as a PDF, the mother's card as a JPEG. The letter is one scanned PDF.
The ground truth is written beside the folder, never in it: the folder is what a user digitises.
Same seed, same fonts: same bytes. `--level` and `--mode` make harder ones.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from models.synthesis.errors import SynthesisError
from models.synthesis.files import jpeg_bytes, pdf_bytes, tiff_bytes
from models.synthesis.fonts import FontBook
from models.synthesis.forms.birth_application import birth_application
from models.synthesis.forms.birth_notice import birth_notice
from models.synthesis.forms.identity_card import identity_card
from models.synthesis.forms.letter import letter, make_letter
from models.synthesis.pages import ScannedPage, page_truth, scan_page
from models.synthesis.people import make_family
from models.synthesis.scan import Level, Mode, ScanSettings


@dataclass(frozen=True, slots=True)
class Sample:
    """A dossier as files, with its truth."""

    files: dict[str, bytes]
    truth: dict[str, Any]


def birth_registration(book: FontBook, seed: int, settings: ScanSettings | None = None) -> Sample:
    """The papers of procedure 1.001193 for one invented child, out of order."""
    settings = settings or ScanSettings()
    family = make_family(seed, date(2026, 11, 12))
    form, notice = birth_application(book, family), birth_notice(book, family)
    card = identity_card(book, family.mother)
    form_pages = [scan_page(book, form, page, seed + 1, settings) for page in (2, 1)]
    notice_pages = [scan_page(book, notice, 1, seed + 2, settings)]
    card_mode = Mode.COLOUR if settings.mode is Mode.BILEVEL else settings.mode  # a JPEG is never bilevel
    card_pages = [scan_page(book, card, 1, seed + 3, ScanSettings(settings.level, card_mode, settings.dpi))]
    files = {
        "ban-quet-001.tif": tiff_bytes(form_pages),
        "ban-quet-002.pdf": pdf_bytes(notice_pages),
        "ban-quet-003.jpg": jpeg_bytes(card_pages[0]),
    }
    pages = {
        "ban-quet-001.tif": form_pages,
        "ban-quet-002.pdf": notice_pages,
        "ban-quet-003.jpg": card_pages,
    }
    return Sample(files, _truth("1.001193", seed, book, settings, pages))


def letter_sample(book: FontBook, seed: int, settings: ScanSettings | None = None) -> Sample:
    """One administrative letter (công văn), scanned to PDF."""
    settings = settings or ScanSettings()
    paper = letter(book, make_letter(seed, "cong_van", date(2026, 10, 14)))
    pages = [scan_page(book, paper, 1, seed + 1, settings)]
    return Sample({"cong-van.pdf": pdf_bytes(pages)}, _truth(None, seed, book, settings, {"cong-van.pdf": pages}))


def decision_sample(book: FontBook, seed: int, settings: ScanSettings | None = None) -> Sample:
    """One decision (quyết định), scanned to TIFF; sent as group 4 unless another mode is asked for."""
    settings = settings or ScanSettings(mode=Mode.BILEVEL)
    paper = letter(book, make_letter(seed, "quyet_dinh", date(2026, 9, 8)))
    pages = [scan_page(book, paper, 1, seed + 1, settings)]
    return Sample({"quyet-dinh.tif": tiff_bytes(pages)}, _truth(None, seed, book, settings, {"quyet-dinh.tif": pages}))


def _truth(
    procedure: str | None, seed: int, book: FontBook, settings: ScanSettings, files: dict[str, list[ScannedPage]]
) -> dict[str, Any]:
    documents: dict[int, dict[str, Any]] = {}
    for name, pages in files.items():
        for place, page in enumerate(pages, start=1):
            entry = documents.setdefault(id(page.paper), {"type": page.paper.type, "pages": [], "fields": {}})
            entry["pages"].append({"file": name, "page": place, "page_of_document": page.page})
            entry["fields"] = {key: truth.value for key, truth in page.paper.fields.items()}
    for entry in documents.values():
        entry["pages"].sort(key=lambda item: item["page_of_document"])
    return {
        "procedure": procedure,
        "seed": seed,
        "level": settings.level.value,
        "mode": settings.mode.value,
        "fonts": book.identity(),
        "documents": list(documents.values()),
        "files": {name: [page_truth(page) for page in pages] for name, pages in files.items()},
    }


def truth_text(truth: dict[str, Any]) -> str:
    """The truth as it is written: readable, stable, NFC."""
    return json.dumps(truth, ensure_ascii=False, indent=1) + "\n"


def write(sample: Sample, folder: Path) -> None:
    """Writes the files into `folder` and the truth to `folder.truth.json` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in sample.files.items():
        (folder / name).write_bytes(data)
    folder.with_name(f"{folder.name}.truth.json").write_text(truth_text(sample.truth), encoding="utf-8")


_KINDS = {"birth_registration": birth_registration, "letter": letter_sample, "decision": decision_sample}


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m models.synthesis.sample", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the dossier; its truth lands beside it")
    parser.add_argument("--kind", choices=sorted(_KINDS), default="birth_registration")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--level", type=Level, choices=list(Level), default=Level.OFFICE)
    parser.add_argument("--mode", type=Mode, choices=list(Mode), help="default: colour; a decision: bilevel")
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--portable", action="store_true", help="draw with the one font of an installed package")
    chosen = parser.parse_args(arguments)
    try:
        book = FontBook.portable() if chosen.portable else FontBook.office()
        mode = chosen.mode or (Mode.BILEVEL if chosen.kind == "decision" else Mode.COLOUR)
        sample = _KINDS[chosen.kind](book, chosen.seed, ScanSettings(chosen.level, mode, chosen.dpi))
    except SynthesisError as error:
        sys.stderr.write(f"{error.message_vi} {error.detail}\n{error.remedy_vi}\n")
        return 1
    write(sample, chosen.out)
    total = sum(map(len, sample.files.values()))
    sys.stdout.write(f"{chosen.out}: {len(sample.files)} tệp, {total / 1e6:.2f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
