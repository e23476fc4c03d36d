"""Status moves of the national portal: the table of what is allowed, reasons, signed results, lateness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from owners_samples import HERE, Clock, card, dossier, file_record, officer

from pipeline.catalogue.errors import CatalogueError, DossierNotFoundError
from pipeline.composition import House, build_house
from pipeline.kho.moves import (
    ALLOWED,
    RESULT_PDF,
    MoveReasonError,
    MoveRefusedError,
    Portal,
    ResultUnsignedError,
    is_late,
    move,
)
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kho_samples import Kho

WHO = officer().id
# Written from the national portal's table, not from the code: who can go where.
TABLE = {
    0: {1},
    1: {2, 3},
    2: {4, 7},
    3: {7},
    4: {5, 6, 7, 8, 9},
    5: {4, 7},
    6: {4, 7},
    7: {8},
    8: set(),
    9: {10},
    10: set(),
}
WAY = {1: [1], 2: [1, 2], 3: [1, 3], 4: [1, 2, 4], 5: [1, 2, 4, 5], 6: [1, 2, 4, 6], 7: [1, 2, 7], 8: [1, 2, 7, 8]}
WAY |= {9: [1, 2, 4, 9]}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=1, agency_code=HERE), Clock()) as built:
        yield built


def go(house: House, dossier_id: str, *statuses: int) -> None:
    for status in statuses:
        move(house.tools, dossier_id, Portal(status), who=WHO, why="lý do")


def test_the_table_is_the_portals() -> None:
    assert {int(a or 0): {int(b) for b in to} for a, to in ALLOWED.items()} == TABLE


def test_every_move_is_allowed_or_refused_as_the_table_says(house: House) -> None:
    numbers = iter(range(1, 100))

    def at(origin: int) -> str:
        record = dossier(next(numbers))
        house.catalogue.create_dossier(record)
        go(house, record.id, *WAY[origin])
        return record.id

    for origin in WAY:
        stays = at(origin)
        for to in set(range(1, 11)) - TABLE[origin] - {origin, 10}:
            with pytest.raises(MoveRefusedError):
                go(house, stays, to)
        assert house.catalogue.moves().status(stays) == origin
        for to in TABLE[origin] - {10}:
            goes = at(origin)
            go(house, goes, to)
            assert house.catalogue.moves().status(goes) == to


def test_each_move_says_who_when_and_why_and_the_same_again_adds_none(house: House) -> None:
    dossier_id = file_record(house, dossier(1, card()))
    go(house, dossier_id, 1, 2, 4)
    with pytest.raises(MoveReasonError):
        move(house.tools, dossier_id, Portal.SUPPLEMENT_ASKED, who=WHO, why="  ")
    first = move(house.tools, dossier_id, Portal.SUPPLEMENT_ASKED, who=WHO, why="Thiếu giấy chứng sinh")
    assert move(house.tools, dossier_id, Portal.SUPPLEMENT_ASKED, who=WHO, why="lần nữa") == first
    assert (first.seq, first.origin, first.status, first.who, first.why) == (4, 4, 5, WHO, "Thiếu giấy chứng sinh")
    moved = [event["data"] for event in house.catalogue.outbox().events() if event["type"] == "dossier.moved"]
    assert moved[-1] == {"dossier": dossier_id, "from": 4, "status": 5}
    entries = [line for line in house.catalogue.ledger().lines() if b'"kind":"moved"' in line]
    assert len(entries) == 4
    assert "Thiếu giấy".encode() not in b"".join(entries), "reasons stay out of the ledger"


def test_asked_for_papers_twice_is_late(house: House) -> None:
    dossier_id = file_record(house, dossier(1, card()))
    other = file_record(house, dossier(2, card()))
    go(house, dossier_id, 1, 2, 4, 5, 4)
    go(house, other, 1, 2, 4)
    assert not is_late(house.tools, dossier_id)
    go(house, dossier_id, 5)
    assert is_late(house.tools, dossier_id)
    moves = house.catalogue.moves()
    assert moves.asked_again([HERE]) == {dossier_id: 2}
    assert moves.asked_again(["H00"]) == {}
    assert moves.standing() == {4: 1, 5: 1}


def test_moves_only_grow_and_unknown_dossiers_do_not_move(house: House) -> None:
    from sqlalchemy import text

    dossier_id = file_record(house, dossier(1, card()))
    go(house, dossier_id, 1)
    with pytest.raises(CatalogueError), house.catalogue.owners().acting() as desk:
        desk.connection.execute(text("UPDATE kho_moves SET status = 10"))
    with pytest.raises(DossierNotFoundError):
        go(house, "hs-261120-none", 1)


def test_only_a_signed_result_is_returned(kho: Kho) -> None:
    house, tools = kho.house, kho.house.tools
    go(house, kho.filed, 1, 2, 4, 9)
    with pytest.raises(ResultUnsignedError, match="no result"):
        go(house, kho.filed, 10)
    signed = house.catalogue.filings_of(kho.filed)[0]
    pdf = house.store.get(signed.object_key)

    def result(name: str, data: bytes, level: str | None) -> None:
        key = f"filed/{kho.filed}/{name}/result.pdf"
        stat = house.store.put_new(key, data, "application/pdf")
        house.catalogue.record_filing(kho.filed, RESULT_PDF, key, stat.sha256, stat.size, level=level)

    result("good", pdf, "B-LTA")
    tampered = pdf.replace(b"/Type", b"/TypE", 1)
    result("changed", tampered, "B-LTA")
    with pytest.raises(ResultUnsignedError):
        go(house, kho.filed, 10)
    assert house.catalogue.moves().status(kho.filed) == 9
    assert tools.catalogue.moves().of(kho.filed)[-1].status == 9


def test_a_signed_result_is_returned(kho: Kho) -> None:
    house = kho.house
    if house.catalogue.moves().status(kho.waiting) is None:
        go(house, kho.waiting, 1, 2, 4, 9)
    signed = house.catalogue.filings_of(kho.filed)[0]
    pdf = house.store.get(signed.object_key)
    key = f"filed/{kho.waiting}/good/result.pdf"
    stat = house.store.put_new(key, pdf, "application/pdf")
    house.catalogue.record_filing(kho.waiting, RESULT_PDF, key, stat.sha256, stat.size, level="B-LTA")
    go(house, kho.waiting, 10)
    assert house.catalogue.moves().status(kho.waiting) == 10
