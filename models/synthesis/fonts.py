"""Fonts that are proven to have every letter before the first one is drawn.

Forms name a `Role` (serif, sans, machine-readable ...), never a file: the book maps roles to files of this machine.
A file is opened only to be checked glyph by glyph against the role's alphabet; one missing letter refuses the font,
because a silent `.notdef` box would teach a reader nonsense. Missing files name the Debian package that has them.
`FontBook.portable()` draws all roles with the one complete font that an installed Python package carries, so that
tests run on a machine without office fonts; it is asked for by name and never chosen silently.
Measures are in units of the em: advance widths and ink boxes come from the font itself, without kerning, as drawn.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.synthesis.errors import FontIncompleteError, FontMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
_LOWER = {unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES} | set(
    "bcdđfghjklmnpqrstvwxz"
)
VIETNAMESE: frozenset[str] = frozenset(
    _LOWER | {letter.upper() for letter in _LOWER} | set("0123456789 .,;:!?()/-–“”\"'…%+&")
)
"""Every letter of Vietnamese in both cases, digits and the signs that forms use."""
MACHINE: frozenset[str] = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
"""The alphabet of a machine-readable zone (ICAO 9303-3)."""


class Role(StrEnum):
    """What a font is used for on paper."""

    SERIF = "serif"
    SERIF_BOLD = "serif_bold"
    SERIF_ITALIC = "serif_italic"
    SERIF_BOLD_ITALIC = "serif_bold_italic"
    SANS = "sans"
    SANS_BOLD = "sans_bold"
    TYPEWRITER = "typewriter"
    MRZ = "mrz"

    @property
    def alphabet(self) -> frozenset[str]:
        """What a font must be able to draw to play this role."""
        return MACHINE if self is Role.MRZ else VIETNAMESE


_LIBERATION = Path("/usr/share/fonts/truetype/liberation2")
_OFFICE: dict[Role, tuple[Path, str]] = {
    Role.SERIF: (_LIBERATION / "LiberationSerif-Regular.ttf", "fonts-liberation2"),
    Role.SERIF_BOLD: (_LIBERATION / "LiberationSerif-Bold.ttf", "fonts-liberation2"),
    Role.SERIF_ITALIC: (_LIBERATION / "LiberationSerif-Italic.ttf", "fonts-liberation2"),
    Role.SERIF_BOLD_ITALIC: (_LIBERATION / "LiberationSerif-BoldItalic.ttf", "fonts-liberation2"),
    Role.SANS: (_LIBERATION / "LiberationSans-Regular.ttf", "fonts-liberation2"),
    Role.SANS_BOLD: (_LIBERATION / "LiberationSans-Bold.ttf", "fonts-liberation2"),
    Role.TYPEWRITER: (_LIBERATION / "LiberationMono-Regular.ttf", "fonts-liberation2"),
    Role.MRZ: (Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf"), "fonts-ocr-b"),
}


def missing_letters(path: Path, alphabet: frozenset[str]) -> frozenset[str]:
    """The letters of `alphabet` that the font file cannot draw."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        cmap = font.getBestCmap() or {}
    return frozenset(letter for letter in alphabet if ord(letter) not in cmap)


@dataclass(slots=True)
class Face:
    """One checked font file with its measures. Open it with `Face.open`."""

    path: Path
    sha256: str
    _glyphs: Any
    _cmap: Mapping[int, str]
    _em: int
    _ink: dict[str, tuple[float, float, float, float] | None] = field(default_factory=dict)
    _widths: dict[str, float] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, alphabet: frozenset[str], package: str = "") -> Face:
        """Opens and checks a font. Raises `FontMissingError` or `FontIncompleteError` (naming the letters)."""
        from fontTools.ttLib import TTFont

        if not path.is_file():
            raise FontMissingError(f"{path.name}: apt-get install {package}" if package else str(path.name))
        lacking = missing_letters(path, alphabet)
        if lacking:
            letters = "".join(sorted(lacking))
            raise FontIncompleteError(f"{path.name}: {len(lacking)} ({letters[:40]}) {package}".rstrip())
        font = TTFont(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(path, digest, font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm)

    def advance(self, text: str) -> float:
        """Width of `text` in ems, unkerned."""
        return sum(self._width(letter) for letter in text)

    def ink(self, text: str) -> tuple[float, float, float, float]:
        """Ink box (left, bottom, right, top) of `text` in ems from its origin on the baseline, y upwards."""
        boxes = []
        at = 0.0
        for letter in text:
            box = self._letter(letter)
            if box is not None:
                boxes.append((at + box[0], box[1], at + box[2], box[3]))
            at += self._width(letter)
        if not boxes:
            return 0.0, 0.0, at, 0.0
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )

    def _width(self, letter: str) -> float:
        known = self._widths.get(letter)
        if known is None:
            known = self._widths[letter] = float(self._glyphs[self._name(letter)].width) / self._em
        return known

    def _name(self, letter: str) -> str:
        name = self._cmap.get(ord(letter))
        if name is None:
            raise FontIncompleteError(f"{self.path.name}: {letter!r}")
        return name

    def _letter(self, letter: str) -> tuple[float, float, float, float] | None:
        from fontTools.pens.boundsPen import BoundsPen

        if letter not in self._ink:
            pen = BoundsPen(self._glyphs)
            self._glyphs[self._name(letter)].draw(pen)
            em = self._em
            self._ink[letter] = None if pen.bounds is None else tuple(value / em for value in pen.bounds)
        return self._ink[letter]


@dataclass(frozen=True, slots=True)
class FontBook:
    """A checked face for every role."""

    faces: Mapping[Role, Face]

    @classmethod
    def office(cls) -> FontBook:
        """The typefaces of Vietnamese offices, in metric-compatible free cuts. Raises as `Face.open`."""
        return cls({role: Face.open(path, role.alphabet, package) for role, (path, package) in _OFFICE.items()})

    @classmethod
    def portable(cls) -> FontBook:
        """One complete font of an installed package in every role: same words, plainer looks."""
        spec = find_spec("ocrmypdf")
        if spec is None or spec.origin is None:
            raise FontMissingError("NotoSans-Regular.ttf: pip install ocrmypdf")
        path = Path(spec.origin).parent / "data" / "NotoSans-Regular.ttf"
        face = Face.open(path, VIETNAMESE | MACHINE, "ocrmypdf")
        return cls(dict.fromkeys(Role, face))

    def face(self, role: Role) -> Face:
        """The face that plays `role`."""
        return self.faces[role]

    def identity(self) -> dict[str, str]:
        """File name and SHA-256 by role: equal identities give equal pages."""
        return {role.value: f"{face.path.name} {face.sha256}" for role, face in sorted(self.faces.items())}
