"""What ships: 24 procedures whose facts hang together, told apart by their papers, found by any part of their names."""

from __future__ import annotations

from datetime import date

import pytest

from extractors.fields import FieldStatus, Filled, Source
from pipeline.procedures.book import ProcedureBook
from pipeline.procedures.terms import When
from pipeline.record import DocumentRecord, FieldRecord

BOOK = ProcedureBook.load()
TODAY = date(2026, 11, 20)
WANTED = [
    *("1.001193", "1.000894", "1.000656", "1.004873", "2.000635", "1.004859", "1.004884", "1.001022", "1.000689"),
    *("1.004837", "1.004222", "1.004194", "1.002755", "1.010038", "1.010041", "1.010039", "1.003677", "2.000815"),
    *("2.000884", "2.000908", "2.000986", "1.001612", "2.001035", "cong_van_den"),
]


def test_all_are_there_with_time_fee_and_result() -> None:
    assert {procedure.code for procedure in BOOK.in_force(TODAY)} == set(WANTED)
    for procedure in BOOK.in_force(TODAY):
        assert procedure.components, procedure.code
        assert procedure.time_limit is not None, procedure.code
        if procedure.code != "cong_van_den":
            assert procedure.results, procedure.code
            assert procedure.fee is not None, procedure.code
            assert {"dates_not_future", "quality", "required_fields"} <= {use.rule for use in procedure.rules}


@pytest.mark.parametrize("code", [code for code in WANTED if code not in {"cong_van_den", "2.000815", "2.000884"}])
def test_the_form_of_each_has_fields_that_identify(code: str) -> None:
    procedure = BOOK.get(code, TODAY)
    forms = [d for one in procedure.telling_types if (d := procedure.document(one)) is not None]
    assert forms
    assert any(rule.key_field for form in forms for rule in form.fields), code


@pytest.mark.parametrize(
    ("types", "asked", "code"),
    [
        (["to_khai_khai_sinh", "giay_chung_sinh", "cccd"], "", "1.001193"),
        (["to_khai_khai_sinh", "to_khai_nhan_cha_me_con", "ket_qua_adn"], "", "1.000689"),
        (["to_khai_khai_sinh", "ct01"], "Đăng ký thường trú", "2.000986"),
        (["to_khai_khai_tu", "giay_bao_tu"], "", "1.000656"),
        (["giay_bao_tu"], "", "1.000656"),
        (["to_khai_ket_hon", "cccd", "cccd"], "", "1.000894"),
        (["ct01", "giay_to_cho_o"], "Đăng ký thường trú", "1.004222"),
        (["ct01"], "ĐĂNG KÝ TẠM TRÚ", "1.004194"),
        (["ct01"], "dang ky tam tru cho ca nha", "1.004194"),
        (["ct01"], "Đề nghị gia hạn tạm trú", "1.002755"),
        (["ct01"], "Tách hộ để đăng ký thường trú tại cùng chỗ ở", None),
        (["ct01"], "Tách hộ", "1.010038"),
        (["ct01"], "Xác nhận thông tin về cư trú", "1.010041"),
        (["ct01"], "Điều chỉnh thông tin về cư trú: thay đổi chủ hộ", "1.010039"),
        (["ct01"], "Khai báo tạm vắng", "1.003677"),
        (["ct01"], "Xóa đăng ký tạm trú", None),
        (["ct01"], "", None),
        (["cccd"], "", None),
        (["to_khai_ket_hon", "to_khai_khai_tu"], "", None),
        (["cong_van", "to_khai_khai_sinh"], "", "1.001193"),
    ],
)
def test_papers_and_what_they_ask_tell_the_procedure(types: list[str], asked: str, code: str | None) -> None:
    def said(doc_type: str, key: str) -> list[str]:
        return [asked] if (doc_type, key) == ("ct01", "noi_dung_de_nghi") else []

    found = BOOK.detect(types, TODAY, said)
    assert (found.code if found else None) == code


def test_where_the_request_was_not_read_all_that_may_be_meant_are_named() -> None:
    named = {one.procedure.code for one in BOOK.candidates(["ct01"], TODAY)}
    assert named == {"1.004222", "1.004194", "1.002755", "1.010038", "1.010041", "1.010039", "1.003677"}
    assert all(one.strength == 0 for one in BOOK.candidates(["ct01"], TODAY))


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("khai sinh", "1.001193"), ("KHAI SINH", "1.001193"), ("ket hon", "1.000894"), ("1.004222", "1.004222"),
        ("độc thân", "1.004873"), ("nhap khau", "1.004222"), ("sao y", "2.000815"), ("hkd", "1.001612"),
        ("trich luc ban sao", "2.000635"), ("gia han", "1.002755"),
    ],
)  # fmt: skip
def test_any_part_of_the_name_finds_it(words: str, first: str) -> None:
    assert BOOK.search(words, TODAY)[0].code == first


