"""What tests of several rooms share."""

import logging
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.catalogue import schema
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.session import Database

pytest_plugins = ["web_fixtures"]


@pytest.fixture
def quiet_logging() -> Iterator[None]:
    """Commands open the log of their process; a test gives the process its logging back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for opened in set(root.handlers) - set(handlers):
        opened.close()
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


@pytest.fixture(scope="session")
def empty_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite catalogue as the migrations make it."""
    path = tmp_path_factory.mktemp("schema") / "empty.sqlite3"
    with Catalogue.in_file(path) as catalogue:
        catalogue.migrate()
    return path


@pytest.fixture(autouse=True)
def _migrated_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, empty_catalogue: Path) -> None:
    """A new SQLite catalogue is a copy of one that was migrated: hundreds of tests build a house, and migrating takes
    longer than most of them. Tests of the catalogue itself, and processes that tests start, migrate as everybody does.
    """
    if "catalogue" in request.path.parts:
        return
    migrate = schema.migrate

    def quick(database: Database, target: str = schema.HEAD) -> None:
        if database.is_sqlite and target == schema.HEAD and schema.revision(database) is None:
            with closing(sqlite3.connect(empty_catalogue)) as source, database.engine.connect() as connection:
                source.backup(connection.connection.driver_connection)
        migrate(database, target)

    monkeypatch.setattr(schema, "migrate", quick)


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
