"""Answers in the database: taken in once per item and revision, taken back, handed on, told. Statements only.

The same answer may come twice, or hours late from a browser that was without a network: it is known by item and
revision. Whoever answers first counts; everybody else is told what became of theirs, and nothing is overwritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from pipeline.catalogue import tables_review as r
from pipeline.catalogue.review_queue import NEVER, OF_DOSSIER, find, held_by_other, item_of, unanswered
from pipeline.catalogue.session import nfc
from pipeline.review.rows import SETTLES, Answer, Kept, Question, Result, State, Target, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, RowMapping

    from pipeline.review.rows import Clerk, Item

_SETTLING = tuple(verdict.value for verdict in SETTLES)


def _kept(row: RowMapping) -> Kept:
    values: dict[str, Any] = {name: row[name] for name in Kept.__dataclass_fields__}
    return Kept(**(values | {"target": Target(row["target"]), "verdict": Verdict(row["verdict"])}))


def answer(
    connection: Connection, said: Answer, clerk: Clerk, now: datetime, *, note: bytes | None = None
) -> tuple[Result, Item | None]:
    """Takes an answer in; for `ask`, `note` is what is asked. The item is as it stands afterwards."""
    item = find(connection, said.item, lock=True)
    if item is None:
        return Result.GONE, None
    c = r.answers.c
    earlier = connection.execute(
        select(c.who, c.verdict).where(c.item_id == said.item, c.revision == said.revision)
    ).one_or_none()
    if earlier is not None:
        mine = earlier.who == clerk.id and earlier.verdict == said.verdict.value
        return Result.SAME if mine else Result.OTHER, item
    if refused := _refusal(item, said, clerk, now):
        return refused, item
    _add(connection, item, said, clerk, now)
    state, queued = item.state, item.queued_at
    if said.verdict in SETTLES:
        state = State.SETTLED
        if item.purpose.value in OF_DOSSIER:
            followed = r.followed.c.dossier_id == item.dossier_id
            connection.execute(update(r.followed).where(followed).values(last_answer_at=now))
        answered = r.questions.c.item_id.in_([item.id]) & r.questions.c.answered_at.is_(None)
        connection.execute(update(r.questions).where(answered).values(answered_at=now, answerer_name=clerk.name))
    elif said.verdict is Verdict.ASK:
        state = State.ASKED
        asked = {"item_id": item.id, "agency": item.agency, "asker": clerk.id, "asker_name": nfc(clerk.name)}
        connection.execute(insert(r.questions).values(**asked, note=note or b"", asked_at=now))
    else:
        queued = now
    left = {"taken_by": None, "taken_until": NEVER, "reserved_for": None, "queued_at": queued}
    values = left | {"state": state.value, "revision": item.revision + 1}
    connection.execute(update(r.items).where(r.items.c.id == item.id).values(**values))
    connection.execute(delete(r.drafts).where(r.drafts.c.item_id == item.id, r.drafts.c.who == clerk.id))
    return Result.TAKEN, find(connection, item.id)


def _refusal(item: Item, said: Answer, clerk: Clerk, now: datetime) -> Result | None:
    if item.state in {State.MOOT, State.PASSED}:
        return Result.GONE
    if item.state is State.SETTLED or held_by_other(item, clerk.id, now):
        return Result.OTHER
    return None if item.revision == said.revision else Result.CHANGED


def _add(connection: Connection, item: Item, said: Answer, clerk: Clerk, now: datetime) -> None:
    names = ("dossier_id", "agency", "slot", "document_id", "key", "kind", "reason", "probability")
    row = {name: getattr(item, name) for name in names}
    row |= {"item_id": item.id, "revision": said.revision, "verdict": said.verdict.value, "sealed": said.sealed}
    row |= {"purpose": item.purpose.value, "target": item.target.value, "why": said.why and said.why.value}
    row |= {"who": clerk.id, "who_name": nfc(clerk.name), "ms": said.ms, "keys": said.keys, "changed": said.changed}
    connection.execute(insert(r.answers).values(**row, at=now))


def last_of(connection: Connection, who: str, since: datetime) -> Kept | None:
    """The newest act of somebody that was not taken back."""
    c = r.answers.c
    mine = (c.who == who) & c.undone_at.is_(None) & (c.at >= since)
    row = connection.execute(select(r.answers).where(mine).order_by(c.id.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else _kept(row)


def undo(connection: Connection, kept: Kept, ttl: timedelta, now: datetime) -> Item | None:
    """Takes an act back: the item is its clerk's again, with a revision of its own. None where somebody has it."""
    item = find(connection, kept.item_id, lock=True)
    if item is None or held_by_other(item, kept.who, now) or item.revision != kept.revision + 1:
        return None
    values = {"state": State.OPEN.value, "revision": item.revision + 1, "taken_by": kept.who, "taken_until": now + ttl}
    values |= {"again": kept.passed_at is not None, "reserved_for": None}
    connection.execute(update(r.items).where(r.items.c.id == item.id).values(**values))
    connection.execute(update(r.answers).where(r.answers.c.id == kept.id).values(undone_at=now, undone_why="undo"))
    if kept.verdict is Verdict.ASK:
        mine = (r.questions.c.item_id == item.id) & r.questions.c.answered_at.is_(None)
        connection.execute(delete(r.questions).where(mine))
    return find(connection, item.id)


