"""The end of records: a person's act, never a machine's, and only where nothing forbids it.

Destroying is first of all the end of a key: what it sealed cannot be read again, on write-once storage and in backups
alike. Objects are deleted besides, where the medium lets them go; those that it retains stay, unreadable. The act is in
the journal before anything goes, and may be done again after a crash: what is gone is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.keeping import acts
from pipeline.keeping.errors import KeepingForbidsError
from pipeline.keeping.retention import grounds, seen
from pipeline.keys import original_key
from pipeline.record import Model
from pipeline.store.errors import KeyDutyError, ObjectHeldError, RetainedError, StoreAccessError, VerbUnsupportedError
from pipeline.vault.destruction import destroy as end_of_key
from pipeline.vault.errors import KeyDestroyedError, NameUnknownError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

    from pipeline.access.principal import Principal
    from pipeline.journal import Act
    from pipeline.keeping.records import Kept
    from pipeline.tools import Tools


class Destroyed(Model):
    """What a destruction did."""

    dossier: str
    act: str
    """Id of the act in the journal."""
    keys: int
    """Keys that ended: the dossier's, and those of files and pages that nobody else has."""
    deleted: int
    """Objects that the medium let go."""
    retained: int
    """Objects that it keeps, which nobody can read."""


def destroy(tools: Tools, who: Principal, dossier_id: str, reason: str) -> Destroyed:
    """Destroys one dossier whose time is over.

    Raises `NotAllowedError`, `ReasonNeededError`, `KeepingUnknownError`, `KeepingForbidsError`, vault and store errors.
    """
    acts.allowed(who)
    said = acts.reasoned(reason)
    kept = seen(tools, who, dossier_id)
    against = grounds(tools, dossier_id)
    if against:
        raise KeepingForbidsError(dossier_id, against)
    objects = objects_of(tools, dossier_id)
    act = enter(tools, who, kept, said)
    try:
        gone = end_of_key(tools, dossier_id, said, who.id)
    except NameUnknownError:
        # Filed before there was a vault: there is no key, and deletion is all there is.
        gone = []
    return finish(tools, who, act, objects, len(gone))


def enter(tools: Tools, who: Principal, kept: Kept, reason: str, request: str | None = None) -> Act:
    """The act, before anything goes."""
    payload: dict[str, JsonValue] = {
        "who": who.id,
        "agency": kept.agency,
        "rule": kept.rule,
        "source": kept.source,
        "certainty": kept.certainty,
        "counted_from": kept.counted_from.isoformat(),
        "keep_until": acts.day(kept.keep_until),
        "request": request,
        "reason": acts.seal(tools, reason),
    }
    return acts.enter(tools, acts.DESTROYED, kept.dossier, payload, tools.clock())


def finish(tools: Tools, who: Principal, act: Act, objects: Iterable[str], keys: int) -> Destroyed:
    """Deletes what may go, after the key has ended; row and ledger say so."""
    deleted = retained = 0
    for key in objects:
        try:
            deleted += tools.maintenance().delete(key) > 0
        except (RetainedError, ObjectHeldError, StoreAccessError, KeyDutyError, VerbUnsupportedError):
            retained += 1
    door = tools.catalogue.keeping()
    door.destroyed(act.subject, act.id, who.id, tools.clock())
    what: dict[str, JsonValue] = {"act_id": act.id, "rule": act.payload["rule"], "keys": keys, "deleted": deleted}
    door.enter("destroyed", act.subject, who.id, what | {"retained": retained})
    return Destroyed(dossier=act.subject, act=act.id, keys=keys, deleted=deleted, retained=retained)


def objects_of(tools: Tools, dossier_id: str) -> list[str]:
    """Objects that are this dossier's alone: made for it, its journal, and originals that no other dossier has."""
    found = [key for first in ("filed", "prepared", "journal") for key in tools.store.keys(f"{first}/{dossier_id}/")]
    try:
        dossier = tools.catalogue.load(dossier_id)
    except KeyDestroyedError:
        dossier = None
    originals = [original.sha256 for original in dossier.originals] if dossier else []
    alone = [sha256 for sha256 in originals if tools.catalogue.find_original(sha256) == [dossier_id]]
    return found + [original_key(sha256) for sha256 in alone]
