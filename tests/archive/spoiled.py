"""Archive files with one thing wrong, by name: for the gate, and for a judge that is not ours."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Callable


def _font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.pages[0].obj.Resources.Font.F


def _write(pdf: pikepdf.Pdf, code: str) -> None:
    """A letter with ink on page 1, in the archive's own font, and nothing else there."""
    pdf.pages[0].obj.Contents = pdf.make_stream(f"BT 0 Tr /F 20 Tf 50 50 Td <{code}> Tj ET".encode())


def _not_embedded(pdf: pikepdf.Pdf) -> None:
    del _font(pdf).DescendantFonts[0].FontDescriptor.FontFile2
    _write(pdf, "0001")


def _unscaled(pdf: pikepdf.Pdf) -> None:
    """Widths in units of a 2048 grid, where PDF counts thousandths of an em."""
    _font(pdf).DescendantFonts[0].DW = 1024
    _write(pdf, "0001")


def _no_glyph(pdf: pikepdf.Pdf) -> None:
    descendant = _font(pdf).DescendantFonts[0]
    glyphs = bytearray(descendant.CIDToGIDMap.read_bytes())
    glyphs[2:4] = b"\x00\x00"
    descendant.CIDToGIDMap.write(bytes(glyphs))
    _write(pdf, "0001")


def _no_unicode(pdf: pikepdf.Pdf) -> None:
    del _font(pdf).ToUnicode


def _device_cmyk(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.XObject.Im.ColorSpace = pikepdf.Name.DeviceCMYK


def _no_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _no_metadata(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


def _interpolated(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.XObject.Im.Interpolate = True


def _own_property(pdf: pikepdf.Pdf) -> None:
    packet = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(packet.replace(b"<dc:format>", b'<own:x xmlns:own="urn:own">1</own:x><dc:format>'))


SPOILED: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "font not embedded": _not_embedded,
    "2048-upem font": _unscaled,
    "missing Vietnamese glyph": _no_glyph,
    "no Unicode": _no_unicode,
    "CMYK without a profile": _device_cmyk,
    "no output intent": _no_intent,
    "script": _script,
    "no metadata": _no_metadata,
    "interpolated image": _interpolated,
    "property of an unknown schema": _own_property,
}


def spoil(pdf: bytes, how: str) -> bytes:
    """The file with that one thing wrong."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        SPOILED[how](opened)
        out = BytesIO()
        opened.save(out)
    return out.getvalue()
