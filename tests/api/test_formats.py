"""What `hoso read` writes is well formed and keeps text, order, places and probabilities."""

import json
from xml.etree import ElementTree as ET

from api.formats import NamedPage, as_alto, as_hocr, as_json, as_text
from models.reading import Box, Line, ReadPage, Word


def page(number: int, *texts: str) -> NamedPage:
    lines = tuple(
        Line(
            words=tuple(Word(word, Box(10, 20 + 30 * row, 90, 40 + 30 * row), 0.875) for word in text.split()),
            box=Box(10, 20 + 30 * row, 90, 40 + 30 * row),
            probability=0.75,
        )
        for row, text in enumerate(texts)
    )
    return NamedPage('a "b" & c.pdf', number, ReadPage(200, 300, lines, 0.0, "engine-1"))


PAGES = [page(1, 'Cộng hòa "Xã hội"', "A & B < C"), page(2, "Độc lập")]


def test_text_has_a_line_per_line_and_a_form_feed_between_pages() -> None:
    assert as_text(PAGES) == 'Cộng hòa "Xã hội"\nA & B < C\n\fĐộc lập\n'


def test_json_keeps_boxes_and_probabilities() -> None:
    pages = json.loads(as_json(PAGES))["pages"]
    assert [p["page"] for p in pages] == [1, 2]
    assert pages[0]["lines"][1]["words"][0] == {"text": "A", "box": [10, 50, 90, 70], "probability": 0.875}


def test_alto_is_well_formed_and_complete() -> None:
    root = ET.fromstring(as_alto(PAGES))  # noqa: S314 - our own output
    name = "{http://www.loc.gov/standards/alto/ns-v4#}"
    assert [p.get("WIDTH") for p in root.iter(f"{name}Page")] == ["200", "200"]
    words = list(root.iter(f"{name}String"))
    assert [w.get("CONTENT") for w in words][:4] == ["Cộng", "hòa", '"Xã', 'hội"']
    assert (words[0].get("HPOS"), words[0].get("WIDTH"), words[0].get("WC")) == ("10", "80", "0.875")


def test_hocr_is_well_formed_and_complete() -> None:
    root = ET.fromstring(as_hocr(PAGES).split("\n", 1)[1])  # noqa: S314 - our own output
    name = "{http://www.w3.org/1999/xhtml}"
    words = [e for e in root.iter(f"{name}span") if e.get("class") == "ocrx_word"]
    assert [w.text for w in words][-2:] == ["Độc", "lập"]
    assert words[0].get("title") == "bbox 10 20 90 40; x_wconf 88"
