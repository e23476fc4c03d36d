"""Read pages as the world wants them: plain text, JSON, ALTO 4.4 and hOCR 1.2.

Each writer takes pages in their order and gives one string. Coordinates are pixels of the upright page image.
ALTO (Library of Congress, v4) and hOCR (kba/hocr-spec) are built as element trees, so that any text stays valid XML;
characters that XML 1.0 cannot hold are replaced by U+FFFD. Unreadable lines keep their box and carry no text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

from models.codec import encode_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.reading import Box, ReadPage

Format = Literal["text", "json", "alto", "hocr"]

_ALTO = "http://www.loc.gov/standards/alto/ns-v4#"
_XHTML = "http://www.w3.org/1999/xhtml"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_pages(pages: Sequence[ReadPage], kind: Format) -> str:
    """The pages in one of the four formats. Raises `ValueError` naming the known ones."""
    writer = WRITERS.get(kind)
    if writer is None:
        raise ValueError(f"unknown format {kind!r}; known: {', '.join(WRITERS)}")
    return writer(pages)


def to_text(pages: Sequence[ReadPage]) -> str:
    """One printed line per line in reading order; a form feed between pages."""
    return "\f".join(f"{page.text}\n" if page.text else "" for page in pages)


def to_json(pages: Sequence[ReadPage]) -> str:
    """`{"pages": [...]}`, each page as `models.codec` writes it."""
    return json.dumps({"pages": [encode_page(page) for page in pages]}, ensure_ascii=False)


def to_alto(pages: Sequence[ReadPage]) -> str:
    """ALTO 4: one text block a page, a line a `TextLine`, words with `WC` (the chance that they are right)."""
    root = ET.Element("alto", xmlns=_ALTO)
    description = ET.SubElement(root, "Description")
    ET.SubElement(description, "MeasurementUnit").text = "pixel"
    if pages:
        processing = ET.SubElement(description, "Processing", ID="reading")
        software = ET.SubElement(processing, "processingSoftware")
        ET.SubElement(software, "softwareName").text = _clean(pages[0].engine)
    layout = ET.SubElement(root, "Layout")
    for p, page in enumerate(pages, 1):
        size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
        sheet = ET.SubElement(layout, "Page", {"ID": f"p{p}", "PHYSICAL_IMG_NR": str(p), **size})
        space = ET.SubElement(sheet, "PrintSpace", {"HPOS": "0", "VPOS": "0", **size})
        if not page.lines:
            continue
        whole = page.lines[0].box
        for line in page.lines:
            whole = whole.union(line.box)
        block = ET.SubElement(space, "TextBlock", {"ID": f"p{p}b", **_alto_box(whole)})
        for n, line in enumerate(page.lines, 1):
            element = ET.SubElement(block, "TextLine", {"ID": f"p{p}l{n}", **_alto_box(line.box)})
            if not line.words:
                # A text line needs a string: an unreadable one says so with an empty one of no confidence.
                ET.SubElement(element, "String", {"ID": f"p{p}l{n}w1", **_alto_box(line.box), "CONTENT": "", "WC": "0"})
            for k, word in enumerate(line.words, 1):
                if k > 1:
                    gap = line.words[k - 2].box
                    ET.SubElement(
                        element,
                        "SP",
                        {"HPOS": str(gap.x1), "VPOS": str(gap.y0), "WIDTH": str(max(0, word.box.x0 - gap.x1))},
                    )
                ET.SubElement(
                    element,
                    "String",
                    {
                        "ID": f"p{p}l{n}w{k}",
                        **_alto_box(word.box),
                        "CONTENT": _clean(word.text),
                        "WC": f"{word.probability:.4f}",
                    },
                )
    return _document(root)


def to_hocr(pages: Sequence[ReadPage]) -> str:
    """XHTML with hOCR 1.2 classes: `ocr_page`, `ocr_line`, `ocrx_word` with `x_wconf` in per cent."""
    html = ET.Element("html", {"xmlns": _XHTML, "lang": "vi", "xml:lang": "vi"})
    head = ET.SubElement(html, "head")
    ET.SubElement(head, "title").text = "hOCR"
    ET.SubElement(head, "meta", {"charset": "utf-8"})
    engine = _clean(pages[0].engine) if pages else "hoso"
    ET.SubElement(head, "meta", {"name": "ocr-system", "content": engine})
    ET.SubElement(head, "meta", {"name": "ocr-capabilities", "content": "ocr_page ocr_line ocrx_word"})
    body = ET.SubElement(html, "body")
    for p, page in enumerate(pages, 1):
        title = f"bbox 0 0 {page.width} {page.height}; ppageno {p - 1}"
        sheet = ET.SubElement(body, "div", {"class": "ocr_page", "id": f"page_{p}", "title": title})
        for n, line in enumerate(page.lines, 1):
            element = ET.SubElement(
                sheet, "span", {"class": "ocr_line", "id": f"line_{p}_{n}", "title": _hocr_box(line.box)}
            )
            for k, word in enumerate(line.words, 1):
                title = f"{_hocr_box(word.box)}; x_wconf {round(100 * word.probability)}"
                shown = ET.SubElement(
                    element, "span", {"class": "ocrx_word", "id": f"word_{p}_{n}_{k}", "title": title}
                )
                shown.text = _clean(word.text)
                shown.tail = " " if k < len(line.words) else None
            element.tail = "\n"
    return _document(html, doctype="<!DOCTYPE html>\n")


WRITERS: dict[str, Callable[[Sequence[ReadPage]], str]] = {
    "text": to_text,
    "json": to_json,
    "alto": to_alto,
    "hocr": to_hocr,
}


def _document(root: ET.Element, doctype: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}{ET.tostring(root, encoding="unicode")}\n'


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _alto_box(box: Box) -> dict[str, str]:
    return {"HPOS": str(box.x0), "VPOS": str(box.y0), "WIDTH": str(box.width), "HEIGHT": str(box.height)}


def _hocr_box(box: Box) -> str:
    return f"bbox {box.x0} {box.y0} {box.x1} {box.y1}"
