"""The keys as this process knows them: opened through their holders, kept a moment, checked against the ring.

A key is opened by walking its wraps up to a master. What was opened stays in memory for as long as the ring says that
it lives; that is asked anew when the last answer is older than `TRUST_SECONDS`, so that a key destroyed by another
process or machine is unusable here after that time at the latest. Subkeys for each use are derived once.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from pipeline.vault import ring as r
from pipeline.vault.errors import KeyDestroyedError, KeyUnknownError, MasterMissingError, VaultError
from pipeline.vault.primitives import cipher, decrypt, encrypt, new_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from sqlalchemy import Connection

    from pipeline.vault.master import Master, MasterSource
    from pipeline.vault.ring import KeyRow, Ring

TRUST_SECONDS = 2.0
_KEPT = 4096
"""Keys in memory at most; the longest unused go first."""


class OpenKey:
    """A key, opened. Shows its id and nothing else."""

    __slots__ = ("_boxes", "_key", "checked", "id", "name")

    def __init__(self, key_id: str, name: str, key: bytes) -> None:
        self.id = key_id
        self.name = name
        self.checked = time.monotonic()
        self._key = key
        self._boxes: dict[str, AESGCM] = {}

    def __repr__(self) -> str:
        return f"OpenKey({self.id})"

    def box(self, label: str) -> AESGCM:
        """The cipher for one use."""
        found = self._boxes.get(label)
        if found is None:
            found = self._boxes[label] = cipher(self._key, label)
        return found

    def wrapped_for(self, holder: str, wrap: Callable[[bytes, bytes], bytes]) -> bytes:
        """The key, sealed by a holder."""
        return wrap(self._key, bound(self.id, holder))

    def secret(self) -> bytes:
        """The key itself, for deriving from it."""
        return self._key


def bound(key_id: str, holder: str) -> bytes:
    """A wrapped key is bound to whose it is and to who holds it, so that rows cannot be exchanged."""
    return f"hoso wrap 1 {key_id} {holder}".encode()


class Keeper:
    """Opens keys, makes them, and finds masters. Safe for threads."""

    def __init__(self, ring: Ring, sources: Sequence[MasterSource], kind: str, clock: Callable[[], datetime]) -> None:
        """`kind`: of the source that makes new masters."""
        self.ring = ring
        self._sources = sources
        self._kind = kind
        self._clock = clock
        self._lock = threading.RLock()
        self._masters: dict[str, Master] = {}
        self._open: OrderedDict[str, OpenKey] = OrderedDict()
        self._names: dict[str, str] = {}

    def now(self) -> datetime:
        """By the house's clock."""
        return self._clock()

    # Masters

    def start(self) -> None:
        """Sees to it that there is a current master, and that it is here.

        A ring without masters is a new installation: a master is made, or the one that a start cut off before left
        behind is taken. Raises `MasterMissingError` where the ring names one that is not here.
        """
        with self.ring.reading() as connection:
            current = r.current_master(connection)
        if current is None:
            source = self.source(self._kind)
            there = list(source.all().values())
            made = there[-1] if there else source.make()
            with self.ring.writing() as connection:
                if r.current_master(connection) is None:
                    r.set_master(connection, made.id, source.kind, self.now())
                current = r.current_master(connection)
        self.master(str(current))

    def source(self, kind: str) -> MasterSource:
        """The source of a kind. Raises `VaultError`."""
        for source in self._sources:
            if source.kind == kind:
                return source
        raise VaultError(None, f"no masters of kind {kind}")

    @property
    def kind(self) -> str:
        """Which kind new masters are of."""
        return self._kind

    def masters(self) -> dict[str, Master]:
        """All that are here now."""
        return {master_id: master for source in self._sources for master_id, master in source.all().items()}

    def master(self, master_id: str) -> Master:
        """A master by its id. Raises `MasterMissingError`."""
        with self._lock:
            if master_id not in self._masters:
                self._masters = self.masters()
            found = self._masters.get(master_id)
        if found is None:
            raise MasterMissingError(None, f"master {master_id} is not on this machine")
        return found

    def current_master(self, connection: Connection) -> Master:
        """The one that wraps what is new. Raises `MasterMissingError`."""
        return self.master(r.current_master(connection, lock=True) or "")

    # Keys

    def by_id(self, key_id: str) -> OpenKey:
        """Raises `KeyDestroyedError`, `KeyUnknownError`, `MasterMissingError`."""
        found = self._kept(key_id)
        if found is not None:
            return found
        with self.ring.reading() as connection:
            return self._opened(connection, r.by_id(connection, key_id), key_id)

    def by_name(self, name: str, *, holder: str | None = None, again: bool = False) -> OpenKey:
        """The living key of a name, made where the ring has none; its first holder is a named key, else the master.

        `again`: whether a name whose key was destroyed gets a new one; otherwise raises `KeyDestroyedError`.
        """
        known = self._names.get(name)
        if known is not None:
            try:
                return self.by_id(known)
            except KeyDestroyedError:
                self._names.pop(name, None)
        with self.ring.reading() as connection:
            row = r.by_name(connection, name)
            if row is not None and (not row.destroyed or not again):
                return self._named(self._opened(connection, row, row.id))
        above = self.by_name(holder) if holder is not None else None
        return self._named(self._made(name, above))

    def lives(self, name: str) -> bool:
        """Whether a name has a living key."""
        known = self._names.get(name)
        if known is not None and self._in_memory(known):
            return True
        with self.ring.reading() as connection:
            found = r.living(connection, [name]).get(name)
        return found is not None

    def _in_memory(self, key_id: str) -> bool:
        try:
            return self._kept(key_id) is not None
        except (KeyDestroyedError, KeyUnknownError):
            return False

    def forget(self) -> None:
        """Nothing that was opened is kept."""
        with self._lock:
            self._open.clear()
            self._names.clear()
            self._masters.clear()

    def _made(self, name: str, above: OpenKey | None) -> OpenKey:
        key_id = os.urandom(16).hex()
        made = OpenKey(key_id, name, new_key())
        with self.ring.writing() as connection:
            if above is not None:
                wrapped = {above.id: wrap_under(made, above)}
            else:
                master = self.current_master(connection)
                holder = r.MASTER + master.id
                wrapped = {holder: made.wrapped_for(holder, master.wrap)}
            if not r.add(connection, key_id, name, wrapped, self.now()):
                return self._opened(connection, r.by_name(connection, name), name)
        return self._keep(made)

    def _kept(self, key_id: str) -> OpenKey | None:
        with self._lock:
            found = self._open.get(key_id)
            if found is None:
                return None
            self._open.move_to_end(key_id)
        if time.monotonic() - found.checked > TRUST_SECONDS:
            with self.ring.reading() as connection:
                living = r.is_living(connection, key_id)
            if not living:
                with self._lock:
                    self._open.pop(key_id, None)
                raise (KeyUnknownError if living is None else KeyDestroyedError)(None, f"key {key_id}")
            found.checked = time.monotonic()
        return found

    def _opened(self, connection: Connection, row: KeyRow | None, key_id: str) -> OpenKey:
        if row is None:
            raise KeyUnknownError(None, f"key {key_id}")
        if row.destroyed:
            raise KeyDestroyedError(None, f"key {row.id}")
        with self._lock:
            found = self._open.get(row.id)
        if found is not None:
            return found
        problem: Exception | None = None
        # Masters first: a way of one step.
        for holder, wrapped in sorted(row.wraps.items(), key=lambda item: not item[0].startswith(r.MASTER)):
            try:
                if holder.startswith(r.MASTER):
                    key = self.master(holder.removeprefix(r.MASTER)).unwrap(wrapped, bound(row.id, holder))
                else:
                    above = self._opened(connection, r.by_id(connection, holder), holder)
                    key = decrypt(above.box("wrap"), wrapped, bound(row.id, holder))
            except VaultError as error:
                problem = error
            else:
                return self._keep(OpenKey(row.id, row.name, key))
        raise problem or KeyUnknownError(None, f"key {row.id} has no holder")

    def _keep(self, key: OpenKey) -> OpenKey:
        with self._lock:
            self._open[key.id] = key
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)
        return key

    def _named(self, key: OpenKey) -> OpenKey:
        with self._lock:
            if len(self._names) > _KEPT:
                self._names.clear()
            self._names[key.name] = key.id
        return key


def wrap_under(key: OpenKey, above: OpenKey) -> bytes:
    """A key sealed by the key that holds it."""
    return key.wrapped_for(above.id, lambda secret, what: encrypt(above.box("wrap"), secret, what))
