"""An entry of the audit ledger: canonical JSON, chained to the one before it by that one's leaf hash.

Entries say which dossier, what was done, by whom and when; they hold no value that was read or decided, so that nobody
whose data are erased is kept here. `received` names the SHA-256 of the originals, `decided` the fields and findings
that were answered, `filed` the object with its SHA-256, `recovered` what a catalogue made anew got back of a dossier.
`read` says that somebody looked at a person's data: who by account, why (purpose), at what; `access` that an account or
a machine's key changed, or that somebody came in. `kho` is an act on a citizen's data store (the act's kind in `what`),
`moved` that a dossier got another status of the national portal, `keep` a legal hold, a destruction, or a citizen's
request about their data, under the id of the dossier or owner; `key` that a key of the vault ended, or the master
changed; `pages` what somebody did to pages, by number; `step` an act of the five steps or on a certified copy, by its
verb;
`quality` that a kind of field goes to full review or back, under its agency's code;
`citizen` that a slip with a secret was printed, or a citizen sent a file.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import rfc8785
from pydantic import Field, JsonValue

from pipeline.audit.merkle import leaf_hash
from pipeline.record import Model

FIRST = "0" * 64
"""What the first entry is chained to."""
Kind = Literal[
    "received",
    "decided",
    "filed",
    "recovered",
    "read",
    "access",
    "kho",
    "moved",
    "keep",
    "key",
    "pages",
    "quality",
    "step",
    "citizen",
]


class Entry(Model):
    """One act. `seq` counts from 1 without gaps."""

    seq: int = Field(ge=1)
    prev: str = Field(pattern="^[0-9a-f]{64}$")
    """Leaf hash of the entry before, in hexadecimal."""
    at: datetime
    kind: Kind
    dossier: str
    who: str
    """A person's name as the door knows it, or `system`; for `read` and `access` the id of an account or key."""
    what: dict[str, JsonValue]

    def line(self) -> bytes:
        """RFC 8785 JSON: the leaf of the tree."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    def leaf(self) -> str:
        """The leaf hash in hexadecimal."""
        return leaf_hash(self.line()).hex()
