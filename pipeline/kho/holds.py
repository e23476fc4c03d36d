"""What the store holds already: "you gave us this before", with why a paper cannot be used, and using it.

A paper can be used where it counts on the day asked for, is no declaration of an earlier request, its newest version's
signatures verify today, and it is the asker's own agency's or a citizen shares it with that agency. Of a paper that
nobody agreed to show, only its type and that reason are told. Using one files a reference (paper, version, SHA-256)
instead of a scan.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pipeline import journal
from pipeline.catalogue import owners_rows as acts
from pipeline.catalogue import tables_owners as t
from pipeline.decisions import Decision, unknown_targets
from pipeline.errors import Exit, HosoError
from pipeline.kho import sealed
from pipeline.kho.claims import load_rules
from pipeline.kho.people import OwnerUnknownError
from pipeline.kho.shares import in_force
from pipeline.record import Model, Status
from pipeline.store.errors import CorruptError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pipeline.access.principal import Principal
    from pipeline.catalogue.owners_door import Row
    from pipeline.conductor import Conductor
    from pipeline.record import Dossier
    from pipeline.tools import Tools


class Why(StrEnum):
    """Why a held paper cannot be used. Stable codes; words live in the interface."""

    EXPIRED = "expired"
    NOT_YET = "not_yet_issued"
    SIGNATURE_INVALID = "signature_invalid"
    SIGNATURE_INDETERMINATE = "signature_indeterminate"
    SHARE_REVOKED = "share_revoked"
    SHARE_ENDED = "share_ended"
    NO_CONSENT = "no_consent"
    """Another agency's, and the citizen has agreed to nothing."""
    DECLARATION = "declaration"
    """Made for one request."""
    UNREADABLE = "unreadable"
    """Its object is damaged or gone, or its key was destroyed."""


class HeldPaper(Model):
    """A paper that the store holds of an owner."""

    paper: str
    type: str
    component: str | None = None
    title: str = ""
    symbol: str = ""
    issued_on: str | None = None
    valid_until: str | None = None
    permanent: bool = False
    version: int | None = None
    sha256: str | None = None
    level: str | None = None
    dossier: str | None = None
    """The dossier that brought this version."""
    pages: tuple[int, ...] = ()
    share: str | None = None
    """The share by which it may be seen, where it is another agency's."""
    usable: bool = False
    why: Why | None = None


class NotUsableError(HosoError):
    """The paper cannot stand in for this component."""

    code = "held_paper_not_usable"
    exit_code = Exit.REFUSED
    message_vi = "Giấy tờ có sẵn trong kho không dùng lại được cho thành phần này."
    remedy_vi = "Hãy xem lý do trên màn hình; nếu cần, quét giấy tờ mới."


def holds(
    tools: Tools,
    who: Principal,
    owner_id: str,
    on: date,
    *,
    component: str | None = None,
    types: Sequence[str] = (),
    verify: bool = True,
) -> list[HeldPaper]:
    """What an owner's store holds of a component or of these types, usable ones first, the newest first.

    `verify` judges signatures anew; without it, as they were judged when filed. Raises `OwnerUnknownError`,
    `StoreUnreachableError`.
    """
    door = tools.catalogue.owners()
    if door.owner(owner_id) is None:
        raise OwnerUnknownError(owner_id)
    shares = [row for row in door.shares_of(owner_id) if row["recipient"] == who.agency]
    found = []
    for paper in door.papers_of(owner_id):
        fits = (component is not None and paper["component"] == component) or paper["type"] in types
        if fits or (component is None and not types):
            found.append((paper["number"], _held(tools, who, paper, on, shares=shares, verify=verify)))
    return [held for _, held in sorted(found, key=lambda one: (not one[1].usable, -one[0]))]


def _held(tools: Tools, who: Principal, paper: Row, on: date, *, shares: Sequence[Row], verify: bool) -> HeldPaper:
    now = tools.clock()
    covering = [row for row in shares if row["paper_id"] in {None, paper["id"]}]
    live = next((row for row in covering if in_force(row, now)), None)
    if not who.may_see(paper["agency"]) and live is None:
        ended = covering[-1] if covering else None
        because = Why.NO_CONSENT if ended is None else Why.SHARE_REVOKED if ended["revoked_at"] else Why.SHARE_ENDED
        return HeldPaper(paper=paper["id"], type=paper["type"], why=because)
    version = tools.catalogue.owners().versions_of(paper["id"])[-1]
    facts = sealed.open_paper(tools.vault, paper["sealed"])
    why = _why(tools, paper, version, on, verify=verify) if facts is not None else Why.UNREADABLE
    return HeldPaper(
        paper=paper["id"],
        type=paper["type"],
        component=paper["component"],
        title=facts.title if facts else "",
        symbol=facts.symbol if facts else "",
        issued_on=paper["issued_on"],
        valid_until=paper["valid_until"],
        permanent=paper["permanent"],
        version=version["number"],
        sha256=version["sha256"],
        level=version["level"],
        dossier=version["dossier_id"],
        pages=tuple(version["pages"]),
        share=live["id"] if live and not who.may_see(paper["agency"]) else None,
        usable=why is None,
        why=why,
    )


