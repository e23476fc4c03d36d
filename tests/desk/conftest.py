"""A house over a folder of its own with the app over it, and people who have signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from client import TestClient

from pipeline.access.roles import Role
from pipeline.composition import House, build_house
from pipeline.settings import ApiSettings, Settings


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2, api=ApiSettings(max_upload_mb=1))) as built:
        yield built


@pytest.fixture
def officer(client_of: Callable[..., TestClient]) -> TestClient:
    return client_of(Role.DESK_OFFICER, name="Trần Thị Thu")
