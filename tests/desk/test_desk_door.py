"""What the desk keeps in the catalogue: each secret works once, each act counts once, and what ran out is gone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.desk_door import DONE, OPEN, TAKEN, Answer, Ticket, Visitor, hashed
from pipeline.record import Dossier, OriginalRecord, Status

ID = "hs-261122-aaaaaaaa"


class Hands:
    """A clock that the test moves."""

    now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def catalogue(tmp_path: Path, clock: Hands) -> Iterator[Catalogue]:
    with Catalogue.in_file(tmp_path / "c.sqlite3", clock=clock) as made:
        made.migrate()
        yield made


def ticket(clock: Hands) -> Ticket:
    return Ticket(ID, "Hoa Sen 27", OPEN, 0, clock() + timedelta(minutes=10))


def test_an_act_counts_once(catalogue: Catalogue) -> None:
    desk = catalogue.desk()
    assert desk.act("key", "create", ID) is None
    assert desk.act("key", "create", "hs-261122-bbbbbbbb") == ID
    assert desk.done("create", [ID, "other"]) == {ID}
    desk.undo_act("key")
    assert desk.act("key", "create", "hs-261122-bbbbbbbb") is None


def test_a_ticket_is_for_one_phone_and_ten_minutes(catalogue: Catalogue, clock: Hands) -> None:
    desk = catalogue.desk()
    desk.add_ticket("token", ticket(clock), "officer")
    assert desk.redeem("wrong", "phone") is None
    assert desk.redeem("token", "phone") == Ticket(ID, "Hoa Sen 27", TAKEN, 0, clock() + timedelta(minutes=10))
    assert desk.redeem("token", "second phone") is None
    desk.photo_taken("phone")
    assert desk.of_phone("phone").photos == 1  # type: ignore[union-attr]
    clock.now += timedelta(minutes=10)
    assert desk.of_phone("phone") is None
    assert desk.ticket_of(ID) is None


def test_a_new_ticket_ends_the_one_before(catalogue: Catalogue, clock: Hands) -> None:
    desk = catalogue.desk()
    desk.add_ticket("one", ticket(clock), "officer")
    assert desk.redeem("one", "phone")
    clock.now += timedelta(seconds=1)
    desk.add_ticket("two", ticket(clock), "officer")
    assert desk.of_phone("phone") is None
    assert desk.redeem("two", "phone 2")
    desk.phone_done("phone 2")
    assert desk.of_phone("phone 2") is None
    found = desk.ticket_of(ID)
    assert found is not None
    assert found.state == DONE


def test_a_screen_shows_what_its_owner_says(catalogue: Catalogue, clock: Hands) -> None:
    desk = catalogue.desk()
    assert not desk.show("an", ID)
    desk.open_screen("secret", "an", "H00.00", timedelta(hours=12))
    assert desk.show("an", ID)
    assert desk.screen("secret").dossier == ID  # type: ignore[union-attr]
    assert desk.shown_by("binh") is None
    desk.open_screen("another", "an", "H00.00", timedelta(hours=12))
    assert desk.screen("secret") is None
    clock.now += timedelta(hours=12)
    assert desk.screen("another") is None


def test_the_last_answer_counts_and_the_pulse_beats(catalogue: Catalogue, clock: Hands) -> None:
    desk = catalogue.desk()
    before = desk.pulse(ID)
    desk.answer(ID, [Answer("d1", "ho_ten", right=True, shown=hashed("An"), at=clock())])
    clock.now += timedelta(seconds=1)
    desk.answer(ID, [Answer("d1", "ho_ten", right=False, shown=hashed("An"), at=clock())])
    assert [one.right for one in desk.answers(ID)] == [False]
    assert desk.pulse(ID) != before


def test_two_who_have_a_dossier_open_are_told(catalogue: Catalogue, clock: Hands) -> None:
    desk, fresh = catalogue.desk(), timedelta(seconds=15)
    assert desk.visit(ID, Visitor("tab 1", "an", "An"), fresh) == []
    assert [one.name for one in desk.visit(ID, Visitor("tab 2", "binh", "Bình"), fresh)] == ["An"]
    desk.leave(ID, "tab 2")
    assert desk.visit(ID, Visitor("tab 1", "an", "An"), fresh) == []
    clock.now += timedelta(seconds=20)
    assert desk.visit(ID, Visitor("tab 2", "binh", "Bình"), fresh) == []


def test_the_queue_says_sizes_and_what_was_measured(catalogue: Catalogue, clock: Hands) -> None:
    file = OriginalRecord(name="a.pdf", sha256="0" * 64, size=1000, media_type="application/pdf", pages=0)
    dossier = Dossier(id=ID, procedure=None, status=Status.RECEIVED, received_at=clock(), originals=(file,))
    catalogue.create_dossier(dossier)
    desk = catalogue.desk()
    assert [(one.dossier, one.bytes, one.claimed) for one in desk.queue()] == [(ID, 1000, False)]
    assert catalogue.claim(ID, "worker", timedelta(seconds=30))
    assert [one.claimed for one in desk.queue()] == [True]
    catalogue.append_event(ID, "watch", "done")
    assert desk.arrivals("watch", timedelta(hours=1)) == [ID]
    assert desk.measured() == []
