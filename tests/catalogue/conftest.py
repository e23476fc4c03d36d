"""A catalogue in a SQLite file of its own, with a clock that the test moves; PostgreSQL in the slow lane."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from catalogue_samples import Clock, ready

from pipeline.settings import Settings
from pipeline.vault.factory import build_vault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.catalogue.catalogue import Catalogue


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "hoso.db"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{path}"
    found: str = request.getfixturevalue("empty_postgresql")
    return found


@pytest.fixture
def catalogue(url: str, clock: Clock, path: Path) -> Iterator[Catalogue]:
    with closing(build_vault(Settings(home=path.parent), clock)) as vault, ready(url, clock, vault) as opened:
        yield opened
