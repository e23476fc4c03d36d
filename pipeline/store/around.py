"""A store round another store: every verb goes through, so that one who changes a few writes only those.

Sealing, counting and the like derive from this and pass the inner store on; what they do not change stays the inner
store's, its refusals included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from pipeline.store.protocol import Capabilities, ObjectStat, ObjectStore, Retention, RetentionMode, Version


class Around:
    """An `ObjectStore` that does what the inner one does."""

    def __init__(self, inner: ObjectStore) -> None:
        self.inner = inner

    def capabilities(self) -> Capabilities:
        """See `ObjectStore.capabilities`."""
        return self.inner.capabilities()

    def put_new(self, key: str, source: bytes | Path, media_type: str = "application/octet-stream") -> ObjectStat:
        """See `ObjectStore.put_new`."""
        return self.inner.put_new(key, source, media_type)

    def get(self, key: str) -> bytes:
        """See `ObjectStore.get`."""
        return self.inner.get(key)

    def start(self, key: str, size: int) -> bytes:
        """See `ObjectStore.start`."""
        return self.inner.start(key, size)

    def fetch(self, key: str, target: Path) -> ObjectStat:
        """See `ObjectStore.fetch`."""
        return self.inner.fetch(key, target)

    def stat(self, key: str) -> ObjectStat | None:
        """See `ObjectStore.stat`."""
        return self.inner.stat(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See `ObjectStore.keys`."""
        return self.inner.keys(prefix)

    def presign(self, key: str, expires: timedelta) -> str:
        """See `ObjectStore.presign`."""
        return self.inner.presign(key, expires)

    def retain(self, key: str, until: datetime, mode: RetentionMode) -> Retention:
        """See `ObjectStore.retain`."""
        return self.inner.retain(key, until, mode)

    def retention(self, key: str) -> Retention | None:
        """See `ObjectStore.retention`."""
        return self.inner.retention(key)

    def hold(self, key: str, *, on: bool) -> None:
        """See `ObjectStore.hold`."""
        self.inner.hold(key, on=on)

    def held(self, key: str) -> bool:
        """See `ObjectStore.held`."""
        return self.inner.held(key)

    def versions(self, key: str) -> list[Version]:
        """See `ObjectStore.versions`."""
        return self.inner.versions(key)

    def delete(self, key: str) -> int:
        """See `ObjectStore.delete`."""
        return self.inner.delete(key)

    def abort_stale(self, before: datetime) -> int:
        """See `ObjectStore.abort_stale`."""
        return self.inner.abort_stale(before)
