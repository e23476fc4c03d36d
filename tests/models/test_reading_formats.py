"""Read pages in and out of JSON, and in the formats of the world."""

from __future__ import annotations

import json

import pytest
from defusedxml.ElementTree import fromstring

from models.codec import decode_page, encode_page
from models.formats import WRITERS, write_pages
from models.reading import Box, Line, ReadPage, Word

ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
XHTML = "{http://www.w3.org/1999/xhtml}"

FIRST = ReadPage(
    1000,
    1400,
    (
        Line(
            (Word("Số:", Box(10, 20, 60, 50), 0.987654321), Word("1<2&\"'", Box(70, 20, 160, 50), 0.5)),
            Box(8, 18, 165, 52),
            0.49,
        ),
        Line((), Box(10, 100, 60, 150), 0.0, "faint"),
        Line((Word("Quyết", Box(10, 200, 90, 230), 1.0),), Box(10, 200, 90, 230), 1.0, None, 0.25),
    ),
    -0.35,
    "reader-1",
)
EMPTY = ReadPage(10, 10, (), 0.0, "reader-1")


@pytest.mark.parametrize("page", [FIRST, EMPTY])
def test_a_page_survives_json_exactly(page: ReadPage) -> None:
    assert decode_page(json.loads(json.dumps(encode_page(page)))) == page


@pytest.mark.parametrize("broken", [{}, {"version": 2}, {**encode_page(EMPTY), "lines": [{}]}])
def test_other_shapes_are_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="read page"):
        decode_page(broken)


def test_text_parts_pages_by_form_feeds() -> None:
    assert write_pages([FIRST, EMPTY, FIRST], "text") == "Số: 1<2&\"'\nQuyết\n\f\fSố: 1<2&\"'\nQuyết\n"


def test_json_holds_every_page() -> None:
    assert [decode_page(page) for page in json.loads(write_pages([FIRST, EMPTY], "json"))["pages"]] == [FIRST, EMPTY]


def test_alto_is_xml_with_words_boxes_and_chances() -> None:
    root = fromstring(write_pages([FIRST, EMPTY], "alto"))
    assert root.tag == f"{ALTO}alto"
    assert [page.get("WIDTH") for page in root.iter(f"{ALTO}Page")] == ["1000", "10"]
    strings = list(root.iter(f"{ALTO}String"))
    assert [string.get("CONTENT") for string in strings] == ["Số:", "1<2&\"'", "", "Quyết"]
    box = {key: strings[1].get(key) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT", "WC")}
    assert box == {"HPOS": "70", "VPOS": "20", "WIDTH": "90", "HEIGHT": "30", "WC": "0.5000"}
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))


def test_hocr_is_xhtml_with_lines_and_words() -> None:
    root = fromstring(write_pages([FIRST, EMPTY], "hocr"))
    spans = [(span.get("class"), span.get("title"), span.text) for span in root.iter(f"{XHTML}span")]
    assert spans[0][:2] == ("ocr_line", "bbox 8 18 165 52")
    assert spans[1] == ("ocrx_word", "bbox 10 20 60 50; x_wconf 99", "Số:")
    assert len([div for div in root.iter(f"{XHTML}div") if div.get("class") == "ocr_page"]) == 2


def test_characters_that_xml_cannot_hold_do_not_break_it() -> None:
    page = ReadPage(10, 10, (Line((Word("a\x0cb\x00", Box(0, 0, 5, 5), 1.0),), Box(0, 0, 5, 5), 1.0),), 0.0, "r\x01")
    for kind in ("alto", "hocr"):
        assert "a\ufffdb\ufffd" in "".join(
            (element.get("CONTENT") or element.text or "") for element in fromstring(write_pages([page], kind)).iter()
        )


def test_an_unknown_format_names_the_known() -> None:
    assert set(WRITERS) == {"text", "json", "alto", "hocr"}
    with pytest.raises(ValueError, match="text, json, alto, hocr"):
        write_pages([EMPTY], "pdf")  # type: ignore[arg-type]
