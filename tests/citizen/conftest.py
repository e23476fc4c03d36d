"""A house that citizens reach at an address, and browsers of nobody and of officers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from client import TestClient

from pipeline.citizen.settings import CitizenSettings
from pipeline.composition import House, build_house
from pipeline.settings import ApiSettings, Settings


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(
        home=tmp_path / "home",
        cores=2,
        api=ApiSettings(max_upload_mb=1),
        citizen=CitizenSettings(address="https://hoso.example", ratings_least=3),
    )
    with build_house(settings) as built:
        yield built


@pytest.fixture
def citizen(client_of: Callable[..., TestClient]) -> TestClient:
    return client_of()
