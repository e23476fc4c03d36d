"""Rules of retention: which counts, how long, what an agency may put on top, and what a wrong file does."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.keeping.errors import KeepingRulesError
from pipeline.keeping.rules import Rules, load_rules
from pipeline.procedures.book import ProcedureBook

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rules() -> Rules:
    return load_rules()


@pytest.mark.parametrize(
    ("record", "rule", "last"),
    [
        (("1.001193", "G15-TP07 Hộ tịch", []), "civil_status", None),
        (("2.000815", "G15 Chứng thực", []), "certified_copy_or_signature", date(2028, 12, 31)),
        (("2.000884", "G15 Chứng thực", []), "certified_copy_or_signature", date(2028, 12, 31)),
        (("2.001035", "G15 Chứng thực", []), "certified_transaction", date(2046, 12, 31)),
        (("2.000635", "G15-TP07 Hộ tịch", []), "extract_from_register", date(2028, 12, 31)),
        ((None, "", ["so_chung_thuc"]), "certified_register", None),
    ],
)
def test_the_packaged_rules(
    rules: Rules, record: tuple[str | None, str, list[str]], rule: str, last: date | None
) -> None:
    found = rules.of(*record)
    assert found is not None
    assert (found.id, found.last_day(date(2026, 11, 20))) == (rule, last)
    assert found.source


def test_what_no_rule_names_is_undecided(rules: Rules) -> None:
    assert rules.of("1.004222", "G01-CA05 Đăng ký, quản lý cư trú", ["ct01"]) is None
    assert rules.of(None, "", []) is None


def test_every_procedure_named_in_the_rules_is_in_the_book(rules: Rules) -> None:
    book = ProcedureBook.load()
    known = {procedure.code for procedure in book.list()}
    named = {code for rule in rules.rules for code in rule.procedures}
    assert named - known <= {"2.001019", "2.000992"}, "named by the decree, without a schema of ours yet"


def test_an_agencys_rule_comes_first_and_replaces_its_namesake(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "rules:\n"
        "  - {id: residence, title: Cư trú, domains: [cư trú], years: 10, source: Quyết định 1}\n"
        "  - {id: civil_status, title: Hộ tịch, domains: [Hộ tịch], years: 99, source: Quyết định 2}\n",
        encoding="utf-8",
    )
    rules = load_rules(own)
    residence = rules.of("1.004222", "Đăng ký, quản lý cư trú", [])
    civil = rules.of("1.001193", "Hộ tịch", [])
    assert residence is not None
    assert civil is not None
    assert (residence.id, residence.certainty, civil.years) == ("residence", "agency", 99)
    assert sum(rule.id == "civil_status" for rule in rules.rules) == 1


@pytest.mark.parametrize(
    "text",
    [
        "rules: [{id: a, title: A, domains: [B], source: C}]",
        "rules: [{id: a, title: A, domains: [B], source: C, years: 2, permanent: true}]",
        "rules: [{id: a, title: A, source: C, years: 2}]",
        "rules: [{id: a, title: A, domains: [B], source: '', years: 2}]",
        "rules: [{id: a, title: A, domains: [B], source: C, years: 0}]",
        "rules: {",
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(text)
    with pytest.raises(KeepingRulesError) as caught:
        load_rules(own)
    assert caught.value.file == "own.yaml"