def test_words_that_nothing_says_find_nothing() -> None:
    assert BOOK.search("xyzzy", TODAY) == []
    assert len(BOOK.search("", TODAY)) == len(WANTED)


def test_a_table_is_asked_for_by_its_columns_and_its_cells_have_rules() -> None:
    form = BOOK.papers["ct01"]
    spec = next(rule.spec() for rule in form.fields if rule.key == "thanh_vien")
    assert [column.key for column in spec.columns] == [
        "stt",
        "ho_ten",
        "ngay_sinh",
        "gioi_tinh",
        "so_dinh_danh",
        "quan_he",
    ]
    cell = form.field("thanh_vien.2.so_dinh_danh")
    assert cell is not None
    assert (cell.kind, cell.key_field) == ("id_number", True)
    assert cell.label == "Thành viên cùng thay đổi, dòng 2: Số định danh"
    assert form.field("thanh_vien.2.nothing") is None
    number = form.field("so_dinh_danh")
    assert number is not None
    assert number.spec().filled is Filled.COMB


def test_code_lists_give_choices_synonyms_and_codes() -> None:
    rule = BOOK.papers["to_khai_khai_tu"].field("nkt_gioi_tinh")
    assert rule is not None
    assert rule.code_of("nữ") == "2"
    legal = BOOK.papers["ct01"].field("moi_quan_he_voi_chu_ho")
    assert legal is not None
    assert (legal.code_of("Con gái"), legal.code_of("hàng xóm")) == ("04", None)


def test_a_copy_lasts_six_months_where_the_law_says_so() -> None:
    marriage = BOOK.get("1.000894", TODAY)
    component = marriage.component_of("giay_xac_nhan_tinh_trang_hon_nhan")
    assert component is not None
    validity = marriage.validity_of(component, "giay_xac_nhan_tinh_trang_hon_nhan")
    assert validity is not None
    assert validity.months == 6
    again = BOOK.get("1.004873", TODAY)
    old = again.component_of("giay_xac_nhan_tinh_trang_hon_nhan")
    assert old is not None
    assert again.validity_of(old, "giay_xac_nhan_tinh_trang_hon_nhan") == old.validity


def test_fees_by_channel() -> None:
    fee = BOOK.get("1.004222", TODAY).fee
    assert fee is not None
    assert (fee.amount(), fee.amount("online"), fee.amount("post")) == (20000, 10000, 20000)


def record(value: object, status: FieldStatus = FieldStatus.READ) -> DocumentRecord:
    field = FieldRecord(value=value, raw="", probability=0.9, source=Source.LABEL, page=1, box=None, status=status)
    return DocumentRecord(
        id="d1", type="ct01", title="", component=None, pages=(1,), probability=1.0, fields={"quan_he": field}
    )


def test_a_condition_has_three_answers() -> None:
    when = When(type="ct01", key="quan_he", among=("Con",))
    assert when.holds([record("con")]) is True
    assert when.holds([record("Chủ hộ")]) is False
    assert when.holds([record("Con", FieldStatus.DOUBTFUL)]) is None
    assert when.holds([record(None, FieldStatus.BLANK)]) is None
    assert when.holds([]) is None
    assert When(type="ct01", key="quan_he", filled=False).holds([record(None, FieldStatus.BLANK)]) is True
    assert When(any_of=(when, When(has="cccd"))).holds([record("Con", FieldStatus.DOUBTFUL)]) is None
    assert When(all_of=(when, When(has="cccd"))).holds([record("Con", FieldStatus.DOUBTFUL)]) is False
    assert When(any_of=(when, When(has="ct01"))).holds([record("Con", FieldStatus.DOUBTFUL)]) is True


@pytest.mark.parametrize(
    ("mask", "value", "fits"),
    [
        ("9+/UBND-XNTTHN", "15/UBND-XNTTHN", True),
        ("9+/UBND-XNTTHN", "/UBND-XNTTHN", False),
        ("A9+", "C1234567", True),
        ("A9+", "c1234567", False),
        ("9+" * 20, "1" * 200 + "x", False),
        ("99.x+(", "12.ab(", True),
    ],
)
def test_masks(mask: str, value: str, fits: bool) -> None:  # noqa: FBT001 - one column of the table
    rule = BOOK.papers["ho_chieu"].fields[0].model_copy(update={"mask": mask})
    assert rule.fits_mask(value) is fits
