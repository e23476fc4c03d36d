"""A master of a page: the first coding of a profile's steps that is small enough, in one layer or in two.

Sizes are foretold from bands all over the page, a tenth of its rows, so that a page is coded whole once or twice and
not once for every step. JPEG with optimal Huffman tables and halved chroma; the same bytes for the same pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image as Pil
from PIL.TiffImagePlugin import ROWSPERSTRIP, STRIPBYTECOUNTS, STRIPOFFSETS, TiffImageFile

if TYPE_CHECKING:
    from PIL import Image

    from pipeline.archive.profiles import Profile, Step

_BAND = 32
"""Rows; a multiple of the 16 in which JPEG with halved chroma works."""
_BANDS = 14
_WORTH_FORETELLING = 1000
"""Rows from which a page is sampled."""
_SURE = 1.12
"""A foretold size may be short by so much; measured on scans of letters and forms: by up to 9 %."""
_FINER = 1.02
_SHARP_ENOUGH = 140.0
"""Pixels per inch from which print in black and white keeps its marks; a coarser page needs its greys."""
_PHOTOMETRIC, _FILL_ORDER = 262, 266


@dataclass(frozen=True, slots=True)
class Ink:
    """Print in black and white over a page: group 4 data, black where it is to be drawn."""

    data: bytes
    width: int
    height: int
    black_is_1: bool
    """/BlackIs1 of ISO 32000-1, 7.4.6."""
    grey: int
    """Brightness in which it is drawn, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Master:
    """A JPEG file made for the archive, and the print over it where the page was taken apart."""

    data: bytes
    width: int
    height: int
    colours: int
    ink: Ink | None = None

    @property
    def size(self) -> int:
        """Bytes of all layers."""
        return len(self.data) + (0 if self.ink is None else len(self.ink.data))


def master(picture: Image.Image, dpi: float, profile: Profile) -> Master:
    """The page as the profile's first step that fits its room, or as its last one. Any mode that Pillow decodes."""
    plain = _plain(picture)
    sizes: dict[tuple[int, int], Image.Image] = {plain.size: plain}
    made: Master | None = None
    for at, step in enumerate(profile.steps):
        if step.ink_dpi is not None and dpi >= _SHARP_ENOUGH:
            made = _in_layers(plain, dpi, step)
            if made.size <= profile.room(*plain.size, dpi):
                break
            continue
        most = step.ink_dpi or step.dpi
        share = 1.0 if most is None or dpi <= _FINER * most else most / dpi
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


def _in_layers(plain: Image.Image, dpi: float, step: Step) -> Master:
    from pipeline.archive.layers import take_apart

    resolution = step.ink_dpi or dpi
    layers = take_apart(plain, dpi, resolution, step.dpi or resolution)
    data, black_is_1 = group4(layers.ink)
    ink = Ink(data, *layers.ink.size, black_is_1, layers.grey)
    paper = layers.paper
    return Master(_jpeg(paper, step.quality), *paper.size, 1 if paper.mode == "L" else 3, ink)


def group4(picture: Image.Image) -> tuple[bytes, bool]:
    """A bilevel picture as one strip of CCITT group 4, and whether a set bit is black in it."""
    out = BytesIO()
    picture.convert("1").save(out, "TIFF", compression="group4", tiffinfo={ROWSPERSTRIP: picture.height})
    with TiffImageFile(BytesIO(out.getvalue())) as tiff:
        tags = dict(tiff.tag_v2)  # type: ignore[attr-defined]  # the context manager's type forgets the plugin
        if len(tags[STRIPOFFSETS]) != 1 or tags.get(_FILL_ORDER, 1) != 1:
            raise ValueError("group 4 data in more than one strip")
        start, length = tags[STRIPOFFSETS][0], tags[STRIPBYTECOUNTS][0]
        black_is_1 = tags[_PHOTOMETRIC] == 1
    return out.getvalue()[start : start + length], black_is_1


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
