"""HTTP for the desk, under /api/v1/desk: a visit from its files to its slip, and a stream of what is to be shown.

Acts carry a key that the browser made up; sent again, they change nothing. The stream sends the whole view whenever
something in it changed, and says by the way who else has the dossier open. What a card scanner typed comes in a body,
and is never part of an address, an answer's error or a log.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi import Path as InPath
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.desk_view import DeskView, FileView
from api.problems import answers
from api.routes_dossiers import check_length, file_name
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.catalogue.rows import DossierSummary
from pipeline.decisions import Decision
from pipeline.desk.card import Card, Comparison
from pipeline.errors import HosoError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.access.gate import Gate
    from api.desk import Desk
    from api.uploads import Drafts

EVERY = 0.4
"""Seconds between two looks for something new."""
_VISIT_EVERY = 5.0
_WAIT_EVERY = 2.0

Key = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]


class Body(BaseModel):
    """Base of what a browser sends: nothing that we do not know."""

    model_config = ConfigDict(extra="forbid")


class Begin(Body):
    """A visit begins."""

    procedure: str | None = Field(default=None, max_length=100)


class Begun(BaseModel):
    """The dossier of a visit."""

    id: str


class Choice(Body):
    """Another procedure."""

    procedure: str = Field(max_length=100)


class Answered(Body):
    """Answers of an officer, once."""

    key: Key
    decisions: list[Decision] = Field(min_length=1, max_length=1000)


class Once(Body):
    """An act without anything else to say."""

    key: Key


class Typed(Body):
    """What a scanner typed."""

    typed: str = Field(max_length=2000)


class PersonView(BaseModel):
    """A card beside the papers."""

    card: Card | None = None
    comparisons: list[Comparison] = []


class DeskList(BaseModel):
    """What waits at the desk."""

    arrivals: list[DossierSummary]
    """Came by the watched folder; nobody has taken it."""
    unfinished: list[DossierSummary]
    """Begun, and its receipt is not handed out."""


def desk_routes(desk: Desk, drafts: Drafts, gate: Gate) -> APIRouter:
    """The routes of the desk."""
    router = APIRouter(prefix="/desk", tags=["desk"])
    receiving = gate.need(Right.DOSSIER_RECEIVE)

    @router.get("/dossiers")
    async def waiting(who: Principal = receiving) -> DeskList:
        """Dossiers to be taken or finished."""
        return DeskList(
            arrivals=await run_in_threadpool(desk.arrivals, who),
            unfinished=await run_in_threadpool(desk.unfinished, who),
        )

    @router.put("/visits/{key}", responses=answers(422))
    async def begin(
        key: Annotated[str, InPath(min_length=8, max_length=64, pattern=r"^[0-9A-Za-z-]+$")],
        body: Begin,
        who: Principal = receiving,
    ) -> Begun:
        """Opens a dossier for files; the same key again is the same dossier."""
        return Begun(id=await run_in_threadpool(desk.create, key, body.procedure, who))

    @router.get("/dossiers/{dossier_id}", responses=answers(404))
    async def one(dossier_id: str, who: Principal = receiving) -> DeskView:
        """What the desk shows."""
        return await run_in_threadpool(_shown, desk, dossier_id, who)

    @router.get(
        "/dossiers/{dossier_id}/live",
        response_class=EventSourceResponse,
        responses={200: {"content": {"text/event-stream": {}}}, **answers(404)},
    )
    async def live(
        dossier_id: str,
        tab: Annotated[str, Query(min_length=8, max_length=64, pattern=r"^[0-9A-Za-z-]+$")],
        who: Principal = receiving,
    ) -> EventSourceResponse:
        """The view, now and whenever it changes."""
        await run_in_threadpool(_shown, desk, dossier_id, who)
        return EventSourceResponse(_follow(desk, dossier_id, tab, who), ping=10)

    @router.put("/dossiers/{dossier_id}/procedure", status_code=204, responses=answers(404, 409, 422))
    async def choose(dossier_id: str, body: Choice, who: Principal = receiving) -> None:
        """Another procedure, before the start."""
        await run_in_threadpool(desk.choose, dossier_id, body.procedure, who)

    @router.put("/dossiers/{dossier_id}/files", responses=answers(404, 409, 413))
    async def put_file(
        dossier_id: str,
        request: Request,
        content_disposition: Annotated[str, Header()] = "",
        who: Principal = receiving,
    ) -> FileView:
        """One file as the raw body; a file that is there already is not added again."""
        check_length(request, drafts.most_bytes)
        await run_in_threadpool(desk.dossier, dossier_id, who)
        added = await drafts.add(dossier_id, file_name(content_disposition), request.stream(), once=True)
        return FileView(name=added.name, size=added.size, sha256=added.sha256)

    @router.delete("/dossiers/{dossier_id}/files/{sha256}", status_code=204, responses=answers(404, 409))
    async def remove(
        dossier_id: str, sha256: Annotated[str, InPath(pattern="^[0-9a-f]{64}$")], who: Principal = receiving
    ) -> None:
        """Takes a file out, before the start."""
        await run_in_threadpool(desk.remove, dossier_id, sha256, who)

    @router.post("/dossiers/{dossier_id}/start", status_code=202, responses=answers(404, 422, 503))
    async def start(dossier_id: str, who: Principal = receiving) -> Begun:
        """Stores the files and has them read; starting again changes nothing."""
        return Begun(id=await run_in_threadpool(desk.start, dossier_id, who))

    @router.post("/dossiers/{dossier_id}/take", status_code=204, responses=answers(404))
    async def take(dossier_id: str, who: Principal = receiving) -> None:
        """Sees to a dossier that came by the watched folder."""
        await run_in_threadpool(desk.take, dossier_id, who)

    @router.post("/dossiers/{dossier_id}/decisions", status_code=204, responses=answers(404, 409))
    async def decide(dossier_id: str, body: Answered, who: Principal = gate.need(Right.DOSSIER_DECIDE)) -> None:
        """Answers; the dossier is checked again at once."""
        await run_in_threadpool(desk.decide, dossier_id, body.key, body.decisions, who)

    @router.post("/dossiers/{dossier_id}/hand-out", status_code=204, responses=answers(404, 409))
    async def hand_out(dossier_id: str, body: Once, who: Principal = receiving) -> None:
        """The receipt is handed out: the dossier goes on to be signed."""
        await run_in_threadpool(desk.hand_out, dossier_id, body.key, who)

    @router.get(
        "/dossiers/{dossier_id}/slip",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}, **answers(404, 422)},
    )
    async def slip(dossier_id: str, who: Principal = receiving) -> Response:
        """The slip that fits, as PDF/A, to be printed inside the desk's page."""
        form, pdf = await run_in_threadpool(desk.slip, dossier_id, who)
        headers = {
            "Content-Disposition": f'inline; filename="{form.value}.pdf"',
            "Cache-Control": "private, no-store",
            # The desk's own page prints it from a frame.
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
        }
        return Response(pdf, media_type="application/pdf", headers=headers)

    @router.get(
        "/dossiers/{dossier_id}/pages/{number}/image",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}, **answers(404)},
    )
    async def page_image(
        dossier_id: str, number: Annotated[int, InPath(ge=1, le=1_000_000)], who: Principal = receiving
    ) -> Response:
        """The image of a page, also while others are still read."""
        image, media_type = await run_in_threadpool(desk.page_image, dossier_id, number, who)
        return Response(image, media_type=media_type, headers={"Cache-Control": "private, max-age=3600"})

    @router.post("/dossiers/{dossier_id}/card", responses=answers(404, 422))
    async def read_card(dossier_id: str, body: Typed, who: Principal = receiving) -> PersonView:
        """What a desk scanner read on a card, beside the papers."""
        person = await run_in_threadpool(desk.read_card, dossier_id, body.typed, who)
        return PersonView(card=person.card, comparisons=person.comparisons)

    @router.get("/dossiers/{dossier_id}/card", responses=answers(404))
    async def card(dossier_id: str, who: Principal = receiving) -> PersonView:
        """The card that was read for this dossier, beside the papers as they are read now."""
        person = await run_in_threadpool(desk.person, dossier_id, who)
        return PersonView() if person is None else PersonView(card=person.card, comparisons=person.comparisons)

    return router


