"""What people decide about owners: whose a paper is, and that two records are one person. Acts, both undoable.

The machine links only where number and name agree; everything else waits here. Merging keeps both records: papers and
shares of the one are found under the other, until it is undone. Nobody's name or number is in an act but sealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select

from pipeline import journal
from pipeline.catalogue import owners_rows as acts
from pipeline.catalogue import tables_owners as t
from pipeline.errors import Exit, HosoError
from pipeline.kho import sealed
from pipeline.kho.feed import owner_row

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.catalogue.owners_door import Acting, Row
    from pipeline.kho.sealed import Person
    from pipeline.tools import Tools


class OwnerUnknownError(HosoError):
    """No owner has this id, or none that this person may see."""

    code = "owner_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không có chủ giấy tờ nào mang mã này trong phạm vi được xem."
    remedy_vi = "Hãy tìm lại theo tên hoặc số định danh."


class PaperUnknownError(HosoError):
    """No paper has this id, or none that this person may see."""

    code = "paper_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không có giấy tờ nào mang mã này trong phạm vi được xem."
    remedy_vi = "Hãy tìm lại trong kho của công dân."


class MergeRefusedError(HosoError):
    """These two records cannot be made one, or not parted."""

    code = "merge_refused"
    exit_code = Exit.REFUSED
    message_vi = "Không gộp (hoặc tách) được hai chủ giấy tờ này."
    remedy_vi = "Hãy tải lại trang; có thể đã được gộp hoặc tách trước đó."


def link(tools: Tools, who: Principal, paper_id: str, to: str, person: Person | None = None) -> Row:
    """Says whose a paper is: an owner's id, `new` (with who that is, as the paper says or as corrected), or `nobody`.

    Raises `PaperUnknownError`, `OwnerUnknownError`. Saying something else later replaces it.
    """
    with tools.catalogue.owners().acting([f"paper {paper_id}"]) as desk:
        paper = desk.one(t.papers, paper_id)
        if paper is None or not who.may_see(paper["agency"]):
            raise PaperUnknownError(paper_id)
        owner, linked_id = _owner(tools, desk, paper, to, person, who=who)
        facts = sealed.open_paper(tools.vault, paper["sealed"])
        values: Row = {
            "linked_id": linked_id,
            "state": "nobody" if linked_id is None else "linked",
            "candidate_id": None,
            "reason": "person",
            "confidence": 1.0,
            "sealed": paper["sealed"],
        }
        if linked_id is None:
            values["owner_id"] = None
        elif facts is not None:
            values["sealed"] = sealed.seal_paper(tools.vault, linked_id, facts)
        payload: dict[str, Any] = {
            "paper": acts.as_json(t.papers, values),
            "owner": acts.as_json(t.owners, owner) if owner else None,
            "who": who.id,
        }
        act = journal.act(tools.store, acts.LINKED, paper_id, payload, desk.now)
        desk.apply(act, sealed.tokens(tools.vault, act), who=who.id, what={"owner": linked_id})
        _keys_follow(tools, desk, paper, linked_id)
        done = desk.one(t.papers, paper_id)
    if done is None:
        raise PaperUnknownError(paper_id)
    return done


def _keys_follow(tools: Tools, desk: Acting, before: Row, linked_id: str | None) -> None:
    """Every dossier that brought a version of the paper is under its new owner's key.

    Under the former owner's only where another paper of his came with it: the end of a wrong owner's key must not take
    what was never that person's.
    """
    brought = select(t.versions.c.dossier_id).where(t.versions.c.paper_id == before["id"]).distinct()
    for dossier_id in desk.connection.execute(brought).scalars().all():
        if linked_id is not None:
            tools.vault.link(dossier_id, linked_id)
        theirs = select(t.papers.c.linked_id).join(t.versions, t.versions.c.paper_id == t.papers.c.id)
        owners = desk.connection.execute(theirs.where(t.versions.c.dossier_id == dossier_id)).scalars().all()
        if before["linked_id"] is not None and before["linked_id"] not in owners:
            tools.vault.unlink(dossier_id, before["linked_id"])


def _owner(
    tools: Tools, desk: Acting, paper: Row, to: str, person: Person | None, *, who: Principal
) -> tuple[Row | None, str | None]:
    if to == "nobody":
        return None, None
    if to != "new":
        known = desk.one(t.owners, to)
        # Whom the machine proposed may be somebody that only another agency has papers of.
        if known is None or not (to == paper["candidate_id"] or sees_owner(desk, who, to)):
            raise OwnerUnknownError(to)
        return None, str(known["id"])
    facts = sealed.open_paper(tools.vault, paper["sealed"])
    said = person or (facts.person if facts else None)
    if said is None:
        raise OwnerUnknownError(None, "the paper names nobody")
    row = owner_row(tools, "citizen", said, desk.now)
    return row, str(row["id"])


def merge(tools: Tools, who: Principal, owner_id: str, into_id: str, why: str) -> str:
    """Two records are one person: what is the first's is found under the second. Returns the merge's id.

    Raises `OwnerUnknownError`, `MergeRefusedError`.
    """
    with tools.catalogue.owners().acting(sorted([f"owner {owner_id}", f"owner {into_id}"])) as desk:
        one, other = desk.one(t.owners, owner_id), desk.one(t.owners, into_id)
        for found, asked in ((one, owner_id), (other, into_id)):
            if found is None or not sees_owner(desk, who, asked):
                raise OwnerUnknownError(asked)
        if one is None or other is None or one["kind"] != other["kind"]:
            raise MergeRefusedError(owner_id, "kind")
        top = desk.root(into_id)
        if one["merged_into"] is not None or top in desk.members(owner_id) or not why.strip():
            raise MergeRefusedError(owner_id, "merged already, or no reason")
        row: Row = {"id": str(uuid4()), "owner_id": owner_id, "into_id": top, "why": why.strip()[:500], "who": who.id}
        row |= {"at": desk.now}
        payload: dict[str, Any] = {"merge": acts.as_json(t.merges, row)}
        act = journal.act(tools.store, acts.MERGED, owner_id, payload, desk.now)
        desk.apply(act, {}, who=who.id, what={"into": top})
        return str(row["id"])


def unmerge(tools: Tools, who: Principal, merge_id: str) -> None:
    """Takes a merge back; what came to each record stays its own. Raises `MergeRefusedError`."""
    with tools.catalogue.owners().acting([f"merge {merge_id}"]) as desk:
        row = desk.one(t.merges, merge_id)
        if row is None or row["undone_at"] is not None or not sees_owner(desk, who, row["into_id"]):
            raise MergeRefusedError(merge_id, "no such merge, or undone")
        payload: dict[str, Any] = {"merge": merge_id, "who": who.id}
        act = journal.act(tools.store, acts.UNMERGED, row["owner_id"], payload, desk.now)
        desk.apply(act, {}, who=who.id, what={"from": row["into_id"]})


def sees_owner(desk: Acting, who: Principal, owner_id: str) -> bool:
    """Whether somebody may know of an owner: through a paper of the own agency, or one that is shared with it."""
    from pipeline.catalogue.kho_search import visible

    mine = (t.papers.c.owner_id == desk.root(owner_id)) | t.papers.c.linked_id.in_(desk.members(owner_id))
    statement = select(t.papers.c.id).where(mine, visible(who.agency, desk.now)).limit(1)
    return desk.connection.execute(statement).first() is not None
