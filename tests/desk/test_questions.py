"""What the desk asks, what the citizen is asked, and how long the wait is said to be."""

from extractors.fields import FieldStatus, FieldValue, Source
from pipeline.catalogue.desk_door import Answer, hashed
from pipeline.catalogue.desk_queue import Measured, Queued
from pipeline.clock import now
from pipeline.desk.citizen import disputed, items_of
from pipeline.desk.estimate import wait_for
from pipeline.desk.nickname import nickname
from pipeline.desk.questions import questions_of
from pipeline.record import DocumentRecord, Dossier, FieldRecord, FieldRef, Finding, Severity, Status


def field(value: FieldValue, status: FieldStatus = FieldStatus.READ, probability: float = 0.99) -> FieldRecord:
    box = (10, 10, 90, 30)
    return FieldRecord(
        value=value, raw=str(value), probability=probability, source=Source.LABEL, page=1, box=box, status=status
    )


def paper(number: int, kind: str, **fields: FieldRecord) -> DocumentRecord:
    return DocumentRecord(
        id=f"d{number}", type=kind, title=kind, component=None, pages=(number,), probability=1.0, fields=fields
    )


def dossier(*papers: DocumentRecord, findings: tuple[Finding, ...] = (), status: Status = Status.WAITS) -> Dossier:
    return Dossier(id="hs-1", procedure=None, status=status, received_at=now(), documents=papers, findings=findings)


REQUEST = paper(
    1,
    "to_khai",
    kinh_gui=field("UBND"),
    ho_ten=field("An", FieldStatus.DOUBTFUL, 0.8),
    ngay_sinh=field("2026-10-29"),
    que_quan=field("Lạng Sơn", FieldStatus.DOUBTFUL, 0.6),
    has_signature=field(True),
    ghi_chu=field(None, FieldStatus.BLANK),
)
NOTICE = paper(2, "giay_chung_sinh", ngay_sinh=field("2026-10-28"))
CONFLICT = Finding(
    id="f1",
    rule="papers_agree",
    severity=Severity.BLOCK,
    message="ngày sinh khác nhau",
    fields=(FieldRef(document="d1", key="ngay_sinh"), FieldRef(document="d2", key="ngay_sinh")),
)


def test_conflicts_come_first_then_the_most_doubtful_field_then_warnings() -> None:
    warning = Finding(id="f2", rule="quality", severity=Severity.CONFIRM, message="Trang 2 mờ")
    told = Finding(
        id="f3", rule="x", severity=Severity.CONFIRM, message="m", fields=(FieldRef(document="d1", key="ho_ten"),)
    )
    missing = Finding(id="f4", rule="components", severity=Severity.BLOCK, message="Chưa có giấy chứng sinh")
    info = Finding(id="f5", rule="late", severity=Severity.INFO, message="quá hạn")
    asked = questions_of(dossier(REQUEST, NOTICE, findings=(missing, warning, told, CONFLICT, info)))
    assert [(one.kind, one.id) for one in asked] == [
        ("conflict", "f1"),
        ("field", "d1.ho_ten"),
        ("field", "d1.que_quan"),
        ("finding", "f2"),
    ]
    assert [place.paper for place in asked[0].places] == ["to_khai", "giay_chung_sinh"]
    assert asked[0].findings == (), "what blocks is not waved through"
    assert asked[3].findings == ("f2",)


def test_two_rules_that_found_the_same_conflict_ask_once() -> None:
    first = CONFLICT.model_copy(update={"severity": Severity.CONFIRM})
    second = first.model_copy(update={"id": "f9", "rule": "same_person"})
    (asked,) = questions_of(dossier(paper(1, "a", ngay_sinh=field("x")), NOTICE, findings=(first, second)))
    assert asked.findings == ("f1", "f9")
    (asked,) = questions_of(dossier(paper(1, "a", ngay_sinh=field("x")), NOTICE, findings=(second, CONFLICT)))
    assert (asked.severity, asked.findings) == (Severity.BLOCK, ())


def test_nothing_is_asked_of_a_dossier_that_takes_no_answers() -> None:
    assert questions_of(dossier(REQUEST, NOTICE, findings=(CONFLICT,), status=Status.PROCESSING)) == []


def test_the_citizen_is_asked_about_the_request_alone_and_anew_when_a_value_changes() -> None:
    asked = items_of(dossier(REQUEST, NOTICE), ["to_khai"], [])
    assert [(one.key, one.value) for one in asked] == [
        ("ho_ten", "An"),
        ("ngay_sinh", "29/10/2026"),
        ("que_quan", "Lạng Sơn"),
    ]
    said = [
        Answer("d1", "ho_ten", right=False, shown=hashed("An"), at=now()),
        Answer("d1", "ngay_sinh", right=True, shown=hashed("2020-01-01"), at=now()),
    ]
    asked = items_of(dossier(REQUEST, NOTICE), ["to_khai"], said)
    assert [one.answer for one in asked] == ["wrong", "", ""]
    assert [one.key for one in disputed(asked)] == ["ho_ten"]
    assert items_of(dossier(REQUEST, NOTICE), ["something else"], []) == []


def queued(name: str, pages: int = 0, *, claimed: bool = False) -> Queued:
    return Queued(name, 1000, pages, claimed)


MEASURED = [Measured(4, 8.0), Measured(2, 4.0), Measured(3, 9.0), Measured(4, 4.0)]


def test_the_wait_is_what_was_measured_times_what_is_ahead() -> None:
    alone = wait_for("me", [queued("me", 4)], MEASURED, workers=1)
    assert alone.seconds == (9, 13)
    behind = wait_for("me", [queued("a", 4), queued("b", 4, claimed=True), queued("me", 4)], MEASURED, workers=1)
    assert behind.ahead == 2
    assert behind.seconds == (21, 31)
    shared = wait_for("me", [queued("a", 4), queued("b", 4, claimed=True), queued("me", 4)], MEASURED, workers=2)
    assert shared.seconds is not None
    assert shared.seconds < behind.seconds


def test_pages_that_are_done_shorten_the_wait() -> None:
    half = wait_for("me", [queued("me", 0, claimed=True)], MEASURED, workers=1, pages=4, done=2)
    assert (half.ahead, half.seconds) == (0, (4, 6))


def test_with_too_little_measured_no_time_is_named() -> None:
    wait = wait_for("me", [queued("a"), queued("me")], MEASURED[:2], workers=1)
    assert (wait.ahead, wait.seconds, wait.measured) == (1, None, 2)


def test_a_nickname_is_always_the_same_and_says_nothing() -> None:
    assert nickname("hs-261122-aaaaaaaa") == nickname("hs-261122-aaaaaaaa")
    assert "261122" not in nickname("hs-261122-aaaaaaaa")
    assert len({nickname(f"hs-261122-{n:08}") for n in range(200)}) > 150