def _shown(desk: Desk, dossier_id: str, who: Principal) -> DeskView:
    view = desk.view(dossier_id, who)
    if not view.draft:
        desk.look(desk.dossier(dossier_id, who), who, "record")
    return view


async def _follow(desk: Desk, dossier_id: str, tab: str, who: Principal) -> AsyncIterator[ServerSentEvent]:
    """The view as often as it changes; ends with the connection, or where the dossier cannot be shown any more."""
    beat: object = None
    sent = ""
    others: list[str] = []
    visited = looked = 0.0
    try:
        while True:
            now = time.monotonic()
            if now - visited >= _VISIT_EVERY:
                others = await run_in_threadpool(desk.visit, dossier_id, tab, who)
                visited = now
            pulse = (await run_in_threadpool(desk.pulse, dossier_id), others)
            if pulse != beat or now - looked >= _WAIT_EVERY:
                beat, looked = pulse, now
                view = await run_in_threadpool(desk.view, dossier_id, who)
                text = view.model_copy(update={"others": others}).model_dump_json()
                if text != sent:
                    sent = text
                    yield ServerSentEvent(text, event="view")
            await asyncio.sleep(EVERY)
    except HosoError:
        # The browser asks again and is told what is wrong.
        return
    finally:
        with contextlib.suppress(HosoError):
            desk.door.leave(dossier_id, tab)
