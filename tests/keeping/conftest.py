"""A house with a clock that the test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from keeping_samples import HERE, Clock

from pipeline.composition import House, build_house
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=1, agency_code=HERE), clock) as built:
        yield built
