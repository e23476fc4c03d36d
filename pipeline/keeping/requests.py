"""What citizens ask about their own data: a copy of it, a correction, its erasure. Due within working days by law.

A request is opened with its day, done by the act of its kind, and answered; each step is in the journal and the ledger.
A correction stands beside the filed value as the next version; the signed record is never rewritten. An erasure ends
the owner's keys, unless a hold or a rule of retention forbids it: then the answer names every one, with its source.
Law 91/2025/QH15 and Decree 356/2025/NĐ-CP: answered in two working days (from what others write of them).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipeline.clock import local
from pipeline.keeping import acts, destruction
from pipeline.keeping.errors import KeepingUnknownError, RequestStateError
from pipeline.keeping.holds import holds_on_owner
from pipeline.keeping.owned import dossiers_of, owners_of, records_of, seen_owner
from pipeline.keeping.records import Correction, Ground, Request, RequestKind
from pipeline.keeping.retention import grounds, kept
from pipeline.rules.deadlines import due_date
from pipeline.vault.destruction import destroy as end_of_key
from pipeline.vault.errors import KeyDestroyedError, NameUnknownError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import JsonValue

    from pipeline.access.principal import Principal
    from pipeline.catalogue.keeping_door import Row
    from pipeline.tools import Tools


@dataclass(frozen=True, slots=True)
class _Limit:
    """A time limit in working days, counted from the day after receipt."""

    working_days: int
    cutoff: str | None = None


def open_request(tools: Tools, who: Principal, kind: RequestKind, owner_id: str, note: str) -> Request:
    """Takes a request down, with the day on which it is due.

    Raises `NotAllowedError`, `ReasonNeededError`, `KeepingUnknownError`.
    """
    acts.allowed(who)
    said = acts.reasoned(note)
    owner = seen_owner(tools, who, owner_id)
    now = tools.clock()
    due = due_date(local(now), _Limit(tools.settings.keeping.request_days))
    payload: dict[str, JsonValue] = {
        "kind": kind.value,
        "agency": who.agency,
        "note": acts.seal(tools, said, owner),
        "opened_by": who.id,
        "due_on": due.day.isoformat(),
        "due_note": due.note,
    }
    act = acts.enter(tools, acts.REQUESTED, owner, payload, now)
    tools.catalogue.keeping().add_request(acts.request_row(act))
    return request(tools, who, act.id)


def request(tools: Tools, who: Principal, request_id: str) -> Request:
    """A request. Raises `KeepingUnknownError`."""
    acts.allowed(who)
    row = tools.catalogue.keeping().request(request_id)
    if row is None or not who.may_see(row["agency"]):
        raise KeepingUnknownError(request_id)
    return _record(tools, row)


def requests(tools: Tools, who: Principal, *, answered: bool = False) -> list[Request]:
    """Requests of an agency, the first due first."""
    acts.allowed(who)
    return [_record(tools, row) for row in tools.catalogue.keeping().requests(who.agency, answered=answered)]


def refuse(tools: Tools, who: Principal, request_id: str, reason: str) -> Request:
    """A person refuses a request, with the reason and its source. Raises `RequestStateError`."""
    found = open_one(tools, who, request_id)
    sealed = acts.seal(tools, acts.reasoned(reason), found.owner)
    return answer(tools, who, found, "refused", {"reason": sealed})


def correct(
    tools: Tools,
    who: Principal,
    request_id: str,
    *,
    dossier_id: str,
    document: str,
    field: str,
    value: str,
    reason: str,
) -> Correction:
    """Puts a value right beside the filed one: the field's next version. The request stays open for more of them.

    Raises `RequestStateError`, `ReasonNeededError`; `KeepingUnknownError` where the dossier is not the owner's, or has
    no such paper or field.
    """
    found = open_one(tools, who, request_id, RequestKind.CORRECTION)
    said = acts.reasoned(reason)
    agency = dossiers_of(tools, found.owner).get(dossier_id)
    dossier = tools.catalogue.load(dossier_id) if agency is not None and who.may_see(agency) else None
    paper = next((one for one in dossier.documents if one.id == document), None) if dossier else None
    filed = paper.fields.get(field) if paper else None
    if filed is None:
        raise KeepingUnknownError(dossier_id, f"{document} {field}")
    door = tools.catalogue.keeping()
    # A filed value that nobody could read has no text.
    before = "" if filed.value is None else str(filed.value)
    text = Correction.model_construct(value=" ".join(value.split()), filed_value=before, reason=said)
    payload: dict[str, JsonValue] = {
        "request_id": found.id,
        "document_id": document,
        "field": field,
        "version": door.next_version(dossier_id, document, field),
        "sealed": acts.seal(tools, text.model_dump_json(include={"value", "filed_value", "reason"}), dossier_id),
        "who": who.id,
    }
    act = acts.enter(tools, acts.CORRECTED, dossier_id, payload, tools.clock())
    door.add_correction(acts.correction_row(act))
    return next(one for one in corrections(tools, who, dossier_id) if one.id == act.id)


def corrections(tools: Tools, who: Principal, dossier_id: str) -> list[Correction]:
    """Corrections of a dossier, the oldest first; those whose key was destroyed have no values."""
    row = kept(tools, dossier_id)
    if row is None or not who.may_see(row.agency):
        raise KeepingUnknownError(dossier_id)
    return [_correction(tools, found) for found in tools.catalogue.keeping().corrections_of(dossier_id)]


def finish_correction(tools: Tools, who: Principal, request_id: str) -> Request:
    """Answers a request for correction with what was put right. Raises `RequestStateError` where nothing was."""
    found = open_one(tools, who, request_id, RequestKind.CORRECTION)
    rows = [
        row
        for dossier_id in dossiers_of(tools, found.owner)
        for row in tools.catalogue.keeping().corrections_of(dossier_id)
        if row["request_id"] == found.id
    ]
    if not rows:
        raise RequestStateError(request_id, "nothing was corrected")
    said: list[JsonValue] = [
        {"dossier": row["dossier_id"], "document": row["document_id"], "field": row["field"], "version": row["version"]}
        for row in rows
    ]
    return answer(tools, who, found, "done", {"corrections": said})


def against(tools: Tools, owner_id: str) -> list[Ground]:
    """Everything that stands against ending an owner's keys: holds on them, and each of their dossiers' grounds."""
    found = [
        Ground(
            kind="hold",
            subject=row["subject"],
            rule=row["id"],
            source=f"lệnh phong tỏa ngày {local(row['set_at']):%d/%m/%Y}, {row['set_by']}",
        )
        for row in holds_on_owner(tools, owner_id)
    ]
    seen = {ground.rule for ground in found}
    dossiers = dossiers_of(tools, owner_id)
    for dossier_id in dossiers:
        for ground in grounds(tools, dossier_id):
            # A dossier that would go too does not keep another one.
            if not (ground.kind == "hold" and ground.rule in seen) and not (
                ground.kind == "reused" and ground.rule in dossiers
            ):
                found.append(ground)
                seen |= {ground.rule} if ground.kind == "hold" else set()
    return found


def erase(tools: Tools, who: Principal, request_id: str) -> Request:
    """Ends the owner's keys; or answers which rules forbid it. The answer's state tells: `done` or `refused`.

    A dossier that another owner has, too, stays readable for that one.
    Raises `RequestStateError`, `KeepingUnknownError`, vault and store errors.
    """
    found = open_one(tools, who, request_id, RequestKind.ERASURE)
    stands = against(tools, found.owner)
    if stands:
        said: list[JsonValue] = [ground.model_dump(mode="json") for ground in stands]
        return answer(tools, who, found, "refused", {"grounds": said, "lines": [ground.line() for ground in stands]})
    dossiers = list(dossiers_of(tools, found.owner))
    _linked(tools, dossiers)
    objects = {dossier_id: destruction.objects_of(tools, dossier_id) for dossier_id in dossiers}
    rows = {dossier_id: kept(tools, dossier_id) for dossier_id in dossiers}
    entered = {
        dossier_id: destruction.enter(tools, who, row, found.note or "erasure", found.id)
        for dossier_id, row in rows.items()
        if row is not None and _ends_with(tools, found.owner, dossier_id)
    }
    gone: list[str] = []
    for record in records_of(tools, found.owner):
        try:
            gone += end_of_key(tools, record, found.note or f"request {found.id}", who.id)
        except NameUnknownError:
            continue
    destroyed = [
        destruction.finish(tools, who, act, objects[dossier_id], 1)
        for dossier_id, act in entered.items()
        if tools.vault.is_destroyed(dossier_id)
    ]
    result: dict[str, JsonValue] = {
        "dossiers": [one.dossier for one in destroyed],
        "shared": [dossier_id for dossier_id in dossiers if dossier_id not in {one.dossier for one in destroyed}],
        "keys": len(gone),
        "deleted": sum(one.deleted for one in destroyed),
        "retained": sum(one.retained for one in destroyed),
    }
    return answer(tools, who, found, "done", result)


def open_one(tools: Tools, who: Principal, request_id: str, kind: RequestKind | None = None) -> Request:
    """A request that waits for its answer. Raises `RequestStateError`, `KeepingUnknownError`."""
    found = request(tools, who, request_id)
    if found.state != "open" or (kind is not None and found.kind is not kind):
        raise RequestStateError(request_id, f"{found.kind}, {found.state}")
    return found


def answer(tools: Tools, who: Principal, found: Request, state: str, said: Mapping[str, JsonValue]) -> Request:
    """Answers a request, for good."""
    payload: dict[str, JsonValue] = {"who": who.id, "state": state, "answer": dict(said)}
    act = acts.enter(tools, acts.ANSWERED, found.id, payload, tools.clock())
    tools.catalogue.keeping().answer(found.id, acts.answer_values(act))
    return request(tools, who, found.id)


def _linked(tools: Tools, dossiers: Sequence[str]) -> None:
    """Every dossier belongs to all its owners in the ring, too, so that one's end does not take another's."""
    for dossier_id in dossiers:
        for owner in owners_of(tools, dossier_id):
            try:
                tools.vault.link(dossier_id, owner)
            except KeyDestroyedError:
                continue


def _ends_with(tools: Tools, owner_id: str, dossier_id: str) -> bool:
    """Whether no other owner has the dossier."""
    mine = set(records_of(tools, owner_id))
    others = [one for one in owners_of(tools, dossier_id) if one not in mine]
    return not any(not tools.vault.is_destroyed(one) for one in others)


def _record(tools: Tools, row: Row) -> Request:
    values = {name: value for name, value in row.items() if name in Request.model_fields}
    said = values.get("answer")
    if isinstance(said, dict) and "reason" in said:
        values["answer"] = said | {"reason": acts.opened(tools, str(said["reason"]))}
    values |= {
        "owner": row["owner_id"],
        "note": acts.opened(tools, row["note"]),
        "due_on": date.fromisoformat(row["due_on"]),
    }
    return Request.model_validate(values)


def _correction(tools: Tools, row: Row) -> Correction:
    import json

    text = acts.opened(tools, row["sealed"])
    said = json.loads(text) if text else {"value": "", "filed_value": "", "reason": ""}
    return Correction(
        id=row["id"],
        request=row["request_id"],
        dossier=row["dossier_id"],
        document=row["document_id"],
        key=row["field"],
        version=row["version"],
        who=row["who"],
        at=row["at"],
        **said,
    )
