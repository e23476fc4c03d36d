"""What the archive's bench measures on files that it made: words at their places, sizes, and what can still be read."""

from __future__ import annotations

import functools
import json
import operator
import os
import statistics
import struct
import subprocess
import unicodedata
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
import pypdfium2.raw as c
from archive_samples import Reading, coded, real_files
from PIL import Image, ImageFilter

from models.codec import decode_page
from models.scoring import Score, score_text
from pipeline.archive.inspect import extract_text
from pipeline.archive.page_images import page_image
from pipeline.archive.profiles import load_profile
from pipeline.intake.open import open_bytes
from pipeline.stages.read import read_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.reading import Box, ReadPage, Word
    from pipeline.archive.masters import Ink
    from pipeline.archive.page_images import CodedImage
    from pipeline.record import Dossier
    from pipeline.tools import Tools

LEADERS = "….:;,"
PROFILES = ("archive", "register", "access")


def text_row(tools: Tools, dossier: Dossier, pdf: Path, name: str) -> str:
    """A table's row: words found where they were read, by pdfium's character boxes; the text as copied out."""
    pages = [read_of(tools, dossier, page) for page in dossier.pages]
    overlaps: list[float] = []
    leaders: list[bool] = []
    with pypdfium2.PdfDocument(pdf) as document:
        for at, page in enumerate(pages):
            for word, box in _found(document[at], page):
                if set(word.text) <= set(LEADERS):
                    # One character as wide as its row: the text layer has it where the row begins.
                    leaders.append(box is not None and _overlap(box, word.box) > 0 and box[0] >= word.box.x0 - 3)
                else:
                    overlaps.append(0.0 if box is None else _overlap(box, word.box))
    words = sum(len(line.words) for page in pages for line in page.lines)
    found = sum(one > 0.5 for one in overlaps) + sum(leaders)
    wanted = "\f".join(_said(page) for page in pages)
    equal = "yes" if extract_text(pdf.read_bytes()).split() == wanted.split() else "NO"
    median = statistics.median(overlaps) if overlaps else 1.0
    return f"| {name} | {len(pages)} | {words} | {found} | {median:.3f} | {equal} |"


def _said(page: ReadPage) -> str:
    return unicodedata.normalize("NFC", page.text)


def _found(drawn: pypdfium2.PdfPage, page: ReadPage) -> Iterator[tuple[Word, tuple[float, float, float, float] | None]]:
    """Every word in order, with the box in pixels at which a search for it finds it."""
    text = drawn.get_textpage()
    # By index, as boxes are: the text in one piece leaves out a line's end after a hyphen.
    content = "".join(chr(c.FPDFText_GetUnicode(text, index)) for index in range(text.count_chars()))
    content = content.replace("\ufffe", "-").replace("\x02", "-")
    wide, high = drawn.get_size()
    across, up = page.width / wide, page.height / high
    at = 0
    for word in (word for line in page.lines for word in line.words if word.text):
        place = content.find(word.text, at)
        if place < 0:
            yield word, None
            continue
        boxes = [text.get_charbox(index) for index in range(place, place + len(word.text))]
        yield (
            word,
            (
                min(one[0] for one in boxes) * across,
                (high - max(one[3] for one in boxes)) * up,
                max(one[2] for one in boxes) * across,
                (high - min(one[1] for one in boxes)) * up,
            ),
        )
        at = place + len(word.text)
    text.close()


def _overlap(one: tuple[float, float, float, float], other: Box) -> float:
    wide = min(one[2], other.x1) - max(one[0], other.x0)
    high = min(one[3], other.y1) - max(one[1], other.y0)
    both = max(0.0, wide) * max(0.0, high)
    whole = (one[2] - one[0]) * (one[3] - one[1]) + other.width * other.height - both
    return both / whole if whole > 0 else 0.0


@dataclass
class _Kept:
    """One profile's pages."""

    sizes: list[float] = field(default_factory=list)
    ours: list[Score] = field(default_factory=list)
    theirs: list[Score] = field(default_factory=list)


