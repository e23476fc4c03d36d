"""The database itself: schema, many writers, and its failures by name."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.script import ScriptDirectory
from catalogue_samples import SHA, full, plain, ready
from sqlalchemy import inspect

from pipeline.catalogue import schema, session, tables
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.errors import (
    CatalogueCorruptError,
    CatalogueError,
    CatalogueNewerError,
    CatalogueOptionsError,
    CatalogueUnreachableError,
)
from pipeline.catalogue.session import Database, sqlite_url
from pipeline.errors import Exit

if TYPE_CHECKING:
    from catalogue_samples import Clock

ROOT = Path(__file__).parents[2]


def test_the_migrations_make_what_the_tables_say(catalogue: Catalogue) -> None:
    with catalogue._database.reading() as connection:
        assert schema.differences(connection) == []
        assert set(inspect(connection).get_table_names()) == {*tables.metadata.tables, "alembic_version"}
    assert schema.revision(catalogue._database) == schema.HEAD
    assert ScriptDirectory.from_config(schema._config()).get_heads() == [schema.HEAD]


def test_migrating_again_keeps_what_is_there(catalogue: Catalogue) -> None:
    catalogue.create_dossier(full())
    catalogue.migrate()
    assert catalogue.load("HS-1") == full()


def test_a_database_of_a_later_version_is_left_alone(path: Path, clock: Clock) -> None:
    with Catalogue.in_file(path, clock=clock) as catalogue:
        catalogue.migrate()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with Catalogue.in_file(path, clock=clock) as catalogue, pytest.raises(CatalogueNewerError, match="9999"):
        catalogue.migrate()


def test_every_constraint_has_a_name() -> None:
    for table in tables.metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name
        assert all(index.name for index in table.indexes), table.name


def test_processes_that_start_together_migrate_once(url: str) -> None:
    code = """
        import sys
        from pipeline.catalogue.catalogue import Catalogue
        with Catalogue(sys.argv[1]) as catalogue:
            catalogue.migrate()
            print(len(catalogue.list_dossiers()))
    """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), url]
    children = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]
    assert [child.communicate()[0] for child in children] == [b"0\n"] * 2


def test_a_new_file_that_another_still_writes_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with closing(other), closing(Database(sqlite_url(path))) as database:
        other.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.3, other.execute, ["COMMIT"])
        end.start()
        with database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        end.join()


def test_eight_threads_write_at_once(catalogue: Catalogue) -> None:
    catalogue.create_dossier(plain("shared"))
    failures: list[BaseException] = []
    gate = threading.Barrier(8)

    def work(number: int) -> None:
        try:
            gate.wait()
            for turn in range(5):
                catalogue.create_dossier(full(f"HS-{number}-{turn}"))
                catalogue.save(full(f"HS-{number}-{turn}", name="Người Khác"), expected_version=1)
                catalogue.append_event("shared", "read", "done", data={"thread": number})
                catalogue.remember_step(SHA, f"step-{turn}", "v1", b"%d" % number, 0.1)
                catalogue.list_dossiers(limit=3)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [event.seq for event in catalogue.events_after("shared")] == list(range(1, 41))
    assert len(catalogue.list_dossiers(limit=100)) == 41
    assert len(catalogue.find_field("ho_ten", "Người Khác")) == 40


CHILD = """
    import sys
    from datetime import timedelta
    from pathlib import Path
    from pipeline.catalogue.catalogue import Catalogue
    with Catalogue(sys.argv[1]) as catalogue:
        print("ready", flush=True)
        sys.stdin.readline()
        for turn in range(40):
            catalogue.append_event("shared", "read", "done", data={"who": sys.argv[2]})
            if catalogue.claim(f"HS-{turn}", sys.argv[2], timedelta(hours=1)):
                print(turn, flush=True)
