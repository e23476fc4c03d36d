"""The workbench's verbs on a real house: taken, answered once, taken back, asked, handed on, told."""

from __future__ import annotations

from review_people import AN, FOREIGN, HOA, LEAD, Desk

from extractors.fields import FieldStatus, Source
from pipeline.audit.entries import Entry
from pipeline.decisions import Decision
from pipeline.record import Status
from pipeline.review.rows import Result, State, Verdict, Why
from pipeline.review.shown import Said, ShownItem, Typing
from pipeline.trials.review_items import Drawn, drawn, stored


def waiting(desk: Desk, seed: int = 1, **options: float) -> Drawn:
    made = stored(desk.house.tools, drawn(seed, desk.clock.now, **options))  # type: ignore[arg-type]
    desk.bench.follow()
    return made


def said(item: ShownItem, verdict: Verdict = Verdict.ACCEPT, text: str = "", **more: object) -> Said:
    return Said(item=item.id, revision=item.revision, verdict=verdict, text=text, **more)  # type: ignore[arg-type]


def hand_on(desk: Desk, dossier: str) -> None:
    numbers, decisions = desk.bench.settled(dossier)
    for who, mine in decisions.items():
        desk.house.conductor.decide(dossier, mine, who)
        desk.house.conductor.run_stage(dossier, "validate")
    desk.bench.passed(dossier, numbers)
    desk.bench.follow()


def test_items_come_down_the_page_with_their_pictures(desk: Desk) -> None:
    made = waiting(desk, fields=5, wrong=1.0)
    items = desk.bench.take(HOA, 10)
    assert [item.parts[0].key for item in items] == [one.key for one in made.asked]
    first = items[0].parts[0]
    assert first.text == made.asked[0].read
    assert first.picture is not None
    start, end = first.doubts[0].start, first.doubts[0].end
    wrong = [w for w, r in zip(made.asked[0].read.split(), made.asked[0].right.split(), strict=True) if w != r]
    assert first.text[start:end] == wrong[0]
    assert len(first.picture.marks) >= 1
    x0, y0, x1, y1 = first.picture.strip
    left, top, right, bottom = first.picture.field
    assert (x0 <= left, right <= x1, y0 < top, bottom < y1) == (True,) * 4
    png = desk.bench.strip(HOA, items[0].id, 0, wide=False)
    assert png.startswith(b"\x89PNG")
    assert items[2].parts[0].text == made.asked[2].read, "a day is shown the Vietnamese way"


def test_two_clerks_hold_different_items_and_a_lease_runs_out(desk: Desk) -> None:
    waiting(desk, fields=4)
    mine = {item.id for item in desk.bench.take(HOA, 3)}
    theirs = {item.id for item in desk.bench.take(AN, 3)}
    assert len(mine) == 3
    assert len(theirs) == 1
    assert not mine & theirs
    assert {item.id for item in desk.bench.take(HOA, 3)} == mine, "a browser that comes back has its items again"
    desk.clock.pass_by(minutes=10)
    assert set(desk.bench.keep(HOA, [*mine])) == mine
    desk.clock.pass_by(minutes=10)
    assert len(desk.bench.take(AN, 4)) == 1, "kept by a heartbeat"
    desk.clock.pass_by(minutes=16)
    assert {item.id for item in desk.bench.take(AN, 4)} == mine | theirs


def test_an_answer_counts_once(desk: Desk) -> None:
    waiting(desk, fields=2)
    item = desk.bench.take(HOA, 1)[0]
    assert desk.bench.answer(HOA, said(item)).result is Result.TAKEN
    assert desk.bench.answer(HOA, said(item)).result is Result.SAME
    late = desk.bench.answer(AN, said(item, Verdict.BLANK))
    assert (late.result, late.message) == (Result.OTHER, "review.told_other")
    other = desk.bench.take(HOA, 1)[0]
    assert desk.bench.answer(AN, said(other)).result is Result.OTHER, "somebody else has it"
    assert desk.bench.answer(HOA, said(other).model_copy(update={"revision": 9})).result is Result.CHANGED


