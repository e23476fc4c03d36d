"""The master: the one key that wraps the keys of owners. Two seams, so that it can live anywhere.

A `Master` wraps and unwraps 32 bytes and never gives itself away; a `MasterSource` finds, makes and removes masters of
one kind. A key management service is one more source: two calls of an API, no key on this machine. Here is the source
over a file: JSON, mode 0600, made at the first start, replaced in one step; it holds the old master beside the new one
while keys are being rewrapped. The id of a master is derived from its key, so that a changed file is noticed.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from pipeline.vault.errors import MasterUnreachableError, MasterUnsafeError, MasterWrongError
from pipeline.vault.primitives import KEY, cipher, decrypt, encrypt, keyed_hash, new_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = "hoso-master-1"


class Master(Protocol):
    """Wraps keys. Raises `MasterUnreachableError`, `SealBrokenError`."""

    @property
    def id(self) -> str:
        """Up to 64 of `a-z0-9.-`; tells masters apart, says nothing of the key."""
        ...

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """A key of 32 bytes, sealed together with what it is bound to."""
        ...

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """The key again."""
        ...


class MasterSource(Protocol):
    """Masters of one kind. Raises `MasterUnreachableError`, `MasterUnsafeError`, `MasterWrongError`."""

    @property
    def kind(self) -> str:
        """`file`, `pkcs11`, ..."""
        ...

    def all(self) -> dict[str, Master]:
        """What is there now, by id, the oldest first; looked up anew at each call."""
        ...

    def make(self) -> Master:
        """A new master, lasting before it is returned."""
        ...

    def remove(self, master_id: str) -> bool:
        """Destroys a master; False where it was not there."""
        ...


class HeldMaster:
    """A master whose key is in this process."""

    def __init__(self, key: bytes) -> None:
        self._id = "file-" + keyed_hash(key, b"hoso master id")[:16]
        self._box: AESGCM = cipher(key, "master wrap")

    @property
    def id(self) -> str:
        """See `Master.id`."""
        return self._id

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """See `Master.wrap`."""
        return encrypt(self._box, key, bound)

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """See `Master.unwrap`."""
        return decrypt(self._box, wrapped, bound)


class FileMasters:
    """A `MasterSource` over one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def kind(self) -> str:
        """See `MasterSource.kind`."""
        return "file"

    def all(self) -> dict[str, Master]:
        """See `MasterSource.all`. A file that others may read is refused: what it holds is no secret any more."""
        return {master.id: master for master in map(HeldMaster, self._read())}

    def make(self) -> Master:
        """See `MasterSource.make`."""
        key = new_key()
        with self._alone():
            self._write([*self._read(), key])
        return HeldMaster(key)

    def remove(self, master_id: str) -> bool:
        """See `MasterSource.remove`. The old file's blocks are the disk's: encrypt the disk, or shred it."""
        with self._alone():
            keys = self._read()
            kept = [key for key in keys if HeldMaster(key).id != master_id]
            if len(kept) == len(keys):
                return False
            self._write(kept)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Of two processes that start together on a new machine, the second one finds what the first one made."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise MasterUnreachableError(self._path.name, type(error).__name__) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _read(self) -> list[bytes]:
        try:
            with self._path.open("rb") as stream:
                mode = os.fstat(stream.fileno()).st_mode
                data = stream.read()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise MasterUnreachableError(self._path.name, type(error).__name__) from error
        if stat.S_IMODE(mode) & 0o077:
            raise MasterUnsafeError(self._path.name, f"mode {stat.S_IMODE(mode):04o}")
        try:
            content = json.loads(data)
            keys = [base64.b64decode(item["key"], validate=True) for item in content["keys"]]
            right = content["format"] == _FORMAT and all(
                len(key) == KEY and HeldMaster(key).id == item["id"]
                for key, item in zip(keys, content["keys"], strict=True)
            )
        except (ValueError, KeyError, TypeError):
            right = False
        if not right:
            # The error would quote the file, and the file holds keys.
            raise MasterWrongError(self._path.name, "not a master file, or a changed one") from None
        return keys

    def _write(self, keys: list[bytes]) -> None:
        items = [{"id": HeldMaster(key).id, "key": base64.b64encode(key).decode("ascii")} for key in keys]
        data = json.dumps({"format": _FORMAT, "keys": items}, indent=1).encode()
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise MasterUnreachableError(self._path.name, type(error).__name__) from error
