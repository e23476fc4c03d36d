"""What is filed becomes part of its owners' data stores: owners, papers and versions, as one act of the journal.

Called by the stage `file`, and again for whatever was filed before there were stores. Who owns a paper is claimed by
the paper (`claims.py`) and linked only where number and name agree with what is known; all else waits for a person:
the same number under another name, a doubtful reading, no number (rule R11: Nguyễn is not Nguyên). A paper that is
known already, by type, số ký hiệu and day of issue, gets another version; so does one whose signature is renewed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pipeline import journal
from pipeline.catalogue import owners_rows as acts
from pipeline.catalogue import tables_owners as t
from pipeline.kho import papers, sealed
from pipeline.kho.claims import Claim, Claimed, claims, load_rules
from pipeline.kho.sealed import Person

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.catalogue.owners_door import Acting, Row
    from pipeline.catalogue.rows import Filing
    from pipeline.record import Dossier
    from pipeline.tools import Tools

LINKED, WAITS, NOBODY = "linked", "waits", "nobody"


@dataclass(frozen=True, slots=True)
class Link:
    """Whose a paper is, or why that is not sure."""

    state: str
    owner_id: str | None = None
    candidate_id: str | None = None
    reason: str = ""
    confidence: float = 0.0


@dataclass(slots=True)
class _Plan:
    """What an act is going to say, and what it is made of."""

    tools: Tools
    desk: Acting
    dossier: Dossier
    filing: Filing
    owners: list[Row] = field(default_factory=list)
    papers: list[Row] = field(default_factory=list)
    versions: list[Row] = field(default_factory=list)


def feed(tools: Tools, dossier: Dossier, filing: Filing) -> bool:
    """Records owners, papers and versions of a filed dossier; whether something was new.

    `filing` is the signed PDF's. Cut off anywhere, the same call goes on with what it had decided. Raises `StoreError`,
    `VaultError`, `CatalogueUnreachableError`.
    """
    claimed = claims(dossier, load_rules(tools.settings.kho.owners_file))
    locks = [f"number {one.claim.number}" for one in claimed if one.claim and one.claim.number]
    with tools.catalogue.owners().acting([*locks, f"dossier {dossier.id}"]) as desk:
        act = journal.acted(tools.store, acts.FILED, dossier.id, filing.filed_at)
        if act is not None and desk.applied(act):
            return False
        if act is None:
            plan = _Plan(tools, desk, dossier, filing)
            for one in claimed:
                _add(plan, one)
            payload: dict[str, Any] = {
                "agency": _agency(tools, dossier),
                "procedure": dossier.procedure,
                "owners": [acts.as_json(t.owners, row) for row in plan.owners],
                "papers": [acts.as_json(t.papers, row) for row in plan.papers],
                "versions": [acts.as_json(t.versions, row) for row in plan.versions],
            }
            known = (desk.one(t.papers, row["paper_id"]) for row in plan.versions)
            linked = {row["linked_id"] for row in (*plan.papers, *known) if row is not None and row["linked_id"]}
            for owner_id in sorted(linked):
                tools.vault.link(dossier.id, owner_id)
            act = journal.act(tools.store, acts.FILED, dossier.id, payload, filing.filed_at)
        said: Any = act.payload
        what = {"papers": len(said["papers"]), "versions": len(said["versions"])}
        return desk.apply(act, sealed.tokens(tools.vault, act), what=what)


def renewed(tools: Tools, filing: Filing, agency: str) -> bool:
    """A new signature over the same pages: another version of every paper of the dossier."""
    with tools.catalogue.owners().acting([f"dossier {filing.dossier}"]) as desk:
        statement = t.versions.select().where(t.versions.c.dossier_id == filing.dossier)
        rows = [dict(row) for row in desk.connection.execute(statement.order_by(t.versions.c.number)).mappings()]
        newest = {row["paper_id"]: row for row in rows}
        if not newest or any(row["sha256"] == filing.sha256 for row in rows):
            return False
        versions = [
            {name: row[name] for name in ("paper_id", "dossier_id", "document_id", "pages")} | _of(filing, "renewal")
            for row in newest.values()
        ]
        payload: dict[str, Any] = {"agency": agency, "versions": [acts.as_json(t.versions, row) for row in versions]}
        act = journal.act(tools.store, acts.RENEWED, filing.dossier, payload, filing.filed_at)
        return desk.apply(act, {}, what={"versions": len(versions)})


def feed_missing(tools: Tools) -> int:
    """Records what was filed before there were stores, or while they were out of reach; returns how many dossiers."""
    from pipeline.record import Status

    done, offset = 0, 0
    while page := tools.catalogue.list_dossiers(Status.FILED, limit=200, offset=offset):
        offset += len(page)
        for summary in page:
            dossier = tools.catalogue.load(summary.id)
            signed = [f for f in tools.catalogue.filings_of(summary.id) if f.kind == "archive_pdf"]
            if dossier is not None and signed:
                done += feed(tools, dossier, signed[0])
                for later in signed[1:]:
                    renewed(tools, later, _agency(tools, dossier))
    return done


def _agency(tools: Tools, dossier: Dossier) -> str:
    return dossier.agency or tools.settings.agency_code


def _add(plan: _Plan, one: Claimed) -> None:
    tools, dossier, filing = plan.tools, plan.dossier, plan.filing
    link = _link(plan, one)
    facts = papers.facts_of(one)
    form = papers.form_of(tools, dossier, one)
    identity = tools.vault.blind("kho.identity", form.identity)
    known = _known(plan, link.owner_id, identity) if link.owner_id and not one.rule.request else None
    if known is None:
        paper_id = str(uuid4())
        person = facts.person
        if link.owner_id and person is not None and person.number:
            facts = facts.model_copy(
                update={
                    "code": papers.code_of(
                        papers.Counted(plan.desk, plan.papers, link.owner_id),
                        form,
                        person.number,
                        tools.settings.kho.paper_code,
                    )
                }
            )
        plan.papers.append(
            {
                "id": paper_id,
                "owner_id": link.owner_id,
                "linked_id": link.owner_id,
                "state": link.state,
                "candidate_id": link.candidate_id,
                "reason": link.reason,
                "confidence": round(link.confidence, 6),
                "agency": _agency(tools, dossier),
                "dossier_id": dossier.id,
                "document_id": one.document.id,
                "procedure": dossier.procedure,
                "type": one.document.type,
                "component": one.document.component,
                "issued_on": form.issued_on,
                "valid_until": form.valid_until,
                "permanent": form.permanent,
                "symbol_index": sealed.symbol_index(tools.vault, facts.symbol) if facts.symbol else None,
                "code_index": sealed.code_index(tools.vault, facts.code) if facts.code else None,
                "identity_index": identity,
                "sealed": sealed.seal_paper(tools.vault, link.owner_id or dossier.id, facts),
                "filed_at": filing.filed_at,
            }
        )
    else:
        paper_id = known
    if not any(row["paper_id"] == paper_id for row in plan.versions):
        plan.versions.append(
            {
                "paper_id": paper_id,
                "dossier_id": dossier.id,
                "document_id": one.document.id,
                "pages": list(one.document.pages),
            }
            | _of(filing, "scan")
        )


def _of(filing: Filing, origin: str) -> Row:
    # Nothing is filed whose signatures do not verify: the stage that files has judged them.
    return {
        "object_key": filing.object_key,
        "sha256": filing.sha256,
        "origin": origin,
        "level": filing.level,
        "signature": "valid",
        "filed_at": filing.filed_at,
    }


def _known(plan: _Plan, owner_id: str, identity: str) -> str | None:
    """The paper that this one is another scan of."""
    for row in plan.papers:
        if row["owner_id"] == owner_id and row["identity_index"] == identity:
            return str(row["id"])
    found = plan.desk.papers_with((t.papers.c.owner_id == owner_id) & (t.papers.c.identity_index == identity))
    return str(found[0]["id"]) if found else None


def _link(plan: _Plan, one: Claimed) -> Link:
    tools, desk, claim = plan.tools, plan.desk, one.claim
    if claim is None:
        return Link(WAITS, reason="names_nobody") if one.document.component else Link(NOBODY, reason="names_nobody")
    vault = tools.vault
    name = sealed.name_index(vault, claim.name)
    if claim.kind == "organisation":
        same = _living(tools, [*_of_plan(plan, name_index=name), *desk.owners_with(name_index=name)], claim.kind)
        if same:
            return Link(LINKED, desk.root(same[0]["id"]), reason="name", confidence=claim.confidence)
        return _new(plan, claim) if claim.sure else Link(WAITS, reason="doubtful", confidence=claim.confidence)
    if claim.number is None:
        near = _living(tools, desk.owners_with(name_index=name), claim.kind)
        candidate = _born_alike(tools, near, claim)
        return Link(WAITS, candidate_id=candidate, reason=claim.reason, confidence=claim.confidence)
    number = sealed.number_index(vault, claim.number)
    have = _living(tools, [*_of_plan(plan, number_index=number), *desk.owners_with(number_index=number)], claim.kind)
    agreeing = [row for row in have if row["name_index"] == name]
    if not claim.sure:
        candidate = desk.root((agreeing or have)[0]["id"]) if have else None
        return Link(WAITS, candidate_id=candidate, reason="doubtful", confidence=claim.confidence)
    if agreeing:
        reason = claim.reason or "number_and_name"
        return Link(LINKED, desk.root(agreeing[0]["id"]), reason=reason, confidence=claim.confidence)
    if have:
        return Link(WAITS, candidate_id=desk.root(have[0]["id"]), reason="name_differs", confidence=claim.confidence)
    return _new(plan, claim)


def _new(plan: _Plan, claim: Claim) -> Link:
    person = Person(name=claim.name, number=claim.number, born=claim.born)
    row = owner_row(plan.tools, claim.kind, person, plan.filing.filed_at)
    plan.owners.append(row)
    return Link(LINKED, row["id"], reason=claim.reason or "new", confidence=claim.confidence)


def owner_row(tools: Tools, kind: str, person: Person, at: datetime) -> Row:
    """A row of `kho_owners` for somebody new."""
    owner_id = str(uuid4())
    return {
        "id": owner_id,
        "kind": kind,
        "number_index": sealed.number_index(tools.vault, person.number) if person.number else None,
        "name_index": sealed.name_index(tools.vault, person.name),
        "sealed": sealed.seal_person(tools.vault, owner_id, person),
        "merged_into": None,
        "created_at": at,
    }


def _of_plan(plan: _Plan, **values: str) -> list[Row]:
    return [row for row in plan.owners if all(row[name] == value for name, value in values.items())]


def _living(tools: Tools, rows: Sequence[Row], kind: str) -> list[Row]:
    """Without those whose key was destroyed: whoever was erased and comes again is somebody new."""
    return [row for row in rows if row["kind"] == kind and sealed.open_person(tools.vault, row["sealed"]) is not None]


def _born_alike(tools: Tools, rows: Sequence[Row], claim: Claim) -> str | None:
    for row in rows:
        person = sealed.open_person(tools.vault, row["sealed"])
        if person is not None and claim.born is not None and person.born == claim.born:
            return str(row["id"])
    return str(rows[0]["id"]) if len(rows) == 1 else None