def test_the_dossier_goes_on_when_its_last_field_is_settled(desk: Desk) -> None:
    made = waiting(desk, fields=3, wrong=0.0)
    items = desk.bench.take(HOA, 3)
    desk.bench.answer(HOA, said(items[0]))
    desk.bench.answer(HOA, said(items[1], Verdict.CORRECT, "  Nguyễn   Thị Hoà "))
    desk.clock.pass_by(minutes=1)
    assert desk.bench.ready() == [], "a field still waits"
    desk.bench.answer(HOA, said(items[2], Verdict.UNREADABLE, why=Why.STAMP))
    assert desk.bench.ready() == [], "the last answer can still be taken back"
    desk.clock.pass_by(seconds=21)
    assert desk.bench.ready() == [made.dossier.id]
    hand_on(desk, made.dossier.id)
    after = desk.house.conductor.dossier(made.dossier.id).documents[0].fields
    fields = [after[one.key] for one in made.asked]
    assert [field.status for field in fields] == [FieldStatus.CONFIRMED, FieldStatus.CONFIRMED, FieldStatus.UNREADABLE]
    assert fields[1].value == "Nguyễn Thị Hoà"
    assert fields[2].reason == "stamp"
    assert all(field.source is Source.PERSON for field in fields)
    assert desk.bench.ready() == []
    assert {row.who for row in desk.house.catalogue.decisions_of(made.dossier.id)} == {"Hoa"}


def test_several_steps_back(desk: Desk) -> None:
    waiting(desk, fields=3)
    items = desk.bench.take(HOA, 3)
    desk.bench.answer(HOA, said(items[0], Verdict.CORRECT, "Lê Văn Tám"))
    desk.bench.answer(HOA, said(items[1], Verdict.SKIP))
    desk.bench.answer(HOA, said(items[2], Verdict.BLANK))
    back = [desk.bench.undo(HOA) for _ in range(3)]
    assert [item.id for item in back] == [items[2].id, items[1].id, items[0].id]
    assert back[2].typing == Typing(text="Lê Văn Tám")
    assert desk.bench.answer(HOA, said(back[2])).result is Result.TAKEN
    assert desk.bench.take(AN, 5) == []


def test_a_colleague_is_asked_and_the_answer_comes_back(desk: Desk) -> None:
    waiting(desk, fields=2)
    item = desk.bench.take(HOA, 1)[0]
    assert desk.bench.answer(HOA, said(item, Verdict.ASK)).result is Result.REFUSED, "a question has words"
    assert desk.bench.answer(HOA, said(item, Verdict.ASK, "Chữ này là gì?")).result is Result.TAKEN
    assert item.id not in {one.id for one in desk.bench.take(HOA, 5, asked=True)}, "she leads nobody"
    found = desk.bench.take(LEAD, 5, asked=True)
    assert [one.id for one in found] == [item.id]
    assert found[0].asked is not None
    assert (found[0].asked.note, found[0].asked.by) == ("Chữ này là gì?", "Hoa")
    assert desk.bench.reply(LEAD, item.id, "Là chữ Thúy.")
    assert item.id not in {one.id for one in desk.bench.take(AN, 5)}, "it goes back to whoever asked"
    again = next(one for one in desk.bench.take(HOA, 5) if one.id == item.id)
    assert again.asked is not None
    assert (again.asked.answer, again.asked.answered_by) == ("Là chữ Thúy.", "Lãnh đạo")
    assert desk.bench.answer(HOA, said(again)).result is Result.TAKEN