def _why(tools: Tools, paper: Row, version: Row, on: date, *, verify: bool) -> Why | None:
    day = on.isoformat()
    if load_rules(tools.settings.kho.owners_file).of(paper["type"]).request:
        return Why.DECLARATION
    if paper["issued_on"] and paper["issued_on"] > day:
        return Why.NOT_YET
    if not paper["permanent"] and paper["valid_until"] and paper["valid_until"] < day:
        return Why.EXPIRED
    verdict = version["signature"]
    if verify:
        from signing.verify import verify_pdf

        try:
            verdict = verify_pdf(tools.store.get(version["object_key"]), tools.trust()).outcome.value
        except (NotFoundError, CorruptError):
            return Why.UNREADABLE
    return {"valid": None, "invalid": Why.SIGNATURE_INVALID}.get(verdict, Why.SIGNATURE_INDETERMINATE)


def reuse(
    tools: Tools, conductor: Conductor, who: Principal, dossier_id: str, *, component: str, paper_id: str
) -> HeldPaper:
    """Lets a held paper stand in for a component of a dossier that waits: a decision, and a reference to the version.

    The caller then runs the dossier's stages on. Raises `NotUsableError`, `DecisionError`, `UnknownDossierError`.
    """
    held = refer(tools, who, conductor.dossier(dossier_id), component=component, paper_id=paper_id)
    conductor.decide(dossier_id, [decision_on(component)], who.name)
    return held


def decision_on(component: str) -> Decision:
    """What `reuse` decides."""
    return Decision(kind="substitute", key=component, value="reused")


def refer(tools: Tools, who: Principal, dossier: Dossier, *, component: str, paper_id: str) -> HeldPaper:
    """Puts on record which version stands in, before `decision_on` the component is taken. Raises `NotUsableError`."""
    agency = dossier.agency or tools.settings.agency_code
    paper = tools.catalogue.owners().paper(paper_id)
    if not who.may_see(agency) or paper is None or paper["owner_id"] is None:
        raise NotUsableError(paper_id, "unknown")
    on = dossier.received_at.date()
    types = types_of(tools, dossier, component)
    fitting = holds(tools, who, paper["owner_id"], on, component=component, types=types)
    held = next((one for one in fitting if one.paper == paper_id), None)
    if held is None or not held.usable:
        raise NotUsableError(paper_id, held.why.value if held and held.why else "another component")
    if dossier.status not in {Status.WAITS, Status.REFUSED} or unknown_targets(dossier, [decision_on(component)]):
        raise NotUsableError(dossier.id, "the dossier does not wait for this component")
    with tools.catalogue.owners().acting([f"reuse {dossier.id}"]) as desk:
        row: Row = {"component": component, "paper_id": held.paper, "version": held.version, "sha256": held.sha256}
        row |= {"share_id": held.share, "who": who.id}
        payload: dict[str, Any] = {"reuse": acts.as_json(t.reuses, row), "agency": agency}
        act = journal.act(tools.store, acts.REUSED, dossier.id, payload, desk.now)
        desk.apply(act, {}, who=who.id, what={"component": component, "paper": held.paper})
    return held


def types_of(tools: Tools, dossier: Dossier, component: str) -> tuple[str, ...]:
    """The types of paper that fill a component of a dossier's procedure, where it takes a reused paper at all.

    Raises `NotUsableError`, `UnknownProcedureError`.
    """
    if dossier.procedure is None:
        raise NotUsableError(dossier.id, "no procedure")
    procedure = tools.procedures().get(dossier.procedure, dossier.received_at.date())
    found = next((one for one in procedure.components if one.code == component), None)
    if found is None or "reused" not in found.accept:
        raise NotUsableError(dossier.id, "component takes no reused paper")
    return found.types
