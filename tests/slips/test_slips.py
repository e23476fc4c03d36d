"""Slips: what they say of a dossier, what they refuse to say, and how they look to a PDF reader and a phone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import numpy as np
import pikepdf
import pypdfium2
import pytest
import time_machine
import zxingcpp

from extractors.fields import FieldStatus, Source
from pipeline.checklist import checklist
from pipeline.procedures.book import ProcedureBook
from pipeline.record import DocumentRecord, Dossier, FieldRecord, Finding, Severity, Status
from pipeline.rules.deadlines import DueDate
from pipeline.slips.content import Desk, Occasion, SlipForm, SlipRefusedError, fitting_form, slip_for
from pipeline.slips.sheet import qr_modules, slip_pdf

PROCEDURE = ProcedureBook.load().get("1.001193", date(2026, 11, 12))
MORNING = datetime(2026, 11, 12, 2, 30, tzinfo=UTC)
DESK = Desk("Ủy ban nhân dân phường Hồng Gai", "Ủy ban nhân dân tỉnh Quảng Ninh", "Hồng Gai", "0203 382 5000")


def field(value: str, status: FieldStatus = FieldStatus.READ) -> FieldRecord:
    return FieldRecord(value=value, raw=value, probability=0.99, source=Source.LABEL, page=1, box=None, status=status)


def dossier(*types: str, name: FieldStatus = FieldStatus.READ, findings: tuple[Finding, ...] = ()) -> Dossier:
    papers = []
    for index, doc_type in enumerate(types, start=1):
        fields = {}
        schema = PROCEDURE.document(doc_type)
        for rule in schema.fields if schema else ():
            if rule.required:
                fields[rule.key] = field("đã đọc")
        if doc_type == "to_khai_khai_sinh":
            fields |= {"nyc_ho_ten": field("NGUYỄN THỊ THỦY", name), "nyc_so_dinh_danh": field("027194060817")}
        papers.append(DocumentRecord(id=f"d{index}", type=doc_type, title=schema.name if schema else doc_type,
                                     component=None, pages=(index,), probability=0.99, fields=fields))  # fmt: skip
    one = Dossier(id="hs-261112-abcdefgh", procedure="1.001193", status=Status.WAITS, received_at=MORNING,
                  documents=tuple(papers), findings=findings)  # fmt: skip
    return one.model_copy(update={"checklist": checklist(PROCEDURE, one)})


def occasion(one: Dossier, *reasons: str) -> Occasion:
    return Occasion(one, PROCEDURE, DESK, MORNING, due=DueDate(date(2026, 11, 13), certain=True),
                    officer="Trần Thị Bích Ngọc", reasons=reasons)  # fmt: skip


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join("".join(page.get_textpage().get_text_range() for page in pages).split())


BLOCK = Finding(rule="papers_agree", severity=Severity.BLOCK, message="Ngày sinh trên hai giấy khác nhau.")


def test_a_complete_dossier_calls_for_a_receipt_that_lists_its_papers() -> None:
    one = dossier("to_khai_khai_sinh", "giay_chung_sinh")
    assert fitting_form(one) is SlipForm.RECEIPT
    said = text_of(slip_pdf(slip_for(SlipForm.RECEIPT, occasion(one))))
    for part in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "hs-261112-abcdefgh", "NGUYỄN THỊ THỦY", "Đăng ký khai sinh",
        "1. Tờ khai đăng ký khai sinh (1 trang).", "2. Giấy chứng sinh (1 trang).", "1 ngày làm việc",
        "Thời gian nhận hồ sơ: 09 giờ 30 phút, ngày 12/11/2026",
        "Thời gian trả kết quả giải quyết hồ sơ: ngày 13/11/2026",
        "ỦY BAN NHÂN DÂN PHƯỜNG HỒNG GAI", "Trần Thị Bích Ngọc",
        "Hồng Gai, ngày 12 tháng 11 năm 2026",
    ):  # fmt: skip
        assert part in said
    assert "027194060817" not in said


def test_a_doubtful_name_leaves_a_line_for_the_pen() -> None:
    one = dossier("to_khai_khai_sinh", "giay_chung_sinh", name=FieldStatus.DOUBTFUL)
    said = text_of(slip_pdf(slip_for(SlipForm.RECEIPT, occasion(one))))
    assert "NGUYỄN THỊ THỦY" not in said
    assert "Tiếp nhận hồ sơ của: ....." in said


def test_a_missing_paper_calls_for_a_supplement_and_refuses_the_receipt() -> None:
    one = dossier("to_khai_khai_sinh")
    assert fitting_form(one) is SlipForm.SUPPLEMENT
    with pytest.raises(SlipRefusedError) as refused:
        slip_for(SlipForm.RECEIPT, occasion(one))
    assert "Giấy chứng sinh" in refused.value.remedy_vi
    slip = slip_for(SlipForm.SUPPLEMENT, occasion(one, "Mang theo căn cước của mẹ"))
    assert [text for text, _ in slip.items] == ["Giấy chứng sinh", "Mang theo căn cước của mẹ"]
    assert "0203 382 5000" in text_of(slip_pdf(slip))


def test_what_blocks_is_asked_for_until_a_person_accepts_it() -> None:
    one = dossier("to_khai_khai_sinh", "giay_chung_sinh", findings=(BLOCK,))
    assert fitting_form(one) is SlipForm.SUPPLEMENT
    assert slip_for(SlipForm.SUPPLEMENT, occasion(one)).items == ((BLOCK.message, ""),)
    accepted = BLOCK.model_copy(update={"confirmed_by": "Hoa"})
    assert fitting_form(one.model_copy(update={"findings": (accepted,)})) is SlipForm.RECEIPT


def test_a_supplement_that_asks_for_nothing_and_a_refusal_without_reason_are_not_made() -> None:
    one = dossier("to_khai_khai_sinh", "giay_chung_sinh")
    for form in (SlipForm.SUPPLEMENT, SlipForm.REFUSAL):
        with pytest.raises(SlipRefusedError):
            slip_for(form, occasion(one))
    said = text_of(slip_pdf(slip_for(SlipForm.REFUSAL, occasion(one, "Không thuộc thẩm quyền của phường"))))
    assert "Không thuộc thẩm quyền của phường" in said


def test_a_long_list_runs_over_pages_and_keeps_its_signers_together() -> None:
    one = dossier("to_khai_khai_sinh")
    reasons = [f"Nội dung thứ {number} cần ghi lại cho đúng với giấy tờ gốc của người nộp" for number in range(40)]
    pdf = slip_pdf(slip_for(SlipForm.SUPPLEMENT, occasion(one, *reasons)))
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert len(opened.pages) >= 2
        assert b'pdfaid:part="3"' in opened.Root.Metadata.read_bytes() or b"pdfaid:part>3" in (
            opened.Root.Metadata.read_bytes()
        )
    last = pypdfium2.PdfDocument(pdf)[len(pypdfium2.PdfDocument(pdf)) - 1].get_textpage().get_text_range()
    assert "NGƯỜI HƯỚNG DẪN" in last
    assert "Trần Thị Bích Ngọc" in last


def test_the_same_slip_is_the_same_bytes_whenever_it_is_made() -> None:
    slip = slip_for(SlipForm.RECEIPT, occasion(dossier("to_khai_khai_sinh", "giay_chung_sinh")))
    with time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC)):
        later = slip_pdf(slip)
    assert later == slip_pdf(slip)


def test_a_phone_reads_the_code_off_the_printed_page() -> None:
    one = dossier("to_khai_khai_sinh", "giay_chung_sinh")
    page = pypdfium2.PdfDocument(slip_pdf(slip_for(SlipForm.RECEIPT, occasion(one))))[0]
    picture = page.render(scale=150 / 72).to_numpy()
    assert [code.text for code in zxingcpp.read_barcodes(np.ascontiguousarray(picture))] == [one.id]
    modules = qr_modules(one.id)
    assert modules.shape[0] == modules.shape[1] >= 21
