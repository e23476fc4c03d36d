"""From the record to a place in the PDF: links that viewers follow, rectangles that programs read, and metadata."""

from __future__ import annotations

import ctypes
import json
import re
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as c
import pytest
from scans import coded, drawing, keep

from extractors.fields import FieldStatus, Source
from pipeline.archive.inspect import attachments
from pipeline.archive.places import Geometry
from pipeline.composition import build_house
from pipeline.record import DocumentRecord, Dossier, FieldRecord
from pipeline.settings import Settings
from pipeline.stages import silent
from pipeline.stages.archive import begins_as_prepared, prepare, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.tools import Tools

RED, BLUE = (0, 0, 105, 74), (385, 198, 420, 297)
"""Where `drawing` has its red corner and its blue edge."""
NUMBER = "001099012345"


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    with build_house(Settings(home=tmp_path_factory.mktemp("home"), cores=1, agency="UBND xã Mẫu")) as house:
        yield house.tools


def field(page: int, box: tuple[int, int, int, int] | None, value: str = NUMBER) -> FieldRecord:
    return FieldRecord(
        value=value,
        raw=value,
        probability=0.99,
        source=next(iter(Source)),
        page=page,
        box=box,
        status=next(iter(FieldStatus)),
        label="Số định danh cá nhân",
    )


def document(number: int, title: str, pages: tuple[int, ...], fields: dict[str, FieldRecord]) -> DocumentRecord:
    return DocumentRecord(
        id=f"d{number}", type="to_khai", title=title, component=None, pages=pages, probability=0.9, fields=fields
    )


@pytest.fixture(scope="module")
def dossier(tools: Tools) -> Dossier:
    kept = keep(
        tools,
        ("a.jpg", coded(drawing(), "JPEG", quality=95, dpi=(150, 150))),
        ("b.png", coded(drawing(), "PNG", dpi=(300, 300))),
    )
    return kept.dossier.model_copy(
        update={
            "documents": (
                document(
                    1, "Tờ khai đăng ký khai sinh", (1,), {"so_dinh_danh": field(1, RED), "ghi_chu": field(1, None)}
                ),
                document(2, "Giấy chứng sinh", (2,), {"ho_ten_mẹ": field(2, BLUE)}),
            )
        }
    )


@pytest.fixture(scope="module")
def pdf(tools: Tools, dossier: Dossier) -> bytes:
    return prepare(tools, dossier, silent)


def destination(pdf: bytes, name: str) -> tuple[int, str, list[float]]:
    """Page, kind of view and its numbers, as pdfium resolves the name."""
    with pypdfium2.PdfDocument(pdf) as opened:
        found = c.FPDF_GetNamedDestByName(opened, name.encode())
        assert found, f"no destination {name}"
        count, numbers = ctypes.c_ulong(), (ctypes.c_float * 4)()
        kind = c.FPDFDest_GetView(found, count, numbers)
        return (
            c.FPDFDest_GetDestPageIndex(opened, found) + 1,
            "FitR" if kind == 5 else "Fit",
            list(numbers[: count.value]),
        )


def test_a_link_named_after_the_field_opens_its_page_with_the_box_in_view(pdf):
    page, kind, (left, bottom, right, top) = destination(pdf, "d1.so_dinh_danh")
    assert (page, kind) == (1, "FitR")
    x0, y0, x1, y1 = Geometry.of(420, 594, 150).rectangle(RED)
    slack = 0.01  # pdfium counts in 32 bits
    assert left - slack <= x0 < x1 <= right + slack
    assert bottom - slack <= y0 < y1 <= top + slack
    assert right - left < 420 * 72 / 150
    assert destination(pdf, "d1.ghi_chu")[:2] == (1, "Fit")
    assert destination(pdf, "d2")[:2] == (2, "Fit")
    assert destination(pdf, "d2.ho_ten_m%E1%BA%B9")[0] == 2


def test_rectangles_of_the_list_show_what_the_boxes_of_the_record_show(pdf):
    said = json.loads(attachments(pdf)["links.json"])
    assert [page["number"] for page in said["pages"]] == [1, 2]
    rows = {row["destination"]: row for row in said["fields"]}
    assert rows["d1.ghi_chu"]["rectangle"] is None
    with pypdfium2.PdfDocument(pdf) as opened:
        for name, colour in (("d1.so_dinh_danh", (200, 30, 30)), ("d2.ho_ten_m%E1%BA%B9", (30, 40, 180))):
            row = rows[name]
            left, bottom, right, top = row["rectangle"]
            page = opened[row["page"] - 1]
            scale = 420 / page.get_width()
            drawn = page.render(scale=scale).to_numpy()[..., ::-1]
            high = page.get_height()
            part = drawn[
                round((high - top) * scale) : round((high - bottom) * scale), round(left * scale) : round(right * scale)
            ]
            assert np.abs(part.reshape(-1, 3).mean(axis=0) - colour).max() < 12


