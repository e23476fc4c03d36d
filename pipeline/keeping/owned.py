"""Whose a dossier is, and which dossiers are somebody's: what keeping asks of citizens' data stores, in one place.

A dossier that no paper of has been linked to an owner yet is nobody's here. Records that were merged count as one
person; each of them has a key of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.keeping.errors import KeepingUnknownError

if TYPE_CHECKING:
    from pipeline.access.principal import Principal
    from pipeline.tools import Tools


def owners_of(tools: Tools, dossier_id: str) -> list[str]:
    """Ids of every owner record that a dossier's papers are linked to, and of all that are the same persons."""
    door = tools.catalogue.owners()
    papers = door.papers_of_dossier(dossier_id)
    # A new scan of a paper that is known already is a version of it, and no paper of its own.
    known = {paper["id"] for paper in papers}
    for paper_id in {version["paper_id"] for version in door.versions_of_dossier(dossier_id)} - known:
        paper = door.paper(paper_id)
        papers += [paper] if paper is not None else []
    found = {paper[column] for paper in papers for column in ("linked_id", "owner_id") if paper[column]}
    return sorted({record for owner in found for record in records_of(tools, owner)})


def dossiers_of(tools: Tools, owner_id: str) -> dict[str, str]:
    """Dossiers with papers of an owner, merged records included: id to the agency that keeps it."""
    door = tools.catalogue.owners()
    papers = door.papers_of(owner_id)
    found = {version["dossier_id"]: paper["agency"] for paper in papers for version in door.versions_of(paper["id"])}
    found |= {paper["dossier_id"]: paper["agency"] for paper in papers}
    own = tools.catalogue.keeping().agencies_of(found)
    return {dossier_id: own.get(dossier_id) or agency for dossier_id, agency in sorted(found.items())}


def users_of(tools: Tools, dossier_id: str) -> list[str]:
    """Other dossiers in which a paper that this one brought stands in for a scan."""
    from sqlalchemy import select

    from pipeline.catalogue import tables_owners as t

    same = (t.versions.c.paper_id == t.reuses.c.paper_id) & (t.versions.c.number == t.reuses.c.version)
    mine = (t.versions.c.dossier_id == dossier_id) & (t.reuses.c.dossier_id != dossier_id)
    statement = select(t.reuses.c.dossier_id).join(t.versions, same).where(mine).distinct()
    with tools.catalogue.owners().looking() as view:
        return sorted(view.connection.execute(statement).scalars())


def records_of(tools: Tools, owner_id: str) -> list[str]:
    """The owner record that counts and all that were merged into it."""
    with tools.catalogue.owners().looking() as view:
        return view.members(view.root(owner_id))


def seen_owner(tools: Tools, who: Principal, owner_id: str) -> str:
    """The id of the record that counts. Raises `KeepingUnknownError` where there is none that this person may see."""
    from pipeline.kho.people import sees_owner

    with tools.catalogue.owners().looking() as view:
        from pipeline.catalogue import tables_owners as t

        if view.one(t.owners, owner_id) is None or not sees_owner(view, who, owner_id):
            raise KeepingUnknownError(owner_id)
        return view.root(owner_id)
