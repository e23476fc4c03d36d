"""What was set aside or is held comes back into the queue when a person says so, with its attempts before it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.cli import app
from flows.retries import attempts, held_until
from pipeline.composition import House, build_house
from pipeline.conductor import NotStoppedError, UnknownDossierError
from pipeline.record import Status
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as built:
        yield built


def stopped(house: House, tmp_path: Path, status: Status) -> str:
    note = tmp_path / f"{status}.txt"
    note.write_text(status, encoding="utf-8")
    dossier_id = house.conductor.receive([note], None).dossier_id
    for _ in range(house.settings.flows.attempts):
        house.catalogue.append_event(dossier_id, "worker", "claimed")
    code = "given_up" if status is Status.FAULT else "timestamp_unavailable"
    house.catalogue.append_event(dossier_id, "sign", "held" if status is Status.HELD else "failed", code=code)
    house.catalogue.save(house.conductor.dossier(dossier_id).model_copy(update={"status": status}))
    return dossier_id


@pytest.mark.parametrize("status", [Status.FAULT, Status.HELD])
def test_back_into_the_queue_at_once(house: House, tmp_path: Path, status: Status) -> None:
    dossier_id = stopped(house, tmp_path, status)
    assert house.conductor.retry(dossier_id).status is Status.PROCESSING
    events = house.catalogue.events_after(dossier_id)
    assert attempts(events) == 0
    until = held_until(events)
    assert until is None or until <= events[-1].at
    assert dossier_id in house.catalogue.claimable((Status.PROCESSING,))


def test_what_is_not_stopped_is_left_alone(house: House, tmp_path: Path) -> None:
    note = tmp_path / "a.txt"
    note.write_text("một", encoding="utf-8")
    dossier_id = house.conductor.receive([note], None).dossier_id
    with pytest.raises(NotStoppedError):
        house.conductor.retry(dossier_id)
    with pytest.raises(UnknownDossierError):
        house.conductor.retry("hs-000000-aaaaaaaa")


@pytest.mark.usefixtures("quiet_logging")
def test_the_list_says_why_and_all_come_back(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {status: stopped(house, tmp_path, status) for status in (Status.FAULT, Status.HELD)}
    monkeypatch.setenv("HOSO_HOME", str(house.settings.home))

    def hoso(*words: str) -> tuple[int, str]:
        answer = CliRunner().invoke(app, list(words))
        return answer.exit_code, answer.stdout

    code, said = hoso("list", "--status", "fault", "--json")
    (row,) = json.loads(said)["dossiers"]
    assert (code, row["dossier"]["id"], row["reason"]) == (0, ids[Status.FAULT], "given_up")
    code, said = hoso("list")
    assert code == 0
    assert "Lỗi hệ thống" in said
    assert hoso("list", "--status", "lost")[0] == 4
    assert hoso("retry")[0] == 4
    code, said = hoso("retry", "--all")
    assert code == 0
    assert all(dossier_id in said for dossier_id in ids.values())
    assert hoso("retry", ids[Status.FAULT])[0] == 4, "it is in the queue already"
