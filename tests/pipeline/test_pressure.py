"""Room gets short: the backlog stops first, the desk last, and a refusal says when to come again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline import pressure
from pipeline.catalogue.lanes import Lane
from pipeline.composition import build_house
from pipeline.flow_settings import FlowSettings
from pipeline.pressure import BacklogFullError, NoRoomError, Room, admit, objection
from pipeline.record import Dossier, Status
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

FLOWS = FlowSettings()
MB = 1 << 20


@pytest.mark.parametrize(
    ("room", "desk", "backlog"),
    [
        (Room(20_000 * MB, 4_000 * MB), "", ""),
        (Room((FLOWS.disk_backlog_mb - 1) * MB, 4_000 * MB), "", "disk_low"),
        (Room((FLOWS.disk_desk_mb - 1) * MB, 4_000 * MB), "disk_low", "disk_low"),
        (Room(20_000 * MB, (FLOWS.memory_backlog_mb - 1) * MB), "", "memory_low"),
        (Room(20_000 * MB, (FLOWS.memory_desk_mb - 1) * MB), "memory_low", "memory_low"),
        (Room(20_000 * MB, 4_000 * MB, FLOWS.desk_age_seconds + 1), "", "desk_waits"),
    ],
)
def test_the_backlog_stops_first_and_the_desk_last(room: Room, desk: str, backlog: str) -> None:
    assert objection(FLOWS, room, Lane.DESK) == desk
    assert objection(FLOWS, room, Lane.BACKLOG) == backlog


def test_a_look_at_this_machine_says_something(tmp_path: Path) -> None:
    room = pressure.look(Settings(home=tmp_path / "not" / "made" / "yet"))
    assert room.disk > 0
    assert room.memory > 0


def test_the_door_refuses_in_words_and_says_when_to_come_again(tmp_path: Path) -> None:
    everything = pressure.free_disk(Settings(home=tmp_path)) // MB + 10_000
    settings = Settings(home=tmp_path / "a", flows=FlowSettings(disk_backlog_mb=everything, disk_desk_mb=1))
    with build_house(settings) as house:
        admit(settings, house.catalogue, Lane.DESK)
        with pytest.raises(NoRoomError) as refused:
            admit(settings, house.catalogue, Lane.BACKLOG)
        assert refused.value.seconds == 60
        assert house.conductor is not None
    full = Settings(home=tmp_path / "b", flows=FlowSettings(disk_backlog_mb=everything, disk_desk_mb=everything))
    with build_house(full) as house:
        paper = tmp_path / "a.txt"
        paper.write_text("một", encoding="utf-8")
        with pytest.raises(NoRoomError):
            house.conductor.receive([paper], None)
        assert house.catalogue.list_dossiers() == []


def test_a_full_backlog_takes_no_more_and_the_desk_still_does(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, flows=FlowSettings(backlog_most=2, disk_backlog_mb=1, disk_desk_mb=1))
    with build_house(settings) as house:
        for number in range(2):
            dossier = Dossier(
                id=f"hs-{number}", procedure=None, status=Status.RECEIVED, received_at=house.tools.clock()
            )
            house.catalogue.create_dossier(dossier, lane=Lane.BACKLOG)
        admit(settings, house.catalogue, Lane.DESK)
        with pytest.raises(BacklogFullError) as refused:
            admit(settings, house.catalogue, Lane.BACKLOG)
        assert refused.value.seconds == 300
