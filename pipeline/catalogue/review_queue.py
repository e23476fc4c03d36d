"""The queue in the database: which items there are, and who has them. Statements only; transactions are the door's.

Taking the next items is a walk along one index from its beginning: those that others hold lie there, too, and are few.
PostgreSQL skips rows that another transaction is taking at this moment; SQLite has one writer at a time. A lease that
ran out is no lease, but its holder may still answer as long as nobody else has taken the item.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_review as r
from pipeline.record import Status
from pipeline.review.rows import Item, ItemPurpose, Standing, State, Target, Wanted, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from sqlalchemy import ColumnElement, Connection, RowMapping

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""End of a lease that nobody has."""
_WAITING = (State.OPEN.value, State.ASKED.value)
OF_DOSSIER = (ItemPurpose.DOUBT.value, ItemPurpose.SECOND.value)
"""Items that their dossier waits for; samples and planted answers are about dossiers that went on."""
THIRD = 3
"""Slot of whoever settles where two keys differ."""


def item_id(dossier: str, target: Target, document: str, key: str, slot: int = 1) -> str:
    """Name of a question: the same for the same field whenever it is asked."""
    return hashlib.sha256(repr((dossier, target.value, document, key, slot)).encode()).hexdigest()[:32]


def item_of(row: RowMapping) -> Item:
    """A row as an item."""
    values: dict[str, Any] = {name: row[name] for name in Item.__dataclass_fields__}
    codes = {"purpose": ItemPurpose(row["purpose"]), "target": Target(row["target"]), "state": State(row["state"])}
    return Item(**(values | codes))


def stale(connection: Connection, limit: int, since: datetime | None) -> list[str]:
    """Ids of dossiers that wait and changed since they were last followed, or whose items no longer wait.

    Of those that were saved after `since` alone: with None every dossier is looked at, which takes its time.
    """
    joined = t.dossiers.outerjoin(r.followed, r.followed.c.dossier_id == t.dossiers.c.id)
    waits = t.dossiers.c.status == Status.WAITS.value
    changed = or_(r.followed.c.version.is_(None), r.followed.c.version != t.dossiers.c.version)
    statement = select(t.dossiers.c.id).select_from(joined).where(changed, or_(waits, r.followed.c.open))
    if since is not None:
        statement = statement.where(t.dossiers.c.updated_at >= since)
    return list(connection.execute(statement.order_by(t.dossiers.c.updated_at).limit(limit)).scalars())


def followed_version(connection: Connection, dossier: str) -> int | None:
    """The version of a dossier whose questions these are."""
    statement = select(r.followed.c.version).where(r.followed.c.dossier_id == dossier)
    return connection.execute(statement).scalar_one_or_none()


def follow(
    connection: Connection, about: Mapping[str, Any], version: int, wanted: Sequence[Wanted], now: datetime
) -> None:
    """Makes a dossier's items those that it asks now. `about`: `dossier_id`, `agency`, `lane`, `queued_at`.

    What is asked as before keeps its place and its clerk; what shows something else is asked anew, and an answer that
    is not yet a decision is taken back; what is not asked any more becomes moot, but for what a person reopened.
    """
    dossier = about["dossier_id"]
    mine = r.items.c.dossier_id == dossier
    rows = connection.execute(select(r.items).where(mine, r.items.c.purpose == ItemPurpose.DOUBT.value)).mappings()
    known = {row["id"]: row for row in rows}
    asked = {item_id(dossier, one.target, one.document, one.key): one for one in wanted}
    fresh = [_new(name, one, about, now) for name, one in asked.items() if name not in known]
    if fresh:
        connection.execute(insert(r.items), fresh)
    back: list[str] = []
    for name, row in known.items():
        one = asked.get(name)
        if one is None:
            if row["state"] in {*_WAITING, State.SETTLED.value} and not row["again"]:
                _set(connection, name, state=State.MOOT.value, taken_until=NEVER)
                back.append(name)
        elif one.content != row["content"] or row["state"] in {State.MOOT.value, State.PASSED.value}:
            shown = {"kind": one.kind, "reason": one.reason, "probability": one.probability, "content": one.content}
            kept = {"state": State.OPEN.value, "revision": row["revision"] + 1, "position": one.position}
            _set(connection, name, **shown, **kept, again=False, lane=about["lane"])
            back.append(name)
        elif one.position != row["position"] or row["lane"] != about["lane"]:
            _set(connection, name, position=one.position, lane=about["lane"])
    if back:
        back += _unkeyed(connection, [known[name] for name in back])
        lost = r.answers.c.item_id.in_(back) & r.answers.c.passed_at.is_(None) & r.answers.c.undone_at.is_(None)
        connection.execute(update(r.answers).where(lost).values(undone_at=now, undone_why="changed"))
    waiting = select(func.count()).where(mine, r.items.c.state.in_(_WAITING))
    values = {"version": version, "open": connection.execute(waiting).scalar_one() > 0}
    done = connection.execute(update(r.followed).where(r.followed.c.dossier_id == dossier).values(**values))
    if done.rowcount == 0:
        connection.execute(insert(r.followed).values(dossier_id=dossier, last_answer_at=None, **values))


def _unkeyed(connection: Connection, rows: Sequence[RowMapping]) -> list[str]:
    """Takes away what second and third people were to key, where the first key counts no more."""
    names = [
        item_id
        for row in rows
        for item_id in connection.execute(
            select(r.items.c.id).where(
                r.items.c.dossier_id == row["dossier_id"],
                r.items.c.document_id == row["document_id"],
                r.items.c.key == row["key"],
                r.items.c.purpose == ItemPurpose.SECOND.value,
                r.items.c.state != State.PASSED.value,
            )
        ).scalars()
    ]
    for name in names:
        _set(connection, name, state=State.MOOT.value, taken_until=NEVER)
    return names


