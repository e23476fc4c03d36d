"""The font of visible stamps: complete for Vietnamese, 1000 units per em, cut down to what stamps can say.

Widths in a PDF are in thousandths of an em, so a font of another grid would be drawn spread out and fail PDF/A
(ISO 19005-3, 6.2.11.5): such a font is rescaled first. Cut down once, it makes stamps small and quick. The default is
the Noto Sans that comes with OCRmyPDF (OFL); a serif font such as the one Decree 30 names can be given by path.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signing.errors import StampRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signing.stamp_embedding import EmbeddedFont

_GRID: Final = 1000
_PLAIN: Final = "".join(map(chr, range(0x20, 0x7F))) + "–—‘’“”…•·№°"
_EVERY_STAMP: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,:+-/–Mãồơ")
"""What times and dossier codes are written with, and the words before them."""
_VOWELS: Final = "aăâeêioôơuưy"
_TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VIETNAMESE: Final = "đĐ" + "".join(
    unicodedata.normalize("NFC", letter + tone)
    for vowel in _VOWELS
    for letter in (vowel, vowel.upper())
    for tone in _TONES
)
"""Every letter of the Vietnamese alphabet that ASCII lacks, and those it has, with all tones, composed."""


class StampFont:
    """A font to embed. Read and cut down on first use; may be shared by threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._data: bytes | None = None
        self._advances: dict[str, int] = {}
        self._cuts: dict[frozenset[str], EmbeddedFont] = {}

    @property
    def data(self) -> bytes:
        """The font program (TrueType or OpenType, 1000 units per em).

        Raises StampRefusedError where the font can't be read or lacks a Vietnamese letter.
        """
        if self._data is None:
            self._data = _prepared(self._source())
        return self._data

    def width(self, text: str) -> float:
        """Width of `text` in em; raises StampRefusedError where a character has no glyph."""
        widths = self._widths()
        missing = sorted({character for character in text if character not in widths})
        if missing:
            raise StampRefusedError(f"the stamp font has no glyph for {' '.join(missing)}")
        return sum(widths[character] for character in text) / _GRID

    def embedded(self, texts: Iterable[str]) -> EmbeddedFont:
        """The part of the font that `texts` need; made once a batch, where stamps differ in time and code."""
        from signing.stamp_embedding import embedded_font

        wanted = frozenset("".join(texts)) | _EVERY_STAMP
        if wanted not in self._cuts:
            self.width("".join(sorted(wanted)))
            self._cuts = {wanted: embedded_font(self.data, wanted)}  # one agency at a time: one cut is kept
        return self._cuts[wanted]

    def _widths(self) -> dict[str, int]:
        if not self._advances:
            from fontTools.ttLib import TTFont

            font = TTFont(BytesIO(self.data), lazy=True)
            metrics = font["hmtx"]
            self._advances = {chr(code): metrics[name][0] for code, name in font.getBestCmap().items()}
        return self._advances

    def _source(self) -> bytes:
        try:
            if self._path is not None:
                return self._path.read_bytes()
            package = importlib.util.find_spec("ocrmypdf")  # found, not imported: that takes seconds
            origin = package.origin if package is not None else None
            return (Path(origin or "").parent / "data" / "NotoSans-Regular.ttf").read_bytes()
        except OSError as error:
            raise StampRefusedError(f"the stamp font cannot be read: {error}") from error


def _prepared(data: bytes) -> bytes:
    import logging

    from fontTools import subset
    from fontTools.ttLib import TTFont, TTLibError
    from fontTools.ttLib.scaleUpem import scale_upem

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    try:
        font = TTFont(BytesIO(data))
        missing = sorted({c for c in VIETNAMESE if ord(c) not in font.getBestCmap()})
        if missing:
            raise StampRefusedError(f"the stamp font lacks {len(missing)} Vietnamese letters: {' '.join(missing[:10])}")
        for table in ("GSUB", "GPOS", "GDEF", "MATH", "kern"):  # composed letters need no shaping, and it takes seconds
            if table in font:
                del font[table]
        options = subset.Options(layout_features=[], hinting=False, name_IDs=[1, 2, 4, 6], notdef_outline=True)
        cutter = subset.Subsetter(options)
        cutter.populate(text=_PLAIN + VIETNAMESE)
        cutter.subset(font)
        if font["head"].unitsPerEm != _GRID:
            scale_upem(font, _GRID)
        out = BytesIO()
        font.save(out)
    except (TTLibError, ValueError, KeyError) as error:
        raise StampRefusedError(f"the stamp font cannot be used: {error}") from error
    return out.getvalue()
