"""A master of a page: the first coding of a profile's steps that is small enough.

Sizes are foretold from bands all over the page, a tenth of its rows, so that a page is coded whole once or twice and
not once for every step. JPEG with optimal Huffman tables and halved chroma; the same bytes for the same pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image as Pil

if TYPE_CHECKING:
    from PIL import Image

    from pipeline.archive.profiles import Profile

_BAND = 32
"""Rows; a multiple of the 16 in which JPEG with halved chroma works."""
_BANDS = 14
_WORTH_FORETELLING = 1000
"""Rows from which a page is sampled."""
_SURE = 1.12
"""A foretold size may be short by so much; measured on scans of letters and forms: by up to 9 %."""
_FINER = 1.02


@dataclass(frozen=True, slots=True)
class Master:
    """A JPEG file made for the archive."""

    data: bytes
    width: int
    height: int
    colours: int


def master(picture: Image.Image, dpi: float, profile: Profile) -> Master:
    """The page as the profile's first step that fits its room, or as its last one. Any mode that Pillow decodes."""
    plain = _plain(picture)
    sizes: dict[tuple[int, int], Image.Image] = {plain.size: plain}
    made: Master | None = None
    for at, step in enumerate(profile.steps):
        share = 1.0 if step.dpi is None or dpi <= _FINER * step.dpi else step.dpi / dpi
        size = max(1, round(plain.width * share)), max(1, round(plain.height * share))
        if size not in sizes:
            sizes[size] = plain.resize(size, Pil.Resampling.LANCZOS, reducing_gap=3.0)
        scaled = sizes[size]
        room = profile.room(*size, dpi * share)
        last = at + 1 == len(profile.steps)
        if not last and scaled.height >= _WORTH_FORETELLING and _foretold(scaled, step.quality) > _SURE * room:
            continue
        data = _jpeg(scaled, step.quality)
        made = Master(data, *size, 1 if scaled.mode == "L" else 3)
        if len(data) <= room:
            break
    if made is None:
        raise ValueError("a profile without steps")
    return made


def _foretold(picture: Image.Image, quality: int) -> float:
    apart = picture.height / _BANDS
    sample = Pil.new(picture.mode, (picture.width, _BAND * _BANDS))
    for band in range(_BANDS):
        top = min(int(band * apart) // 16 * 16, picture.height - _BAND)
        sample.paste(picture.crop((0, top, picture.width, top + _BAND)), (0, band * _BAND))
    return len(_jpeg(sample, quality)) * picture.height / (_BAND * _BANDS)


def _plain(picture: Image.Image) -> Image.Image:
    if "transparency" in picture.info or picture.mode in {"RGBA", "LA", "PA"}:
        over = picture.convert("RGBA")
        paper = Pil.new("RGBA", over.size, "white")
        paper.alpha_composite(over)
        return paper.convert("RGB")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, subsampling=2)
    return out.getvalue()
