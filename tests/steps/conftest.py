"""A house of an agency; where a test asks for many signatures, without the archive timestamp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from steps_samples import HERE, Clock

from pipeline.composition import House, build_house
from pipeline.settings import Settings, SigningSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=1, agency_code=HERE), Clock()) as built:
        yield built


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def quick_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("empty_postgresql")
    settings = Settings(
        home=tmp_path / "home", cores=1, agency_code=HERE, catalogue_url=url, signing=SigningSettings(level="B-LT")
    )
    with build_house(settings, Clock()) as built:
        yield built
