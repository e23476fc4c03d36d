"""The typefaces that forms are set in: Times-like faces as offices use, their relatives, and a few others.

Each face is a family of files of a Debian package. Which faces may be used for training and which are kept for
measuring is written here, once: `held_out` is a property of the face, not of a run.
`books` opens those that this machine has, checked letter by letter as all fonts are; where none of the wanted kind is
installed it says which packages bring them. Pages name the files that drew them, as all samples do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.synthesis.errors import FontMissingError
from models.synthesis.fonts import Face, FontBook, Role

_TRUETYPE = Path("/usr/share/fonts/truetype")
_TEX = Path("/usr/share/texmf/fonts/opentype/public/tex-gyre")
_MONO = _TRUETYPE / "liberation2/LiberationMono-Regular.ttf"
_SANS = (_TRUETYPE / "liberation2/LiberationSans-Regular.ttf", _TRUETYPE / "liberation2/LiberationSans-Bold.ttf")
_CODES = Path("/usr/share/fonts/opentype/ocr-b/OCRB.otf")


@dataclass(frozen=True, slots=True)
class Typeface:
    """One family. `files` are regular, bold, italic and bold italic."""

    name: str
    held_out: bool
    package: str
    files: tuple[Path, Path, Path, Path]

    @property
    def installed(self) -> bool:
        """Whether all files that a book needs are on this machine."""
        return all(path.is_file() for path in (*self.files, *_SANS, _MONO, _CODES))

    def book(self) -> FontBook:
        """Every role played by this family; the machine's own signs and sans by the office faces. Raises as `Face`."""
        roles = (Role.SERIF, Role.SERIF_BOLD, Role.SERIF_ITALIC, Role.SERIF_BOLD_ITALIC)
        files = dict(zip(roles, self.files, strict=True))
        faces = {role: Face.open(path, role.alphabet, self.package) for role, path in files.items()}
        others = {Role.SANS: _SANS[0], Role.SANS_BOLD: _SANS[1], Role.TYPEWRITER: _MONO}
        faces |= {role: Face.open(path, role.alphabet, "fonts-liberation2") for role, path in others.items()}
        faces[Role.MRZ] = Face.open(_CODES, Role.MRZ.alphabet, "fonts-ocr-b")
        return FontBook(faces)


def _family(name: str, package: str, folder: Path, stem: str, endings: str, *, held_out: bool = False) -> Typeface:
    regular, bold, italic, both = (folder / f"{stem}{ending}" for ending in endings.split())
    return Typeface(name, held_out, package, (regular, bold, italic, both))


_PLAIN = "-Regular.ttf -Bold.ttf -Italic.ttf -BoldItalic.ttf"
_GYRE = "-regular.otf -bold.otf -italic.otf -bolditalic.otf"
_FREE = ".ttf Bold.ttf Italic.ttf BoldItalic.ttf"

TYPEFACES: tuple[Typeface, ...] = (
    _family("liberation-serif", "fonts-liberation2", _TRUETYPE / "liberation2", "LiberationSerif", _PLAIN),
    _family("liberation-sans", "fonts-liberation2", _TRUETYPE / "liberation2", "LiberationSans", _PLAIN),
    _family("free-serif", "fonts-freefont-ttf", _TRUETYPE / "freefont", "FreeSerif", _FREE),
    _family("noto-serif", "fonts-noto-core", _TRUETYPE / "noto", "NotoSerif", _PLAIN),
    _family("roboto", "fonts-roboto-unhinted", _TRUETYPE / "roboto/unhinted/RobotoTTF", "Roboto", _PLAIN),
    _family("gyre-bonum", "fonts-texgyre", _TEX, "texgyrebonum", _GYRE),
    _family("gyre-termes", "fonts-texgyre", _TEX, "texgyretermes", _GYRE, held_out=True),
    _family("gyre-heros", "fonts-texgyre", _TEX, "texgyreheros", _GYRE, held_out=True),
    _family("noto-sans", "fonts-noto-core", _TRUETYPE / "noto", "NotoSans", _PLAIN, held_out=True),
    _family("open-sans", "fonts-open-sans", _TRUETYPE / "open-sans", "OpenSans", _PLAIN, held_out=True),
)
_WEIGHT = {"liberation-serif": 5, "gyre-termes": 4, "free-serif": 2}
"""Offices set most papers in a Times; the other faces come once."""


def books(*, held_out: bool) -> dict[str, FontBook]:
    """The installed faces of one side by name. Raises `FontMissingError` naming packages where there is none."""
    wanted = [face for face in TYPEFACES if face.held_out is held_out]
    found = {face.name: face.book() for face in wanted if face.installed}
    if not found:
        raise FontMissingError(f"apt-get install {' '.join(sorted({face.package for face in wanted}))} fonts-ocr-b")
    return found


def weight(name: str) -> int:
    """How often a face is drawn beside others."""
    return _WEIGHT.get(name, 1)
