"""Dossiers for measuring the archive: real files or drawn scans, put into the store as intake would, read or not.

No stage but intake's own opening of files comes before the archive here, so that what is measured is the archive.
Pages are read by our reader where they are asked to be, once: what was read lies in a folder, by the image's SHA-256.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from models.codec import encode_page
from pipeline.intake.images import decode
from pipeline.intake.open import open_bytes
from pipeline.keys import original_key, page_key
from pipeline.record import Dossier, OriginalRecord, PageRecord, Status
from pipeline.stages.read import STEP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from models.reading import PageReader
    from pipeline.intake.pages import SourcePage
    from pipeline.tools import Tools

ENGINE = "bench"
RECEIVED = datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=7)))


@dataclass(frozen=True)
class Reading:
    """Reads pages once; `folder` keeps what was read."""

    folder: Path

    @functools.cached_property
    def _reader(self) -> PageReader:
        from models.factory import ReaderOptions, build_reader

        return build_reader(ReaderOptions(threads=1))

    def words(self, image: bytes) -> bytes:
        """The page as the ledger keeps it, upright or not as it came."""
        path = self.folder / f"{hashlib.sha256(image).hexdigest()}.json"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(json.dumps(encode_page(self._reader.read(decode(image)))).encode())
        return path.read_bytes()

    def text_of(self, reader: str, image: bytes, read: Callable[[bytes], str]) -> str:
        """What another reader makes of the page, asked once."""
        path = self.folder / f"{hashlib.sha256(image).hexdigest()}.{reader}.txt"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(read(image), "utf-8")
        return path.read_text("utf-8")


def dossier_of(
    tools: Tools, files: list[tuple[str, bytes]], reading: Reading | None, most_pages: int = 10_000
) -> Dossier:
    """Files and pages in the store, words in the ledger. Pages that cannot be opened are left out."""
    originals, pages = [], []
    for name, data in files:
        sha256 = hashlib.sha256(data).hexdigest()
        tools.store.put_new(original_key(sha256), data)
        with open_bytes(data, name) as opened:
            for number in range(1, min(opened.page_count, most_pages) + 1):
                pages.append(_page(tools, opened.page(number), name, len(pages) + 1, reading))
            originals.append(
                OriginalRecord(
                    name=name,
                    sha256=sha256,
                    size=len(data),
                    media_type=opened.media_type,
                    pages=opened.page_count,
                    signed=opened.signed,
                    born_digital=opened.born_digital,
                )
            )
    return Dossier(
        id="hs-261121-0a1b2c3d",
        procedure="1.001193",
        procedure_name="Đăng ký khai sinh",
        status=Status.PROCESSING,
        received_at=RECEIVED,
        originals=tuple(originals),
        pages=tuple(pages),
        engine=ENGINE,
    )


def _page(tools: Tools, source: SourcePage, name: str, number: int, reading: Reading | None) -> PageRecord:
    digest = hashlib.sha256(source.image).hexdigest()
    tools.store.put_new(page_key(digest, source.media_type), source.image)
    if reading is not None and tools.catalogue.step_output(digest, STEP, ENGINE) is None:
        tools.catalogue.remember_step(digest, STEP, ENGINE, reading.words(source.image), 0.0)
    return PageRecord(
        number=number,
        file=name,
        file_page=source.number,
        width=source.width,
        height=source.height,
        dpi=source.dpi,
        media_type=source.media_type,
        image_sha256=digest,
        blank=reading is None,
    )


def drawn_page(dpi: float, mode: str, seed: int = 1, noise: float = 6.0) -> Image.Image:
    """A scan of an A4 page: rows of ink, a red seal, a blue pen, the scanner's noise. `mode`: 1, L, RGB, CMYK, I;16."""
    width, height = round(210 / 25.4 * dpi), round(297 / 25.4 * dpi)
    chance = np.random.default_rng(seed)
    page = Image.new("RGB", (width, height), (250, 249, 246))
    pen = ImageDraw.Draw(page)
    tall = max(2, round(dpi / 40))
    for row in range(height // 10, height - height // 8, 3 * tall):
        left = width // 8
        while left < width * 0.85:
            wide = int(chance.integers(2, 9)) * tall
            pen.rectangle((left, row, left + wide, row + tall), fill=(30, 30, 34))
            left += wide + tall
    seal = [width * 0.55, height * 0.72, width * 0.55 + dpi * 1.4, height * 0.72 + dpi * 1.4]
    pen.ellipse(seal, outline=(205, 40, 50), width=max(1, round(dpi / 25)))
    pen.line(
        [(width * 0.6, height * 0.8), (width * 0.8, height * 0.76)], fill=(40, 60, 170), width=max(1, round(dpi / 60))
    )
    pixels = np.asarray(page).astype(np.float32)
    if mode != "1":
        pixels = np.clip(pixels + chance.normal(0, noise, pixels.shape).astype(np.float32), 0, 255)
    made = Image.fromarray(pixels.astype(np.uint8))
    if mode == "1":
        return made.convert("L").point(lambda value: 255 * (value > 128), "1")
    if mode == "I;16":
        return Image.fromarray(np.asarray(made.convert("L")).astype(np.uint16) * 257)
    return made.convert(mode)


def coded(picture: Image.Image, kind: str, **how: object) -> bytes:
    """The picture as a file."""
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def real_files(folder: Path) -> Iterator[Path]:
    """Everything in the folder that intake may be given."""
    endings = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"}
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in endings)
