"""What must never be archived or signed, each by its name: the gate refuses it, or it comes out as it should be."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from spoiled import SPOILED, spoil

from models.reading import Box, Line, ReadPage, Word
from pipeline.archive.errors import ArchiveRefusedError
from pipeline.archive.gate import check_archive
from pipeline.archive.inspect import extract_text
from signing.errors import StampRefusedError
from signing.factory import SigningOptions, build_signer
from signing.signer import SignRequest

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = datetime.now(UTC)
AGENCY = "Ủy ban nhân dân xã Mẫu"


@pytest.fixture
def good(archive, make_page, make_picture, make_reading) -> bytes:
    return archive(make_page(make_picture(), read=make_reading(620, 877)))


def refused(pdf: bytes) -> str:
    with pytest.raises(ArchiveRefusedError) as caught:
        check_archive(pdf, 1)
    return str(caught.value.detail)


def test_font_not_embedded(good):
    assert "6.2.11.4" in refused(spoil(good, "font not embedded"))


def test_font_of_2048_units_with_unscaled_widths(good):
    assert "6.2.11.5" in refused(spoil(good, "2048-upem font"))


def test_missing_vietnamese_glyph_on_a_page(good):
    assert "6.2.11.8" in refused(spoil(good, "missing Vietnamese glyph"))


def test_a_letter_without_its_unicode(good):
    assert refused(spoil(good, "no Unicode"))


@pytest.mark.parametrize("harm", SPOILED)
def test_nothing_spoiled_gets_through(good, harm):
    check_archive(good, 1)
    assert refused(spoil(good, harm))


def test_nfd_text_is_archived_composed(archive, make_page, make_picture):
    said = "Nguyễn Thị Quỳnh, xã Đăk Blô, ỷ lại, ẫm ờ"
    words, x = [], 20
    for text in unicodedata.normalize("NFD", said).split():
        words.append(Word(text, Box(x, 100, x + 60, 120), 0.9))
        x += 70
    read = ReadPage(620, 877, (Line(tuple(words), Box(20, 100, x, 120), 0.9),), 0.0, "known-words")
    decomposed = unicodedata.normalize("NFD", "Đăng ký khai sinh – Ủy ban")
    pdf = archive(make_page(make_picture(), read=read), title=decomposed, more={"agency": decomposed})
    check_archive(pdf, 1)
    assert extract_text(pdf) == said
    with pikepdf.open(BytesIO(pdf)) as opened:
        everything = opened.Root.Metadata.read_bytes().decode() + str(opened.docinfo.Title)
        codes = opened.pages[0].obj.Resources.Font.F.ToUnicode.read_bytes().decode()
    assert unicodedata.is_normalized("NFC", everything)
    assert not any(f"<{mark:04X}>" in codes for mark in (0x300, 0x301, 0x303, 0x309, 0x323, 0x302, 0x306, 0x31B))


def stamped(tmp_path: Path, pdf: bytes, agency: str, font: Path | None = None) -> bytes:
    signer = build_signer(SigningOptions(tmp_path / "pki", level="B-B", stamp_font=font))
    return signer.sign(pdf, SignRequest("Số hóa", agency, "hs-1", MOMENT, "digitised_paper")).data


def test_stamp_overflow(good, tmp_path):
    with pytest.raises(StampRefusedError, match="too long"):
        stamped(tmp_path, good, AGENCY * 20)


def test_stamp_in_a_font_that_lacks_a_vietnamese_glyph(good, tmp_path):
    with pytest.raises(StampRefusedError):
        stamped(tmp_path, good, AGENCY, latin_font(tmp_path / "latin.ttf"))


def test_stamp_text_in_nfd_is_composed(good, tmp_path):
    one = stamped(tmp_path, good, AGENCY)
    other = stamped(tmp_path, good, unicodedata.normalize("NFD", AGENCY))
    assert faces(one) == faces(other)


def faces(pdf: bytes) -> list[list[str]]:
    """The codes that stamps show."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return [
            [
                str(operands)
                for operands, operator in pikepdf.parse_content_stream(annotation.AP.N)
                if str(operator) in {"Tj", "TJ"}
            ]
            for annotation in opened.pages[0].obj.Annots
            if "/AP" in annotation
        ]


def latin_font(path: Path) -> Path:
    """A font of 2048 units with ASCII alone."""
    letters = {code: f"g{code}" for code in range(0x20, 0x7F)}
    glyphs = [".notdef", *letters.values()]
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    pen.lineTo((900, 0))
    pen.lineTo((900, 1400))
    pen.closePath()
    shape = pen.glyph()
    builder = FontBuilder(2048, isTTF=True)
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap(letters)
    builder.setupGlyf(dict.fromkeys(glyphs, shape))
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1024, 100)))
    builder.setupHorizontalHeader(ascent=1600, descent=-400)
    builder.setupNameTable({"familyName": "Latin", "styleName": "Regular", "psName": "Latin"})
    builder.setupOS2(sTypoAscender=1600, sTypoDescender=-400, usWinAscent=1600, usWinDescent=400)
    builder.setupPost()
    builder.save(path)
    return path
