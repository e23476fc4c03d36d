"""The desk's page: one page for a whole visit, from the procedure to the slip; its script works over /api/v1/desk.

What it needs at once (procedures in force, the most used first, and who sits there) comes with it as data, so that
choosing a procedure asks nobody and works without the network. The page may show pictures of files that are not sent
yet, and prints slips from a frame of its own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 - FastAPI evaluates route annotations
from starlette.concurrency import run_in_threadpool

from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.desk import Desk
    from api.web import Web
    from pipeline.composition import House

_LATELY = timedelta(days=90)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def desk_pages(house: House, desk: Desk, gate: Gate, web: Web) -> APIRouter:
    """The page's routes."""
    router = APIRouter(include_in_schema=False)

    def procedures() -> list[dict[str, object]]:
        used = desk.door.used(_LATELY)
        today = house.tools.clock().date()
        found = sorted(house.procedures().in_force(today), key=lambda one: (-used.get(one.code, 0), one.name))
        return [
            {"code": one.code, "name": one.name, "keywords": list(one.keywords), "used": used.get(one.code, 0)}
            for one in found
        ]

    async def page(request: Request, dossier: str, who: Principal) -> HTMLResponse:
        known = await run_in_threadpool(procedures)
        start = {
            "dossier": dossier,
            "who": who.id,
            "procedures": known,
            "limit": house.settings.api.max_upload_mb << 20,
        }
        answer = web.page(request, "desk.html", start=start)
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    @router.get("/quay")
    async def begin(request: Request, who: Principal = gate.need(Right.DOSSIER_RECEIVE)) -> HTMLResponse:
        return await page(request, "", who)

    @router.get("/quay/{dossier_id}")
    async def resume(
        request: Request, dossier_id: str, who: Principal = gate.need(Right.DOSSIER_RECEIVE)
    ) -> HTMLResponse:
        await run_in_threadpool(desk.dossier, dossier_id, who)
        return await page(request, dossier_id, who)

    return router
