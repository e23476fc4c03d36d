"""Faults on demand: every dossier bears one that its procedure looks for; only a finding that points at it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from extractors.fields import FieldStatus, Source
from models.synthesis.errors import FontMissingError
from models.synthesis.fonts import FontBook
from pipeline.composition import build_house
from pipeline.procedures.book import ProcedureBook
from pipeline.record import (
    ChecklistItem,
    ComponentState,
    DocumentRecord,
    Dossier,
    FieldRecord,
    FieldRef,
    Finding,
    Severity,
    Status,
)
from pipeline.settings import Settings
from pipeline.trials import bench
from pipeline.trials.bench import Trials, make, run_trials
from pipeline.trials.dossiers import Maker, Planted, TrialDossier
from pipeline.trials.faults import FAULTS, watched
from pipeline.trials.found import fate

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 16)


@pytest.fixture(scope="session")
def face() -> FontBook:
    try:
        return FontBook.office()
    except FontMissingError:
        return FontBook.portable()


def makers(face: FontBook, *codes: str) -> list[Maker]:
    book = ProcedureBook.load()
    return [Maker(book.get(code, DAY), {"face": face}) for code in codes]


def trial(planted: Planted, stack: list[tuple[int, int]] | None = None) -> TrialDossier:
    papers: list[Any] = [None] * (1 + max((paper for paper, _ in stack), default=-1)) if stack else []
    return TrialDossier("x", 1, DAY, papers, stack or [], planted)


def dossier(
    *documents: DocumentRecord, findings: tuple[Finding, ...] = (), checklist: tuple[ChecklistItem, ...] = ()
) -> Dossier:
    return Dossier(id="H1", procedure="x", status=Status.PROCESSING, documents=documents, findings=findings,
                   checklist=checklist, received_at=datetime(2026, 11, 16, 2, tzinfo=UTC))  # fmt: skip


def paper(doc_type: str, key: str = "k", status: FieldStatus = FieldStatus.READ, *pages: int) -> DocumentRecord:
    field = FieldRecord(value="v", raw="v", probability=0.9, source=Source.LABEL, page=1, box=None, status=status)
    return DocumentRecord(id="d1", type=doc_type, title="t", component=None, pages=pages or (1,), probability=0.9,
                          fields={key: field})  # fmt: skip


def found(rule: str, key: str, severity: Severity = Severity.CONFIRM) -> Finding:
    return Finding(rule=rule, severity=severity, message="m", fields=(FieldRef(document="d1", key=key),))


def item(state: ComponentState, component: str = "c", document: str | None = "d1") -> ChecklistItem:
    return ChecklistItem(component=component, name="n", required=True, state=state, document=document)


def test_every_dossier_bears_the_next_fault(face: FontBook) -> None:
    some = makers(face, "1.001193", "1.000656")
    made = [make(Trials(seed=3, faults=FAULTS), number, some, DAY) for number in range(len(FAULTS))]
    assert [one.planted.kind for one in made if one and one.planted] == list(FAULTS)


def test_a_fault_that_no_procedure_has_a_place_for_is_left_out(face: FontBook) -> None:
    assert make(Trials(faults=("words_against_digits",)), 0, makers(face, "2.000908"), DAY) is None


def test_what_no_rule_looks_at_is_no_fault() -> None:
    book = ProcedureBook.load()
    birth, copies = book.get("1.001193", DAY), book.get("2.000815", DAY)
    surname = Planted("foreign_surname", ("child_follows_parents",), ("nks_ho_ten",), "to_khai_khai_sinh")
    assert watched(surname, birth)
    assert not watched(surname, copies)
    assert watched(Planted("unsigned", (), ("has_signature",), "to_khai_khai_sinh"), birth)
    assert not watched(Planted("unsigned", (), ("chu_ky",), "to_khai_khai_sinh"), birth)


def test_only_a_finding_that_points_at_the_fault_counts() -> None:
    planted = trial(Planted("other_sex", ("papers_agree",), ("sex",), "a"))
    assert fate(planted, dossier(paper("a"), findings=(found("papers_agree", "sex"),))) == "found"
    assert fate(planted, dossier(paper("a"), findings=(found("papers_agree", "name"),))) == "missed"
    assert fate(planted, dossier(paper("a"), findings=(found("quality", "sex"),))) == "asked"
    assert fate(planted, dossier(paper("a"), findings=(found("papers_agree", "sex", Severity.INFO),))) == "missed"
    assert fate(planted, dossier(paper("a", "sex", FieldStatus.DOUBTFUL))) == "asked"
    assert fate(planted, dossier(paper("b", "sex", FieldStatus.DOUBTFUL))) == "missed"


def test_the_checklist_speaks_of_the_very_paper() -> None:
    unsealed = trial(Planted("unsealed", (), ("dau",), "a"))
    assert fate(unsealed, dossier(paper("a"), checklist=(item(ComponentState.UNSEALED),))) == "found"
    assert fate(unsealed, dossier(paper("b"), checklist=(item(ComponentState.UNSEALED),))) == "missed"
    missing = trial(Planted("missing_paper", ("components",), paper="a", component="c"))
    assert fate(missing, dossier(checklist=(item(ComponentState.MISSING, "c", None),))) == "found"
    assert fate(missing, dossier(checklist=(item(ComponentState.MISSING, "other", None),))) == "missed"
    assert fate(missing, dossier(checklist=(item(ComponentState.CANNOT_TELL, "c"),))) == "asked"


def test_sheets_that_lay_wrongly_are_found_when_they_are_put_right() -> None:
    swapped = trial(Planted("swapped_pages", ()), [(0, 1), (0, 0)])
    assert fate(swapped, dossier(paper("a", "k", FieldStatus.READ, 2, 1))) == "found"
    assert fate(swapped, dossier(paper("a", "k", FieldStatus.READ, 1, 2))) == "missed"
    assert fate(swapped, dossier(paper("unknown", "k", FieldStatus.READ, 1, 2))) == "asked"


def test_two_dossiers_an_unsigned_and_an_unsealed_paper_are_found(
    tmp_path: Path, face: FontBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "books", lambda *, held_out: {f"face-{held_out}": face})
    trials = Trials(dossiers=3, faults=("two_dossiers", "unsigned", "unsealed"), procedures=("1.000656",))
    with build_house(Settings(home=tmp_path / "home")) as house:
        office = run_trials(house, trials, DAY)["qualities"]["office"]
    assert {kind: counts["share"] for kind, counts in office["faults"].items()} == {
        "two_dossiers": 1.0,
        "unsigned": 1.0,
        "unsealed": 1.0,
    }
    assert office["clean"]["dossiers"] == 0
