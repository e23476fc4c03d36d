"""Under whose key an object is sealed, told from its key in the store.

Originals and page images are named by their content and may be several dossiers'; what is made for one dossier lies
under its id. Everything else belongs to the house: acts of the journal (whose personal values are sealed apart),
segments of the ledger, public keys. A new prefix with people's data gets its rule here before anything is written.
"""

from __future__ import annotations

import re

from pipeline.vault.vault import CONTENT, HOUSE

SHARED = ("originals", "pages")
"""By content."""
OF_ONE = ("filed", "journal", "prepared")
"""By the id that follows."""
_DIGEST = re.compile(r"[0-9a-f]{64}(?=$|[.+])", re.ASCII)
_AGAIN = re.compile(r"\+[0-9]+$", re.ASCII)


def owner_of(key: str) -> str:
    """The name of the key that seals an object."""
    first, *rest = key.split("/")
    if first in SHARED and rest and (found := _DIGEST.match(rest[-1])):
        return CONTENT + found[0]
    if first in OF_ONE and len(rest) > 1:
        return rest[0]
    return HOUSE


def again(key: str, number: int) -> str:
    """Where content lies that came again after its key was destroyed: nothing is written over. 0 is the first time."""
    return f"{key}+{number}" if number else key


def without_number(key: str) -> str:
    """The key as callers know it."""
    return _AGAIN.sub("", key) if key.split("/", 1)[0] in SHARED else key
