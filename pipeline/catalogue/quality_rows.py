"""Measured quality in the database. Statements only; transactions are the door's.

Names tie things together: a case's id has 31 letters, and its items in the review queue are that id with the number of
the key, 1 to 3. Whoever keyed a field before never gets an item of a case on it (`review_queue.take`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, select, update

from pipeline.catalogue import audit
from pipeline.catalogue import tables_quality as q
from pipeline.catalogue import tables_review as r
from pipeline.catalogue.review_queue import NEVER, item_of
from pipeline.catalogue.session import nfc
from pipeline.quality.rows import Batch, Case, CaseKind, FieldKind, KindState, Mode, Switch, Verdict
from pipeline.review.rows import SETTLES, ItemPurpose, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy import Table as SqlTable

    from pipeline.review.rows import Item

_PURPOSES = {CaseKind.PLANTED: ItemPurpose.PLANTED, CaseKind.SECOND: ItemPurpose.SECOND}
_SETTLING = tuple(verdict.value for verdict in SETTLES)
_ASIDE = (ItemPurpose.SAMPLE.value, ItemPurpose.PLANTED.value)
"""Items whose answers never become decisions."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be made, with what its item says."""

    field: FieldKind
    purpose: CaseKind
    dossier_id: str
    document_id: str
    key: str
    cycle: int
    reason: str | None
    """As an item of the queue has it."""
    probability: float | None
    lane: int
    position: int
    batch: str | None = None
    sealed: bytes | None = None
    round: str = ""
    """Tells several cases on one field apart."""

    @property
    def id(self) -> str:
        """31 hexadecimal letters."""
        said = repr((self.purpose.value, self.dossier_id, self.document_id, self.key, self.batch, self.round))
        return hashlib.sha256(said.encode()).hexdigest()[:31]

    def seeming(self, probability: float) -> NewCase:
        """The same, with the chance that its item shows."""
        return replace(self, probability=probability)

    def planted(self, sealed: bytes, after: str) -> NewCase:
        """A planted answer on the same field, made after a sample."""
        return replace(self, purpose=CaseKind.PLANTED, sealed=sealed, round=after)


@dataclass(frozen=True, slots=True)
class Act:
    """An answer on an item of a case."""

    id: int
    item_id: str
    slot: int
    verdict: str
    sealed: bytes
    who: str
    at: datetime

    @property
    def case(self) -> str:
        """The case's id."""
        return self.item_id[:31]


def one_kind(kind: FieldKind) -> ColumnElement[bool]:
    """The row of a kind."""
    c = q.kinds.c
    return and_(c.agency == kind.agency, c.kind == kind.kind, c.key_field == kind.key_field)


def states(connection: Connection, condition: ColumnElement[bool]) -> list[KindState]:
    """Rows of kinds as their standings."""
    c = q.kinds.c
    found = connection.execute(select(q.kinds).where(condition).order_by(c.key_field.desc(), c.kind)).mappings()
    return [
        KindState(
            FieldKind(row["agency"], row["kind"], row["key_field"]),
            Mode(row["mode"]),
            row["cycle"],
            row["since"],
            row["rate"],
            row["accepted"],
        )
        for row in found
    ]


def meet(connection: Connection, kinds: Mapping[FieldKind, float], now: datetime) -> dict[FieldKind, KindState]:
    """Kinds with how they stand; new ones begin."""
    for kind, rate in kinds.items():
        begun = {"mode": Mode.SAMPLED.value, "cycle": 1, "since": now, "rate": rate, "accepted": 0}
        named = {"agency": kind.agency, "kind": kind.kind, "key_field": kind.key_field}
        _insert_new(connection, q.kinds, named | begun)
    return {kind: states(connection, one_kind(kind))[0] for kind in kinds}


def _insert_new(connection: Connection, table: SqlTable, values: Mapping[str, Any]) -> bool:
    """Adds a row unless one with its primary key is there."""
    from sqlalchemy.dialects import postgresql, sqlite

    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    # What came back tells on both: the drivers' counts of inserted rows do not.
    return connection.execute(statement.returning(*table.primary_key.columns)).first() is not None


def mark_drawn(connection: Connection, dossier: str, now: datetime) -> bool:
    """False where it was marked before."""
    return _insert_new(connection, q.drawn, {"dossier_id": dossier, "at": now})


