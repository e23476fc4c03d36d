"""A font as PDF objects: cut to what a stamp says, its streams made once and written into every file of a batch.

A composite font with identity mapping (ISO 32000-1, 9.7): glyph numbers stand in the page, widths and a ToUnicode map
beside the font program, so that the stamp's text can be searched and copied as PDF/A-3u wants it. TrueType outlines
become a CIDFontType2, PostScript outlines a CIDFontType0.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SYMBOLIC: Final = 4
"""Font flags (ISO 32000-1, table 123)."""


@dataclass(frozen=True, slots=True)
class EmbeddedFont:
    """A font cut to some characters; streams are compressed. Lengths in thousandths of an em."""

    name: str
    outlines: str
    """`TrueType` or `CFF`."""
    program: bytes
    program_size: int
    to_unicode: bytes
    glyphs: dict[str, int]
    widths: tuple[int, ...]
    """By glyph number."""
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int

    def show(self, text: str) -> bytes:
        """The operator that draws `text`."""
        return b"<%s> Tj" % "".join(f"{self.glyphs[character]:04x}" for character in text).encode()

    def written(self, writer: Any) -> Any:
        """A reference to the font's objects, added to a pyHanko writer."""
        from pyhanko.pdf_utils import generic

        name, number, array = generic.pdf_name, generic.NumberObject, generic.ArrayObject

        def stream(data: bytes, **entries: Any) -> Any:
            entries_by_name = {name(f"/{key}"): value for key, value in entries.items()}
            return writer.add_object(
                generic.StreamObject({name("/Filter"): name("/FlateDecode"), **entries_by_name}, encoded_data=data)
            )

        true_type = self.outlines == "TrueType"
        entry, extra = ("/FontFile2", {"Length1": number(self.program_size)}) if true_type else (
            "/FontFile3", {"Subtype": name("/OpenType")}
        )  # fmt: skip
        descriptor = {
            "/Type": name("/FontDescriptor"),
            "/FontName": name(f"/{self.name}"),
            "/Flags": number(_SYMBOLIC),
            "/FontBBox": array(map(number, self.box)),
            "/ItalicAngle": number(0),
            "/Ascent": number(self.ascent),
            "/Descent": number(self.descent),
            "/CapHeight": number(self.cap_height),
            "/StemV": number(80),
            entry: stream(self.program, **extra),
        }
        system = {
            "/Registry": generic.pdf_string("Adobe"),
            "/Ordering": generic.pdf_string("Identity"),
            "/Supplement": number(0),
        }
        descendant = {
            "/Type": name("/Font"),
            "/Subtype": name("/CIDFontType2" if true_type else "/CIDFontType0"),
            "/BaseFont": name(f"/{self.name}"),
            "/CIDSystemInfo": _dictionary(system),
            "/FontDescriptor": writer.add_object(_dictionary(descriptor)),
            "/DW": number(0),
            "/W": array([number(0), array(map(number, self.widths))]),
        }
        if true_type:
            descendant["/CIDToGIDMap"] = name("/Identity")
        font = {
            "/Type": name("/Font"),
            "/Subtype": name("/Type0"),
            "/BaseFont": name(f"/{self.name}"),
            "/Encoding": name("/Identity-H"),
            "/DescendantFonts": array([writer.add_object(_dictionary(descendant))]),
            "/ToUnicode": stream(self.to_unicode),
        }
        return writer.add_object(_dictionary(font))


def embedded_font(data: bytes, characters: Iterable[str]) -> EmbeddedFont:
    """The font program `data` (1000 units per em) cut to `characters`, all of which it has."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(BytesIO(data))
    cutter = subset.Subsetter(subset.Options(layout_features=[], hinting=False, name_IDs=[6], notdef_outline=True))
    cutter.populate(text="".join(sorted(characters)))
    cutter.subset(font)
    out = BytesIO()
    font.save(out)
    program = out.getvalue()
    order = font.getGlyphOrder()
    numbers = {glyph: number for number, glyph in enumerate(order)}
    glyphs = {chr(code): numbers[glyph] for code, glyph in font.getBestCmap().items()}
    head, across, metrics = font["head"], font["hhea"], font["hmtx"]
    capitals = getattr(font["OS/2"], "sCapHeight", 0) if "OS/2" in font else 0
    tag = "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(program).digest()[:6])
    return EmbeddedFont(
        name=f"{tag}+{_plain(font['name'].getDebugName(6) or 'Stamp')}",
        outlines="TrueType" if "glyf" in font else "CFF",
        program=zlib.compress(program, 9),
        program_size=len(program),
        to_unicode=zlib.compress(_to_unicode(glyphs)),
        glyphs=glyphs,
        widths=tuple(metrics[glyph][0] for glyph in order),
        box=(head.xMin, head.yMin, head.xMax, head.yMax),
        ascent=across.ascent,
        descent=across.descent,
        cap_height=capitals or across.ascent,
    )


def _to_unicode(glyphs: dict[str, int]) -> bytes:
    """A CMap from glyph numbers to text (ISO 32000-1, 9.10.3), a hundred entries a block at most."""
    rows = [f"<{number:04x}> <{character.encode('utf-16-be').hex()}>" for character, number in sorted(glyphs.items())]
    blocks = [rows[i : i + 100] for i in range(0, len(rows), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def _plain(name: str) -> str:
    return "".join(c for c in name if c.isascii() and (c.isalnum() or c == "-")) or "Stamp"


def _dictionary(entries: dict[str, Any]) -> Any:
    from pyhanko.pdf_utils import generic

    return generic.DictionaryObject({generic.pdf_name(key): value for key, value in entries.items()})
