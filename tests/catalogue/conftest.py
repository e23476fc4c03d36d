"""A catalogue in a SQLite file of its own, with a clock that the test moves; PostgreSQL in the slow lane."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from catalogue_samples import Clock, ready

from pipeline.settings import Settings
from pipeline.vault.factory import build_vault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.catalogue.catalogue import Catalogue


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "hoso.db"


def postgresql_folder() -> Path | None:
    """Where the server's programs are: on the path, or where Debian hides them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an empty server on a Unix socket, run by an ordinary user."""
    programs = postgresql_folder()
    if programs is None:
        pytest.skip("no PostgreSQL server programs on this machine")
    pytest.importorskip("psycopg", reason="no psycopg: install the extra 'postgresql'")
    root = tmp_path_factory.mktemp("postgresql")
    log = (root / "log").open("wb")
    data, sockets = root / "data", Path(f"/tmp/hoso-pg-{os.getpid()}")  # noqa: S108 - a socket's path has a length limit
    sockets.mkdir(mode=0o700)
    user = None
    if os.geteuid() == 0:
        try:
            shutil.chown(sockets, "nobody")
        except LookupError:
            pytest.skip("PostgreSQL does not run as root, and there is no user 'nobody'")
        user = "nobody"
        data = sockets / "data"

    def run(program: str, *arguments: object) -> None:
        command = [str(programs / program), *map(str, arguments)]
        done = subprocess.run(
            command, check=False, cwd="/", user=user, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        assert done.returncode == 0, (root / "log").read_text()

    try:
        run("initdb", "-D", data, "-U", "hoso", "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", data, "-w", "-o", f"-k {sockets} -c listen_addresses= -c fsync=off", "start")
        try:
            run("createdb", "-h", sockets, "-U", "hoso", "hoso")
            yield f"postgresql://hoso@/hoso?host={sockets}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        log.close()
        shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture
def empty_postgresql(postgresql: str) -> Iterator[str]:
    """A database of its own in the server."""
    import psycopg

    name = f"t{os.urandom(6).hex()}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgresql.replace("/hoso?", f"/{name}?")
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