def add_case(connection: Connection, case: NewCase, now: datetime, *, slot: int = 1) -> bool:
    """A case with its first item."""
    same = ("dossier_id", "document_id", "key", "cycle", "batch", "sealed")
    row = {name: getattr(case, name) for name in same}
    row |= {"id": case.id, "agency": case.field.agency, "kind": case.field.kind, "key_field": case.field.key_field}
    row |= {"purpose": case.purpose.value, "verdict": Verdict.OPEN.value, "slipped": False, "made_at": now}
    if not _insert_new(connection, q.cases, row):
        # A second key that was in vain, because its dossier changed meanwhile, is asked for again.
        moot = (r.items.c.id == f"{case.id}{slot}") & (r.items.c.state == State.MOOT.value)
        again = {"state": State.OPEN.value, "revision": r.items.c.revision + 1}
        return connection.execute(update(r.items).where(moot).values(**again)).rowcount == 1
    if case.purpose is CaseKind.GROUP:
        return True  # settled on a page of its own
    item = {name: row[name] for name in ("dossier_id", "document_id", "key", "agency", "kind")}
    item |= {"reason": case.reason, "probability": case.probability, "lane": case.lane, "position": case.position}
    item["purpose"] = _PURPOSES.get(case.purpose, ItemPurpose.SAMPLE).value
    return _insert_item(connection, case.id, slot, item, now)


def _insert_item(connection: Connection, case: str, slot: int, said: Mapping[str, Any], now: datetime) -> bool:
    row = {"id": f"{case}{slot}", "slot": slot, "target": "field", "content": "quality"}
    row |= {"revision": 1, "queued_at": now, "state": State.OPEN.value, "again": False, "taken_by": None}
    row |= {"taken_until": NEVER, "reserved_for": None, "withheld_from": None, "created_at": now}
    return _insert_new(connection, r.items, {**said, **row})


def add_item(connection: Connection, case: str, slot: int, now: datetime) -> bool:
    """One more item of a case, like its last one."""
    c = r.items.c
    of_case = c.id.in_([f"{case}{one}" for one in (1, 2, 3)])
    last = connection.execute(select(r.items).where(of_case).order_by(c.slot.desc()).limit(1)).mappings().one_or_none()
    if last is None:
        return False
    names = ("dossier_id", "document_id", "key", "agency", "kind", "reason", "probability", "lane", "position")
    said = {name: last[name] for name in (*names, "purpose")}
    return _insert_item(connection, case, slot, said, now)


def cases(connection: Connection, condition: ColumnElement[bool], limit: int = 20_000) -> list[Case]:
    """Cases, the newest first."""
    ordered = select(q.cases).where(condition).order_by(q.cases.c.made_at.desc(), q.cases.c.id)
    found = connection.execute(ordered.limit(limit)).mappings()
    made = []
    for row in found:
        values: dict[str, Any] = {name: row[name] for name in Case.__dataclass_fields__}
        codes = {"purpose": CaseKind(row["purpose"]), "verdict": Verdict(row["verdict"])}
        made.append(Case(**(values | codes)))
    return made


def acts(connection: Connection, before: datetime, limit: int) -> list[Act]:
    """Answers that settle a sample or a planted item, not taken back and not judged."""
    c = r.answers.c
    fresh = and_(c.purpose.in_(_ASIDE), c.verdict.in_(_SETTLING), c.passed_at.is_(None), c.undone_at.is_(None))
    found = connection.execute(select(r.answers).where(fresh, c.at <= before).order_by(c.id).limit(limit)).mappings()
    return [Act(**{name: row[name] for name in Act.__dataclass_fields__}) for row in found]


def keys_of(connection: Connection, case: str) -> list[Act]:
    """Answers on a case's items that count."""
    c = r.answers.c
    mine = and_(c.item_id.in_([f"{case}{one}" for one in (1, 2, 3)]), c.verdict.in_(_SETTLING), c.undone_at.is_(None))
    found = connection.execute(select(r.answers).where(mine).order_by(c.slot, c.id)).mappings()
    return [Act(**{name: row[name] for name in Act.__dataclass_fields__}) for row in found]


def close(
    connection: Connection, case: str, verdict: Verdict, who: str | None, *, slipped: bool, now: datetime
) -> None:
    """What came of a case; its items are done with."""
    values = {"verdict": verdict.value, "who": who, "slipped": slipped, "done_at": now}
    connection.execute(update(q.cases).where(q.cases.c.id == case, q.cases.c.done_at.is_(None)).values(**values))
    names = [f"{case}{slot}" for slot in (1, 2, 3)]
    purpose = connection.execute(select(q.cases.c.purpose).where(q.cases.c.id == case)).scalar_one_or_none()
    if purpose == CaseKind.SECOND.value:
        return  # the workbench passes these with the dossier's other answers
    answered = select(r.answers.c.id).where(r.answers.c.item_id.in_(names), r.answers.c.passed_at.is_(None))
    pass_answers(connection, list(connection.execute(answered).scalars()), now)
    waiting = r.items.c.id.in_(names) & r.items.c.state.in_((State.OPEN.value, State.ASKED.value))
    connection.execute(update(r.items).where(waiting).values(state=State.MOOT.value, taken_until=NEVER))


