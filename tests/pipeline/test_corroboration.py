"""Agreement of independent witnesses makes a reading sure; agreement with itself hardly does; conflict never."""

from datetime import date

import pytest

from extractors.fields import FieldStatus, Source
from pipeline.corroboration import corroborate
from pipeline.fusion import Thresholds
from pipeline.procedures.book import ProcedureBook
from pipeline.procedures.schema import Procedure
from pipeline.record import DocumentRecord, FieldRecord


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    return ProcedureBook.load(None).get("1.001193", date(2026, 11, 1))


def field(value: str, probability: float, source: Source = Source.LABEL, reason: str | None = None) -> FieldRecord:
    doubtful = reason is not None or probability < 0.97
    return FieldRecord(
        value=value,
        raw=value,
        probability=probability,
        source=source,
        page=1,
        box=None,
        status=FieldStatus.DOUBTFUL if doubtful else FieldStatus.READ,
        reason=reason or ("below_threshold" if doubtful else None),
    )


def papers(form: FieldRecord, card: FieldRecord, notice: FieldRecord | None = None) -> list[DocumentRecord]:
    made = {"to_khai_khai_sinh": {"me_ho_ten": form}, "cccd": {"ho_ten": card}}
    if notice is not None:
        made["giay_chung_sinh"] = {"me_ho_ten": notice}
    return [
        DocumentRecord(id=f"d{n}", type=type_, title="", component=None, pages=(n,), probability=1.0, fields=fields)
        for n, (type_, fields) in enumerate(made.items(), start=1)
    ]


def mother(documents: list[DocumentRecord], procedure: Procedure) -> FieldRecord:
    return corroborate(documents, procedure, Thresholds())[0].fields["me_ho_ten"]


def test_a_code_that_says_the_same_settles_a_doubtful_name(procedure: Procedure) -> None:
    card = field("Nguyễn Ngọc Thủy", 0.999, Source.QR)
    got = mother(papers(field("NGUYỄN NGỌC THỦY", 0.6), card), procedure)
    assert got.status is FieldStatus.READ
    assert got.probability > 0.99
    assert [claim.source for claim in got.claims] == [Source.LABEL, Source.QR]


def test_a_second_reading_by_the_same_reader_is_a_weak_witness(procedure: Procedure) -> None:
    got = mother(
        papers(
            field("NGUYỄN NGỌC THỦY", 0.6), field("Trần Thị Bình", 0.999, Source.QR), field("Nguyễn Ngọc Thủy", 0.9)
        ),
        procedure,
    )
    assert got.status is FieldStatus.DOUBTFUL
    assert 0.6 < got.probability < 0.9


@pytest.mark.parametrize("other", ["Nguyên Ngọc Thủy", "Nguyễn Ngọc Thuý", "Trần Thị Bình"])
def test_a_different_name_supports_nothing(procedure: Procedure, other: str) -> None:
    form = field("NGUYỄN NGỌC THỦY", 0.6)
    assert mother(papers(form, field(other, 0.999, Source.QR)), procedure) == form


def test_a_conflict_found_before_stays_doubtful(procedure: Procedure) -> None:
    card = field("Nguyễn Ngọc Thủy", 0.999, Source.QR)
    got = mother(papers(field("NGUYỄN NGỌC THỦY", 0.8, reason="sources_disagree"), card), procedure)
    assert got.status is FieldStatus.DOUBTFUL
    assert got.reason == "sources_disagree"