def test_bookmarks_name_papers_and_fields_but_no_values(pdf):
    with pypdfium2.PdfDocument(pdf) as opened:
        said = [(item.level, item.get_title(), item.get_dest().get_index() + 1) for item in opened.get_toc()]
    assert said == [
        (0, "Tờ khai đăng ký khai sinh", 1),
        (1, "Số định danh cá nhân", 1),
        (1, "Số định danh cá nhân", 1),
        (0, "Giấy chứng sinh", 2),
        (1, "Số định danh cá nhân", 2),
    ]


def test_many_fields_are_all_found_by_a_sorted_tree(tools, dossier):
    fields = {f"truong_{number}": field(1, RED) for number in range(300)} | {"Đ": field(1, RED), "a": field(1, None)}
    many = dossier.model_copy(update={"documents": (document(1, "Tờ khai", (1,), fields),)})
    made = prepare(tools, many, silent)
    for key in fields:
        assert destination(made, f"d1.{quote(key)}")[0] == 1
    with pikepdf.open(BytesIO(made)) as opened:
        keys = [bytes(key) for key in list(opened.Root.Names.Dests.Names)[::2]]
    assert keys == sorted(keys)


def test_a_paper_whose_pages_could_not_be_opened_is_left_out(tools, dossier):
    lost = dossier.model_copy(update={"documents": (*dossier.documents, document(3, "Giấy khác", (7,), {}))})
    with pypdfium2.PdfDocument(prepare(tools, lost, silent)) as opened:
        assert not c.FPDF_GetNamedDestByName(opened, b"d3")


def test_pages_left_out_do_not_move_the_links(tools, dossier):
    first, second = dossier.pages
    broken = first.model_copy(update={"image_sha256": "", "width": 0, "height": 0, "dpi": 0.0})
    papers = dossier.documents[1:]
    made = prepare(tools, dossier.model_copy(update={"pages": (broken, second), "documents": papers}), silent)
    assert destination(made, "d2.ho_ten_m%E1%BA%B9")[0] == 1


def test_what_the_file_says_of_itself_comes_from_the_record(pdf):
    with pikepdf.open(BytesIO(pdf)) as opened, opened.open_metadata(update_docinfo=False) as xmp:
        assert str(opened.docinfo.Title) == xmp["dc:title"] == "Đăng ký khai sinh – hs-261121-0a1b2c3d"
        assert xmp["dc:identifier"] == "hs-261121-0a1b2c3d"
        assert str(opened.docinfo.Author) == "UBND xã Mẫu"
        assert (xmp["dc:creator"], set(xmp["dc:publisher"])) == (["UBND xã Mẫu"], {"UBND xã Mẫu"})
        assert xmp["dc:date"] == ["2026-11-21T09:30:00+07:00"]
        assert set(xmp["dc:type"]) == {"Tờ khai đăng ký khai sinh", "Giấy chứng sinh"}
        assert set(xmp["dc:subject"]) == {"1.001193", "Đăng ký khai sinh"}
        assert str(opened.docinfo.Subject) == xmp["dc:description"]
        assert "Mã thủ tục: 1.001193" in xmp["pdf:Keywords"]
        assert str(opened.docinfo.Keywords) == xmp["pdf:Keywords"]


def test_no_personal_number_gets_out_of_the_record(tools, dossier):
    named = f"Hồ sơ của {NUMBER}, CMND 012345678"
    papers = (document(1, named, (1,), {"so": field(1, RED)}),)
    made = prepare(tools, dossier.model_copy(update={"procedure_name": named, "documents": papers}), silent)
    with pikepdf.open(BytesIO(made)) as opened:
        said = opened.Root.Metadata.read_bytes().decode() + str(dict(opened.docinfo.items()))
        said += attachments(made)["links.json"].decode()
    assert re.findall(r"\d{9,}", re.sub(r"D:\d+", "", said)) == []
    assert "hs-261121-0a1b2c3d" in said


def test_the_same_record_gives_the_same_bytes(tools, dossier, pdf):
    assert prepare(tools, dossier, silent) == pdf


def test_attachments_are_where_any_tool_looks(pdf):
    held = attachments(pdf)
    assert list(held) == ["data.json", "links.json"]
    assert json.loads(held["data.json"])["id"] == "hs-261121-0a1b2c3d"
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert [str(one.AFRelationship) for one in opened.Root.AF] == ["/Data", "/Supplement"]


def test_what_is_filed_must_begin_with_what_the_gate_let_through(tools, dossier, pdf):
    run(tools, dossier, silent)
    assert begins_as_prepared(tools, dossier, pdf)
    assert begins_as_prepared(tools, dossier, pdf + b"a signature")
    assert not begins_as_prepared(tools, dossier, pdf[:-1])
    assert not begins_as_prepared(tools, dossier, pdf.replace(b"/Fit", b"/Fid", 1))
    assert not begins_as_prepared(tools, dossier.model_copy(update={"procedure": "1.000656"}), pdf)
