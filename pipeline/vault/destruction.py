"""The end of a key as the house knows it: in the journal and the ledger before it happens, and out of the look-ups.

Whoever ends a key (`hoso vault destroy`, an erasure, the end of retention) comes through `Vault.destroy`, and the house
hangs `on_end` into it. The act `vault.ended` lets a ring that an older backup gave back be brought to what was
destroyed since: `hoso kho rebuild` and `hoso vault restore-ring` replay it. Reasons are free text: sealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline import journal
from pipeline.vault.errors import NameUnknownError
from pipeline.vault.vault import CONTENT, HOUSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.journal import Act
    from pipeline.replayers import Replayer
    from pipeline.tools import Tools

ENDED: Final = "vault.ended"
_REASON = "vault.reason"


def destroy(tools: Tools, name: str, reason: str, who: str) -> list[str]:
    """Ends a name's key for a reason in words; returns the names of all keys that ended. See `Vault.destroy`."""
    sealed = tools.vault.seal_text(HOUSE, reason, _REASON)
    return tools.vault.destroy(name, sealed, who)


def on_end(tools: Tools, names: list[str], reason: str, who: str) -> None:
    """Puts the end of keys on record and takes the dossiers among them out of the look-ups."""
    people = [name for name in names if not name.startswith(CONTENT)]
    act = journal.act(
        tools.store,
        ENDED,
        people[0] if people else HOUSE,
        {"names": list(people), "contents": len(names) - len(people), "reason": reason, "who": who},
        tools.clock(),
    )
    for name in people:
        tools.catalogue.forget(name)
    tools.catalogue.ledger().key(who, act.subject, {"act": act.id, "keys": len(names), "ended": list(people[1:])})


def bring_forward(tools: Tools) -> int:
    """Ends again what the journal says has ended and a ring from an older copy still holds; returns how many keys."""
    before = len(_living(tools))
    for key in journal.act_keys(tools.store):
        if f"-{ENDED}-" in key:
            replay(tools, journal.read_act(tools.store, key))
    return before - len(_living(tools))


def replay(tools: Tools, act: Act) -> bool:
    """Ends again what an act says; True where something still lived."""
    names = act.payload.get("names")
    if not isinstance(names, list):
        return False
    found = False
    for name in map(str, names):
        try:
            found |= bool(tools.vault.end_again(name, str(act.payload.get("reason", ""))))
        except NameUnknownError:
            continue
        tools.catalogue.forget(name)
    return found


def _living(tools: Tools) -> list[str]:
    return tools.vault.living()


REPLAYERS: Mapping[str, Replayer] = {ENDED: replay}
