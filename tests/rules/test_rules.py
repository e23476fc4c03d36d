"""Each rule on dossiers that keep it, break it, and leave it undecided."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from extractors.fields import FieldStatus, Source
from pipeline.checklist import checklist
from pipeline.procedures.book import ProcedureBook
from pipeline.record import (
    ComponentState,
    DocumentRecord,
    Dossier,
    FieldRecord,
    PageDefect,
    PageRecord,
    Severity,
    Status,
)
from pipeline.rules import RULES, UnknownRuleError, rule_named, run_rules

Values = dict[str, object]
PROCEDURE = ProcedureBook.load().get("1.001193", date(2026, 11, 12))
FORM = {
    "nyc_ho_ten": "NGUYỄN NGỌC THỦY", "nyc_so_dinh_danh": "027194060817",
    "nyc_noi_cu_tru": "phường Kinh Bắc, tỉnh Bắc Ninh",
    "nyc_quan_he": "Mẹ", "nks_ho_ten": "HUỲNH HỮU TUẤN", "nks_ngay_sinh": "2026-11-03", "nks_gioi_tinh": "Nam",
    "nks_ngay_sinh_bang_chu": "Ngày ba, tháng mười một, năm hai nghìn không trăm hai mươi sáu", "nks_dan_toc": "Kinh",
    "nks_noi_sinh": "Bệnh viện Sản Nhi Bắc Ninh, phường Bắc Giang, tỉnh Bắc Ninh", "nks_que_quan": "tỉnh Bắc Ninh",
    "me_ho_ten": "NGUYỄN NGỌC THỦY", "me_ngay_sinh": "1994-10-05", "me_dan_toc": "Kinh",
    "me_so_dinh_danh": "027194060817",
    "cha_ho_ten": "HUỲNH VĂN BẰNG", "cha_ngay_sinh": "1993", "cha_dan_toc": "Kinh", "cha_so_dinh_danh": "027093445141",
    "has_signature": True,
}  # fmt: skip
BIRTH = {
    "me_ho_ten": "Nguyễn Ngọc Thủy", "me_so_dinh_danh": "027194060817", "ngay_gio_sinh": "2026-11-03T07:41",
    "noi_sinh": "Bệnh viện Sản Nhi Bắc Ninh", "gioi_tinh": "Nam",
}  # fmt: skip
CARD = {
    "so_dinh_danh": "027194060817", "ho_ten": "Nguyễn Ngọc Thủy", "ngay_sinh": "1994-10-05", "gioi_tinh": "Nữ",
    "ngay_cap": "2024-03-02", "ngay_het_han": "2034-10-05",
}  # fmt: skip


def document(index: int, doc_type: str, values: dict[str, object], doubtful: str = "") -> DocumentRecord:
    schema = PROCEDURE.document(doc_type)
    fields = {}
    for key, value in values.items():
        rule = schema.field(key) if schema else None
        status = FieldStatus.DOUBTFUL if key == doubtful else FieldStatus.READ
        fields[key] = FieldRecord(value=value, raw=str(value), probability=0.99, source=Source.LABEL, page=index,
                                  box=None, status=status, label=rule.label if rule else key)  # fmt: skip
    return DocumentRecord(id=f"d{index}", type=doc_type, title=schema.name if schema else doc_type, component=None,
                          pages=(index,), probability=0.99, fields=fields)  # fmt: skip


def dossier(
    *, form: Values | None = None, birth: Values | None = None, card: Values | None = None,
    doubtful: str = "", extra: tuple[DocumentRecord, ...] = (), without: str = "",
) -> Dossier:  # fmt: skip
    papers = [
        document(1, "to_khai_khai_sinh", FORM | (form or {}), doubtful),
        document(2, "giay_chung_sinh", BIRTH | (birth or {})),
        document(3, "cccd", CARD | (card or {})),
    ]
    documents = (*(paper for paper in papers if paper.type != without), *extra)
    return Dossier(id="x", procedure="1.001193", status=Status.PROCESSING, documents=documents,
                   received_at=datetime(2026, 11, 12, 2, tzinfo=UTC))  # fmt: skip


def found(one: Dossier, rule: str) -> list[tuple[Severity, str]]:
    findings = run_rules(PROCEDURE, one, checklist(PROCEDURE, one))
    return [(finding.severity, finding.message) for finding in findings if finding.rule == rule]


def test_a_good_dossier_has_nothing_but_information() -> None:
    one = dossier()
    assert [f for f in run_rules(PROCEDURE, one, checklist(PROCEDURE, one)) if f.severity is not Severity.INFO] == []


OTHER_FORM = document(4, "to_khai_khai_sinh", FORM | {"nks_ho_ten": "TRẦN VĂN BA", "me_ho_ten": "LÊ THỊ TƯ"})
MOTHER = "NGUYỄN NGỌC THỦY"
EMPTY_BIRTH = document(2, "giay_chung_sinh", {})
BLOCK, CONFIRM = Severity.BLOCK, Severity.CONFIRM
BROKEN = [
    ("dates_not_future", BLOCK, {"form": {"nks_ngay_sinh": "2026-12-03"}}, "03/12/2026"),
    ("registration_in_time", CONFIRM, {"form": {"nks_ngay_sinh": "2026-08-03"}}, "quá hạn"),
    ("words_equal_digits", BLOCK, {"form": {"nks_ngay_sinh": "2026-11-04"}}, "bằng số “04/11/2026”"),
    ("words_equal_digits", CONFIRM, {"form": {"nks_ngay_sinh_bang_chu": "Ngày ba"}}, "chưa đọc được"),
    ("parent_age", CONFIRM, {"form": {"me_ngay_sinh": "2018-01-01"}}, "mẹ"),
    ("parent_age", BLOCK, {"form": {"cha_ngay_sinh": "2027"}}, "cha"),
    ("papers_agree", BLOCK, {"birth": {"ngay_gio_sinh": "2026-11-04T07:41"}}, "ngày sinh của trẻ"),
    ("papers_agree", BLOCK, {"birth": {"gioi_tinh": "Nữ"}}, "giới tính"),
    ("papers_agree", CONFIRM, {"birth": {"noi_sinh": "Trạm y tế xã Tân Lập"}}, "nơi sinh"),
    ("papers_agree", CONFIRM, {"birth": {"me_ho_ten": "Nguyễn Ngọc Thúy"}}, "họ tên mẹ"),
    ("child_follows_parents", CONFIRM, {"form": {"nks_ho_ten": "LÊ HỮU TUẤN"}}, "Họ của trẻ"),
    ("child_follows_parents", CONFIRM, {"form": {"nks_dan_toc": "Tày"}}, "Dân tộc của trẻ"),
    ("ethnicity_is_not_nationality", BLOCK, {"form": {"me_dan_toc": "Việt Nam"}}, "quốc tịch"),
    ("personal_numbers", BLOCK, {"form": {"me_so_dinh_danh": "02719406081"}}, "12 chữ số"),
    ("personal_numbers", CONFIRM, {"form": {"me_so_dinh_danh": "027195060817"}}, "năm sinh 1995"),
    ("personal_numbers", CONFIRM, {"card": {"gioi_tinh": "Nam"}}, "giới tính Nữ"),
    ("personal_numbers", CONFIRM, {"form": {"cha_so_dinh_danh": "003093445141"}}, "mã tỉnh"),
    ("same_person", CONFIRM, {"card": {"so_dinh_danh": "027194060818"}}, "một chữ số"),
    ("same_person", BLOCK, {"card": {"so_dinh_danh": "027194111111"}}, "khác nhau giữa"),
    ("same_person", CONFIRM, {"card": {"ho_ten": "Nguyễn Ngọc Thúy"}}, "Cùng số định danh"),
    ("same_person", BLOCK, {"card": {"ho_ten": "Trần Thị Mai", "so_dinh_danh": "001190000001"}}, "đều khác nhau"),
    ("card_dates", CONFIRM, {"card": {"ngay_het_han": "2026-11-11"}}, "hết hạn"),
    ("card_dates", BLOCK, {"card": {"ngay_cap": "1990-01-01"}}, "trước ngày sinh"),
    ("defunct_places", BLOCK, {"form": {"me_noi_cu_tru": "xã Tân Lập, tỉnh Bắc Giang"}}, "Bắc Ninh"),
    ("defunct_places", CONFIRM, {"form": {"me_noi_cu_tru": "xã Phú Thị, huyện Gia Lâm, Hà Nội"}}, "cấp huyện"),
    ("one_parent", BLOCK, {"form": {"me_ho_ten": None, "cha_ho_ten": None}}, "cha hoặc mẹ"),
    ("required_fields", CONFIRM, {"without": "giay_chung_sinh", "extra": (EMPTY_BIRTH,)}, "Nơi sinh"),
    ("signature_present", CONFIRM, {"form": {"has_signature": False}}, "chưa thấy chữ ký"),
    ("signature_present", CONFIRM, {"form": {"has_signature": None}}, "tận mắt"),
    ("near_numbers", CONFIRM, {"form": {"cha_ho_ten": MOTHER, "cha_so_dinh_danh": "027194060818"}}, "một chữ số"),
    ("two_requests", CONFIRM, {"extra": (OTHER_FORM,)}, "trang 1 và trang 4"),
    ("components", BLOCK, {"without": "giay_chung_sinh"}, "Chưa có Giấy chứng sinh"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "severity", "change", "said"), BROKEN)
def test_a_broken_rule_is_found(rule: str, severity: Severity, change: dict[str, object], said: str) -> None:
    findings = found(dossier(**change), rule)
    assert [one for one in findings if one[0] is severity and said in one[1]], findings


def test_a_message_names_both_papers_and_both_readings() -> None:
    ((_, message),) = found(dossier(birth={"gioi_tinh": "Nữ"}), "papers_agree")
    assert "Tờ khai đăng ký khai sinh (trang 1) ghi “Nam”" in message
    assert "Giấy chứng sinh (trang 2) ghi “Nữ”" in message


def test_a_doubtful_reading_never_blocks() -> None:
    ((severity, message),) = found(dossier(form={"nks_gioi_tinh": "Nữ"}, doubtful="nks_gioi_tinh"), "papers_agree")
    assert severity is Severity.CONFIRM
    assert "đọc chưa chắc" in message


def test_no_personal_number_in_any_message() -> None:
    one = dossier(card={"so_dinh_danh": "027194060818"}, form={"me_so_dinh_danh": "027195060817"})
    messages = " ".join(f.message for f in run_rules(PROCEDURE, one, checklist(PROCEDURE, one)))
    assert "0271940608" not in messages
    assert "0271950608" not in messages


def test_the_place_of_a_tone_is_information() -> None:
    ((severity, _),) = found(
        dossier(birth={"me_ho_ten": "Nguyễn Ngọc Thuỷ"}, card={"ho_ten": "Nguyễn Ngọc Thuỷ"}), "name_spelling"
    )[:1]
    assert severity is Severity.INFO


def test_bad_pages_and_unread_fields_ask() -> None:
    page = PageRecord(number=1, file="a.png", file_page=1, width=10, height=10, dpi=200, image_sha256="0" * 64,
                      defects=(PageDefect(code="blurred", message="Ảnh bị mờ.", value=1.0),))  # fmt: skip
    one = dossier()
    paper = one.documents[0]
    unread = paper.fields["nks_que_quan"].model_copy(update={"status": FieldStatus.UNREADABLE, "value": None})
    paper = paper.model_copy(update={"fields": paper.fields | {"nks_que_quan": unread}})
    one = one.model_copy(update={"pages": (page,), "documents": (paper, *one.documents[1:])})
    messages = [message for _, message in found(one, "quality")]
    assert any("Trang 1: Ảnh bị mờ." in message for message in messages)
    assert any("Quê quán" in message for message in messages)


def test_the_checklist_tells_states_apart() -> None:
    def state(one: Dossier, code: str) -> ComponentState:
        return next(item.state for item in checklist(PROCEDURE, one) if item.component.endswith(code))

    assert state(dossier(), "KQ004389") is ComponentState.PRESENT
    assert state(dossier(), "KQ003159") is ComponentState.NOT_REQUIRED
    assert state(dossier(without="giay_chung_sinh"), "KQ004389") is ComponentState.MISSING
    unknown = document(4, "unknown", {})
    assert state(dossier(without="giay_chung_sinh", extra=(unknown,)), "KQ004389") is ComponentState.CANNOT_TELL
    oath = document(4, "giay_cam_doan", {})
    assert state(dossier(without="giay_chung_sinh", extra=(oath,)), "KQ004389") is ComponentState.NOT_REQUIRED
    assert state(dossier(card={"ngay_het_han": "2026-01-01"}), "KQ004946") is ComponentState.EXPIRED


def test_an_unknown_rule_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownRuleError, match="dates_not_future"):
        rule_named("date_not_future")
    assert {use.rule for use in PROCEDURE.rules} <= set(RULES)
