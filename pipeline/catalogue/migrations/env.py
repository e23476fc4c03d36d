"""Alembic's entry: runs the steps on a connection that the caller opened, inside the caller's transaction.

There is no offline mode and no alembic.ini: the address of the database is a setting of the house, and only
`pipeline.catalogue.schema` calls this, so that two processes starting at once wait for one another.
"""

from __future__ import annotations

from alembic import context

from pipeline.catalogue.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
