"""Names of objects in the store and of dossiers: derived from content or chance, never from a person.

Content-addressed where the content is known (originals, pages), under the dossier where it is made for one.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing that reads like something else
KEYS_FOLDER = "keys"
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}


def new_dossier_id(now: datetime) -> str:
    """A dossier's id, `hs-yymmdd-` and eight letters: short enough to say, long enough never to meet again."""
    return f"hs-{now:%y%m%d}-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


def original_key(sha256: str) -> str:
    """Where an original lies, bit for bit as it came in."""
    return f"originals/{sha256[:2]}/{sha256}"


def page_key(sha256: str, media_type: str) -> str:
    """Where the upright image of a page lies."""
    return f"pages/{sha256[:2]}/{sha256}.{EXTENSIONS[media_type]}"


def prepared_key(dossier_id: str, sha256: str) -> str:
    """Where the archive PDF waits for its signature."""
    return f"prepared/{dossier_id}/{sha256}.pdf"


def filed_key(dossier_id: str, sha256: str, name: str) -> str:
    """Where what is filed lies; `sha256` is that of the signed PDF, so that one filing's parts lie together."""
    return f"filed/{dossier_id}/{sha256}/{name}"


def public_key_key(name: str) -> str:
    """Where a public key lies, by a name derived from its certificate."""
    return f"{KEYS_FOLDER}/{name}.jwk"
