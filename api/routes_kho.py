"""HTTP for citizens' data stores, under /api/v1: search, owners, papers, shares, what is held, and status moves.

A search goes in a body, because a name or personal number must not be part of an address. Every answer that shows
something of a person is on record with who and why (`Hoso-Purpose`). What is another agency's and not shared answers
as unknown.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - FastAPI evaluates route annotations
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.own_dossiers import purpose_of
from api.problems import answers
from api.routes_dossiers import PurposeHeader  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.principal import Principal, Purpose
from pipeline.access.roles import Right
from pipeline.catalogue.moves_door import Move
from pipeline.kho import holds, people, shares
from pipeline.kho import search as found
from pipeline.kho.reading import Offer, OwnerView, PaperView, Reading, ShareView
from pipeline.kho.sealed import Person
from pipeline.record import Dossier  # noqa: TC001 - FastAPI evaluates route annotations

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.dossiers import Dossiers
    from pipeline.composition import House

Uuid = Annotated[str, Path(pattern=r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")]


class Body(BaseModel):
    """Base of what is sent: nothing that we do not know."""

    model_config = ConfigDict(extra="forbid")


class Asked(found.Query):
    """A search for papers."""

    limit: int = Field(default=20, ge=1, le=100)
    page: str | None = Field(default=None, max_length=30)
    """`next` of the page before."""


class AskedOwner(Body):
    """A search for owners."""

    text: str = Field(min_length=1, max_length=200)
    """A name, with or without marks, or a personal number."""
    limit: int = Field(default=20, ge=1, le=100)


class Owners(BaseModel):
    """Owners found."""

    owners: list[found.FoundOwner]


class Held(BaseModel):
    """Papers held, usable ones first."""

    held: list[holds.HeldPaper]


class Offers(BaseModel):
    """What is held for a dossier's missing papers."""

    offers: list[Offer]


class Reuse(Body):
    """Which held paper stands in for which component."""

    component: str = Field(max_length=100)
    paper: str = Field(max_length=36)


class LinkTo(Body):
    """Whose a paper is."""

    to: str = Field(max_length=36)
    """An owner's id, `new` or `nobody`."""
    person: Person | None = None
    """With `new`: who that is, where the paper was misread."""


class MergeInto(Body):
    """Which record counts."""

    into: str = Field(max_length=36)
    why: str = Field(min_length=3, max_length=500)


class Merged(BaseModel):
    """By which it can be taken back."""

    merge: str


class Moves(BaseModel):
    """A dossier's way on the national portal."""

    status: int | None
    moves: list[Move]
    late: bool
    """Asked for papers more than once."""


