"""What citizens ask of their data: due in two working days, done by an act each, erased only where nothing forbids."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from keeping_samples import HERE, THERE, card, dossier, file_kept, keeper, later, owner_of, paper

from pipeline.access.errors import NotAllowedError
from pipeline.access.roles import Role
from pipeline.keeping import holds, requests
from pipeline.keeping.errors import KeepingUnknownError, RequestStateError
from pipeline.keeping.records import RequestKind
from pipeline.store.errors import NotFoundError

if TYPE_CHECKING:
    from keeping_samples import Clock

    from pipeline.composition import House

COPY = "2.000884"
OTHER = {"ho_ten": "TRẦN THỊ BÌNH", "so_dinh_danh": "001190009999", "ngay_sinh": "1992-01-02"}


DAYS = {
    datetime(2026, 11, 20, 2, tzinfo=UTC): "2026-11-24",  # a Friday: Monday, Tuesday
    datetime(2026, 11, 23, 2, tzinfo=UTC): "2026-11-25",
    datetime(2026, 11, 22, 2, tzinfo=UTC): "2026-11-25",  # a Sunday counts as Monday
    datetime(2026, 11, 19, 20, tzinfo=UTC): "2026-11-24",  # Friday already in Vietnam
}


def test_a_request_is_due_in_two_working_days(house: House, clock: Clock) -> None:
    filed = file_kept(house, dossier(1, card()))
    asked = {}
    for opened, due in DAYS.items():
        clock.now = opened
        found = requests.open_request(
            house.tools, keeper(), RequestKind.EXPORT, owner_of(house, filed), "Xin bản sao dữ liệu của tôi"
        )
        assert (found.state, found.due_on.isoformat(), found.note) == ("open", due, "Xin bản sao dữ liệu của tôi")
        assert not found.late(found.due_on)
        asked[found.id] = due
    clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    listed = requests.requests(house.tools, keeper())
    assert [one.due_on.isoformat() for one in listed] == sorted(DAYS.values())
    assert all(one.late(clock.now.date()) for one in listed)
    entries = [one for one in house.catalogue.keeping().entries(found.owner) if one.kind == "keep"]
    assert [entry.what for entry in entries] == [
        {"act": "request_opened", "request": name, "kind": "export", "due_on": due} for name, due in asked.items()
    ]


def test_a_correction_stands_beside_the_filed_value(house: House) -> None:
    filed = file_kept(house, dossier(1, card()))
    owner = owner_of(house, filed)
    asked = requests.open_request(house.tools, keeper(), RequestKind.CORRECTION, owner, "Ngày cấp sai")
    with pytest.raises(RequestStateError):
        requests.finish_correction(house.tools, keeper(), asked.id)
    before = {key: house.store.get(key) for key in house.store.keys(f"filed/{filed}/")}
    place = {"dossier_id": filed, "document": "d1", "field": "ngay_cap"}
    one = requests.correct(house.tools, keeper(), asked.id, **place, value="2021-05-05", reason="Theo thẻ gốc")
    two = requests.correct(house.tools, keeper(), asked.id, **place, value="2021-05-06", reason="Gõ nhầm")
    assert (one.version, one.value, one.filed_value) == (2, "2021-05-05", "2021-05-04")
    assert (two.version, two.value, two.filed_value) == (3, "2021-05-06", "2021-05-04")
    assert [found.version for found in requests.corrections(house.tools, keeper(), filed)] == [2, 3]
    assert {key: house.store.get(key) for key in house.store.keys(f"filed/{filed}/")} == before
    record = house.catalogue.load(filed)
    assert record is not None
    assert record.documents[0].fields["ngay_cap"].value == "2021-05-04", "the filed record is never rewritten"
    done = requests.finish_correction(house.tools, keeper(), asked.id)
    assert (done.state, done.answered_by) == ("done", keeper().id)
    with pytest.raises(RequestStateError):
        requests.correct(house.tools, keeper(), asked.id, **place, value="x", reason="x")
    for wrong in ({"field": "khong_co"}, {"document": "d9"}, {"dossier_id": "hs-261120-abcdefgh"}):
        again = requests.open_request(house.tools, keeper(), RequestKind.CORRECTION, owner, "Sai")
        with pytest.raises(KeepingUnknownError):
            requests.correct(house.tools, keeper(), again.id, **(place | wrong), value="x", reason="x")


def test_no_value_of_a_person_lies_open_in_catalogue_store_or_ledger(house: House) -> None:
    filed = file_kept(house, dossier(1, card()))
    asked = requests.open_request(
        house.tools, keeper(), RequestKind.CORRECTION, owner_of(house, filed), "Tôi là NGUYỄN VĂN AN, 001090004567"
    )
    place = {"dossier_id": filed, "document": "d1", "field": "so_dinh_danh"}
    requests.correct(house.tools, keeper(), asked.id, **place, value="001090004568", reason="Số của NGUYỄN VĂN AN")
    home = house.settings.home
    for path in home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"001090004568" not in data, path.name
            assert "Tôi là NGUYỄN".encode() not in data, path.name
            assert "Số của NGUYỄN".encode() not in data, path.name
        assert "00109000456" not in path.name


def test_erasure_is_refused_with_every_rule_that_forbids_it(house: House) -> None:
    civil = file_kept(house, dossier(1, card()))
    file_kept(house, dossier(2, card(), procedure=COPY))
    owner = owner_of(house, civil)
    hold = holds.hold(house.tools, keeper(), "owner", owner, "Công văn 12")
    asked = requests.open_request(house.tools, keeper(), RequestKind.ERASURE, owner, "Xóa dữ liệu của tôi")
    answered = requests.erase(house.tools, keeper(), asked.id)
    assert answered.state == "refused"
    assert answered.answer is not None
    grounds = answered.answer["grounds"]
    assert isinstance(grounds, list)
    assert [(ground["kind"], ground["rule"]) for ground in grounds if isinstance(ground, dict)] == [
        ("hold", hold.id),
        ("retention", "civil_status"),
        ("retention", "certified_copy_or_signature"),
    ]
    assert "Luật Hộ tịch" in str(answered.answer["lines"])
    assert "Điều 14" in str(answered.answer["lines"])
    assert list(house.store.keys(f"filed/{civil}/"))
    assert not house.tools.vault.is_destroyed(owner)
    with pytest.raises(RequestStateError):
        requests.erase(house.tools, keeper(), asked.id)


def test_erasure_ends_the_owners_keys_and_what_only_they_hold(house: House, clock: Clock) -> None:
    alone = file_kept(house, dossier(1, card(), procedure=COPY))
    version = file_kept(house, dossier(2, card(), procedure=COPY))
    both = file_kept(house, dossier(3, card(), paper("cccd", {**OTHER}, name="d2"), procedure=COPY))
    owner = owner_of(house, alone)
    later(clock, 3)
    asked = requests.open_request(house.tools, keeper(), RequestKind.ERASURE, owner, "Xóa dữ liệu của tôi")
    answered = requests.erase(house.tools, keeper(), asked.id)
    assert answered.state == "done", answered.answer
    assert answered.answer is not None
    assert (answered.answer["dossiers"], answered.answer["shared"]) == (sorted([alone, version]), [both])
    assert answered.note == "", "what the citizen wrote ended with the key"
    assert house.tools.vault.is_destroyed(owner)
    for gone in (alone, version):
        assert house.tools.vault.is_destroyed(gone)
        assert list(house.store.keys(f"filed/{gone}/")) == []
        row = house.catalogue.keeping().kept(gone)
        assert row is not None
        assert row["destroyed_by"] == keeper().id
    assert house.store.get(next(house.store.keys(f"filed/{both}/")))
    with pytest.raises(NotFoundError):
        house.store.get(f"filed/{alone}/x")
    acts = [entry.what["act"] for entry in house.catalogue.keeping().entries(owner) if entry.kind == "keep"]
    assert acts == ["request_opened", "request_answered"]


def test_a_copy_holds_everything_of_one_agency_and_names_the_others(house: House, tmp_path: object) -> None:
    from pathlib import Path

    from pipeline.keeping.copies import _history, _owner, _write, _zip

    filed = file_kept(house, dossier(1, card()))
    owner = owner_of(house, filed)
    asked = requests.open_request(house.tools, keeper(), RequestKind.EXPORT, owner, "Xin bản sao")
    folder = Path(str(tmp_path)) / "files"
    _write(folder / "owner.json", _owner(house.tools, keeper(), owner))
    _write(folder / "history.json", _history(house.tools, keeper(), asked, [filed]))
    _zip(folder, folder.parent / "copy.zip")
    with zipfile.ZipFile(folder.parent / "copy.zip") as made:
        names = set(made.namelist())
        person = json.loads(made.read("owner.json"))
        history = json.loads(made.read("history.json"))
    assert names == {"owner.json", "history.json", "index.json"}
    assert person["person"]["name"] == "NGUYỄN VĂN AN"
    assert person["papers"][0]["facts"]["person"]["number"] == "001090004567"
    assert [one["note"] for one in history["requests"]] == ["Xin bản sao"]
    assert {entry["kind"] for entry in history["ledger"]} >= {"received", "filed", "keep"}
    foreign = _owner(house.tools, keeper(THERE), owner)
    assert foreign["papers"] == []


def test_requests_are_for_whoever_keeps_records_of_the_agency(house: House) -> None:
    filed = file_kept(house, dossier(1, card()))
    owner = owner_of(house, filed)
    for role in (Role.DESK_OFFICER, Role.ADMINISTRATOR):
        with pytest.raises(NotAllowedError):
            requests.open_request(house.tools, keeper(role=role), RequestKind.EXPORT, owner, "x")
    with pytest.raises(KeepingUnknownError):
        requests.open_request(house.tools, keeper(THERE), RequestKind.EXPORT, owner, "x")
    asked = requests.open_request(house.tools, keeper(), RequestKind.EXPORT, owner, "x")
    assert requests.requests(house.tools, keeper(THERE)) == []
    with pytest.raises(KeepingUnknownError):
        requests.refuse(house.tools, keeper(THERE), asked.id, "x")
    refused = requests.refuse(house.tools, keeper(), asked.id, "Không chứng minh được nhân thân")
    assert (refused.state, refused.answer) == ("refused", {"reason": "Không chứng minh được nhân thân"})
    assert HERE != THERE
