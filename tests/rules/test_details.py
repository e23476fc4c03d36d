"""What is told beside a value: as of the day of its paper, and never in place of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pipeline import details
from pipeline.details import with_details

KINDS = {
    "noi": "place", "so": "id_number", "chu": "date_words", "gioi_tinh": "sex", "dan_toc": "ethnicity",
    "quan_he": "relationship", "dien_thoai": "phone", "ten": "name",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _schema(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {key: SimpleNamespace(kind=kind) for key, kind in KINDS.items()}
    monkeypatch.setattr(details, "schema_for", lambda procedure, doc_type: SimpleNamespace(field=fields.get))


def told(paper: Any, **values: object) -> dict[str, Any]:
    before = paper("f", values)
    (after,) = with_details((before,), None)
    assert [(f.value, f.raw, f.status) for f in after.fields.values()] == [
        (f.value, f.raw, f.status) for f in before.fields.values()
    ]
    return {key: field.details for key, field in after.fields.items()}


def test_details_by_kind(paper: Any) -> None:
    words = "Ngày ba tháng mười một năm hai nghìn không trăm hai mươi sáu"
    found = told(paper, so="027194060817", chu=words, gioi_tinh="Nữ", dan_toc="Rơ Măm",
                 quan_he="bà ngoại", dien_thoai="0382345678", ten="LÊ AN")  # fmt: skip
    assert found["so"] == {"form": "personal_number", "province": "Bắc Ninh", "sex": "Nữ", "birth_year": 1994}
    assert found["chu"] == {"iso": "2026-11-03"}
    assert (found["gioi_tinh"], found["dan_toc"]) == ({"code": "2"}, {"code": "54"})
    assert found["quan_he"] == {"relation": "Bà"}
    assert found["dien_thoai"] == {"mobile": True, "mapped": False}
    assert found["ten"] is None


def test_a_place_as_of_the_day_of_its_paper(paper: Any) -> None:
    old = told(paper, noi="phường Kinh Bắc, tỉnh Bắc Ninh", ngay_cap="2015-03-02")["noi"]["today"]
    new = told(paper, noi="phường Kinh Bắc, tỉnh Bắc Ninh", ngay_lap="2026-03-02")["noi"]["today"]
    assert (old["standing"], new["standing"]) == ("replaced", "in_force")
    assert old["commune"] == new["commune"] == "Phường Kinh Bắc, Tỉnh Bắc Ninh"


def test_a_divided_commune_lists_its_candidates(paper: Any) -> None:
    found = told(paper, noi="12 Đinh Tiên Hoàng, P. Đa Kao, Q.1, TP.HCM")["noi"]
    assert found["levels"] == {"house": "12", "street": "Đinh Tiên Hoàng", "commune": "Phường Đa Kao",
                               "district": "Quận 1", "province": "Thành phố HCM"}  # fmt: skip
    assert [one["code"] for one in found["today"]["candidates"]] == ["26740", "26737"]
    assert "commune" not in found["today"]


def test_what_cannot_be_told_has_no_details(paper: Any) -> None:
    assert set(told(paper, noi=None, so="123", chu="Ngày ba", dan_toc="Việt Nam").values()) == {None}