def kho_routes(house: House, dossiers: Dossiers, gate: Gate) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["kho"])
    reader, sharer = gate.need(Right.KHO_SEARCH), gate.need(Right.KHO_SHARE)
    tools = house.tools

    def reading(who: Principal, purpose: Purpose | None) -> Reading:
        fits = purpose is not None and purpose is not Purpose.OPERATION
        return Reading(tools, who, purpose if fits and purpose else purpose_of(who))

    @router.post("/kho/search", responses=answers(422))
    async def search(asked: Asked, hoso_purpose: PurposeHeader = None, who: Principal = reader) -> found.Page:
        """Papers, the newest first; those that say the words as typed before others."""
        query = found.Query.model_validate(asked.model_dump(exclude={"limit", "page"}))
        return await run_in_threadpool(reading(who, hoso_purpose).papers, query, asked.limit, asked.page)

    @router.post("/owners/search", responses=answers(422))
    async def owners(asked: AskedOwner, hoso_purpose: PurposeHeader = None, who: Principal = reader) -> Owners:
        """Owners by name or personal number."""
        listed = await run_in_threadpool(reading(who, hoso_purpose).owners, asked.text, asked.limit)
        return Owners(owners=listed)

    @router.get("/owners/{owner_id}", responses=answers(404))
    async def owner(owner_id: Uuid, hoso_purpose: PurposeHeader = None, who: Principal = reader) -> OwnerView:
        """An owner's papers with versions, shares, and who looked at them."""
        return await run_in_threadpool(reading(who, hoso_purpose).owner, owner_id)

    @router.get("/papers/{paper_id}", responses=answers(404))
    async def paper(paper_id: Uuid, hoso_purpose: PurposeHeader = None, who: Principal = reader) -> PaperView:
        """A paper with its versions."""
        return await run_in_threadpool(reading(who, hoso_purpose).paper, paper_id)

    @router.get("/owners/{owner_id}/holds", responses=answers(404))
    async def held(
        owner_id: Uuid,
        *,
        on: date,
        component: Annotated[str | None, Query(max_length=100)] = None,
        type: Annotated[tuple[str, ...], Query(max_length=20)] = (),  # noqa: A002 - the parameter's name in the API
        hoso_purpose: PurposeHeader = None,
        who: Principal = reader,
    ) -> Held:
        """What the store holds of a component or of these types, with why one cannot be used on that day."""

        def ask() -> list[holds.HeldPaper]:
            return reading(who, hoso_purpose).holds(owner_id, on, component=component, types=type)

        return Held(held=await run_in_threadpool(ask))

    @router.get("/dossiers/{dossier_id}/held", responses=answers(404))
    async def offers(
        dossier_id: str,
        owner: Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")] = None,
        hoso_purpose: PurposeHeader = None,
        who: Principal = reader,
    ) -> Offers:
        """What stands ready for the papers that a dossier lacks, of the people whom its papers surely name."""

        def ask() -> list[Offer]:
            return reading(who, hoso_purpose).offers(dossiers.of(who, hoso_purpose).get(dossier_id), owner)

        return Offers(offers=await run_in_threadpool(ask))

    @router.post("/dossiers/{dossier_id}/reuse", responses=answers(404, 409))
    async def reuse(dossier_id: str, chosen: Reuse, who: Principal = gate.need(Right.DOSSIER_DECIDE)) -> Dossier:
        """Files a reference to a held paper instead of a new scan."""

        def act() -> Dossier:
            own = dossiers.of(who)
            dossier = own.allowed(dossier_id)
            holds.refer(tools, who, dossier, component=chosen.component, paper_id=chosen.paper)
            return own.decide(dossier_id, [holds.decision_on(chosen.component)])

        return await run_in_threadpool(act)

    @router.post("/owners/{owner_id}/shares", status_code=201, responses=answers(404, 409))
    async def share(owner_id: Uuid, asked: shares.ShareRequest, who: Principal = sharer) -> ShareView:
        """Records what a citizen agreed to; how they said yes has no default."""

        def act() -> ShareView:
            row = shares.share(tools, who, owner_id, asked)
            return ShareView.of(row, tools.clock())

        return await run_in_threadpool(act)

    @router.post("/shares/{share_id}/revoke", responses=answers(404))
    async def revoke(share_id: Uuid, who: Principal = sharer) -> ShareView:
        """Ends a share at once."""

        def act() -> ShareView:
            return ShareView.of(shares.revoke(tools, who, share_id), tools.clock())

        return await run_in_threadpool(act)

    @router.post("/papers/{paper_id}/owner", responses=answers(404))
    async def link(paper_id: Uuid, asked: LinkTo, who: Principal = sharer) -> PaperView:
        """Says whose a paper is that waits, or that it was another's."""

        def act() -> PaperView:
            people.link(tools, who, paper_id, asked.to, asked.person)
            return reading(who, None).paper(paper_id)

        return await run_in_threadpool(act)

    @router.post("/owners/{owner_id}/merge", status_code=201, responses=answers(404, 409))
    async def merge(owner_id: Uuid, asked: MergeInto, who: Principal = sharer) -> Merged:
        """Two records are one person."""
        done = await run_in_threadpool(people.merge, tools, who, owner_id, asked.into, asked.why)
        return Merged(merge=done)

    @router.post("/merges/{merge_id}/undo", status_code=204, responses=answers(409))
    async def unmerge(merge_id: Uuid, who: Principal = sharer) -> None:
        """Takes a merge back."""
        await run_in_threadpool(people.unmerge, tools, who, merge_id)

    @router.get("/dossiers/{dossier_id}/moves", responses=answers(404))
    async def moves(dossier_id: str, who: Principal = gate.need(Right.DOSSIER_READ, Right.RESULTS_PULL)) -> Moves:
        """Where a dossier stands on the national portal, and how it got there."""

        def ask() -> Moves:
            dossier = dossiers.of(who).get(dossier_id, "moves")
            made = tools.catalogue.moves().of(dossier.id)
            asked = sum(move.status == 5 for move in made)
            return Moves(status=made[-1].status if made else None, moves=made, late=asked > 1)

        return await run_in_threadpool(ask)

    return router
