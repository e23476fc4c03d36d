"""Parameters are checked before a dossier meets them, and every rule of the book is there."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.procedures.book import ProcedureBook
from pipeline.rules import RULES, rule_named
from pipeline.rules.page import BEGIN, END, tables


def test_every_rule_of_the_book_is_there() -> None:
    assert {rule.number for rule in RULES.values()} - {""} == {f"R{number}" for number in range(1, 24)}


@pytest.mark.parametrize(
    ("rule", "params", "told"),
    [
        ("paper_age", {"type": "x", "date": "y", "months": 6}, []),
        ("paper_age", {"type": "x", "date": "y"}, ["luật `paper_age`: thiếu tham số `months`"]),
        ("paper_age", {"type": "x", "date": "y", "months": "sáu"}, ["tham số `months` sai"]),
        (
            "paper_age",
            {"type": "x", "date": "y", "months": 6, "month": 6},
            ["không có tham số `month`; luật nhận: type, date"],
        ),
        ("quality", {"type": "x"}, ["không có tham số `type`; luật nhận: không tham số nào"]),
        (
            "papers_agree",
            {"left": "a", "right": "b", "pairs": [{"left": "x", "right": "y", "label": "l", "severity": "E"}]},
            ["pairs.0.severity"],
        ),
        ("consent_present", {"type": "x", "consents": []}, ["consents"]),
    ],
)
def test_wrong_parameters_are_told(rule: str, params: dict[str, Any], told: list[str]) -> None:
    said = rule_named(rule).check(params)
    assert len(said) == len(told)
    assert all(part in one for one, part in zip(said, told, strict=True)), said


def test_a_key_that_no_paper_has_is_told() -> None:
    procedure = ProcedureBook.load().get("1.001193", date(2026, 11, 12))
    good = {"born": ["to_khai_khai_sinh", "nks_ngay_sinh"], "days": 60}
    assert rule_named("registration_in_time").check(good, procedure) == []
    (said,) = rule_named("registration_in_time").check(good | {"born": ["to_khai_khai_sinh", "nks_sinh"]}, procedure)
    assert "giấy `to_khai_khai_sinh` không có trường `nks_sinh`" in said
    (said,) = rule_named("registration_in_time").check(good | {"born": ["to_khai", "nks_ngay_sinh"]}, procedure)
    assert "không có loại giấy `to_khai`" in said


def test_what_ships_has_good_parameters() -> None:
    told = [
        one
        for procedure in ProcedureBook.load().list()
        for use in procedure.rules
        for one in rule_named(use.rule).check(use.params, procedure)
    ]
    assert told == []


def test_a_rule_says_what_it_asks_in_one_sentence() -> None:
    for rule in RULES.values():
        assert rule.what.endswith("."), rule.name
        assert not rule.what.startswith("R"), rule.name
        assert all(field.description for field in rule.params.model_fields.values()), rule.name


def test_the_page_of_rules_says_what_the_code_declares() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    shown = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == tables().strip(), "run scripts/rules_page.py"


def test_the_example_of_the_page_has_good_parameters() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    example = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    assert [one for use in example["rules"] for one in rule_named(use["rule"]).check(use["params"])] == []
    assert len(example["rules"]) >= 5
