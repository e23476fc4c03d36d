"""A new master: keys are wrapped anew, objects and columns are not touched.

The new master lasts before the ring names it; then keys are rewrapped some at a time, each in one transaction with its
old wrap's end. Killed anywhere, every key is wrapped by a master that is here, and the same command goes on. When
nothing is wrapped by the old master any more it may be removed: from then on copies of the ring from before are
useless, which is what one wants after a destruction, and why a backup belongs right behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.vault import ring as r
from pipeline.vault.keeper import bound

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.vault.vault import Vault

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    master: str
    rewrapped: int
    continued: bool
    """Whether it went on with one that was cut off."""
    removed: tuple[str, ...]


def prepare(vault: Vault) -> str:
    """Makes the next master without using it yet, so that it can be brought to all machines first; returns its id.

    One that waits already is not made twice.
    """
    keeper = vault.keeper
    waiting = _waiting(vault)
    return waiting or keeper.source(keeper.kind).make().id


def rotate(vault: Vault, *, remove_old: bool = False, on_key: Callable[[int], None] = lambda _: None) -> Rotated:
    """Makes (or takes the prepared) master, wraps every key with it, and removes the old ones if told to.

    Raises `MasterMissingError` where a master that still wraps keys is not here, `MasterUnreachableError`,
    `RingUnreachableError`; the ring is then in order, and the call may be made again.
    """
    keeper = vault.keeper
    with keeper.ring.reading() as connection:
        known = r.all_masters(connection)
    continued = any(row.held for row in known if row.state == "former")
    if continued:
        current = next(row.id for row in known if row.state == "current")
    else:
        current = _waiting(vault) or keeper.source(keeper.kind).make().id
        with keeper.ring.writing() as connection:
            r.set_master(connection, current, keeper.kind, keeper.now())
    keeper.forget()
    count = 0
    for row in known:
        if row.id != current:
            count = _rewrap(vault, row.id, current, count, on_key)
    keeper.ring.forget()
    removed = _remove_former(vault) if remove_old else ()
    return Rotated(current, count, continued, removed)


def _rewrap(vault: Vault, old_id: str, new_id: str, count: int, on_key: Callable[[int], None]) -> int:
    keeper = vault.keeper
    old_holder, new_holder = r.MASTER + old_id, r.MASTER + new_id
    while True:
        with keeper.ring.writing() as connection:
            found = r.wrapped_by(connection, old_holder, _BATCH)
            if not found:
                return count
            old, new = keeper.master(old_id), keeper.master(new_id)
            for key_id, wrapped in found.items():
                key = old.unwrap(wrapped, bound(key_id, old_holder))
                r.wrap_for(connection, key_id, new_holder, new.wrap(key, bound(key_id, new_holder)))
                r.unwrap_from(connection, key_id, old_holder)
        count += len(found)
        on_key(count)


def _remove_former(vault: Vault) -> tuple[str, ...]:
    keeper = vault.keeper
    removed = []
    with keeper.ring.reading() as connection:
        former = [row for row in r.all_masters(connection) if row.state == "former" and not row.held]
    for row in former:
        keeper.source(row.kind).remove(row.id)
        with keeper.ring.writing() as connection:
            r.master_removed(connection, row.id)
        removed.append(row.id)
    keeper.forget()
    return tuple(removed)


def _waiting(vault: Vault) -> str | None:
    """A master of the wanted kind that is here and that the ring does not know."""
    keeper = vault.keeper
    with keeper.ring.reading() as connection:
        known = {row.id for row in r.all_masters(connection)}
    here = keeper.source(keeper.kind).all()
    return next((master_id for master_id in reversed(here) if master_id not in known), None)
