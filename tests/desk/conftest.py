"""A house over a folder of its own with the app over it, and people who have signed in."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI

# Sessions and browsers of tests are the pages' own.
sys.path.append(str(Path(__file__).parents[1] / "api"))

from signing_in import session_for

from api.access.cookies import LOCAL
from api.app import build_app
from pipeline.access.roles import Role
from pipeline.composition import House, build_house
from pipeline.settings import ApiSettings, Settings

with warnings.catch_warnings():
    # It says that another client than httpx is coming; httpx is what this project has.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

BASE = "http://127.0.0.1:8000"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2, api=ApiSettings(max_upload_mb=1))) as built:
        yield built


@pytest.fixture
def app(house: House) -> FastAPI:
    return build_app(house)


@pytest.fixture
def client_of(house: House, app: FastAPI) -> Iterator[Callable[..., TestClient]]:
    """`client_of(Role.DESK_OFFICER, name=..., agency=...)`: a browser; without a role, one of nobody."""
    with ExitStack() as opened_clients:

        def made(*roles: Role, agency: str | None = None, name: str = "Trần Thị Thu") -> TestClient:
            client = TestClient(app, base_url=BASE, raise_server_exceptions=False, headers=OWN_PAGE)
            if roles:
                client.cookies.set(LOCAL, session_for(house, *roles, agency=agency, name=name))
            return opened_clients.enter_context(client)

        yield made


@pytest.fixture
def officer(client_of: Callable[..., TestClient]) -> TestClient:
    return client_of(Role.DESK_OFFICER)
