"""The checklist: every state that a paper can be in, on a procedure made for it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from extractors.fields import FieldStatus, Source
from pipeline.checklist import checklist, with_persons
from pipeline.decisions import Decision, substitutes, unknown_targets
from pipeline.procedures.paper import DocumentSchema, FieldRule, Mark, Validity
from pipeline.procedures.schema import Component, Procedure
from pipeline.procedures.terms import When
from pipeline.record import ComponentState, DocumentRecord, Dossier, FieldRecord, FieldRef, Finding, Severity, Status

FORM, PROOF, CARD, POWER = (f"000.00.00.G15-KQ00000{n}" for n in range(1, 5))
PROCEDURE = Procedure(
    code="9.999999", name="Thử", version="1", effective_from=date(2026, 1, 1), detect=({"type": "to_khai"},),
    components=(
        Component(code=FORM, name="Tờ khai", types=("to_khai",)),
        Component(code=PROOF, name="Giấy xác nhận", types=("giay_xac_nhan",), validity=Validity(months=6),
                  accept=("paper", "data_substituted"), data_source="Cơ sở dữ liệu hộ tịch"),
        Component(code=CARD, name="Căn cước", types=("cccd",), required="presented"),
        Component(code=POWER, name="Văn bản ủy quyền", types=("uy_quyen",), required="conditional",
                  condition="người nộp được ủy quyền",
                  when=When(type="to_khai", key="quan_he", among=("Được ủy quyền",))),
    ),
    documents=(
        DocumentSchema(type="to_khai", name="Tờ khai", fields=(
            FieldRule(key="ho_ten", label="Họ tên", kind="name", required=True),
            FieldRule(key="quan_he", label="Quan hệ"), FieldRule(key="ky", label="Chữ ký", kind="signature"),
        ), marks=(Mark(by="người yêu cầu", key="ky"),)),
        DocumentSchema(type="giay_xac_nhan", name="Giấy xác nhận", fields=(
            FieldRule(key="ngay_cap", label="Ngày cấp", kind="date"), FieldRule(key="dau", label="Dấu", kind="seal"),
        ), marks=(Mark(kind="seal", by="Ủy ban nhân dân", key="dau"),)),
    ),
)  # fmt: skip
DEFAULTS: dict[str, dict[str, object]] = {
    "to_khai": {"ho_ten": "NGUYỄN AN", "ky": True}, "giay_xac_nhan": {"ngay_cap": "2026-06-20", "dau": True},
}  # fmt: skip


def paper(
    index: int, doc_type: str, values: dict[str, object], status: FieldStatus = FieldStatus.READ
) -> DocumentRecord:
    fields = {
        key: FieldRecord(value=value, raw=str(value), probability=0.99, source=Source.LABEL, page=index, box=None,
                         status=status if key in values else FieldStatus.READ)
        for key, value in (DEFAULTS.get(doc_type, {}) | values).items()
    }  # fmt: skip
    return DocumentRecord(id=f"d{index}", type=doc_type, title=doc_type, component=None, pages=(index,),
                          probability=0.99, fields=fields)  # fmt: skip


def dossier(*papers: tuple[str, dict[str, object]], status: FieldStatus = FieldStatus.READ) -> Dossier:
    made = tuple(paper(index, kind, values, status) for index, (kind, values) in enumerate(papers, start=1))
    return Dossier(id="x", procedure="9.999999", status=Status.PROCESSING, documents=made,
                   received_at=datetime(2026, 11, 12, 3, tzinfo=UTC))  # fmt: skip


def states(one: Dossier, substituted: dict[str, str] | None = None) -> dict[str, tuple[str, str]]:
    return {item.component: (item.state.value, item.reason or "") for item in checklist(PROCEDURE, one, substituted)}


def test_all_is_well() -> None:
    found = states(dossier(("to_khai", {}), ("giay_xac_nhan", {})))
    assert [found[code][0] for code in (FORM, PROOF, CARD, POWER)] == [
        "present", "present", "not_required", "not_required",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("issued", "state"),
    [("2026-05-12", "present"), ("2026-05-11", "expired"), ("2025-08-31", "expired"), ("2026-11-12", "present")],
)
def test_a_paper_counts_for_its_months_and_the_last_day_is_inside(issued: str, state: str) -> None:
    assert states(dossier(("to_khai", {}), ("giay_xac_nhan", {"ngay_cap": issued})))[PROOF][0] == state


def test_a_doubtful_date_leaves_expiry_open() -> None:
    one = dossier(("to_khai", {}), ("giay_xac_nhan", {"ngay_cap": "2026-01-01"}), status=FieldStatus.DOUBTFUL)
    assert states(one)[PROOF][0] == "cannot_tell"


def test_the_end_of_a_short_month_is_its_last_day() -> None:
    one = dossier(("to_khai", {}), ("giay_xac_nhan", {"ngay_cap": "2025-08-31"}))
    assert "28/02/2026" in states(one)[PROOF][1]


def test_signature_and_seal() -> None:
    found = states(dossier(("to_khai", {"ky": False}), ("giay_xac_nhan", {"dau": False})))
    assert found[FORM] == ("unsigned", "Chưa có chữ ký của người yêu cầu trên to_khai.")
    assert found[PROOF] == ("unsealed", "Chưa có con dấu của Ủy ban nhân dân trên giay_xac_nhan.")


def test_a_condition_that_the_form_states_makes_a_paper_needed() -> None:
    needed = states(dossier(("to_khai", {"quan_he": "Được ủy quyền"}), ("giay_xac_nhan", {})))
    assert needed[POWER] == ("missing", "Chưa có Văn bản ủy quyền (cần khi người nộp được ủy quyền).")
    doubtful = dossier(("to_khai", {"quan_he": "Được ủy quyền"}), ("giay_xac_nhan", {}), status=FieldStatus.DOUBTFUL)
    assert states(doubtful)[POWER][0] == "not_required"


def test_data_may_stand_in_only_where_the_procedure_says_so() -> None:
    one = dossier(("to_khai", {}))
    assert states(one)[PROOF][0] == "missing"
    said = states(one, {PROOF: "data_substituted", FORM: "reused"})
    assert said[PROOF] == ("substituted", "Đã thay bằng dữ liệu của cơ sở dữ liệu: Cơ sở dữ liệu hộ tịch.")
    assert states(one, {PROOF: "reused"})[PROOF][0] == "missing"


def test_a_paper_of_somebody_else() -> None:
    one = dossier(("to_khai", {}), ("giay_xac_nhan", {}), ("cccd", {}))
    refs = (FieldRef(document="d1", key="ho_ten"), FieldRef(document="d3", key="ho_ten"))
    finding = Finding(rule="same_person", severity=Severity.BLOCK, message="Hai người khác nhau.", fields=refs)
    items = checklist(PROCEDURE, one)
    marked = {item.component: item.state for item in with_persons(items, [finding], PROCEDURE, one)}
    assert marked[CARD] is ComponentState.WRONG_PERSON
    assert marked[FORM] is ComponentState.PRESENT
    asked = finding.model_copy(update={"severity": Severity.CONFIRM})
    decided = finding.model_copy(update={"confirmed_by": "Hoa"})
    for harmless in (asked, decided):
        assert with_persons(items, [harmless], PROCEDURE, one) == items


def test_an_officer_lets_data_stand_in_and_takes_it_back() -> None:
    first = Decision(kind="substitute", key=PROOF, value="data_substituted", who="Hoa")
    assert Decision.from_row(first.row()) == first
    assert substitutes([first]) == {PROOF: "data_substituted"}
    assert substitutes([first, Decision(kind="substitute", key=PROOF)]) == {}
    one = dossier(("to_khai", {}))
    listed = one.model_copy(update={"checklist": checklist(PROCEDURE, one)})
    odd = [Decision(kind="substitute", key="nowhere"), Decision(kind="substitute", key=PROOF, value="magic")]
    assert unknown_targets(listed, [first, *odd]) == odd
