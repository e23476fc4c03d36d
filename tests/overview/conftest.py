"""A house, its app, and browsers of people with roles; samples are made by `overview_samples`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.composition import House, build_house
from pipeline.settings import Settings


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as built:
        yield built
