"""What was shown and keyed, as it lies in the catalogue: JSON under the dossier's key, for one purpose each.

Destroying a dossier's key takes its answers, drafts and questions with it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.vault.vault import Vault

_PURPOSE = "review"


def seal(vault: Vault, dossier: str, content: dict[str, Any]) -> bytes:
    """Sealed JSON."""
    return vault.seal(dossier, json.dumps(content, ensure_ascii=False).encode(), _PURPOSE)


def unseal(vault: Vault, sealed: bytes) -> dict[str, Any]:
    """What was sealed. Raises `VaultError`."""
    content: dict[str, Any] = json.loads(vault.open(sealed, _PURPOSE))
    return content
