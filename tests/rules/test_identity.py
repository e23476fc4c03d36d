"""One person on several papers, told apart from two people with like names."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.record import Severity

BLOCK, ASK = Severity.BLOCK, Severity.CONFIRM
PARAMS = {"persons": [{"name": "mẹ", "papers": [
    {"type": "f", "name": "me_ho_ten", "number": "me_so_dinh_danh"},
    {"type": "card", "name": "ho_ten", "number": "so_dinh_danh"},
]}]}  # fmt: skip


def identity(prefix: str, name: str, number: str | None, born: str | None = None) -> dict[str, str | None]:
    return {f"{prefix}ho_ten": name, f"{prefix}so_dinh_danh": number, f"{prefix}ngay_sinh": born}


MAI = ("TRẦN THỊ MAI", "001190000017", "1990-03-01")
TABLE: list[tuple[str, tuple[str | None, ...], tuple[str | None, ...], Severity | None, str]] = [
    ("one person", MAI, ("Trần Thị Mai", "001190000017", "1990-03-01"), None, ""),
    ("the tone on another letter", ("LÊ THỊ HOÀ", *MAI[1:]), ("Lê Thị Hòa", *MAI[1:]), None, ""),
    ("a slip of the pen", MAI, ("Trần Thị Mai", "001190000011", "1990-03-01"), ASK, "khác nhau một chữ số"),
    ("a name misspelt", MAI, ("Trần Thị Mài", "001190000017", "1990-03-01"), ASK, "Cùng số định danh"),
    ("sisters", MAI, ("Trần Thị Lan", "001192004412", "1992-07-09"), BLOCK, "đều khác nhau"),
    ("twins with numbers side by side", MAI, ("Trần Thị Mơ", "001190000018", "1990-03-01"), ASK, "sinh đôi"),
    ("twins with other names", MAI, ("Trần Ngọc Phượng", "001190000018", "1990-03-01"), BLOCK, "đều khác nhau"),
    (
        "father and son of one name",
        ("LÊ AN", "001065000011", "1965"),
        ("Lê An", "001090000044", "1990-02-02"),
        BLOCK,
        "trùng tên",
    ),
    (
        "namesakes one digit apart",
        ("LÊ AN", "001065000011", "1965"),
        ("Lê An", "001068000011", "1968-02-02"),
        BLOCK,
        "trùng tên",
    ),
    (
        "one name, other number, day unknown",
        (*MAI[:2], None),
        ("Trần Thị Mai", "001190555555", None),
        BLOCK,
        "khác nhau giữa",
    ),
    ("one name and day, other number", MAI, ("Trần Thị Mai", "001190555555", "1990-03-01"), ASK, "khác nhau giữa"),
    ("an old card", MAI, ("Trần Thị Mai", "011234567", "1990-03-01"), ASK, "CMND 9 số"),
    ("no number on one paper", MAI, ("Trần Thị Mai", None, None), None, ""),
    ("no number and another name", MAI, ("Trần Thị Lan", None, None), ASK, "Tên mẹ khác nhau"),
]


@pytest.mark.parametrize("case", TABLE, ids=[row[0] for row in TABLE])
def test_two_papers(ask: Any, paper: Any, case: tuple[str, Any, Any, Severity | None, str]) -> None:
    _, left, right, severity, said = case
    found = ask("same_person", PARAMS, paper("f", identity("me_", *left)), paper("card", identity("", *right), page=2))
    assert [one[0] for one in found] == ([severity] if severity else []), found
    assert all(said in message for _, message in found)
    assert not any(number in message for _, message in found for number in (left[1], right[1]) if number)


def test_with_a_card_for_each_parent_the_one_that_fits_is_compared(ask: Any, paper: Any) -> None:
    form = paper("f", identity("me_", *MAI))
    father = paper("card", identity("", "Lê Văn An", "001088000001", "1988-01-01"), page=2)
    mother = paper("card", identity("", "Trần Thị Mai", "001190000017", "1990-03-01"), page=3)
    assert ask("same_person", PARAMS, form, father, mother) == []
    slipped = paper("card", identity("", "Trần Thị Mai", "001190000011", "1990-03-01"), page=3)
    assert [severity for severity, _ in ask("same_person", PARAMS, form, father, slipped)] == [ASK]
    assert [severity for severity, _ in ask("same_person", PARAMS, form, father)] == [BLOCK]


def test_a_doubtful_number_never_blocks(ask: Any, paper: Any) -> None:
    card = paper("card", identity("", "Lê Thị Lan", "001192004412"), doubtful=("so_dinh_danh",), page=2)
    assert [severity for severity, _ in ask("same_person", PARAMS, paper("f", identity("me_", *MAI)), card)] == [ASK]


COUPLE = {"persons": [
    {"name": f"bên {who}", "papers": [
        {"type": "f", "name": f"{who}_ho_ten", "number": f"{who}_so_dinh_danh"},
        {"type": "card", "name": "ho_ten", "number": "so_dinh_danh"},
    ]}
    for who in ("nam", "nu")
]}  # fmt: skip


def test_a_card_of_one_of_two_persons_is_not_held_against_the_other(ask: Any, paper: Any) -> None:
    form = paper("f", identity("nam_", "LÊ VĂN AN", "001088000001") | identity("nu_", *MAI))
    bride = paper("card", identity("", "Trần Thị Mai", "001190000017", "1990-03-01"), page=2)
    assert ask("same_person", COUPLE, form, bride) == []
    slipped = paper("card", identity("", "Trần Thị Mai", "001190000011", "1990-03-01"), page=2)
    assert [severity for severity, _ in ask("same_person", COUPLE, form, slipped)] == [ASK]
    stranger = paper("card", identity("", "Phạm Thị Hà", "031191000003", "1991-01-01"), page=2)
    assert [severity for severity, _ in ask("same_person", COUPLE, form, stranger)] == [BLOCK, BLOCK]
