"""A house that measures quality with the app over it, and people who have signed in."""

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
from signing_in import BASE, OWN_PAGE, session_for

from api.access.cookies import LOCAL
from api.app import build_app
from pipeline.access.roles import Role
from pipeline.composition import House, build_house
from pipeline.quality.settings import QualitySettings
from pipeline.review.settings import ReviewSettings
from pipeline.settings import Settings

with warnings.catch_warnings():
    # It says that another client than httpx is coming; httpx is what this project has.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

# A test with room between promise and alarm needs few samples: what is tried here is the way, not the numbers.
MEASURE = QualitySettings(
    promise=0.02, detect=0.2, rate=1.0, most=1.0, planted=0.5, look_seconds=3600, individual_days=0
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    review = ReviewSettings(undo_seconds=0, look_seconds=3600)
    with build_house(Settings(home=tmp_path / "home", cores=2, review=review, quality=MEASURE)) as built:
        yield built


@pytest.fixture
def app(house: House) -> FastAPI:
    return build_app(house)


@pytest.fixture
def client_of(house: House, app: FastAPI) -> Iterator[Callable[..., TestClient]]:
    """`client_of(Role.VERIFIER, name="Hoa")`: a browser with a session."""
    with ExitStack() as opened:

        def made(*roles: Role, agency: str | None = None, name: str = "Nguyễn Thị Hoa") -> TestClient:
            client = TestClient(
                app, base_url=BASE, raise_server_exceptions=False, headers=OWN_PAGE, client=("127.0.0.1", 50_000)
            )
            client.cookies.set(LOCAL, session_for(house, *roles, agency=agency, name=name))
            return opened.enter_context(client)

        yield made


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """Where the app answers on a port of its own."""
    with served(app) as found:
        yield found


@pytest.fixture
def signed_in_page(house: House, address: str) -> Iterator[Callable[..., Any]]:
    """`signed_in_page(Role.LEADER, size="phone", language="en")`: a Playwright page; mark tests `browser`."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with pages_of(house, address) as made:
        yield made
