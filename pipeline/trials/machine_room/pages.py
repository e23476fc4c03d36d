"""Dossiers for the machine room: small invented ones that are really read, and real pages cut into dossiers.

An invented dossier is a letter with annexes, scanned to one PDF: number n of a seed is always the same bytes, no two
are equal, and they are kept in a folder, so that a second run pays nothing for them. Pages are sparse on purpose: what
is tried is the way of a dossier, not the reader. Real pages come from a folder that the caller names, and stay there.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from models.synthesis.people import make_name, seeded
from models.synthesis.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from models.synthesis.fonts import FontBook
    from models.synthesis.forms.paper import Paper

MAKE: Final = 1
"""Version of how invented dossiers are made; part of their names in the folder."""
DPI: Final = 150
_ROWS: Final = 6


@dataclass(frozen=True, slots=True)
class Papers:
    """The files of one dossier as a citizen hands them in."""

    name: str
    files: tuple[tuple[str, bytes], ...]
    """Name and bytes."""
    pages: int

    @property
    def sums(self) -> dict[str, str]:
        """SHA-256 of each file by its name."""
        return {name: hashlib.sha256(data).hexdigest() for name, data in self.files}


def invented(folder: Path, seed: int, number: int, pages: int) -> Papers:
    """Dossier `number` of a seed, with `pages` pages; made once, then taken from `folder`."""
    path = folder / f"v{MAKE}-{seed}-{number:05d}-{pages}.pdf"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(_drawn(seed, number, pages))
        part.replace(path)
    return Papers(path.stem, (("ho-so.pdf", path.read_bytes()),), pages)


def real(data: Path, pages: int, each: int) -> Iterator[Papers]:
    """Dossiers of `each` pages from the PDFs below `data`, `pages` pages in all, in the order of their names.

    A PDF's pages are parted without being drawn anew: its images stay bit for bit. Files that cannot be opened are left
    out, as are pages that have text or annotations of their own (nobody would read their picture).
    """
    left = pages
    for number, path in enumerate(sorted(data.rglob("*.pdf"))):
        if left <= 0:
            return
        for start, piece, count in _pieces(path, each):
            if left < count:
                return
            left -= count
            yield Papers(f"real-{number:04d}-{start:04d}", (("ban-quet.pdf", piece),), count)
            if left <= 0:
                return


def _pieces(path: Path, each: int) -> Iterator[tuple[int, bytes, int]]:
    import pikepdf

    try:
        source = pikepdf.open(path)
    except pikepdf.PdfError:
        return
    with source:
        pictures = [number for number, page in enumerate(source.pages) if _picture(page)]
        for start in range(0, len(pictures) - len(pictures) % each, each):
            with pikepdf.new() as piece:
                piece.pages.extend(source.pages[number] for number in pictures[start : start + each])
                stream = io.BytesIO()
                piece.save(stream, deterministic_id=True)
            yield start, stream.getvalue(), each


def _picture(page: Any) -> bool:
    """Whether a page is one picture without text of its own."""
    resources = page.get("/Resources", {})
    return len(page.get_images()) == 1 and not resources.get("/Font", {}) and "/Annots" not in page


def shuffled(papers: Sequence[Papers], seed: int, number: int, pages: int) -> Papers:
    """A new dossier of pages that were read before: another order of `pages` pages of some of these dossiers' PDFs.

    Its images are the same bytes, so the step ledger knows what they say; its file is not, so it is another dossier.
    """
    import pikepdf

    rng = seeded(seed * 1_000_003 + number)
    with pikepdf.new() as piece:
        for paper in rng.sample(list(papers), min(pages, len(papers))):
            with pikepdf.open(io.BytesIO(paper.files[0][1])) as source:
                piece.pages.append(source.pages[rng.randrange(len(source.pages))])
        piece.docinfo["/Keywords"] = f"{seed}-{number}"
        stream = io.BytesIO()
        piece.save(stream, deterministic_id=True)
        count = len(piece.pages)
    return Papers(f"again-{seed}-{number:05d}", (("ho-so.pdf", stream.getvalue()),), count)


def _drawn(seed: int, number: int, pages: int) -> bytes:
    import img2pdf

    from models.synthesis.fonts import FontBook
    from models.synthesis.forms.letter import letter, make_letter

    book = FontBook.office()
    own = seed * 100_003 + number
    papers = [letter(book, make_letter(own, "quyet_dinh")), *(_annex(book, own, sheet) for sheet in range(1, pages))]
    if number % 2:
        # Without its seal and signature a letter's signer can be read: every second dossier asks nobody.
        papers[0].sheets[0].marks.clear()
    images = [_picture_of(book, paper) for paper in papers]
    made = img2pdf.convert(images, engine=img2pdf.Engine.internal, nodate=True)
    return bytes(made or b"")


def _picture_of(book: FontBook, paper: Paper) -> bytes:
    """A clean grey JPEG: the scanner's faults are for the benches of the reader."""
    from PIL import Image

    from models.synthesis.marks import lay
    from models.synthesis.printing import raster

    sheet = paper.sheets[0]
    stream = io.BytesIO()
    picture = Image.fromarray(lay(raster(sheet, DPI), sheet.marks, book, DPI)).convert("L")
    picture.save(stream, "JPEG", quality=70, dpi=(DPI, DPI))
    return stream.getvalue()


def _annex(book: FontBook, seed: int, sheet: int) -> Paper:
    """A list of invented people and places on a page that goes on from the one before."""
    from models.synthesis.forms.paper import Paper, sheet_a4

    rng = seeded(seed * 31 + sheet)
    page = sheet_a4(book)
    page.write(f"{sheet + 1}", 100.0, 14.0, 20, align="centre", size=13)
    y = 30.0
    for row in range(1, _ROWS + 1):
        place = rng.choice(PLACES)
        name = make_name(rng, rng.choice(("Nam", "Nữ")))
        y = page.write(f"{row}. {name}, {place.commune}, {place.province}, số {rng.randrange(10_000)}.", 30, y, 160) + 2
    return Paper("quyet_dinh", (page,), {})
