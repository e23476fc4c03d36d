"""The workbench's page: an empty desk that its script fills, since a clerk's next item must need no new page.

`review_room` makes all that the app needs of the workbench: its page, with the work that goes on beside it for the life
of a server, and its part of the API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 - FastAPI evaluates route annotations

from api.review_handing import Handing
from api.routes_review import review_routes
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.review.rows import Lane, Why
from pipeline.review.workbench import Workbench

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.web import Web
    from pipeline.composition import House


def review_room(house: House, gate: Gate, web: Web) -> tuple[APIRouter, APIRouter]:
    """Routes below `/api/v1`, and the page's."""
    bench = Workbench(house.tools)
    return review_routes(bench, gate), review_page_routes(bench, Handing(house, bench), gate, web)


def review_page_routes(bench: Workbench, handing: Handing, gate: Gate, web: Web) -> APIRouter:
    """The page; while its app runs, dossiers are followed and handed on."""
    router = APIRouter(include_in_schema=False, lifespan=handing.running)
    clerk = gate.need(Right.REVIEW_WORK, Right.REVIEW_LEAD)

    @router.get("/kiem-du-lieu")
    async def desk(request: Request, who: Principal = clerk) -> HTMLResponse:
        return web.page(
            request,
            "review.html",
            clerk=who.id,
            leads=who.may(Right.REVIEW_LEAD),
            ahead=bench.settings.ahead,
            lanes=[(int(lane), lane.name.lower()) for lane in Lane],
            whys=[why.value for why in Why],
        )

    return router