def ready(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Dossiers whose last answer is older than `before` and of which no field waits in the queue."""
    c = r.followed.c
    statement = (
        select(c.dossier_id)
        .where(c.last_answer_at.is_not(None), c.last_answer_at <= before, ~unanswered(c.dossier_id))
        .order_by(c.last_answer_at)
    )
    return list(connection.execute(statement.limit(limit)).scalars())


def to_pass(connection: Connection, dossier: str) -> list[Kept]:
    """Answers of a dossier that are no decisions yet, in the order in which they were given."""
    c = r.answers.c
    pending = (c.dossier_id == dossier) & c.passed_at.is_(None) & c.undone_at.is_(None) & c.verdict.in_(_SETTLING)
    pending &= c.purpose.in_(OF_DOSSIER)
    return [_kept(row) for row in connection.execute(select(r.answers).where(pending).order_by(c.id)).mappings()]


def passed(connection: Connection, dossier: str, names: Sequence[int], now: datetime) -> None:
    """These answers are decisions from now on."""
    chosen = r.answers.c.id.in_(names)
    connection.execute(update(r.answers).where(chosen).values(passed_at=now))
    done = r.items.c.id.in_(select(r.answers.c.item_id).where(chosen)) & (r.items.c.state == State.SETTLED.value)
    connection.execute(update(r.items).where(done).values(state=State.PASSED.value, again=False))
    connection.execute(update(r.followed).where(r.followed.c.dossier_id == dossier).values(last_answer_at=None))


def refused(connection: Connection, dossier: str, names: Sequence[int], now: datetime) -> None:
    """The dossier takes these answers no more: they are taken back, their items moot, and their clerks are told."""
    chosen = r.answers.c.id.in_(names)
    connection.execute(update(r.answers).where(chosen).values(undone_at=now, undone_why="changed"))
    gone = r.items.c.id.in_(select(r.answers.c.item_id).where(chosen)) & (r.items.c.state == State.SETTLED.value)
    connection.execute(update(r.items).where(gone).values(state=State.MOOT.value))
    connection.execute(update(r.followed).where(r.followed.c.dossier_id == dossier).values(last_answer_at=None))


def untold(connection: Connection, who: str, now: datetime) -> list[Kept]:
    """Answers of somebody that were taken back because the dossier changed; each is told once."""
    c = r.answers.c
    mine = (c.who == who) & (c.undone_why == "changed") & c.told_at.is_(None)
    rows = connection.execute(select(r.answers).where(mine).order_by(c.id).limit(20)).mappings().all()
    if rows:
        connection.execute(update(r.answers).where(c.id.in_([row["id"] for row in rows])).values(told_at=now))
    return [_kept(row) for row in rows]


def put_draft(connection: Connection, name: str, who: str, revision: int, *, sealed: bytes, now: datetime) -> bool:
    """Keeps what somebody is typing; False where the item is not theirs."""
    item = find(connection, name)
    if item is None or item.taken_by != who or item.revision != revision:
        return False
    mine = (r.drafts.c.item_id == name) & (r.drafts.c.who == who)
    values = {"revision": revision, "sealed": sealed, "at": now}
    if connection.execute(update(r.drafts).where(mine).values(**values)).rowcount == 0:
        connection.execute(insert(r.drafts).values(item_id=name, who=who, **values))
    return True


def drafts_of(connection: Connection, who: str, items: Sequence[Item]) -> dict[str, bytes]:
    """What somebody was typing, by item; what was typed into an earlier revision is left out."""
    revisions = {item.id: item.revision for item in items}
    c = r.drafts.c
    rows = connection.execute(select(c.item_id, c.revision, c.sealed).where(c.who == who, c.item_id.in_(revisions)))
    return {row.item_id: row.sealed for row in rows if revisions[row.item_id] == row.revision}


def questions_of(connection: Connection, names: Sequence[str]) -> dict[str, Question]:
    """The last question on each item."""
    statement = select(r.questions).where(r.questions.c.item_id.in_(names)).order_by(r.questions.c.id)
    return {row["item_id"]: _question(row) for row in connection.execute(statement).mappings()}


def reply(connection: Connection, name: str, clerk: Clerk, note: bytes, now: datetime) -> bool:
    """A colleague's answer in words: the item goes back to whoever asked. False where nothing is asked there."""
    item = find(connection, name, lock=True)
    question = questions_of(connection, [name]).get(name)
    if item is None or item.state is not State.ASKED or question is None or held_by_other(item, clerk.id, now):
        return False
    values = {"answerer_name": nfc(clerk.name), "answer": note, "answered_at": now}
    connection.execute(update(r.questions).where(r.questions.c.id == question.id).values(**values))
    back = {"state": State.OPEN.value, "revision": item.revision + 1, "taken_by": question.asker, "taken_until": NEVER}
    connection.execute(update(r.items).where(r.items.c.id == name).values(**back, reserved_for=question.asker))
    return True


def _question(row: RowMapping) -> Question:
    return Question(**{name: row[name] for name in Question.__dataclass_fields__})


def item_rows(connection: Connection, dossier: str) -> list[Item]:
    """All items of a dossier in its own order."""
    rows = connection.execute(
        select(r.items).where(r.items.c.dossier_id == dossier).order_by(r.items.c.position)
    ).mappings()
    return [item_of(row) for row in rows]
