"""Every table of the catalogue, whichever module writes it down: what is dumped, compared and migrated as a whole.

A module of tables is imported here and nowhere for its side effect alone; code that queries imports its own module.
"""

from __future__ import annotations

from pipeline.catalogue import (
    tables_access,
    tables_citizens,
    tables_desk,
    tables_keeping,
    tables_owners,
    tables_pages,
    tables_quality,
    tables_queue,
    tables_review,
    tables_steps,
    tables_vault,
)
from pipeline.catalogue.tables import metadata

__all__ = [
    "metadata",
    "tables_access",
    "tables_citizens",
    "tables_desk",
    "tables_keeping",
    "tables_owners",
    "tables_pages",
    "tables_quality",
    "tables_queue",
    "tables_review",
    "tables_steps",
    "tables_vault",
]
