"""A process that was cut off for minutes comes back in the middle of a stage: another has filed the dossier since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline import conductor
from pipeline.catalogue.errors import ConflictError
from pipeline.composition import House, build_house
from pipeline.record import Dossier, Status
from pipeline.settings import Settings
from pipeline.stages import Outcome, Progress, StageResult
from pipeline.store.errors import StoreUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.tools import Tools


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=1)) as built:
        yield built


def goes_on(dossier: Dossier) -> StageResult:
    return StageResult(dossier, Outcome.CONTINUE)


def waits(dossier: Dossier) -> StageResult:
    return StageResult(dossier, Outcome.WAITS)


def is_held(_dossier: Dossier) -> StageResult:
    raise StoreUnreachableError("x", "no route")


def breaks(_dossier: Dossier) -> StageResult:
    raise RuntimeError("a defect")


@pytest.mark.parametrize("ends", [goes_on, waits, is_held, breaks])
def test_nothing_is_saved_over_what_another_did(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: Callable[[Dossier], StageResult]
) -> None:
    paper = tmp_path / "a.txt"
    paper.write_text("a", encoding="utf-8")
    dossier_id = house.conductor.receive([paper], None).dossier_id

    def overtaken(tools: Tools, dossier: Dossier, _on_progress: Callable[[Progress], None]) -> StageResult:
        filed = dossier.model_copy(update={"status": Status.FILED, "files": {"archive_pdf": "there"}})
        tools.catalogue.save(filed)
        return ends(dossier)

    monkeypatch.setitem(conductor._RUNS, "separate", overtaken)  # type: ignore[index]
    with pytest.raises(ConflictError):
        house.conductor.run_stage(dossier_id, "separate")
    now = house.conductor.dossier(dossier_id)
    assert (now.status, dict(now.files)) == (Status.FILED, {"archive_pdf": "there"})
    assert house.catalogue.events_after(dossier_id)[-1].state == "started", "nor is a word said of how it ended"
