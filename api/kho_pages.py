"""The pages of citizens' data stores: search, one owner's papers and shares, papers whose owner a person must say.

They work without script: forms post and what was asked for stays in the body, so that no name or number is part of an
address, a bookmark or a log. Each page that shows a person is a look on record (`pipeline.kho.reading`).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.own_dossiers import purpose_of
from pipeline.access.principal import Principal, Purpose
from pipeline.access.roles import Right
from pipeline.clock import local
from pipeline.errors import HosoError
from pipeline.kho import people, shares
from pipeline.kho.reading import Reading
from pipeline.kho.search import FoundOwner, Page, Query, SearchRefusedError

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.web import Web
    from pipeline.composition import House

Uuid = Annotated[str, Path(pattern=r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")]
Word = Annotated[str, Form(max_length=300)]
_ASKED = ("text", "type", "symbol", "issued_from", "issued_to", "purpose")
_TOLD = frozenset(
    {"owner", "paper", "holds", "receive", "procedure", "citizen_request", "downstream", "audit", "operation", "review"}
    | {
        "kho.filed",
        "kho.renewed",
        "kho.linked",
        "kho.merged",
        "kho.unmerged",
        "kho.shared",
        "kho.revoked",
        "kho.reused",
    }
)
"""Codes of looks, acts and purposes that have words."""
CONSENTS = ("signed_paper", "in_person", "vneid")
PURPOSES = (Purpose.RECEIVE, Purpose.PROCEDURE, Purpose.CITIZEN_REQUEST)
"""What somebody at a desk may look for."""


def kho_pages(house: House, gate: Gate, web: Web) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    reader, sharer = gate.need(Right.KHO_SEARCH), gate.need(Right.KHO_SHARE)
    tools = house.tools

    def reading(who: Principal, purpose: str = "") -> Reading:
        asked = next((one for one in PURPOSES if one.value == purpose), None)
        return Reading(tools, who, asked or purpose_of(who))

    @router.get("/kho")
    async def empty(request: Request, who: Principal = reader) -> Response:
        waits = await run_in_threadpool(tools.catalogue.owners().waiting, who.agency, 100)
        return web.page(
            request,
            "kho.html",
            asked=dict.fromkeys(_ASKED, ""),
            purposes=PURPOSES,
            found=None,
            owners=[],
            failure="",
            waits=len(waits),
        )

    @router.post("/kho")
    async def search(
        request: Request,
        *,
        text: Word = "",
        type: Word = "",  # noqa: A002 - the form's name
        symbol: Word = "",
        issued_from: Word = "",
        issued_to: Word = "",
        purpose: Word = "",
        page: Word = "",
        who: Principal = reader,
    ) -> Response:
        asked = dict(zip(_ASKED, (text, type, symbol, issued_from, issued_to, purpose), strict=True))
        found, owners, failure = Page(papers=()), list[FoundOwner](), ""
        try:
            query = Query(
                text=text,
                type=type or None,
                symbol=symbol or None,
                issued_from=date.fromisoformat(issued_from) if issued_from else None,
                issued_to=date.fromisoformat(issued_to) if issued_to else None,
            )

            def look() -> tuple[Page, list[FoundOwner]]:
                mine = reading(who, purpose)
                first = bool(text.strip()) and not page
                return mine.papers(query, 20, page or None), mine.owners(text, 10) if first else []

            found, owners = await run_in_threadpool(look)
        except (SearchRefusedError, ValidationError, ValueError):
            failure = "kho.refused"
        return web.page(
            request, "kho.html", asked=asked, purposes=PURPOSES, found=found, owners=owners, failure=failure, waits=0
        )

    @router.get("/kho/cho")
    async def waiting(request: Request, who: Principal = sharer) -> Response:
        def look() -> list[object]:
            mine = reading(who)
            rows = tools.catalogue.owners().waiting(who.agency, 50)
            return [(row, mine.paper(row["id"]), _candidate(mine, row["candidate_id"])) for row in rows]

        return web.page(request, "kho_waiting.html", papers=await run_in_threadpool(look))

    @router.post("/kho/giay/{paper_id}/chu")
    async def link(
        request: Request, paper_id: Uuid, to: Annotated[str, Form(max_length=36)], who: Principal = sharer
    ) -> Response:
        try:
            await run_in_threadpool(people.link, tools, who, paper_id, to)
        except HosoError as error:
            return web.error(request, error)
        return RedirectResponse("/kho/cho", 303)

    @router.get("/kho/chu/{owner_id}")
    async def owner(request: Request, owner_id: Uuid, who: Principal = reader) -> Response:
        try:
            view = await run_in_threadpool(reading(who).owner, owner_id)
        except HosoError as error:
            return web.error(request, error)
        today = local(tools.clock()).date()
        return web.page(
            request,
            "kho_owner.html",
            view=view,
            consents=CONSENTS,
            told=_TOLD,
            may_share=who.may(Right.KHO_SHARE),
            soon=(today + timedelta(days=30)).isoformat(),
            today=today.isoformat(),
        )

    @router.post("/kho/chu/{owner_id}/chia-se")
    async def share(
        request: Request,
        owner_id: Uuid,
        *,
        recipient: Word,
        purpose: Word,
        until: Word,
        consent: Word = "",
        evidence: Word = "",
        paper: Word = "",
        who: Principal = sharer,
    ) -> Response:
        def act() -> None:
            try:
                # To the end of that day, as clocks in Vietnam show it.
                end = datetime.combine(date.fromisoformat(until), time(23, 59, 59), local(tools.clock()).tzinfo)
                said = {"recipient": recipient.strip().upper(), "purpose": purpose, "until": end, "consent": consent}
                asked = shares.ShareRequest.model_validate(said | {"evidence": evidence, "paper": paper or None})
            except ValueError:
                raise shares.ShareRefusedError(owner_id, "form") from None
            shares.share(tools, who, owner_id, asked)

        try:
            await run_in_threadpool(act)
        except HosoError as error:
            return web.error(request, error)
        return RedirectResponse(f"/kho/chu/{owner_id}", 303)

    @router.post("/kho/chia-se/{share_id}/thu-hoi")
    async def revoke(request: Request, share_id: Uuid, who: Principal = sharer) -> Response:
        try:
            row = await run_in_threadpool(shares.revoke, tools, who, share_id)
        except HosoError as error:
            return web.error(request, error)
        return RedirectResponse(f"/kho/chu/{row['owner_id']}", 303)

    return router


def _candidate(mine: Reading, owner_id: str | None) -> FoundOwner | None:
    """The owner that the machine would have linked, where this person may know of them."""
    if owner_id is None:
        return None
    try:
        return mine.owner(owner_id).owner
    except people.OwnerUnknownError:
        return None
