"""An object store round another one: callers see plain content, the medium holds sealed objects.

Size, SHA-256 and equality are those of the plain content; keys stay as they are. Objects from before there was a vault
have no header and are read as they lie. Content whose key was destroyed is gone for its readers; when the same file
comes again, it is stored beside, under `KEY+1`, because nothing on write-once storage is written over.
What goes to the medium through scratch files is sealed already; a plain file is made by `fetch` only, where the caller
wants it.
"""

from __future__ import annotations

import io
import os
import threading
import uuid
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Never

from pipeline.store.around import Around
from pipeline.store.errors import KeyTakenError, NotFoundError, StoreUnreachableError
from pipeline.store.hashing import digest, opened, pieces
from pipeline.store.keys import check_key, masked
from pipeline.store.protocol import ObjectStat, Proof
from pipeline.vault import format as f
from pipeline.vault.errors import KeyDestroyedError, PresignSealedError
from pipeline.vault.naming import SHARED, again, owner_of, without_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from pipeline.store.protocol import Capabilities, ObjectStore, Retention, RetentionMode, Version
    from pipeline.vault.vault import Vault

_IN_MEMORY = 4 << 20
"""Bytes; larger objects go through a sealed scratch file."""
_KNOWN = 4096
_TIMES = 100
"""How often the same content may come again after its key was destroyed."""


