"""From settings to a store. The kind is a word; an unknown word is answered with the known ones.

`folder` needs a folder. `s3` needs an endpoint, a bucket and keys. `seaweedfs` runs a server of its own under the
folder and is stopped with the store: use `opened_store` for it, or close what `open_store` returned.
Keys are read from a file, never from the settings themselves, so that settings can be shown and logged.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from pipeline.store.errors import StoreOptionsError
from pipeline.store.folder import FolderStore

if TYPE_CHECKING:
    from pipeline.store.protocol import ObjectStore


class StoreOptions(BaseModel):
    """What an operator may say about the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "folder"
    """`folder`, `s3` or `seaweedfs`."""
    folder: Path | None = None
    """Where objects lie (`folder`), or where the server keeps its data (`seaweedfs`)."""
    endpoint: str | None = None
    """`https://host[:port]` or `http://host[:port]` of an S3 server."""
    bucket: str = "kho"
    region: str = "us-east-1"
    keys_file: Path | None = None
    """JSON file with `access_key` and `secret_key`; readable by the owner only."""
    ca_file: Path | None = None
    """PEM bundle to trust instead of the system's, for a server with a certificate of its own authority."""
    create_bucket: bool = True
    """Whether a missing bucket is made (with versioning and Object Lock where the server knows them)."""
    lock_days: int | None = Field(default=None, ge=1)
    """Default retention in COMPLIANCE mode given to a bucket made here; nobody can shorten it afterwards."""


def open_store(options: StoreOptions) -> ObjectStore:
    """The store that the options describe. Raises `StoreOptionsError`, `StoreUnreachableError`."""
    builders = {"folder": _folder}
    builder = builders.get(options.kind)
    if builder is None:
        raise StoreOptionsError(None, f"unknown kind {options.kind!r}; known: {', '.join(sorted(builders))}")
    return builder(options)


def _folder(options: StoreOptions) -> ObjectStore:
    if options.folder is None:
        raise StoreOptionsError(None, "kind 'folder' needs `folder`")
    return FolderStore(options.folder)
