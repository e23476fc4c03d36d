"""Duties by the clock on a real kho: slices that go round, faults that are named, drafts that nobody started."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from flows.duties import Duties
from pipeline.composition import House, build_house
from pipeline.flow_settings import FlowSettings
from pipeline.keys import original_key
from pipeline.settings import Settings
from pipeline.upkeep import Done, Duty, read_back, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(home=tmp_path / "home", flows=FlowSettings(fixity_dossiers=2))
    with build_house(settings) as built:
        for number in range(5):
            paper = tmp_path / f"{number}.txt"
            paper.write_text(f"tờ {number}", encoding="utf-8")
            built.conductor.receive([paper], None)
        yield built


def test_slices_go_round_and_name_what_is_missing(house: House) -> None:
    looked, result = 0, {}
    for _ in range(3):
        done = read_back(house.tools, result)
        result = done.result
        looked += result["objects"]
        assert done.ok
    assert (looked, result["after"]) == (5, "")
    assert result["round_ended"]
    (dossier_id,) = house.catalogue.queue().dossiers_after("", 1)
    lost = house.conductor.dossier(dossier_id).originals[0].sha256
    for path in (house.settings.home / "store").rglob(f"*{lost}*"):
        if path.is_dir():
            continue
        path.chmod(0o600)
        path.unlink()
    done = read_back(house.tools, result)
    assert not done.ok
    assert done.result["faults"] == [{"dossier": dossier_id, "key": original_key(lost), "fault": "missing"}]
    again = read_back(house.tools, done.result)
    assert not again.ok, "what is missing stays named until its round is over"


def test_a_duty_runs_at_its_time_once_and_its_error_is_kept(house: House) -> None:
    calls: list[str] = []

    def breaks(_tools: object, before: object) -> Done:
        calls.append(str(before))
        raise OSError("gone")

    duties = [Duties(house, name, lambda: None) for name in ("a", "b")]
    duty = Duty("trial", timedelta(hours=1), breaks)
    assert [one.look(duty) for one in duties] == [True, False]
    (row,) = house.catalogue.queue().duties()
    assert (row.ok, row.result, row.holder) == (False, {"code": "fault"}, None)
    assert row.due_at is not None
    assert row.due_at - house.tools.clock() < timedelta(minutes=6), "after a bad end it comes again soon"
    assert len(calls) == 1


def test_drafts_that_nobody_started_go_after_a_day(house: House) -> None:
    uploads = house.settings.work / "uploads"
    old, new = uploads / "hs-1", uploads / "hs-2"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "draft.json").write_text("{}")
    long_ago = time.time() - 25 * 3600
    for path in (old / "draft.json", old):
        os.utime(path, (long_ago, long_ago))
    assert tidy(house.settings)["drafts"] == 1
    assert (old.exists(), new.exists()) == (False, True)
