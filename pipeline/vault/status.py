"""How the vault stands: masters, keys, and what lies in the store unsealed. Ids and counts only, no key, no name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.record import Model
from pipeline.vault import format as f
from pipeline.vault import ring as r
from pipeline.vault.errors import VaultError
from pipeline.vault.vault import UNCLAIMED

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.tools import Tools


class MasterState(Model):
    """A master."""

    id: str
    kind: str
    state: str
    """`current`, `former` or `removed`."""
    here: bool
    """Whether this machine has it now."""
    keys: int
    """Keys that it wraps."""


class VaultStatus(Model):
    """The answer of `hoso vault status`."""

    masters: tuple[MasterState, ...]
    keys: int
    destroyed: int
    unclaimed: int
    """Contents that no dossier holds (yet)."""
    sealed: int | None
    unsealed: int | None
    """Objects from before there was a vault; both None where they were not counted."""

    @property
    def whole(self) -> bool:
        """Whether every master that is needed is here."""
        return all(master.here for master in self.masters if master.keys or master.state == "current")


def status(tools: Tools, *, objects: bool = True, on_object: Callable[[int], None] = lambda _: None) -> VaultStatus:
    """Raises store errors and the vault's; counting reads the first bytes of every object."""
    keeper = tools.vault.keeper
    with keeper.ring.reading() as connection:
        known = r.all_masters(connection)
        alive, gone = r.counts(connection)
        waiting = r.living(connection, [UNCLAIMED]).get(UNCLAIMED)
        unclaimed = len(r.held_by(connection, waiting)) if waiting else 0
    try:
        here = set(keeper.masters())
    except VaultError:
        here = set()
    sealed = unsealed = 0
    for number, key in enumerate(tools.medium.keys("") if objects else (), start=1):
        if f.is_object(tools.medium.start(key, f.HEADER)):
            sealed += 1
        else:
            unsealed += 1
        on_object(number)
    return VaultStatus(
        masters=tuple(
            MasterState(id=row.id, kind=row.kind, state=row.state, here=row.id in here, keys=row.held) for row in known
        ),
        keys=alive,
        destroyed=gone,
        unclaimed=unclaimed,
        sealed=sealed if objects else None,
        unsealed=unsealed if objects else None,
    )
