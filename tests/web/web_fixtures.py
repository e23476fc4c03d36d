"""The app over a house, clients that have signed in, pages of a real Chromium: for every room that has a `house`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

# Tests without pages pay for none of this.
if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from pipeline.access.roles import Role
    from pipeline.composition import House


@pytest.fixture
def app(house: "House") -> "FastAPI":
    from api.app import build_app

    return build_app(house)


@pytest.fixture
def client_of(house: "House", app: "FastAPI") -> Iterator[Callable[..., "TestClient"]]:
    """`client_of(Role.VERIFIER, agency="H01.02")`: a browser with a session; without a role, one of nobody."""
    from client import TestClient
    from signing_in import BASE, OWN_PAGE, session_for

    from api.access.cookies import LOCAL

    with ExitStack() as opened:

        def made(*roles: "Role", agency: str | None = None, name: str = "Nguyễn Thị Hoa") -> "TestClient":
            client = TestClient(
                app, base_url=BASE, raise_server_exceptions=False, headers=OWN_PAGE, client=("127.0.0.1", 50_000)
            )
            if roles:
                client.cookies.set(LOCAL, session_for(house, *roles, agency=agency, name=name))
            return opened.enter_context(client)

        yield made


@pytest.fixture
def address(app: "FastAPI") -> Iterator[str]:
    """Where the app answers on a port of its own."""
    from live import served

    with served(app) as found:
        yield found


@pytest.fixture
def signed_in_page(house: "House", address: str) -> Iterator[Callable[..., Any]]:
    """`signed_in_page(Role.VERIFIER, size="phone", language="en")`: a Playwright page; mark tests `browser`."""
    from chromium import CHROMIUM
    from live import pages_of

    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with pages_of(house, address) as made:
        yield made
