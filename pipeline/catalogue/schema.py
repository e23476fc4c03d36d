"""Brings a database to the schema of this version, and tells how far it is.

Migration steps are packaged beside this file and run by Alembic inside one transaction: a step that fails leaves
nothing behind, and processes that start together wait for one another instead of racing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from pipeline.catalogue.errors import CatalogueNewerError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from pipeline.catalogue.session import Database

HEAD = "0014"
"""The revision that this version of the software wants. Written down, so that a start with nothing to do is quick."""

# Any number will do, as long as all our processes use the same one.
_MIGRATION_LOCK = 4_107_662_310


def migrate(database: Database, target: str = HEAD) -> None:
    """From whatever state, an empty database too, up to a revision. Does nothing where it is there already.

    Raises `CatalogueUnreachableError`, and `CatalogueNewerError` where a later version was here.
    """
    found = revision(database)
    if found in {target, HEAD}:
        return
    if found is not None and not knows(found):
        raise CatalogueNewerError(None, f"revision {found}, known up to {HEAD}")
    from alembic import command

    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def revision(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return None if found is None else str(found)


def knows(revision: str) -> bool:
    """Whether this version of the software has the revision among its steps."""
    from alembic.script import ScriptDirectory

    return any(step.revision == revision for step in ScriptDirectory.from_config(_config()).walk_revisions())


def differences(connection: Connection) -> list[Any]:
    """What Alembic would still change to make the database equal to the tables; empty when all is well."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from pipeline.catalogue.all_tables import metadata

    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