def profile_rows(data: Path, reading: Reading, most: int, out: Path) -> Iterator[str]:
    """Pages with truth as each profile keeps them: size, and errors of two readers."""
    pages = [path for path in real_files(data) if path.parent.name == "pages" and path.with_suffix(".gt.txt").exists()]
    scans = [path for path in pages if path.suffix == ".png" and _dpi(path) in range(190, 210)]
    prints = [path for path in pages if _dpi(path) in range(290, 310)]
    yield "| pages | profile | kB a page, median | largest | our CER % | Tesseract CER % |\n|---|---|---|---|---|---|"
    for name, paths, noisy in (
        ("scans, 200 dpi", scans, False),
        ("300 dpi, printed and scanned", prints, True),
        ("300 dpi, drawn", prints, False),
    ):
        yield from _profiles_of(f"{len(paths[:most])} {name}", paths[:most], reading, out, noisy=noisy)


def _profiles_of(what: str, paths: list[Path], reading: Reading, out: Path, *, noisy: bool) -> list[str]:
    kept = {name: _Kept() for name in ("as it came", *PROFILES)}
    for path in paths:
        truth = path.with_suffix(".gt.txt").read_text("utf-8")
        scan = _scanned(path) if noisy else path.read_bytes()
        with open_bytes(scan, path.name) as opened:
            source = opened.page(1)
        for name, one in kept.items():
            image, size = source.image, len(source.image)
            if name != "as it came":
                made = page_image(source.image, source.dpi, load_profile(name))
                size = made.size
                if made.filter == "/DCTDecode":
                    image = _drawn(made)
                    (out / f"{path.stem}-{name}{'-noisy' if noisy else ''}.png").write_bytes(image)
            one.sizes.append(size / 1000)
            one.ours.append(score_text(decode_page(json.loads(reading.words(image))).text, truth))
            one.theirs.append(score_text(reading.text_of("tesseract", image, _tesseract), truth))
    return [
        f"| {what} | {name} | {statistics.median(one.sizes):.0f} | {max(one.sizes):.0f} "
        f"| {_cer(one.ours):.2f} | {_cer(one.theirs):.2f} |"
        for name, one in kept.items()
        if one.sizes
    ]


def _drawn(made: CodedImage) -> bytes:
    """The page as it is seen: the JPEG itself, or its layers laid over one another at the print's resolution."""
    if made.ink is None:
        return made.data
    with Image.open(BytesIO(made.data)) as paper:
        page = paper.convert("RGB").resize((made.ink.width, made.ink.height), Image.Resampling.BICUBIC)
    mask = Image.fromarray(~np.asarray(_ink_picture(made.ink)))
    page.paste((made.ink.grey,) * 3, mask=mask)
    return coded(page, "PNG", compress_level=1)


def _ink_picture(ink: Ink) -> Image.Image:
    """Group 4 data as a picture, by way of a TIFF's head of its own."""
    entries = [
        (256, ink.width),
        (257, ink.height),
        (258, 1),
        (259, 4),
        (262, int(ink.black_is_1)),
        (273, 0),
        (277, 1),
        (278, ink.height),
    ]
    entries.append((279, len(ink.data)))
    start = 8 + 2 + 12 * len(entries) + 4
    table = b"".join(struct.pack("<HHII", tag, 4, 1, start if tag == 273 else value) for tag, value in entries)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + bytes(4)
    with Image.open(BytesIO(head + ink.data)) as picture:
        return picture.convert("1")


def _dpi(path: Path) -> int:
    with Image.open(path) as picture:
        return round(picture.info.get("dpi", (0, 0))[0])


def _scanned(path: Path) -> bytes:
    """The drawn page as a colour scanner of an office sees its print: softer, on tinted paper, with noise."""
    with Image.open(path) as picture:
        soft = np.asarray(picture.convert("RGB").filter(ImageFilter.GaussianBlur(1.0))).astype(np.float32)
    paper = np.array([247, 245, 239], np.float32) / 255
    # Seeded by the page's own name, so that every run sees the same page.
    chance = np.random.default_rng(zlib.crc32(path.stem.encode()))
    noise = chance.normal(0, 4, soft.shape).astype(np.float32)
    made = Image.fromarray(np.clip(soft * paper + noise, 0, 255).astype(np.uint8))
    return coded(made, "PNG", dpi=(_dpi(path), _dpi(path)), compress_level=1)


def _tesseract(image: bytes) -> str:
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "-l", "vie", "--psm", "3"],
        input=image,
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return done.stdout.decode()


def _cer(scores: list[Score]) -> float:
    return 100 * functools.reduce(operator.add, scores).cer
