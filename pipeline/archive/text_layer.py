"""The words under a page's picture: invisible, in reading order, each stretched over its own box.

The font has no ink: one glyph of half an em, to which every character points. What a character is stands in
the ToUnicode map alone, so that text copies out exactly (NFC) in any script and nothing depends on a typeface.
Character numbers are given in order of first use, over the whole document; lines are kept apart, words too.
"""

from __future__ import annotations

import unicodedata
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

if TYPE_CHECKING:
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    from models.reading import Line, ReadPage

FONT_NAME = "HoSoSo-Invisible"
_EM = 1000
_ADVANCE = 500
_ASCENT, _DESCENT = 800, -200
_EPOCH = 3_029_529_600
"""Seconds since 1904 of the font's two dates: 1 January 2000, whenever it is made."""
_UNWRITABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that print nothing; some of them are forbidden in a ToUnicode map (ISO 19005-3, 6.2.11.7)."""
_WORD_GAP = 0.17
"""Least space between words, in heights of the word; poppler joins words closer than 0.15."""
_NARROWEST = 0.7
"""Least share of its width that a word keeps when it gives way."""
_WIDEST = 1.5
"""Most width of one character, in heights of the word. A leader is one character, as wide as its row: pdfium takes
rows for one where their distance is below half of a character's width, and mixes their words."""
_MAX_CODES = 65_000


class TextLayer:
    """Collects the characters of a document and writes pages' text with them; `font` is made last."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def content(self, read: ReadPage, width: float, height: float) -> bytes:
        """Drawing instructions of one page of `width` x `height` points; empty where nothing was read."""
        if read.width <= 0 or read.height <= 0:
            return b""
        across, up = width / read.width, height / read.height
        lines = [text for line in read.lines if (text := self._line(line, across, up, height))]
        return b"BT 3 Tr\n" + b"".join(lines) + b"ET\n" if lines else b""

    def _line(self, line: Line, across: float, up: float, height: float) -> bytes:
        words = [(text, word.box) for word in line.words if (text := _writable(word.text))]
        out: list[str] = []
        known = ""
        for at, (text, box) in enumerate(words):
            size = max(box.height, 1) * up
            left, base = box.x0 * across, height - box.y1 * up - size * _DESCENT / _EM
            wide = max(box.width, 1) * across
            if at + 1 < len(words):
                room = words[at + 1][1].x0 * across - left - _WORD_GAP * size
                # Where boxes touch, the word gives way a little: readers take close words for one, space or no space.
                wide = max(min(wide, room), _NARROWEST * wide)
            wide = min(wide, _WIDEST * len(text) * size)
            stretch = 100 * wide / (len(text) * size * _ADVANCE / _EM)
            font = f"/F {size:.2f} Tf "
            if font != known:
                out.append(font)
                known = font
            # Every word brings its space, the last one too: where lines overlap, as in stamps, a reader may join them.
            codes = "".join(map(self._code, text)) + self._code(" ")
            out.append(f"{stretch:.2f} Tz 1 0 0 1 {left:.2f} {base:.2f} Tm <{codes}> Tj\n")
        return "".join(out).encode()

    def _code(self, character: str) -> str:
        """The character's number as four hexadecimal digits."""
        code = self._codes.get(character)
        if code is None:
            if len(self._codes) >= _MAX_CODES and character != "\ufffd":
                return self._code("\ufffd")  # two bytes a character are all that this encoding has
            code = self._codes[character] = f"{len(self._codes) + 1:04X}"
        return code

    def fill(self, pdf: pikepdf.Pdf, font: pikepdf.Object) -> None:
        """Writes the font that all pages named into the reserved object `font` (a Type0 dictionary)."""
        characters = list(self._codes)
        descriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=pikepdf.Name("/" + FONT_NAME),
            Flags=4,
            FontBBox=[0, _DESCENT, _ADVANCE, _ASCENT],
            ItalicAngle=0,
            Ascent=_ASCENT,
            Descent=_DESCENT,
            CapHeight=_ASCENT,
            StemV=80,
            FontFile2=pdf.make_stream(_font_program()),
        )
        glyphs = b"\x00\x00" + b"\x00\x01" * len(characters)
        descendant = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.CIDFontType2,
            BaseFont=pikepdf.Name("/" + FONT_NAME),
            CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
            FontDescriptor=pdf.make_indirect(descriptor),
            DW=_ADVANCE,
            CIDToGIDMap=pdf.make_stream(glyphs),
        )
        font.Type = pikepdf.Name.Font
        font.Subtype = pikepdf.Name.Type0
        font.BaseFont = pikepdf.Name("/" + FONT_NAME)
        font.Encoding = pikepdf.Name("/Identity-H")
        font.DescendantFonts = pikepdf.Array([pdf.make_indirect(descendant)])
        font.ToUnicode = pdf.make_stream(_to_unicode(characters))


def _writable(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    return "".join(one for one in text if unicodedata.category(one) not in _UNWRITABLE).strip()


def _to_unicode(characters: list[str]) -> bytes:
    """The CMap from character numbers to UTF-16 (Adobe technical note 5411)."""
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    for start in range(0, len(characters), 100):
        part = characters[start : start + 100]
        lines.append(f"{len(part)} beginbfchar")
        for code, character in enumerate(part, start + 1):
            lines.append(f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>")
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode()


def _inkless_glyph() -> Glyph:
    """A glyph with an extent but no area: two flat contours in opposite corners.

    Readers such as pdfium take a word's box from the outlines, and leave out what has none.
    """
    pen = TTGlyphPen(None)
    for x, y in ((0, _DESCENT), (_ADVANCE - 1, _ASCENT)):
        pen.moveTo((x, y))
        pen.lineTo((x + 1, y))
        pen.closePath()
    return pen.glyph()


def _font_program() -> bytes:
    """A TrueType font of two glyphs without ink, the same bytes every time."""
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", "blank"])
    builder.setupCharacterMap({0x20: "blank"})
    builder.setupGlyf(dict.fromkeys((".notdef", "blank"), _inkless_glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "blank"), (_ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=_ASCENT, descent=_DESCENT)
    builder.setupNameTable({"familyName": FONT_NAME, "styleName": "Regular", "psName": FONT_NAME})
    builder.setupOS2(sTypoAscender=_ASCENT, sTypoDescender=_DESCENT, usWinAscent=_ASCENT, usWinDescent=-_DESCENT)
    builder.setupPost()
    builder.font.recalcTimestamp = False
    builder.updateHead(created=_EPOCH, modified=_EPOCH)
    out = BytesIO()
    builder.save(out)
    return out.getvalue()