"""


def test_processes_share_events_and_leases(url: str, clock: Clock) -> None:
    with ready(url, clock) as catalogue:
        catalogue.create_dossier(plain("shared"))
        for turn in range(40):
            catalogue.create_dossier(plain(f"HS-{turn}"))
        command = [sys.executable, "-W", "error", "-c", textwrap.dedent(CHILD), url]
        children = [
            subprocess.Popen([*command, name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for name in "ab"
        ]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write(b"\n")
            child.stdin.flush()
        won = [[int(line) for line in child.communicate()[0].split()] for child in children]
        assert sorted(won[0] + won[1]) == list(range(40))
        assert [event.seq for event in catalogue.events_after("shared")] == list(range(1, 81))


def test_a_transaction_that_fails_leaves_nothing(catalogue: Catalogue) -> None:
    catalogue.create_dossier(full())
    broken = full(name="Nửa Chừng")
    twice = broken.model_copy(update={"documents": (*broken.documents, broken.documents[0])})
    with pytest.raises(CatalogueError, match="constraint") as caught:
        catalogue.save(twice)
    assert "Nửa Chừng" not in str(caught.value)
    assert catalogue.load_with_version("HS-1") == (full(), 1)
    assert catalogue.find_field("ho_ten", "Nguyễn Văn Thử") == ["HS-1"]


def test_a_lock_that_is_never_given_back_is_out_of_reach(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LOCK_SECONDS", 0.2)
    with ready(f"sqlite:///{path}", clock) as catalogue:
        catalogue.create_dossier(plain())
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(CatalogueUnreachableError, match="locked") as caught:
            catalogue.append_event("HS-1", "read", "done")
        assert caught.value.exit_code is Exit.HELD
        assert catalogue.load("HS-1") == plain()
        holder.execute("ROLLBACK")
        holder.close()
        assert catalogue.append_event("HS-1", "read", "done") == 1


def test_no_room_left(path: Path, clock: Clock) -> None:
    with ready(f"sqlite:///{path}", clock) as catalogue:
        catalogue.create_dossier(full())
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, before[1]))
        try:
            with pytest.raises(CatalogueUnreachableError) as caught:
                catalogue.remember_step(SHA, "read", "v1", os.urandom(900_000), 1)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert caught.value.exit_code is Exit.HELD
        assert catalogue.step_output(SHA, "read", "v1") is None
        assert catalogue.load("HS-1") == full()
        catalogue.remember_step(SHA, "read", "v1", b"room again", 1)


def test_a_file_that_is_no_database(path: Path, clock: Clock) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all" * 100)
    with Catalogue(f"sqlite:///{path}", clock=clock) as catalogue, pytest.raises(CatalogueCorruptError):
        catalogue.migrate()


def test_a_database_without_tables_is_a_fault_not_a_wait(path: Path) -> None:
    with Catalogue.in_file(path) as catalogue, pytest.raises(CatalogueError, match="no such table") as caught:
        catalogue.list_dossiers()
    assert caught.value.exit_code is Exit.FAULT


def test_the_file_is_the_owners_alone(path: Path, clock: Clock) -> None:
    with ready(f"sqlite:///{path}", clock) as catalogue:
        catalogue.create_dossier(full())
        assert path.parent.stat().st_mode & 0o077 == 0
        modes = {found.name: found.stat().st_mode & 0o777 for found in path.parent.iterdir()}
    assert modes == {"hoso.db": 0o600, "hoso.db-wal": 0o600, "hoso.db-shm": 0o600}


@pytest.mark.parametrize(
    "url", ["not a url", "mysql://u:geheim@h/d", "sqlite://", "sqlite:///:memory:", "oracle+x://h"]
)
def test_a_url_that_cannot_be_used_is_not_repeated(url: str) -> None:
    with pytest.raises(CatalogueOptionsError) as caught:
        Catalogue(url)
    assert "geheim" not in str(caught.value)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueUnreachableError):
        Catalogue.in_file(tmp_path / "file" / "hoso.db")


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="no psycopg: install the extra 'postgresql'")
    with Catalogue(f"postgresql://hoso:geheim@/hoso?host={tmp_path}") as catalogue:
        with pytest.raises(CatalogueUnreachableError) as caught:
            catalogue.migrate()
        assert "geheim" not in str(caught.value)
