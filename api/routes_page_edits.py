"""HTTP for the pages of a dossier: how they lie, what is done to them and taken back, their pictures.

Every edit names the revision that it was made on; where somebody else was quicker the answer is 409 `pages_changed` and
nothing is done. Looking at the stack is one look on record, a page in full size another; small pictures are part of the
first. The page at `/ho-so/ID/trang` is an empty desk that its script fills.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.problems import answers
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.page_edits.editing import PageEditor
from pipeline.page_edits.events import Edit
from pipeline.page_edits.showing import PagesView, view_of
from pipeline.page_edits.thumbnails import image, thumbnail

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.dossiers import Dossiers
    from api.web import Web
    from pipeline.composition import House

_REFUSED = answers(401, 403, 404, 409, 422, 429)
_UNKNOWN = answers(401, 403, 404, 422, 429)
Numbers = Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=1, max_length=5000)]
Number = Annotated[int, Path(ge=1, le=100_000)]
Revision = Annotated[int, Field(ge=0, le=1_000_000)]


class Body(BaseModel):
    """Base of what a browser sends: nothing that we do not know."""

    model_config = ConfigDict(extra="forbid")


class PageEdit(Body):
    """One thing to be done; pages are numbered as they were scanned."""

    revision: Revision
    kind: Literal["turn", "split", "merge", "order", "hide", "show", "blank", "type"]
    pages: Numbers
    turns: int = Field(default=1, ge=1, le=3)
    beside: int | None = Field(default=None, ge=1, le=100_000)
    after: bool = False
    blank: bool = True
    type: str = Field(default="", max_length=100)


class PageUndo(Body):
    """What is to be taken back: the event's id."""

    revision: Revision
    event: str = Field(pattern=r"^[0-9a-f]{32}$")


class PageMove(Body):
    """Pages that go to another dossier of the agency, or to a new one."""

    revision: Revision
    pages: Numbers
    target: str | None = Field(default=None, max_length=100)


class PagesMoved(BaseModel):
    """Where they went, and what is left."""

    target: str
    view: PagesView


class PagesState(BaseModel):
    """Whether anything is new."""

    revision: int
    status: str


def page_edit_routes(house: House, dossiers: Dossiers, gate: Gate) -> APIRouter:
    """Routes below `/api/v1`."""
    router = APIRouter(prefix="/dossiers/{dossier_id}/layout", tags=["pages"])
    editor = PageEditor(house.tools)
    clerk = gate.need(Right.PAGES_EDIT)

    def own(who: Principal, dossier_id: str) -> str:
        return dossiers.real_id(dossiers.of(who).allowed(dossier_id).id)

    @router.get("", responses=_UNKNOWN)
    async def layout(dossier_id: str, who: Principal = clerk) -> PagesView:
        """How the pages lie: a look on record."""

        def found() -> PagesView:
            mine = dossiers.of(who)
            real = own(who, dossier_id)
            mine.look(real, mine.allowed(real), "pages")
            return view_of(editor.pages(real))

        return await run_in_threadpool(found)

    @router.get("/state", responses=_UNKNOWN)
    async def state(dossier_id: str, who: Principal = clerk) -> PagesState:
        """Whether there is anything new; no look, since nothing is shown."""

        def found() -> PagesState:
            real = own(who, dossier_id)
            dossier = house.conductor.dossier(real)
            return PagesState(revision=house.catalogue.pages().count(real), status=dossier.status.value)

        return await run_in_threadpool(found)

    @router.post("/edits", responses=_REFUSED)
    async def edit(dossier_id: str, body: PageEdit, who: Principal = clerk) -> PagesView:
        """Turns, splits, merges, reorders, hides, shows, marks as blank or not, names the type of a paper."""

        def done() -> PagesView:
            values = body.model_dump(exclude={"revision"})
            return view_of(editor.edit(own(who, dossier_id), Edit.model_validate(values), who, body.revision))

        return await run_in_threadpool(done)

    @router.post("/undo", responses=_REFUSED)
    async def undo(dossier_id: str, body: PageUndo, who: Principal = clerk) -> PagesView:
        """Takes back any event, also one that took another back."""

        def done() -> PagesView:
            return view_of(editor.undo(own(who, dossier_id), body.event, who, body.revision))

        return await run_in_threadpool(done)

    @router.post("/moves", responses=_REFUSED)
    async def move(dossier_id: str, body: PageMove, who: Principal = clerk) -> PagesMoved:
        """Moves pages to another dossier of the agency, or to a new one; the originals stay with the first."""

        def done() -> PagesMoved:
            target = own(who, body.target) if body.target else None
            left, went = editor.move(own(who, dossier_id), body.pages, target, who, body.revision)
            return PagesMoved(target=went, view=view_of(left))

        return await run_in_threadpool(done)

    @router.get("/pages/{number}/thumbnail", response_class=Response, responses=_pictures("image/jpeg"))
    async def small(dossier_id: str, number: Number, who: Principal = clerk) -> Response:
        """A small picture of a page as it was scanned."""

        def found() -> bytes:
            real = own(who, dossier_id)
            return thumbnail(house.tools, real, editor.page(real, number))

        return Response(await run_in_threadpool(found), media_type="image/jpeg")

    @router.get("/pages/{number}/image", response_class=Response, responses=_pictures("image/jpeg", "image/png"))
    async def full(dossier_id: str, number: Number, who: Principal = clerk) -> Response:
        """A page as it was scanned, in full size: a look on record."""

        def found() -> tuple[bytes, str]:
            real = own(who, dossier_id)
            mine = dossiers.of(who)
            mine.look(real, mine.allowed(real), "page")
            return image(house.tools, real, editor.page(real, number))

        content, media_type = await run_in_threadpool(found)
        return Response(content, media_type=media_type)

    return router


def _pictures(*media: str) -> dict[int | str, dict[str, object]]:
    return {200: {"content": {one: {} for one in media}}, **_UNKNOWN}


def page_edit_pages(house: House, dossiers: Dossiers, gate: Gate, web: Web) -> APIRouter:
    """The page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/ho-so/{dossier_id}/trang")
    async def stack(request: Request, dossier_id: str, who: Principal = gate.need(Right.PAGES_EDIT)) -> HTMLResponse:
        dossier = await run_in_threadpool(dossiers.of(who).allowed, dossier_id)
        names = house.procedures().type_names
        return web.page(
            request,
            "page_edits.html",
            dossier=dossier,
            types=sorted(names.items(), key=lambda item: item[1].casefold()),
        )

    return router
