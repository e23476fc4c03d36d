"""That a filing is in the ledger, proved and checked: its entry, the path to a sealed root, and that root's timestamp.

The path is followed from the entry's own bytes to the root (RFC 6962, 2.1.1), the root must be the seal's, and the
seal's token must stand for it. Whoever has the numbers below can do the same without us; `hoso ledger export` gives the
entries themselves.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.audit.export import sealed_bytes
from pipeline.audit.merkle import root_of_proof
from pipeline.record import Model

if TYPE_CHECKING:
    from pipeline.catalogue.ledger_door import Ledger


class Inclusion(Model):
    """One entry under the newest seal."""

    entry: int
    """Its number, from 1; the leaf's index is one less."""
    at: datetime
    """When it was added."""
    leaf: str
    size: int
    """Entries under the root."""
    path: tuple[str, ...]
    """Sibling hashes from the leaf up, hexadecimal."""
    root: str
    sealed_at: datetime
    timestamp_at: datetime | None
    """Of the seal's token; None where it does not stand for the root."""
    holds: bool
    """Whether path, root and token agree."""


def inclusions(ledger: Ledger, dossier_id: str, sha256: str) -> tuple[Inclusion, ...]:
    """Proofs of the entries that say that this content was filed for the dossier; none before the next seal."""
    from signing.tokens import read_token

    seal = max(ledger.seals(), key=lambda known: known.size, default=None)
    if seal is None:
        return ()
    facts = read_token(seal.token, sealed_bytes(seal.size, seal.root)) if seal.token else None
    found = []
    for proved in ledger.proofs(dossier_id, seal.size):
        entry = proved.entry
        if entry.kind != "filed" or entry.what.get("sha256") != sha256:
            continue
        path = [bytes.fromhex(node) for node in proved.path]
        led = root_of_proof(bytes.fromhex(entry.leaf()), entry.seq - 1, seal.size, path)
        found.append(
            Inclusion(
                entry=entry.seq,
                at=entry.at,
                leaf=entry.leaf(),
                size=proved.size,
                path=proved.path,
                root=seal.root,
                sealed_at=seal.at,
                timestamp_at=facts.at if facts else None,
                holds=led is not None and led.hex() == seal.root and facts is not None,
            )
        )
    return tuple(found)
