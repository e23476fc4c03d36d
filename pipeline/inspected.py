"""What a PDF from outside holds beside its signatures: its claim, its attachments, the dossier that its record names.

Read in a child process with limits (`signing.limited`), as the signatures are: an attachment may inflate without end.
A file that cannot be opened, or takes too much, holds nothing that could be said; its verdict says why.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pipeline.record import Model
from signing.limited import DEFAULT_MEMORY_MB, ask_child, serve

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "data.json"


class Inspected(Model):
    """What was found; all empty where the file could not be read."""

    pdfa_claim: str | None = None
    attachments: dict[str, str] = Field(default_factory=dict)
    """Names to the SHA-256 of their bytes."""
    dossier: str | None = None


def inspect(path: Path, timeout_s: float = 20, *, memory_mb: int = DEFAULT_MEMORY_MB) -> Inspected:
    """Looks into the file; raises OSError where it cannot be opened."""
    with path.open("rb") as stream:
        found, _ = ask_child("pipeline.inspected", {}, stream, timeout_s, memory_mb=memory_mb)
    return Inspected() if found is None else Inspected.model_validate(found)


def answer(_order: dict[str, Any], data: bytes) -> dict[str, Any]:
    """The child's work."""
    from pipeline.archive.inspect import attachments, pdfa_claim

    attached = attachments(data)
    return {
        "pdfa_claim": pdfa_claim(data),
        "attachments": {name: hashlib.sha256(content).hexdigest() for name, content in attached.items()},
        "dossier": dossier_of(attached.get(RECORD)),
    }


def dossier_of(record: bytes | None) -> str | None:
    """The id that an attached record names."""
    try:
        content = json.loads(record or b"null")
    except ValueError:
        return None
    found = content.get("id") if isinstance(content, dict) else None
    return found if isinstance(found, str) else None


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], answer))
