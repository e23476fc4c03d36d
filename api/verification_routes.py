"""The web page that checks a PDF: a form, and the report as a page that can be printed. Nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.routes_results import receive_one, scratch
from api.verification_page import content_policy, render_page
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.dossiers import Dossiers
    from api.web import Web
    from pipeline.composition import House


def verification_routes(house: House, dossiers: Dossiers, gate: Gate, web: Web) -> APIRouter:
    """`/kiem-tra`: the form, and the answer to it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/kiem-tra")
    async def form(request: Request, _: Principal = gate.signed_in()) -> HTMLResponse:
        return web.page(request, "verify_form.html", limit_mb=house.settings.api.max_upload_mb)

    @router.post("/kiem-tra")
    async def check(request: Request, who: Principal = gate.signed_in()) -> HTMLResponse:
        target = await run_in_threadpool(scratch, house)
        try:
            name = await receive_one(request, target, house.settings.api.max_upload_mb << 20)
            report = await run_in_threadpool(dossiers.of(who).verified, target)
        finally:
            target.unlink(missing_ok=True)
        page = render_page(
            report.model_copy(update={"file": name}), house.settings.agency, web.language(request), "/kiem-tra"
        )
        return HTMLResponse(page, headers={"Content-Security-Policy": content_policy()})

    return router
