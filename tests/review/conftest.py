"""A house with a clock that the test moves, and the workbench over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from review_people import Clock, Desk

from pipeline.composition import build_house
from pipeline.review.settings import ReviewSettings
from pipeline.review.workbench import Workbench
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    settings = Settings(home=tmp_path / "home", cores=2, review=ReviewSettings(undo_seconds=20))
    with build_house(settings, clock) as house:
        yield Desk(house, Workbench(house.tools), clock)
