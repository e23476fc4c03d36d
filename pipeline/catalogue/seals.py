"""Columns that hold people's data, sealed one by one on their way into the database and opened on their way out.

Sealed under the key of the dossier they belong to, bound to the column's name: `hv1:` and base64 in columns of text and
JSON, so that rows from before there was a vault are told by their first letters and read as they are. What is looked up
exactly has a keyed index beside it. A catalogue without a vault (a copy being read in, a test of something else) writes
plain; the house never makes one.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any

from pipeline.catalogue.session import nfc
from pipeline.vault.errors import KeyDestroyedError, KeyUnknownError
from pipeline.vault.vault import CONTENT, HOUSE, TEXT, folded, is_sealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.record import Dossier
    from pipeline.vault.vault import Vault

_KNOWN = 2048


class Seals:
    """Safe for threads. Raises `pipeline.vault.errors`."""

    def __init__(self, vault: Vault | None) -> None:
        self._vault = vault
        self._held: dict[str, frozenset[str]] = {}

    @property
    def on(self) -> bool:
        """Whether there is a vault."""
        return self._vault is not None

    def json(self, dossier_id: str, column: str, value: Any) -> Any:
        """A value for a column of JSON or text; None stays None, so that it can be asked for."""
        if self._vault is None or value is None:
            return value
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self._vault.seal_text(dossier_id, plain, column)

    def opened(self, column: str, value: Any) -> Any:
        """What `json` was given; a value that is not sealed as it is."""
        if self._vault is None or not isinstance(value, str) or not value.startswith(TEXT):
            return value
        return json.loads(self._vault.open_text(value, column))

    def index(self, kind: str, text: str) -> str:
        """For exact look-up: 64 hexadecimal letters. Case and white space do not matter, marks do."""
        if self._vault is None:
            return hashlib.sha256(f"{kind}\n{folded(text)}".encode()).hexdigest()
        return self._vault.blind(kind, text)

    def row(self, dossier_id: str, table: str, row: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
        """A row with some of its columns sealed."""
        sealed = {name: self.json(dossier_id, f"{table}.{name}", row[name]) for name in columns if name in row}
        return {**row, **sealed}

    def parts(self, dossier_id: str, column: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """An object whose own objects and lists are sealed; numbers and codes stay to be counted by."""
        return {
            key: self.json(dossier_id, f"{column}.{key}", value) if isinstance(value, dict | list) else value
            for key, value in data.items()
        }

    def opened_parts(self, column: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """What `parts` was given."""
        return {key: self.opened(f"{column}.{key}", value) for key, value in data.items()}

    def output(self, content_hash: str, made: bytes) -> bytes:
        """What a step made of a content, packed and sealed: the words of a page end with the page.

        Under the content's key where content of that hash is stored, else under the house's.
        """
        packed = zlib.compress(made)
        if self._vault is None:
            return packed
        owner = CONTENT + content_hash
        return self._vault.seal(owner if self._vault.lives(owner) else HOUSE, packed, "steps.output")

    def opened_output(self, blob: bytes) -> bytes | None:
        """What the step made; None where it does not unpack or its key is gone: a step can be done again."""
        try:
            if self._vault is not None and is_sealed(blob):
                blob = self._vault.open(blob, "steps.output")
            return zlib.decompress(blob)
        except (zlib.error, KeyDestroyedError, KeyUnknownError):
            return None

    def take(self, dossier: Dossier) -> None:
        """As `hold`, for a dossier from before there was a vault: its contents get keys for what was read on them."""
        if self._vault is not None:
            for sha256 in _contents(dossier):
                self._vault.key(CONTENT + sha256)
        self.hold(dossier)

    def hold(self, dossier: Dossier) -> None:
        """The dossier holds its originals and page images: see `Vault.hold`."""
        if self._vault is None:
            return
        contents = _contents(dossier)
        if contents <= self._held.get(dossier.id, frozenset()):
            return
        self._vault.hold(dossier.id, contents)
        if len(self._held) > _KNOWN:
            self._held.clear()
        self._held[dossier.id] = contents


def _contents(dossier: Dossier) -> frozenset[str]:
    found = (*(o.sha256 for o in dossier.originals), *(p.image_sha256 for p in dossier.pages))
    return frozenset(sha256 for sha256 in found if sha256)


PLAIN = Seals(None)
"""For what reads rows without a vault."""

SEALED_COLUMNS = {
    "dossiers": ("record",),
    "originals": ("name",),
    "pages": ("file",),
    "documents": ("title",),
    "fields": ("label", "value", "raw", "reason"),
    "findings": ("message",),
    "decisions": ("value",),
}
"""By table. Ids, statuses, types, dates, counts, probabilities and object keys stay plain."""


def field_index(seals: Seals, key: str, value: Any) -> str | None:
    """The keyed index of a field's value: lists joined by newlines; None for no value."""
    if value is None:
        return None
    if isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = str(value) if isinstance(value, str | int) else "\n".join(value)
    return seals.index(f"field.{key}", str(nfc(text)))
