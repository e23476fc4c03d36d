"""What could still be found of a dossier or an owner whose key ends: derived rows, words to search by, keyed indexes.

Keyed digests are no names, but whoever has the index key could try numbers out on them; so they go with the key. The
rows themselves stay, sealed for good, so that links and counts hold. Doing it again changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update

from pipeline.catalogue import dossiers
from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_citizens as c
from pipeline.catalogue import tables_owners as o

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def forget(connection: Connection, name: str, now: datetime) -> bool:
    """`name` is the id of a dossier or of an owner; False where neither is known."""
    dossiers.clear(connection, name)
    for table in (c.tickets, c.visits):
        connection.execute(delete(table).where(table.c.dossier_id == name))
    stamped = update(t.dossiers).where(t.dossiers.c.id == name).values(updated_at=now).returning(t.dossiers.c.id)
    found = connection.execute(stamped).first() is not None
    mine = or_(o.papers.c.dossier_id == name, o.papers.c.owner_id == name, o.papers.c.linked_id == name)
    connection.execute(delete(o.words).where(o.words.c.paper.in_(select(o.papers.c.number).where(mine))))
    connection.execute(update(o.papers).where(mine).values(symbol_index=None, code_index=None, identity_index=""))
    connection.execute(delete(o.owner_words).where(o.owner_words.c.owner_id == name))
    blank = update(o.owners).where(o.owners.c.id == name).values(number_index=None, name_index=None)
    return connection.execute(blank.returning(o.owners.c.id)).first() is not None or found
