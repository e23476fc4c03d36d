"""Trials: plans come from schemas, dossiers tell one story, planted faults are where they say, bounds are bounds."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest

from models.synthesis.errors import FontMissingError
from models.synthesis.fonts import FontBook
from models.synthesis.forms.paper import FieldTruth
from pipeline.composition import build_house
from pipeline.procedures.book import ProcedureBook
from pipeline.settings import Settings
from pipeline.trials import bench
from pipeline.trials.bench import Trials, make, run_trials
from pipeline.trials.dossiers import Maker, finish, make_dossier
from pipeline.trials.faults import DRAFT_FAULTS
from pipeline.trials.plans import plan_of
from pipeline.trials.score import Tally, outcome_of, rows, same, upper_bound
from pipeline.trials.words import markdown

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.procedures.schema import Procedure

DAY = date(2026, 11, 16)
CODE = "1.001193"


@pytest.fixture(scope="session")
def face() -> FontBook:
    try:
        return FontBook.office()
    except FontMissingError:
        return FontBook.portable()


@pytest.fixture(scope="session")
def procedure() -> Procedure:
    return ProcedureBook.load().get(CODE, DAY)


@pytest.fixture
def maker(procedure: Procedure, face: FontBook) -> Maker:
    return Maker(procedure, {"face": face})


def test_a_plan_asks_for_every_field_of_its_schema_once() -> None:
    known = {schema.type: schema for one in ProcedureBook.load().list() for schema in one.documents if schema.fields}
    for schema in known.values():
        plan = plan_of(schema)
        asked = {ask.key for row in plan.rows() for ask in row.asks} | {ask.key for ask in plan.dated}
        asked |= {key for signer in plan.signers for key in (signer.name, signer.signature, signer.seal) if key}
        asked |= {plan.number.key} if plan.number else set()
        told = [ask.key for row in plan.rows() for ask in row.asks]
        assert len(told) == len(set(told)), schema.type
        wanted = {rule.key for rule in schema.fields if not rule.key.startswith("_") and not rule.columns}
        assert wanted <= asked, schema.type


def test_every_procedure_s_papers_can_be_drawn(face: FontBook) -> None:
    for known in ProcedureBook.load().list():
        if not any(document.fields for document in known.documents) or not known.components:
            continue
        maker = Maker(known, {"face": face})
        dossier, drafts, _, hand, rng = make_dossier(maker, 3, DAY)
        drawn = finish(dossier, drafts, maker, hand, rng)
        for paper in drawn.papers:
            printed = {key for sheet in paper.paper.sheets for key in sheet.fields}
            for key, truth in paper.truth.items():
                assert not truth.raw or key in printed, (known.code, paper.type, key)


def test_papers_of_a_dossier_agree(maker: Maker) -> None:
    for seed in range(12):
        _, drafts, _, _, _ = make_dossier(maker, seed, DAY)
        said = {
            draft.type: {key: one.value for key, one in draft.filled.entries.items()}
            for draft in drafts
            if draft.filled
        }
        form, notice = said["to_khai_khai_sinh"], said["giay_chung_sinh"]
        assert str(form["me_ho_ten"]).casefold() == str(notice["me_ho_ten"]).casefold()
        assert form["me_so_dinh_danh"] == notice["me_so_dinh_danh"]
        assert form["nks_gioi_tinh"] == notice["gioi_tinh"]
        assert str(notice["ngay_gio_sinh"]).startswith(str(form["nks_ngay_sinh"]))
        cards = [draft.person for draft in drafts if draft.person]
        assert all(card.number == form["nyc_so_dinh_danh"] for card in cards)


def test_planted_faults_change_what_they_name(maker: Maker) -> None:
    planted = Counter[str]()
    for kind, planter in DRAFT_FAULTS.items():
        for seed in range(4):
            _, before, *_ = make_dossier(maker, seed, DAY)
            _, after, story, hand, rng = make_dossier(maker, seed, DAY)
            fault = planter(after, story, hand, rng)
            if fault is None:
                assert repr(before) == repr(after)
                continue
            planted[fault.kind] += 1
            assert fault.kind == kind
            assert repr(before) != repr(after), kind
    assert {"missing_paper", "wrong_person", "future_date", "expired_card", "unsigned", "words_against_digits",
            "foreign_surname", "one_digit", "other_sex"} <= planted.keys()  # fmt: skip


def test_the_same_number_is_the_same_dossier(maker: Maker) -> None:
    trials = Trials(seed=5)
    one, again = (make(trials, 3, [maker], DAY) for _ in range(2))
    assert one.stack == again.stack
    assert one.planted == again.planted
    assert [paper.truth for paper in one.papers] == [paper.truth for paper in again.papers]
    assert [paper.template for paper in one.papers] == [paper.template for paper in again.papers]


def test_stacks_are_mixed_up_as_told(maker: Maker) -> None:
    kinds = set()
    for number in range(1, 60, 2):
        trial = make(Trials(seed=2), number, [maker], DAY)
        if trial.planted is None:
            continue
        kinds.add(trial.planted.kind)
        if trial.planted.kind == "swapped_pages":
            assert trial.stack != sorted(trial.stack)
        if trial.planted.kind == "two_dossiers":
            assert len(trial.papers) >= 4
    assert {"swapped_pages", "two_dossiers"} <= kinds


@pytest.mark.parametrize(
    ("wrong", "total", "bound"), [(0, 3000, 0.000998), (0, 59, 0.0495), (1, 100, 0.0466), (5, 50, 0.1986)]
)
def test_upper_bounds_are_clopper_and_pearson_s(wrong: int, total: int, bound: float) -> None:
    assert upper_bound(wrong, total) == pytest.approx(bound, rel=0.01)


def test_nothing_counted_bounds_nothing() -> None:
    assert upper_bound(0, 0) == 1.0
    assert upper_bound(3, 3) == 1.0


def test_values_compare_as_people_read_them() -> None:
    assert same("HÒA", "Hoà")
    assert not same("2026-01-02T10:00", "2026-01-02")
    assert same(3, 3)
    assert outcome_of(FieldTruth(None, ""), None, "x", "y") == ("blank", None)
    assert outcome_of(FieldTruth("a", "a"), None, "x", "y") == ("absent", None)


def test_rows_add_up() -> None:
    row = rows({"date": Counter(exact=90, exact_asked=5, wrong=1, wrong_asked=2, absent=2)})[0]
    assert row["fields"] == 100
    assert row["exact"] == 0.95
    assert row["accepted"] == 0.91
    assert row["wrong_share"] == pytest.approx(1 / 91)


def test_a_run_in_typed_words_goes_on_where_it_stopped(
    tmp_path: Path, face: FontBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "books", lambda *, held_out: {f"face-{held_out}": face})
    kept = tmp_path / "kept.json"
    with build_house(Settings(home=tmp_path / "home")) as house:
        first = run_trials(house, Trials(dossiers=1, procedures=(CODE,)), DAY, kept=kept)
        seen: list[int] = []
        second = run_trials(house, Trials(dossiers=2, procedures=(CODE,)), DAY, kept=kept, on_done=seen.append)
    office = second["qualities"]["office"]
    assert first["qualities"]["office"]["papers"]["papers"] < office["papers"]["papers"]
    assert seen == [0, 1]
    everything = office["fields"][-1]
    assert everything["fields"] > 40
    assert everything["exact"] > 0.7
    text = markdown(second)
    assert "Typed words" in text
    assert "say nothing of reading" in text
    assert Tally().fields == {}