def pass_answers(connection: Connection, names: Sequence[int], now: datetime) -> None:
    """These answers, and their items, are done with."""
    chosen = r.answers.c.id.in_(names)
    connection.execute(update(r.answers).where(chosen).values(passed_at=now))
    done = r.items.c.id.in_(select(r.answers.c.item_id).where(chosen)) & (r.items.c.state == State.SETTLED.value)
    connection.execute(update(r.items).where(done).values(state=State.PASSED.value))


def second_items(connection: Connection, dossier: str) -> list[Item]:
    """Items for second and third keys of a dossier's doubts."""
    mine = (r.items.c.dossier_id == dossier) & (r.items.c.purpose == ItemPurpose.SECOND.value)
    return [item_of(row) for row in connection.execute(select(r.items).where(mine)).mappings()]


def switch(connection: Connection, said: Switch, what: Mapping[str, Any]) -> bool:
    """A kind's mode changes; the act of the same moment was entered before."""
    c = q.switches.c
    same = (c.agency == said.kind.agency) & (c.kind == said.kind.kind) & (c.key_field == said.kind.key_field)
    if connection.execute(select(c.id).where(same, c.at == said.at)).first() is not None:
        return False
    named = {"agency": said.kind.agency, "kind": said.kind.kind, "key_field": said.kind.key_field}
    measured = {"wrong": said.wrong, "samples": said.samples, "bound": said.bound}
    by = {"who": said.who, "why": nfc(said.why)[:1000], "at": said.at}
    connection.execute(insert(q.switches).values(**named, mode=said.mode.value, **measured, **by))
    before = next(iter(states(connection, one_kind(said.kind))), None)
    cycle = before.cycle + 1 if before else 1
    if before is None:
        begun = {"mode": said.mode.value, "cycle": 1, "since": said.at, "rate": 1.0, "accepted": 0}
        _insert_new(connection, q.kinds, named | begun)
    else:
        values = {"mode": said.mode.value, "cycle": cycle, "since": said.at, "accepted": 0}
        connection.execute(update(q.kinds).where(one_kind(said.kind)).values(**values))
    audit.append(connection, "quality", said.kind.agency, dict(what), now=said.at, who=said.who)
    return True


def switches(connection: Connection, agency: str, limit: int) -> list[Switch]:
    """The newest first."""
    c = q.switches.c
    found = connection.execute(select(q.switches).where(c.agency == agency).order_by(c.id.desc()).limit(limit))
    return [
        Switch(
            FieldKind(row.agency, row.kind, row.key_field),
            Mode(row.mode),
            row.wrong,
            row.samples,
            row.bound,
            row.who,
            row.why,
            row.at,
        )
        for row in found
    ]


def take_release(connection: Connection, who: str) -> None:
    """Takes a clerk's release back."""
    connection.execute(delete(q.releases).where(q.releases.c.who == who))


def put_batch(connection: Connection, batch: Batch) -> None:
    """Adds or replaces a batch."""
    connection.execute(delete(q.batches).where(q.batches.c.id == batch.id))
    values = {name: getattr(batch, name) for name in Batch.__dataclass_fields__}
    connection.execute(insert(q.batches).values(**values | {"name": nfc(batch.name)}))


def batches(connection: Connection, agency: str) -> list[Batch]:
    """The newest first."""
    c = q.batches.c
    found = connection.execute(select(q.batches).where(c.agency == agency).order_by(c.made_at.desc())).mappings()
    return [Batch(**{name: row[name] for name in Batch.__dataclass_fields__}) for row in found]


def worked(connection: Connection, agency: str, since: datetime, who: str | None) -> list[Mapping[str, Any]]:
    """Settling answers since a moment, at most 20,000, the newest first."""
    c = r.answers.c
    mine = and_(c.agency == agency, c.at >= since, c.verdict.in_(_SETTLING), c.undone_at.is_(None))
    if who is not None:
        mine &= c.who == who
    names = ("who", "at", "ms", "keys", "kind", "verdict", "changed", "purpose")
    found = connection.execute(select(r.answers).where(mine).order_by(c.id.desc()).limit(20_000)).mappings()
    return [{name: row[name] for name in names} for row in found]


def count_done(connection: Connection, batch: str) -> dict[str, int]:
    """Cases of a batch by verdict."""
    c = q.cases.c
    found = connection.execute(select(c.verdict, func.count()).where(c.batch == batch).group_by(c.verdict))
    return {row[0]: int(row[1]) for row in found}
