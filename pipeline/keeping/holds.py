"""Legal holds: on a dossier, or on everything of an owner, until a person lifts them.

A hold blocks destruction and the end of keys whatever the retention. Where the store has legal holds it keeps the
objects, too; that only a maintenance key can lift. The catalogue's hold counts in any case: what is filed for an owner
later is held by it at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipeline.keeping import acts
from pipeline.keeping.errors import KeepingUnknownError
from pipeline.keeping.owned import dossiers_of, owners_of, records_of, seen_owner
from pipeline.keeping.records import Hold
from pipeline.keys import original_key
from pipeline.store.errors import KeyDutyError, NotFoundError, VerbUnsupportedError
from pipeline.vault.errors import KeyDestroyedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

    from pipeline.access.principal import Principal
    from pipeline.catalogue.keeping_door import Row
    from pipeline.tools import Tools


def hold(tools: Tools, who: Principal, kind: Literal["dossier", "owner"], subject: str, reason: str) -> Hold:
    """Sets a hold. Raises `NotAllowedError`, `ReasonNeededError`, `KeepingUnknownError`, store errors."""
    acts.allowed(who)
    said = acts.reasoned(reason)
    if kind == "owner":
        subject = seen_owner(tools, who, subject)
        dossiers = [one for one, agency in dossiers_of(tools, subject).items() if who.may_see(agency)]
    else:
        dossier = tools.catalogue.load(subject)
        if dossier is None or not who.may_see(dossier.agency or tools.settings.agency_code):
            raise KeepingUnknownError(subject)
        dossiers = [subject]
    # First the catalogue's hold, which blocks at once; a store that is away then only lacks its own.
    on_medium = tools.maintenance().capabilities().legal_hold
    payload: dict[str, JsonValue] = {
        "subject_kind": kind,
        "agency": who.agency,
        "reason": acts.seal(tools, said),
        "set_by": who.id,
        "on_medium": on_medium,
    }
    act = acts.enter(tools, acts.HELD, subject, payload, tools.clock())
    tools.catalogue.keeping().add_hold(acts.hold_row(act))
    if on_medium:
        _on_medium(tools, dossiers, on=True)
    return _seen(tools, who, act.id)


def lift(tools: Tools, who: Principal, hold_id: str, reason: str) -> Hold:
    """Lifts a hold; on the medium, too, where no other hold covers the dossier. Lifted already, it stays as it is."""
    acts.allowed(who)
    said = acts.reasoned(reason)
    found = _seen(tools, who, hold_id)
    if found.lifted_at is not None:
        return found
    payload: dict[str, JsonValue] = {"who": who.id, "reason": acts.seal(tools, said)}
    act = acts.enter(tools, acts.LIFTED, hold_id, payload, tools.clock())
    tools.catalogue.keeping().lift_hold(hold_id, acts.lift_values(act))
    if found.on_medium:
        covered = [found.subject] if found.subject_kind == "dossier" else list(dossiers_of(tools, found.subject))
        _on_medium(tools, [one for one in covered if not holds_on(tools, one)], on=False)
    return _seen(tools, who, hold_id)


def holds(tools: Tools, who: Principal, *, lifted: bool = False) -> list[Hold]:
    """Holds of an agency, the oldest first."""
    acts.allowed(who)
    return [_record(tools, row) for row in tools.catalogue.keeping().holds(who.agency, lifted=lifted)]


def holds_on(tools: Tools, dossier_id: str) -> list[Row]:
    """Holds that are on and cover a dossier."""
    return tools.catalogue.keeping().holds_on([dossier_id, *owners_of(tools, dossier_id)])


def holds_on_owner(tools: Tools, owner_id: str) -> list[Row]:
    """Holds that are on an owner, merged records included."""
    return tools.catalogue.keeping().holds_on(records_of(tools, owner_id))


def _on_medium(tools: Tools, dossiers: Iterable[str], *, on: bool) -> None:
    store = tools.maintenance()
    for dossier_id in dossiers:
        try:
            dossier = tools.catalogue.load(dossier_id)
        except KeyDestroyedError:
            continue
        keys = [filing.object_key for filing in tools.catalogue.filings_of(dossier_id)]
        keys += [original_key(original.sha256) for original in (dossier.originals if dossier else ())]
        for key in dict.fromkeys(keys):
            try:
                store.hold(key, on=on)
            except (VerbUnsupportedError, KeyDutyError, NotFoundError):
                continue


def _seen(tools: Tools, who: Principal, hold_id: str) -> Hold:
    row = tools.catalogue.keeping().hold(hold_id)
    if row is None or not who.may_see(row["agency"]):
        raise KeepingUnknownError(hold_id)
    return _record(tools, row)


def _record(tools: Tools, row: Row) -> Hold:
    values = {name: value for name, value in row.items() if name in Hold.model_fields}
    lifted = acts.opened(tools, row["lift_reason"]) if row["lift_reason"] else None
    return Hold.model_validate(values | {"reason": acts.opened(tools, row["reason"]), "lift_reason": lifted})
