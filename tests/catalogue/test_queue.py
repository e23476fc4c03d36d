"""The queue on both databases: the desk first, held dossiers out of the way, workers and duties with one holder."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from catalogue_samples import plain

from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.workers import WorkerRow
from pipeline.record import Status

if TYPE_CHECKING:
    from catalogue_samples import Clock

    from pipeline.catalogue.catalogue import Catalogue

MINUTE = timedelta(minutes=1)


def test_the_desk_comes_first_however_long_the_backlog_waits(catalogue: Catalogue, clock: Clock) -> None:
    for number in range(30):
        catalogue.create_dossier(plain(f"B-{number:02d}"), lane=Lane.BACKLOG, batch="tủ 3")
    clock.pass_by(hours=5)
    catalogue.create_dossier(plain("D-1"))
    queue = catalogue.queue()
    assert queue.waiting()[:2] == ["D-1", "B-00"]
    assert queue.waiting(Lane.DESK) == ["D-1"]
    assert queue.waiting(Lane.BACKLOG, limit=2) == ["B-00", "B-01"]
    assert queue.stand(Lane.BACKLOG).count == 30
    assert queue.stand(Lane.BACKLOG).oldest_seconds == 5 * 3600
    assert queue.backlog_among(["D-1", "B-07"]) == {"B-07"}
    assert queue.batch("tủ 3") == {"received": 30}


def test_what_is_not_due_or_in_hand_does_not_wait(catalogue: Catalogue, clock: Clock) -> None:
    queue = catalogue.queue()
    for number in range(60):
        catalogue.create_dossier(plain(f"H-{number:02d}", Status.HELD))
        queue.put(f"H-{number:02d}", due_at=clock.now + MINUTE, code="timestamp_unavailable")
    clock.pass_by(seconds=1)
    catalogue.create_dossier(plain("D-1"))
    assert queue.waiting(limit=5) == ["D-1"], "any number of held dossiers in front costs nothing"
    assert catalogue.claim("D-1", "a", MINUTE) is not None
    assert queue.waiting() == []
    assert queue.code_of("H-00") == "timestamp_unavailable"
    clock.pass_by(minutes=2)
    assert len(queue.waiting(limit=100)) == 61


def test_a_place_keeps_its_lane_when_only_its_time_changes(catalogue: Catalogue, clock: Clock) -> None:
    catalogue.create_dossier(plain("B-1"), lane=Lane.BACKLOG)
    catalogue.queue().put("B-1", due_at=clock.now - MINUTE, code="held")
    assert catalogue.queue().waiting(Lane.BACKLOG) == ["B-1"]
    catalogue.queue().put("B-1", lane=Lane.DESK)
    assert catalogue.queue().waiting(Lane.DESK) == ["B-1"]


def worker(name: str, clock: Clock, **changes: object) -> WorkerRow:
    values = {"host": "h", "pid": 7, "state": "idle", "desk": 0, "backlog": 0, "dossiers": 0, "pages": 0, "memory": 1}
    return WorkerRow.model_validate({"name": name, "since": clock.now, "beat_at": clock.now, **values, **changes})


def test_workers_say_how_they_are(catalogue: Catalogue, clock: Clock) -> None:
    queue = catalogue.queue()
    queue.beat(worker("a", clock))
    clock.pass_by(seconds=10)
    queue.beat(worker("b", clock))
    queue.beat(worker("a", clock, state="busy", pages=9).model_copy(update={"since": clock.now - MINUTE}))
    assert [(row.name, row.state, row.pages) for row in queue.workers()] == [("a", "busy", 9), ("b", "idle", 0)]
    assert queue.forget(["a"]) == 1
    assert [row.name for row in queue.workers()] == ["b"]


def test_a_duty_has_one_holder_and_gives_way(catalogue: Catalogue, clock: Clock) -> None:
    queue = catalogue.queue()
    first = queue.take_duty("fixity", "a", MINUTE)
    assert first is not None
    assert queue.take_duty("fixity", "b", MINUTE) is None
    clock.pass_by(seconds=50)
    assert queue.keep_duty(first, MINUTE)
    clock.pass_by(seconds=50)
    assert queue.take_duty("fixity", "b", MINUTE) is None
    clock.pass_by(seconds=50)
    second = queue.take_duty("fixity", "b", MINUTE)
    assert second is not None
    assert not queue.keep_duty(first, MINUTE)
    assert not queue.end_duty(first, MINUTE, ok=True, result={})
    assert queue.end_duty(second, 30 * MINUTE, ok=False, result={"after": "x"})
    assert queue.take_duty("fixity", "a", MINUTE) is None, "it is not due"
    clock.pass_by(minutes=31)
    third = queue.take_duty("fixity", "a", MINUTE)
    assert third is not None
    assert third.result == {"after": "x"}
    assert [(row.name, row.ok) for row in queue.duties()] == [("fixity", False)]
