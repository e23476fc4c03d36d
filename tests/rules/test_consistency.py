"""Readings of one paper that cannot all be true are held back; codes and people are believed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from extractors.fields import FieldStatus, Source
from pipeline.consistency import hold_back

if TYPE_CHECKING:
    from pipeline.record import DocumentRecord

RULES = (SimpleNamespace(key="me_ho_ten", required=True), SimpleNamespace(key="ghi_chu", required=False))
PROCEDURE: Any = SimpleNamespace(document=lambda _: SimpleNamespace(fields=RULES))
WOMAN_OF_1994 = "027194060817"


def held(document: DocumentRecord) -> dict[str, str | None]:
    (after,) = hold_back([document], PROCEDURE)
    return {key: field.reason for key, field in after.fields.items() if field.status is FieldStatus.DOUBTFUL}


def test_what_agrees_stays_as_it_is(paper: Any) -> None:
    document = paper("f", {"me_so_dinh_danh": WOMAN_OF_1994, "me_ngay_sinh": "1994", "me_gioi_tinh": "Nữ"})
    assert held(document) == {}


def test_a_number_of_another_year_or_sex_is_held_back_with_what_it_contradicts(paper: Any) -> None:
    born = paper("f", {"me_so_dinh_danh": WOMAN_OF_1994, "me_ngay_sinh": "1984-10-05"})
    assert held(born) == {"me_so_dinh_danh": "contradicts", "me_ngay_sinh": "contradicts"}
    sex = paper("f", {"so_dinh_danh": WOMAN_OF_1994, "gioi_tinh": "Nam", "ngay_sinh": "1994-10-05"})
    assert held(sex) == {"so_dinh_danh": "contradicts", "gioi_tinh": "contradicts"}


def test_a_code_is_believed_and_the_print_beside_it_doubted(paper: Any) -> None:
    document = paper("f", {"so_dinh_danh": WOMAN_OF_1994, "gioi_tinh": "Nam"})
    code = document.fields["so_dinh_danh"].model_copy(update={"source": Source.QR})
    document = document.model_copy(update={"fields": document.fields | {"so_dinh_danh": code}})
    assert held(document) == {"gioi_tinh": "contradicts"}


def test_one_number_under_two_names_is_held_back(paper: Any) -> None:
    names = {"nam_ho_ten": "Lê Văn An", "nu_ho_ten": "Trần Thị Mai"}
    numbers = {"nam_so_dinh_danh": WOMAN_OF_1994, "nu_so_dinh_danh": WOMAN_OF_1994}
    assert set(held(paper("f", names | numbers))) == set(numbers)
    assert held(paper("f", names | numbers | {"nu_ho_ten": "LÊ VĂN AN"})) == {}


def test_what_must_be_filled_in_is_never_accepted_as_empty(paper: Any) -> None:
    assert held(paper("f", {"me_ho_ten": None, "ghi_chu": None})) == {"me_ho_ten": "required_blank"}
