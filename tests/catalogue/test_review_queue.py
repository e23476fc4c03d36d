"""The workbench's queue on both databases: nobody gets what another has, and the next item is found by an index."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from catalogue_samples import Clock, plain
from sqlalchemy import func, select, text

from pipeline.catalogue import tables_review as r
from pipeline.record import Status
from pipeline.review.rows import Answer, Clerk, Result, Target, Verdict, Wanted, Wish

if TYPE_CHECKING:
    from pipeline.catalogue.catalogue import Catalogue

TTL = timedelta(minutes=15)
WISH = Wish("H00.00")


def fill(catalogue: Catalogue, clock: Clock, dossiers: int, fields: int, *, lane: int = 1, first: int = 0) -> None:
    for number in range(first, first + dossiers):
        name = f"HS-{number}"
        catalogue.create_dossier(plain(name).model_copy(update={"status": Status.WAITS}))
        wanted = [
            Wanted(Target.FIELD, "d1", f"truong_{n}", "name" if n % 2 else "date", None, 0.5, "c", n)
            for n in range(fields)
        ]
        about = {"dossier_id": name, "agency": "H00.00", "lane": lane, "queued_at": clock.pass_by(seconds=1)}
        catalogue.review().follow(about, 1, wanted)


def test_the_queue_goes_by_lane_then_age_then_place(catalogue: Catalogue, clock: Clock) -> None:
    fill(catalogue, clock, 2, 2, lane=1)
    fill(catalogue, clock, 1, 2, lane=0, first=7)
    taken = catalogue.review().take("u", WISH, 6, TTL)
    order = [(item.dossier_id, item.position) for item in taken]
    assert order == [("HS-7", 0), ("HS-7", 1), ("HS-0", 0), ("HS-0", 1), ("HS-1", 0), ("HS-1", 1)]
    catalogue.review().release("u", [item.id for item in taken])
    names = catalogue.review().take("u", Wish("H00.00", lane=1, kind="name"), 6, TTL)
    assert [(item.dossier_id, item.kind) for item in names] == [("HS-0", "name"), ("HS-1", "name")]
    assert catalogue.review().take("v", Wish("H99.00"), 6, TTL) == []


def test_eight_clerks_at_once_never_hold_one_item(catalogue: Catalogue, clock: Clock) -> None:
    fill(catalogue, clock, 16, 10)
    queue = catalogue.review()
    start = threading.Barrier(8)

    def work(number: int) -> list[str]:
        clerk = Clerk(f"u{number}", f"Người {number}")
        mine: list[str] = []
        start.wait()
        while items := queue.take(clerk.id, WISH, 3, TTL):
            for item in items:
                said = Answer(item.id, item.revision, Verdict.ACCEPT, changed=False, sealed=b"x")
                assert queue.answer(said, clerk)[0] is Result.TAKEN
                mine.append(item.id)
        return mine

    with ThreadPoolExecutor(8) as pool:
        done = [name for mine in pool.map(work, range(8)) for name in mine]
    assert len(done) == len(set(done)) == 160
    with queue.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(r.answers)).scalar_one() == 160


def test_a_skipped_item_goes_behind_and_a_withheld_one_to_others(catalogue: Catalogue, clock: Clock) -> None:
    fill(catalogue, clock, 2, 1)
    queue = catalogue.review()
    first = queue.take("u", WISH, 1, TTL)[0]
    clock.pass_by(minutes=1)
    queue.answer(Answer(first.id, first.revision, Verdict.SKIP, changed=False, sealed=b""), Clerk("u", "U"))
    assert [item.dossier_id for item in queue.take("v", WISH, 2, TTL)] == ["HS-1", "HS-0"]
    clock.pass_by(hours=1)
    with queue.database.writing() as connection:
        connection.execute(r.items.update().where(r.items.c.id == first.id).values(withheld_from="u"))
    assert [item.dossier_id for item in queue.take("u", WISH, 2, TTL)] == ["HS-1"], "blind keying is somebody else's"


def test_what_changes_is_asked_anew_and_what_stays_keeps_its_clerk(catalogue: Catalogue, clock: Clock) -> None:
    fill(catalogue, clock, 1, 2)
    queue = catalogue.review()
    first, second = queue.take("u", WISH, 2, TTL)
    queue.answer(Answer(first.id, 1, Verdict.ACCEPT, changed=False, sealed=b"x"), Clerk("u", "U"))
    about = {"dossier_id": "HS-0", "agency": "H00.00", "lane": 1, "queued_at": clock.now}
    other = Wanted(Target.FIELD, "d1", "truong_0", "date", None, 0.4, "another", 0)
    same = Wanted(Target.FIELD, "d1", "truong_1", "name", None, 0.5, "c", 1)
    queue.follow(about, 2, [other, same])
    items = {item.id: item for item in queue.of_dossier("HS-0")}
    assert (items[first.id].state.value, items[first.id].revision) == ("open", 3)
    assert (items[second.id].revision, items[second.id].taken_by) == (1, "u")
    assert [kept.item_id for kept in queue.untold("u")] == [first.id]
    queue.follow(about, 3, [])
    assert {item.state.value for item in queue.of_dossier("HS-0")} == {"moot"}


def test_the_next_item_is_found_by_an_index(catalogue: Catalogue, clock: Clock) -> None:
    fill(catalogue, clock, 1, 2)
    database = catalogue.review().database
    query = (
        "SELECT id FROM review_items WHERE agency = 'H00.00' AND state = 'open' AND taken_until <= '2026-01-01' "
        "ORDER BY lane, queued_at, dossier_id, position LIMIT 10"
    )
    with database.reading() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = str(connection.execute(text(f"EXPLAIN {'QUERY PLAN ' * database.is_sqlite}{query}")).fetchall())
    assert "ix_review_items_next" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
