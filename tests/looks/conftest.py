"""A house with something on every page, its app on a port of its own, and browsers of people who have signed in."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

# Samples are those of the pages and of the desk.
sys.path += [str(Path(__file__).parents[1] / name) for name in ("api", "desk")]

from chromium import CHROMIUM
from live import pages_of, served
from sample_house import Samples, furnished

from api.app import build_app
from pipeline.composition import House, build_house
from pipeline.settings import ApiSettings, Settings


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    with build_house(Settings(home=home, cores=2, api=ApiSettings(max_upload_mb=1))) as built:
        yield built


@pytest.fixture(scope="module")
def samples(house: House) -> Samples:
    return furnished(house)


@pytest.fixture(scope="module")
def app(house: House) -> FastAPI:
    return build_app(house)


@pytest.fixture(scope="module")
def address(app: FastAPI, samples: Samples) -> Iterator[str]:
    with served(app) as found:
        yield found


@pytest.fixture
def open_page(house: House, address: str) -> Iterator[Callable[..., Any]]:
    """`open_page(Role.VERIFIER, size="phone", language="en")`; without a role, nobody."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with pages_of(house, address) as made:
        yield made