def test_what_is_typed_is_there_after_a_crash_and_sealed(desk: Desk) -> None:
    waiting(desk, fields=2)
    item = desk.bench.take(HOA, 2)[1]
    assert desk.bench.draft(HOA, item.id, item.revision, Typing(text="Nguyễn Thị Bí", ms=900, keys=7))
    assert not desk.bench.draft(AN, item.id, item.revision, Typing(text="x"))
    resumed = next(one for one in desk.bench.take(HOA, 2) if one.id == item.id)
    assert resumed.typing == Typing(text="Nguyễn Thị Bí", ms=900, keys=7)
    with desk.house.catalogue.review().database.reading() as connection:
        raw = connection.exec_driver_sql("SELECT sealed FROM review_drafts").scalar_one()
    assert "Nguyễn".encode() not in raw


def test_a_dossier_that_changed_takes_its_answers_back_and_tells(desk: Desk) -> None:
    made = waiting(desk, fields=2, wrong=0.0)
    items = desk.bench.take(HOA, 2)
    desk.bench.answer(HOA, said(items[0]))
    decided = Decision(kind="value", document="d1", key=made.asked[0].key, value="Trần Ba")
    desk.house.conductor.decide(made.dossier.id, [decided], "Bình")
    desk.house.conductor.run_stage(made.dossier.id, "validate")
    desk.bench.follow()
    told = desk.bench.told(HOA)
    assert [(one.dossier, one.label) for one in told] == [(made.dossier.id, "Họ, chữ đệm, tên")]
    assert desk.bench.told(HOA) == []
    desk.bench.answer(HOA, said(items[1]))
    desk.clock.pass_by(minutes=1)
    assert desk.bench.ready() == [made.dossier.id]
    hand_on(desk, made.dossier.id)
    value = desk.house.conductor.dossier(made.dossier.id).documents[0].fields[made.asked[0].key].value
    assert value == "Trần Ba", "the later word of the other officer stands"


def test_items_of_a_dossier_that_waits_no_more_are_moot(desk: Desk) -> None:
    made = waiting(desk, fields=2)
    item = desk.bench.take(HOA, 1)[0]
    desk.house.catalogue.save(made.dossier.model_copy(update={"status": Status.FAULT}))
    desk.bench.follow()
    assert desk.bench.take(AN, 5) == []
    assert desk.bench.answer(HOA, said(item)).result is Result.GONE
    assert {one.state for one in desk.house.catalogue.review().of_dossier(made.dossier.id)} == {State.MOOT}


def test_another_agency_sees_nothing(desk: Desk) -> None:
    waiting(desk, fields=2)
    item = desk.bench.take(HOA, 1)[0]
    assert desk.bench.take(FOREIGN, 5) == []
    assert desk.bench.standings(FOREIGN) == []
    assert desk.bench.answer(FOREIGN, said(item)).result is Result.GONE
    assert not desk.bench.draft(FOREIGN, item.id, item.revision, Typing(text="x"))


def test_every_look_is_in_the_ledger(desk: Desk) -> None:
    made = waiting(desk, fields=2)
    desk.bench.take(HOA, 2)
    entries = [Entry.model_validate_json(line) for line in desk.house.catalogue.ledger().lines()]
    looks = [entry for entry in entries if entry.kind == "read"]
    assert [(look.who, look.dossier, look.what["purpose"]) for look in looks] == [("u-Hoa", made.dossier.id, "review")]


def test_nobody_confirms_what_they_did_not_see(desk: Desk) -> None:
    made = waiting(desk, fields=1, wrong=0.0)
    item = desk.bench.take(HOA, 1)[0]
    paper = made.dossier.documents[0]
    field = paper.fields[made.asked[0].key].model_copy(update={"value": "Đọc lại", "probability": 0.3})
    changed = paper.model_copy(update={"fields": {made.asked[0].key: field}})
    desk.house.catalogue.save(made.dossier.model_copy(update={"documents": (changed,)}))
    assert desk.bench.answer(HOA, said(item)).result is Result.CHANGED, "before anything followed the change"
    again = desk.bench.take(HOA, 1)[0]
    assert again.parts[0].text == "Đọc lại"
    assert desk.bench.answer(HOA, said(again)).result is Result.TAKEN
