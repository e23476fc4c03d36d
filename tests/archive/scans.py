"""Scans of every kind an office brings, as files, and a dossier of them that needs no reader."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, ImageDraw

from pipeline.intake.images import upright
from pipeline.intake.open import open_bytes
from pipeline.keys import original_key, page_key
from pipeline.record import Dossier, OriginalRecord, PageRecord, Status

if TYPE_CHECKING:
    from pipeline.tools import Tools

RECEIVED = datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=7)))


def drawing(width: int = 420, height: int = 594, mode: str = "RGB") -> Image.Image:
    """A page that looks different however it is turned or mirrored: a red corner, a blue edge, rows of print."""
    made = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(made)
    pen.rectangle((0, 0, width // 4, height // 8), fill=(200, 30, 30))
    pen.rectangle((width - width // 12, height // 3, width, height // 2), fill=(30, 40, 180))
    for row in range(height // 4, height - height // 5, 20):
        pen.rectangle((width // 8, row, width // 8 + (row * 7) % (width // 2), row + 5), fill=(20, 20, 20))
    if mode == "1":
        return made.convert("L").point(lambda value: 255 * (value > 128), "1")
    return made.convert(mode)


def coded(picture: Image.Image, kind: str, **how: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def sixteen_bits() -> Image.Image:
    grey = np.asarray(drawing(mode="L")).astype(np.uint16) * 257
    return Image.fromarray(grey)


def exif(orientation: int) -> bytes:
    made = Image.Exif()
    made[0x0112] = orientation
    return made.tobytes()


def rgb_profile(name: str = "sRGB") -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


@dataclass(frozen=True)
class Kept:
    """A dossier whose pages lie in the store, and the page images as intake gave them."""

    dossier: Dossier
    images: tuple[bytes, ...]


def keep(tools: Tools, *files: tuple[str, bytes], turned: int = 0) -> Kept:
    """Stores files and their pages as intake does; `turned` is what the reader is made to find."""
    originals, pages, images = [], [], []
    for name, data in files:
        sha256 = hashlib.sha256(data).hexdigest()
        tools.store.put_new(original_key(sha256), data)
        with open_bytes(data, name) as opened:
            for number in range(1, opened.page_count + 1):
                source = upright(opened.page(number), turned)
                digest = hashlib.sha256(source.image).hexdigest()
                tools.store.put_new(page_key(digest, source.media_type), source.image)
                pages.append(
                    PageRecord(
                        number=len(pages) + 1,
                        file=name,
                        file_page=number,
                        width=source.width,
                        height=source.height,
                        dpi=source.dpi,
                        media_type=source.media_type,
                        image_sha256=digest,
                        turned=turned,
                        blank=True,
                    )
                )
                images.append(source.image)
            record = OriginalRecord(
                name=name, sha256=sha256, size=len(data), media_type=opened.media_type, pages=opened.page_count
            )
        originals.append(record)
    dossier = Dossier(
        id="hs-261121-0a1b2c3d",
        procedure="1.001193",
        procedure_name="Đăng ký khai sinh",
        status=Status.PROCESSING,
        received_at=RECEIVED,
        originals=tuple(originals),
        pages=tuple(pages),
    )
    return Kept(dossier, tuple(images))
