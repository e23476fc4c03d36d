"""Read pages as other programs want them: plain text, JSON, ALTO 4 (Library of Congress), hOCR 1.2.

Positions are pixels of the upright page; probabilities are those of the reader. One output holds all pages in order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from models.reading import Box, Line, ReadPage, Word

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ALTO_XSD = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"
_ALTO = "http://www.loc.gov/standards/alto/ns-v4#"


@dataclass(frozen=True, slots=True)
class NamedPage:
    """A page as read, with the file it came from."""

    file: str
    number: int
    """1-based page of the file."""
    read: ReadPage


def as_text(pages: Sequence[NamedPage]) -> str:
    """One printed line per line, pages parted by a form feed."""
    return "\f".join(page.read.text + "\n" for page in pages)


def as_json(pages: Sequence[NamedPage]) -> str:
    """`{"pages": [{file, page, width, height, skew, engine, lines: [{text, box, probability, words}]}]}`."""
    return json.dumps({"pages": [_page_values(page) for page in pages]}, ensure_ascii=False, indent=1) + "\n"


def as_alto(pages: Sequence[NamedPage]) -> str:
    """ALTO 4.2 with one `Page` per page; `WC` is the chance that a word is right."""
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<alto xmlns="{_ALTO}" xmlns:xsi="{_XSI}" xsi:schemaLocation="{_ALTO} {_ALTO_XSD}">',
        "<Description><MeasurementUnit>pixel</MeasurementUnit>",
        *(
            f"<sourceImageInformation><fileName>{escape(name)}</fileName></sourceImageInformation>"
            for name in dict.fromkeys(page.file for page in pages[:1])
        ),
        "</Description>",
        "<Layout>",
    ]
    for position, page in enumerate(pages, start=1):
        read = page.read
        size = f'WIDTH="{read.width}" HEIGHT="{read.height}"'
        out.append(f'<Page ID="P{position}" PHYSICAL_IMG_NR="{position}" {size}>')
        out.append(f'<PrintSpace HPOS="0" VPOS="0" {size}>')
        for index, line in enumerate(line for line in read.lines if line.words):
            name = f"P{position}L{index + 1}"
            out.append(f'<TextBlock ID="{name}B" {_alto_box(line.box)}><TextLine ID="{name}" {_alto_box(line.box)}>')
            out.append("<SP/>".join(_alto_word(word) for word in line.words))
            out.append("</TextLine></TextBlock>")
        out.append("</PrintSpace></Page>")
    out.append("</Layout></alto>")
    return "\n".join(out) + "\n"


def as_hocr(pages: Sequence[NamedPage]) -> str:
    """HOCR 1.2; `x_wconf` is the chance in percent that a word is right."""
    engine = pages[0].read.engine if pages else ""
    out = [
        '<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" lang="vi">',
        '<head><meta charset="utf-8"/><title>hOCR</title>',
        f'<meta name="ocr-system" content="{escape(engine, quote=True)}"/>',
        '<meta name="ocr-capabilities" content="ocr_page ocr_line ocrx_word"/></head>\n<body>',
    ]
    for position, page in enumerate(pages, start=1):
        image = escape(page.file.replace('"', "'"), quote=True)
        box = f"0 0 {page.read.width} {page.read.height}"
        title = f"image &quot;{image}&quot;; bbox {box}; ppageno {position - 1}"
        out.append(f'<div class="ocr_page" id="page_{position}" title="{title}">')
        for index, line in enumerate(line for line in page.read.lines if line.words):
            out.append(f'<span class="ocr_line" id="line_{position}_{index + 1}" title="{_hocr_box(line.box)}">')
            out.append(" ".join(_hocr_word(word) for word in line.words))
            out.append("</span><br/>")
        out.append("</div>")
    out.append("</body></html>")
    return "\n".join(out) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[NamedPage]], str]] = {
    "text": as_text,
    "json": as_json,
    "alto": as_alto,
    "hocr": as_hocr,
}


def _page_values(page: NamedPage) -> dict[str, Any]:
    read = page.read
    return {
        "file": page.file,
        "page": page.number,
        "width": read.width,
        "height": read.height,
        "skew": read.skew,
        "engine": read.engine,
        "lines": [_line_values(line) for line in read.lines],
    }


def _line_values(line: Line) -> dict[str, Any]:
    return {
        "text": line.text,
        "box": list(line.box),
        "probability": line.probability,
        "unreadable": line.unreadable,
        "handwriting": line.handwriting,
        "words": [{"text": w.text, "box": list(w.box), "probability": w.probability} for w in line.words],
    }


def _alto_box(box: Box) -> str:
    return f'HPOS="{box.x0}" VPOS="{box.y0}" WIDTH="{box.width}" HEIGHT="{box.height}"'


def _alto_word(word: Word) -> str:
    return f'<String CONTENT="{escape(word.text, quote=True)}" WC="{word.probability:.3f}" {_alto_box(word.box)}/>'


def _hocr_box(box: Box) -> str:
    return f"bbox {box.x0} {box.y0} {box.x1} {box.y1}"


def _hocr_word(word: Word) -> str:
    title = f"{_hocr_box(word.box)}; x_wconf {round(word.probability * 100)}"
    return f'<span class="ocrx_word" title="{title}">{escape(word.text)}</span>'