class SealedStore(Around):
    """An `ObjectStore`. Safe for threads as far as the store inside is."""

    def __init__(self, inner: ObjectStore, vault: Vault, scratch: Path) -> None:
        """`scratch`: a folder for sealed files under way; made when needed."""
        super().__init__(inner)
        self._vault = vault
        self._scratch = scratch
        self._lock = threading.Lock()
        self._headers: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def capabilities(self) -> Capabilities:
        """Those of the store inside, and encryption, tried out on a sample of this moment."""
        sample = os.urandom(64)
        sealed = self._vault.seal("house", sample)
        proved = sample not in sealed and self._vault.open(sealed) == sample
        proof = Proof("encryption", proved, "a sample was sealed with AES-256-GCM through the ring and opened again")
        found = self.inner.capabilities()
        proofs = (*(one for one in found.proofs if one.capability != "encryption"), proof)
        return replace(found, encryption=proved, proofs=proofs)

    def put_new(self, key: str, source: bytes | Path, media_type: str = "application/octet-stream") -> ObjectStat:
        """See `ObjectStore.put_new`. Raises `KeyDestroyedError` under the id of a dossier whose key was destroyed."""
        check_key(key)
        sha256, size = digest(source)
        wanted = ObjectStat(key, size, sha256)
        owner = owner_of(key)
        for number in range(_TIMES):
            name = again(key, number)
            try:
                there = self._look(name)
                if there is None:
                    self._put(name, owner, source, f.Content(size, sha256), media_type)
                    there = wanted
            except KeyDestroyedError:
                if key.split("/", 1)[0] not in SHARED:
                    raise
                continue
            except KeyTakenError:
                # Somebody else was quicker; equal content is a success for both.
                there = self._look(name)
            if there is None or (there.size, there.sha256) != (size, sha256):
                raise KeyTakenError(masked(key))
            return wanted
        raise KeyTakenError(masked(key), f"destroyed {_TIMES} times")

    def get(self, key: str) -> bytes:
        """See `ObjectStore.get`. Raises `KeyDestroyedError`, `SealBrokenError`."""
        name = self._name(key)
        data = self.inner.get(name)
        if not f.is_object(data):
            return data
        sealing = self._open(name, data[: f.HEADER])
        stream = io.BytesIO(data)
        stream.seek(f.HEADER)
        return b"".join(sealing.opened(stream, masked(key)))

    def start(self, key: str, size: int) -> bytes:
        """See `ObjectStore.start`."""
        return self.get(key)[:size]

    def fetch(self, key: str, target: Path) -> ObjectStat:
        """See `ObjectStore.fetch`. The target appears only once its bytes were found to be right."""
        name = self._name(key)
        sealed = target.with_name(f".{uuid.uuid4().hex}.sealed")
        part = target.with_name(f".{uuid.uuid4().hex}.part")
        try:
            found = self.inner.fetch(name, sealed)
            try:
                with sealed.open("rb") as stream:
                    header = stream.read(f.HEADER)
                    if f.is_object(header):
                        sealing = self._open(name, header)
                        with _private(part) as plain:
                            for piece in sealing.opened(stream, masked(key)):
                                plain.write(piece)
                            plain.flush()
                            os.fsync(plain.fileno())
                        found = ObjectStat(key, sealing.content.size, sealing.content.sha256)
                        part.replace(target)
                    else:
                        sealed.replace(target)
            except OSError as error:
                raise StoreUnreachableError(masked(key), type(error).__name__) from error
        finally:
            sealed.unlink(missing_ok=True)
            part.unlink(missing_ok=True)
        return replace(found, key=key)

    def stat(self, key: str) -> ObjectStat | None:
        """See `ObjectStore.stat`. Raises `KeyDestroyedError` where something lies there that nobody can open."""
        check_key(key)
        try:
            name = self._name(key)
        except NotFoundError:
            return None
        found = self._look(name)
        return None if found is None else replace(found, key=key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See `ObjectStore.keys`."""
        last = ""
        for name in self.inner.keys(prefix):
            key = without_number(name)
            if key != last:
                last = key
                yield key

    def presign(self, key: str, expires: timedelta) -> Never:
        """Always raises `PresignSealedError`: whoever has the address would get bytes that he cannot open."""
        del expires
        raise PresignSealedError(masked(check_key(key)))

    def retain(self, key: str, until: datetime, mode: RetentionMode) -> Retention:
        """See `ObjectStore.retain`."""
        return self.inner.retain(self._newest(key), until, mode)

    def retention(self, key: str) -> Retention | None:
        """See `ObjectStore.retention`."""
        return self.inner.retention(self._newest(key))

    def hold(self, key: str, *, on: bool) -> None:
        """See `ObjectStore.hold`."""
        self.inner.hold(self._newest(key), on=on)

    def held(self, key: str) -> bool:
        """See `ObjectStore.held`."""
        return self.inner.held(self._newest(key))

    def versions(self, key: str) -> list[Version]:
        """See `ObjectStore.versions`."""
        found = []
        for name in reversed(self._names(key)):
            there = self.inner.stat(name)
            sealed = there is not None and f.is_object(self._header(name, there))
            for version in self.inner.versions(name):
                size = f.plain_size(version.size) if sealed and not version.marker else version.size
                found.append(replace(version, size=size))
        return found

    def delete(self, key: str) -> int:
        """See `ObjectStore.delete`."""
        return sum(self.inner.delete(name) for name in self._names(key))

    def is_sealed(self, key: str) -> bool:
        """Whether the object lies sealed; False for one from before there was a vault. Raises `NotFoundError`."""
        name = self._newest(key)
        found = self.inner.stat(name)
        if found is None:
            raise NotFoundError(masked(key))
        return f.is_object(self._header(name, found))

    # Inside

    def _put(self, name: str, owner: str, source: bytes | Path, content: f.Content, media_type: str) -> None:
        sealing = f.new_sealing(self._vault.key(owner), name, content)
        with opened(source) as stream:
            sealed = sealing.sealed(pieces(stream, masked(name)))
            if content.size <= _IN_MEMORY:
                self.inner.put_new(name, sealing.header + b"".join(sealed), media_type)
                return
            self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._scratch / f"{uuid.uuid4().hex}.sealed"
            try:
                try:
                    with _private(part) as out:
                        out.write(sealing.header)
                        for piece in sealed:
                            out.write(piece)
                except OSError as error:
                    raise StoreUnreachableError(masked(name), type(error).__name__) from error
                self.inner.put_new(name, part, media_type)
            finally:
                part.unlink(missing_ok=True)

    def _look(self, name: str) -> ObjectStat | None:
        """The plain content under a name of the medium."""
        found = self.inner.stat(name)
        if found is None:
            return None
        header = self._header(name, found)
        if not f.is_object(header):
            return found
        content = self._open(name, header).content
        return ObjectStat(name, content.size, content.sha256)

    def _open(self, name: str, header: bytes) -> f.Sealing:
        return f.open_sealing(self._vault.keeper.by_id(f.key_id(header)), name, header)

    def _header(self, name: str, found: ObjectStat) -> bytes:
        """The object's first bytes, remembered: what lies under one hash does not change."""
        known = (name, found.sha256)
        with self._lock:
            header = self._headers.get(known)
        if header is None:
            header = self.inner.start(name, f.HEADER)
            with self._lock:
                self._headers[known] = header
                if len(self._headers) > _KNOWN:
                    self._headers.popitem(last=False)
        return header

    def _names(self, key: str) -> list[str]:
        """Under which names the content lies on the medium, the oldest first."""
        check_key(key)
        if key.split("/", 1)[0] not in SHARED:
            return [key]
        found = [key]
        while len(found) < _TIMES and self.inner.stat(again(key, len(found))) is not None:
            found.append(again(key, len(found)))
        return found

    def _newest(self, key: str) -> str:
        return self._names(key)[-1]

    def _name(self, key: str) -> str:
        """The name that can be opened; the first one, without a look further, in all but the rarest case.

        Raises `NotFoundError`; `KeyDestroyedError` where the content did not come again.
        """
        check_key(key)
        found = self.inner.stat(key)
        if found is None:
            raise NotFoundError(masked(key))
        header = self._header(key, found)
        if not f.is_object(header):
            return key
        try:
            self._vault.keeper.by_id(f.key_id(header))
        except KeyDestroyedError:
            newest = self._newest(key)
            if newest == key:
                raise
            return newest
        return key


def _private(path: Path) -> io.BufferedWriter:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")