def _new(name: str, one: Wanted, about: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": name,
        "purpose": ItemPurpose.DOUBT.value,
        "slot": 1,
        "target": one.target.value,
        "document_id": one.document,
        "key": one.key,
        "kind": one.kind,
        "reason": one.reason,
        "probability": one.probability,
        "content": one.content,
        "revision": 1,
        "position": one.position,
        "state": State.OPEN.value,
        "again": False,
        "taken_by": None,
        "taken_until": NEVER,
        "reserved_for": None,
        "withheld_from": None,
        "created_at": now,
        **about,
    }


def _set(connection: Connection, name: str, **values: object) -> None:
    connection.execute(update(r.items).where(r.items.c.id == name).values(**values))


def take(
    connection: Connection,
    who: str,
    wish: Wish,
    count: int,
    *,
    ttl: timedelta,
    now: datetime,
    but: Sequence[str] = (),
) -> list[Item]:
    """Up to `count` items for somebody: those that they hold already first, then the next of the queue.

    `but` are items that they hold and have on the screen: they are neither counted nor given again.
    """
    state = State.ASKED if wish.asked else State.OPEN
    c = r.items.c
    lane, kind = wish.lane, wish.kind
    # Few, and sorted here: asked for in order, SQLite would rather walk the whole queue in order.
    mine = [item_of(row) for row in connection.execute(select(r.items).where(*_held(who, state))).mappings()]
    mine = [item for item in mine if item.agency == wish.agency and item.id not in but]
    mine = [item for item in mine if lane in {None, item.lane} and kind in {None, item.kind}]
    mine.sort(key=lambda item: (item.lane, item.queued_at, item.dossier_id, item.position))
    names = [item.id for item in mine[:count]]
    order = (c.lane, c.queued_at, c.dossier_id, c.position)
    if len(names) < count:
        wanted = [c.agency == wish.agency, c.state == state.value]
        wanted += [c.lane == lane] if lane is not None else []
        wanted += [c.kind == kind] if kind else []
        free = and_(c.taken_until <= now, or_(c.taken_by.is_(None), c.taken_by != who))
        for_me = and_(
            or_(c.reserved_for.is_(None), c.reserved_for == who),
            or_(c.withheld_from.is_(None), c.withheld_from != who),
            or_(c.purpose == ItemPurpose.DOUBT.value, ~_keyed_by(who)),
        )
        wanted += [] if wish.leads else [c.slot < THIRD]
        following = select(c.id).where(*wanted, free, for_me).order_by(*order).limit(count - len(names))
        names += connection.execute(following.with_for_update(skip_locked=True)).scalars()
    if not names:
        return []
    connection.execute(update(r.items).where(c.id.in_(names)).values(taken_by=who, taken_until=now + ttl))
    rows = connection.execute(select(r.items).where(c.id.in_(names)).order_by(*order)).mappings()
    return [item_of(row) for row in rows]


def _keyed_by(who: str) -> ColumnElement[bool]:
    """Whether somebody answered on an item's field before: nobody is their own second key or sample."""
    c, a = r.items.c, r.answers.c
    same = (a.dossier_id == c.dossier_id) & (a.document_id == c.document_id) & (a.key == c.key)
    return select(a.id).where(same, a.who == who, a.undone_at.is_(None), a.verdict.notin_(("skip", "ask"))).exists()


def _held(who: str, state: State) -> tuple[ColumnElement[bool], ...]:
    return r.items.c.taken_by == who, r.items.c.state == state.value


def keep(connection: Connection, who: str, names: Sequence[str], ttl: timedelta, now: datetime) -> list[str]:
    """Lengthens leases; returns the items that are still this person's."""
    held = r.items.c.id.in_(names) & (r.items.c.taken_by == who) & r.items.c.state.in_(_WAITING)
    connection.execute(update(r.items).where(held).values(taken_until=now + ttl))
    return list(connection.execute(select(r.items.c.id).where(held)).scalars())


def release(connection: Connection, who: str, names: Sequence[str]) -> None:
    """Gives items back to the queue, and with them what was typed into them by nobody's answer."""
    held = r.items.c.id.in_(names) & (r.items.c.taken_by == who)
    connection.execute(update(r.items).where(held).values(taken_by=None, taken_until=NEVER))
    connection.execute(delete(r.drafts).where(r.drafts.c.item_id.in_(names) & (r.drafts.c.who == who)))


def find(connection: Connection, name: str, *, lock: bool = False) -> Item | None:
    """The item, for change where `lock`."""
    statement = select(r.items).where(r.items.c.id == name)
    row = connection.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    return None if row is None else item_of(row)


def held_by_other(item: Item, who: str, now: datetime) -> bool:
    """Whether somebody else has it."""
    return item.taken_by is not None and item.taken_by != who and item.taken_until > now


def standings(connection: Connection, agency: str, state: State = State.OPEN) -> list[Standing]:
    """What waits in an agency, by lane and kind."""
    c = r.items.c
    statement = (
        select(c.lane, c.kind, func.count(), func.min(c.queued_at))
        .where(c.agency == agency, c.state == state.value)
        .group_by(c.kind, c.lane)
        .order_by(c.kind, c.lane)
    )
    return [Standing(*row) for row in connection.execute(statement)]


def unanswered(dossier: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a field of the dossier still waits in the queue; a colleague's answer is not waited for."""
    c = r.items.c
    open_field = select(c.id).where(
        c.dossier_id == dossier,
        c.state == State.OPEN.value,
        c.target == Target.FIELD.value,
        c.purpose.in_(OF_DOSSIER),
    )
    return open_field.exists()
