"""A house of its own for each test module, with a clock that stands still where a test says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.composition import House, build_house
from pipeline.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build_house(Settings(home=tmp_path_factory.mktemp("home"), cores=2)) as built:
        yield built


@pytest.fixture(scope="session")
def sample() -> Path:
    return ROOT / "samples" / "birth_registration"


@pytest.fixture(scope="session")
def letter() -> Path:
    return ROOT / "samples" / "letter"
