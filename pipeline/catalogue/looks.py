"""When somebody looked last at what: so that a clerk who leafs through a dossier leaves one entry, not one a picture.

The span counts from the look that became an entry, not from the last one: whoever keeps looking is entered again every
ten minutes. Marks hold a hash of who, why, which and what; those past the span are removed when a new one is made.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from pipeline.catalogue.session import add_if_new
from pipeline.catalogue.tables_access import looks

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

SAME_LOOK: Final = timedelta(minutes=10)
"""How long a look at the same thing counts as the same look."""


def key_of(*parts: str) -> str:
    """One look's mark."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def recent(connection: Connection, key: str, now: datetime) -> bool:
    """Whether the mark is there and counts still."""
    found = connection.execute(select(looks.c.at).where(looks.c.key == key)).scalar_one_or_none()
    return found is not None and now - SAME_LOOK < found


def mark(connection: Connection, key: str, now: datetime) -> bool:
    """Makes the mark; False where it is there and counts still."""
    connection.execute(delete(looks).where(looks.c.at <= now - SAME_LOOK))
    return add_if_new(connection, looks, {"key": key, "at": now})
