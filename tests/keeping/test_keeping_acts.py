"""Retention in the catalogue, holds, and destruction: what is refused, by which rule, and what is gone afterwards."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from keeping_samples import HERE, THERE, card, dossier, file_kept, file_record, keeper, later, owner_of, paper
from sqlalchemy import insert

from pipeline.access.errors import NotAllowedError
from pipeline.access.roles import Role
from pipeline.catalogue import tables_owners as t
from pipeline.keeping import destruction, holds, retention
from pipeline.keeping.errors import KeepingForbidsError, KeepingUnknownError, ReasonNeededError
from pipeline.kho import people
from pipeline.store.errors import NotFoundError
from pipeline.vault.errors import HeldByLawError, KeyDestroyedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from keeping_samples import Clock

    from pipeline.composition import House

COPY = "2.000884"
"""Chứng thực chữ ký: kept for two years."""


def test_how_long_is_computed_at_filing(house: House) -> None:
    civil = file_kept(house, dossier(1, card()))
    copy = file_kept(house, dossier(2, card(), procedure=COPY))
    unruled = file_kept(house, dossier(3, card(), procedure="1.004222"))
    rows = {row.dossier: row for row in retention.all_kept(house.tools, keeper())}
    assert (rows[civil].rule, rows[civil].permanent, rows[civil].keep_until) == ("civil_status", True, None)
    assert (rows[copy].rule, rows[copy].keep_until) == ("certified_copy_or_signature", date(2028, 12, 31))
    assert "Điều 14" in rows[copy].source
    assert (rows[unruled].rule, rows[unruled].keep_until, rows[unruled].decided) == (None, None, False)
    assert {row.medium for row in rows.values()} == {"none"}, (
        "a folder keeps nothing from deletion, and the row says so"
    )


def test_what_was_filed_before_there_were_rules_is_computed_when_asked(house: House) -> None:
    old = file_record(house, dossier(1, card(), procedure=COPY))
    assert house.catalogue.keeping().kept(old) is None
    assert retention.complete(house.tools) == 1
    assert retention.complete(house.tools) == 0
    found = retention.kept(house.tools, old)
    assert found is not None
    assert found.rule == "certified_copy_or_signature"


def test_due_is_a_list_of_what_is_over_and_held_by_nothing(house: House, clock: Clock) -> None:
    copy = file_kept(house, dossier(1, card(), procedure=COPY))
    file_kept(house, dossier(2, card()))
    file_kept(house, dossier(3, card(), procedure="1.004222"))
    file_kept(house, dossier(4, card(), procedure=COPY, agency=THERE))
    assert retention.due(house.tools, keeper()) == []
    later(clock, 3)
    assert [row.dossier for row in retention.due(house.tools, keeper())] == [copy]
    held = holds.hold(house.tools, keeper(), "dossier", copy, "Công văn 12/CAX")
    assert retention.due(house.tools, keeper()) == []
    holds.lift(house.tools, keeper(), held.id, "Công văn 15/CAX")
    assert [row.dossier for row in retention.due(house.tools, keeper())] == [copy]
    assert house.store.keys(f"filed/{copy}/"), "nothing is destroyed by being due"


def test_destruction_is_refused_with_the_rule_and_its_source(house: House, clock: Clock) -> None:
    civil, copy = file_kept(house, dossier(1, card())), file_kept(house, dossier(2, card(), procedure=COPY))
    unruled = file_kept(house, dossier(3, card(), procedure="1.004222"))
    with pytest.raises(KeepingForbidsError, match="Điều 14") as caught:
        destruction.destroy(house.tools, keeper(), copy, "hết hạn")
    (ground,) = caught.value.grounds
    assert (ground.kind, ground.rule) == ("retention", "certified_copy_or_signature")
    later(clock, 300)
    with pytest.raises(KeepingForbidsError, match="vĩnh viễn"):
        destruction.destroy(house.tools, keeper(), civil, "hết hạn")
    with pytest.raises(KeepingForbidsError, match="chưa có quy định"):
        destruction.destroy(house.tools, keeper(), unruled, "hết hạn")
    for name in (civil, unruled):
        with pytest.raises(HeldByLawError):
            house.tools.vault.destroy(name, "past every door")


def test_destruction_ends_the_key_and_the_objects_and_is_on_record(house: House, clock: Clock) -> None:
    copy = file_kept(house, dossier(1, card(), procedure=COPY))
    kept_one = file_kept(house, dossier(2, paper("giay_khai_sinh", {"nks_ho_ten": "TRẦN THỊ BÌNH"})))
    (key, *_) = list(house.store.keys(f"filed/{copy}/"))
    later(clock, 3)
    done = destruction.destroy(house.tools, keeper(), copy, "Quyết định 7/QĐ-UBND")
    assert (done.dossier, done.retained) == (copy, 0)
    assert done.keys >= 1
    assert done.deleted >= 4, "two filed objects and the journal's"
    assert list(house.store.keys(f"filed/{copy}/")) == []
    with pytest.raises(NotFoundError):
        house.store.get(key)
    assert house.tools.vault.is_destroyed(copy)
    with pytest.raises(KeyDestroyedError):
        house.tools.vault.seal(copy, b"x")
    row = house.catalogue.keeping().kept(copy)
    assert row is not None
    assert (row["destroyed_by"], row["destroyed_act"]) == (keeper().id, done.act)
    said = [entry for entry in house.catalogue.keeping().entries(copy) if entry.kind == "keep"]
    assert [(entry.who, entry.what["act"]) for entry in said] == [(keeper().id, "destroyed")]
    assert "7/QĐ-UBND" not in said[0].line().decode(), "free text stays out of the ledger"
    assert list(house.store.keys(f"filed/{kept_one}/"))
    assert retention.due(house.tools, keeper()) == []
    again = destruction.destroy(house.tools, keeper(), copy, "lần nữa")
    assert (again.keys, again.deleted) == (0, 0)
    assert house.catalogue.keeping().kept(copy) == row, "the first act counts"


def test_a_hold_blocks_destruction_and_keys_until_it_is_lifted(house: House, clock: Clock) -> None:
    copy = file_kept(house, dossier(1, card(), procedure=COPY))
    owner = owner_of(house, copy)
    later(clock, 3)
    first = holds.hold(house.tools, keeper(), "owner", owner, "Điều tra theo công văn 12")
    second = holds.hold(house.tools, keeper(), "dossier", copy, "Khiếu nại số 3")
    assert (first.on_medium, first.reason) == (False, "Điều tra theo công văn 12")
    for hold in (first, second):
        with pytest.raises(KeepingForbidsError, match="phong tỏa"):
            destruction.destroy(house.tools, keeper(), copy, "hết hạn")
        with pytest.raises(HeldByLawError):
            house.tools.vault.destroy(copy, "past every door")
        holds.lift(house.tools, keeper(), hold.id, "xong")
    assert [hold.lifted_by for hold in holds.holds(house.tools, keeper(), lifted=True)] == [keeper().id] * 2
    assert holds.holds(house.tools, keeper()) == []
    acts = [entry.what["act"] for entry in house.catalogue.keeping().entries(owner) if entry.kind == "keep"]
    assert acts == ["hold_set", "hold_lifted"]
    assert destruction.destroy(house.tools, keeper(), copy, "hết hạn").keys >= 1


def test_what_is_filed_later_is_held_with_its_owner(house: House, clock: Clock) -> None:
    first = file_kept(house, dossier(1, card(), procedure=COPY))
    holds.hold(house.tools, keeper(), "owner", owner_of(house, first), "Công văn 12")
    second = file_kept(house, dossier(2, card(), procedure=COPY))
    assert house.catalogue.owners().papers_of_dossier(second) == [], "only a version of the card"
    later(clock, 3)
    for one in (first, second):
        with pytest.raises(KeepingForbidsError, match="phong tỏa"):
            destruction.destroy(house.tools, keeper(), one, "hết hạn")


def test_a_hold_follows_a_person_whose_records_were_merged(house: House, clock: Clock) -> None:
    first = file_kept(house, dossier(1, card(), procedure=COPY))
    second = file_kept(house, dossier(2, card(so_dinh_danh="001090007777"), procedure=COPY))
    one, two = owner_of(house, first), owner_of(house, second)
    assert one != two
    holds.hold(house.tools, keeper(), "owner", one, "Công văn 12")
    later(clock, 3)
    assert retention.grounds(house.tools, second) == []
    people.merge(house.tools, keeper(), one, two, "Cùng một người")
    assert [ground.kind for ground in retention.grounds(house.tools, second)] == ["hold"]
    for name in (first, second, one, two):
        with pytest.raises(HeldByLawError):
            house.tools.vault.destroy(name, "past every door")


def test_a_paper_that_another_dossier_stands_on_keeps_its_dossier(house: House, clock: Clock) -> None:
    first = file_kept(house, dossier(1, card(), procedure=COPY))
    second = file_kept(house, dossier(2, paper("giay_khai_sinh", {"nks_ho_ten": "TRẦN THỊ BÌNH"}), procedure=COPY))
    (used,) = house.catalogue.owners().papers_of_dossier(first)
    with house.catalogue.owners().acting() as desk:
        row = {"dossier_id": second, "component": "c", "paper_id": used["id"], "version": 1, "sha256": "ab" * 32}
        desk.connection.execute(insert(t.reuses).values(**row, who="acc", at=clock()))
    later(clock, 3)
    with pytest.raises(KeepingForbidsError, match=f"{second} đang dùng lại"):
        destruction.destroy(house.tools, keeper(), first, "hết hạn")
    destruction.destroy(house.tools, keeper(), second, "hết hạn")
    assert destruction.destroy(house.tools, keeper(), first, "hết hạn").keys >= 1


def test_only_whoever_keeps_records_and_only_of_the_own_agency(house: House) -> None:
    copy = file_kept(house, dossier(1, card(), procedure=COPY))
    for role in (Role.DESK_OFFICER, Role.LEADER, Role.AUDITOR, Role.ADMINISTRATOR):
        who = keeper(role=role)
        with pytest.raises(NotAllowedError):
            holds.hold(house.tools, who, "dossier", copy, "x")
        with pytest.raises(NotAllowedError):
            destruction.destroy(house.tools, who, copy, "x")
        with pytest.raises(NotAllowedError):
            holds.holds(house.tools, who)
    stranger = keeper(THERE)
    held = holds.hold(house.tools, keeper(), "dossier", copy, "x")
    attempts: list[Callable[[], object]] = [
        lambda: holds.hold(house.tools, stranger, "dossier", copy, "x"),
        lambda: holds.hold(house.tools, stranger, "owner", owner_of(house, copy), "x"),
        lambda: holds.lift(house.tools, stranger, held.id, "x"),
        lambda: destruction.destroy(house.tools, stranger, copy, "x"),
    ]
    for attempt in attempts:
        with pytest.raises(KeepingUnknownError):
            attempt()
    assert HERE != THERE
    with pytest.raises(ReasonNeededError):
        holds.hold(house.tools, keeper(), "dossier", copy, "  ")
