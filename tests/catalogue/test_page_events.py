"""Events on pages in the catalogue, on both databases: in order, onto what was seen, never onto what is filed."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from catalogue_samples import NOON, plain

from pipeline.record import Status

if TYPE_CHECKING:
    from pipeline.catalogue.catalogue import Catalogue


def row(number: int, dossier_id: str) -> dict[str, Any]:
    return {
        "id": f"{number:032x}",
        "dossier_id": dossier_id,
        "at": NOON + timedelta(seconds=number),
        "who": "u1",
        "name": "Hoa",
        "edit": {"kind": "turn", "pages": [number]},
        "brought": None,
    }


def test_events_come_in_their_order_once_and_onto_what_was_seen(catalogue: Catalogue) -> None:
    one = plain()
    catalogue.create_dossier(one)
    door = catalogue.pages()
    called: list[str] = []
    assert door.add([row(2, one.id)], {one.id: 0}, lambda: called.append("first")) == {}
    assert door.add([row(3, one.id)], {one.id: 0}, lambda: called.append("second")) == {one.id: "changed"}
    assert door.add([row(4, "hs-none")], {"hs-none": 0}, lambda: called.append("third")) == {"hs-none": "unknown"}
    assert called == ["first"]
    assert door.put_back([row(1, one.id), row(2, one.id)])
    assert not door.put_back([row(1, one.id)])
    assert [event["edit"]["pages"] for event in door.events(one.id)] == [[1], [2]]
    catalogue.save(one.model_copy(update={"status": Status.FILED}))
    assert door.add([row(5, one.id)], {one.id: 2}, lambda: None) == {one.id: "filed"}
    assert [entry.what["kind"] for entry in catalogue.keeping().entries(one.id) if entry.kind == "pages"] == ["turn"]


def test_of_two_at_once_one_is_told(catalogue: Catalogue) -> None:
    one = plain()
    catalogue.create_dossier(one)
    answers: list[dict[str, str]] = []
    start = threading.Barrier(2)

    def add(number: int) -> None:
        start.wait()
        answers.append(catalogue.pages().add([row(number, one.id)], {one.id: 0}, lambda: None))

    threads = [threading.Thread(target=add, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=len) == [{}, {one.id: "changed"}]
    assert catalogue.pages().count(one.id) == 1


def test_the_stack_is_kept_in_place_of_the_one_before(catalogue: Catalogue) -> None:
    door = catalogue.pages()
    assert door.scan("hs-1") is None
    door.keep_scan("hs-1", "first")
    door.keep_scan("hs-1", "second")
    assert door.scan("hs-1") == "second"
