"""A house, its app, and browsers of people with roles; samples are made by `overview_samples`."""

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

# Sessions and browsers of tests are the pages' own.
sys.path.append(str(Path(__file__).parents[1] / "api"))

from chromium import CHROMIUM
from live import pages_of, served
from signing_in import session_for

from api.access.cookies import LOCAL
from api.app import build_app
from pipeline.access.roles import Role
from pipeline.composition import House, build_house
from pipeline.settings import Settings

with warnings.catch_warnings():
    # It says that another client than httpx is coming; httpx is what this project has.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as built:
        yield built


@pytest.fixture
def app(house: House) -> FastAPI:
    return build_app(house)


@pytest.fixture
def client_of(house: House, app: FastAPI) -> Iterator[Callable[..., TestClient]]:
    with ExitStack() as opened_clients:

        def made(*roles: Role, agency: str | None = None) -> TestClient:
            client = TestClient(app, base_url="http://127.0.0.1:8000", headers={"Sec-Fetch-Site": "same-origin"})
            client.cookies.set(LOCAL, session_for(house, *roles, agency=agency))
            return opened_clients.enter_context(client)

        yield made


@pytest.fixture
def page_of(house: House, app: FastAPI) -> Iterator[Callable[..., Any]]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with served(app) as address, pages_of(house, address) as made:
        yield made
