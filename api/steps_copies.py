"""The pages of certified copies: the list, one paper page by page beside its original, and the certification.

They work without script. The officer holds the original beside the picture of the scan; each page gets its own answer,
and only whoever answered for every page can certify.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.failures import failure_of
from api.problems import status_of
from api.routes_steps import pdf
from pipeline.access.principal import Principal, Purpose
from pipeline.access.roles import Right
from pipeline.conductor import UnknownDossierError
from pipeline.errors import HosoError
from pipeline.steps import copies
from pipeline.steps.doing import own_dossier
from pipeline.steps.errors import CopyUnknownError

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.web import Web
    from pipeline.composition import House
    from pipeline.record import Dossier
    from pipeline.steps.copies import Copy

CopyId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")]
Code = Annotated[str, Form(max_length=100)]
Seen = Annotated[int, Form(ge=0, le=1_000_000)]


def copy_pages(house: House, gate: Gate, web: Web) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    worker = gate.need(Right.COPY_CERTIFY)
    tools = house.tools

    async def listed(
        request: Request, who: Principal, dossier: Dossier | None = None, error: HosoError | None = None
    ) -> Response:
        found = await run_in_threadpool(copies.listed, tools, who)
        failure = web.failure(request, failure_of(error)) if error is not None else None
        status = status_of(failure) if failure else 200
        return web.page(request, "steps_copies.html", status, copies=found, dossier=dossier, failure=failure)

    async def shown(request: Request, who: Principal, copy: Copy, error: HosoError | None = None) -> Response:
        failure = web.failure(request, failure_of(error)) if error is not None else None
        mine = all(page.same is True and page.by == who.id for page in copy.pages)
        status = status_of(failure) if failure else 200
        return web.page(
            request, "steps_copy.html", status, copy=copy, page=_page(request, copy), mine=mine, failure=failure
        )

    @router.get("/chung-thuc")
    async def every(request: Request, who: Principal = worker) -> Response:
        return await listed(request, who)

    @router.post("/chung-thuc")
    async def papers(request: Request, code: Code, who: Principal = worker) -> Response:
        def find() -> Dossier:
            dossier = own_dossier(tools, who, code.strip())
            tools.catalogue.ledger().read(who, Purpose.PROCEDURE, dossier.id, "papers")
            return dossier

        try:
            return await listed(request, who, await run_in_threadpool(find))
        except UnknownDossierError as error:
            return await listed(request, who, error=error)

    @router.post("/chung-thuc/lap")
    async def begin(
        request: Request,
        code: Code,
        document: Code,
        count: Annotated[int, Form(ge=1, le=100)] = 1,
        who: Principal = worker,
    ) -> Response:
        try:
            copy = await run_in_threadpool(copies.begin, tools, who, code, document, count)
        except HosoError as error:
            return await listed(request, who, error=error)
        return RedirectResponse(f"/chung-thuc/{copy.id}", 303)

    @router.get("/chung-thuc/{item_id}")
    async def one(request: Request, item_id: CopyId, who: Principal = worker) -> Response:
        return await shown(request, who, await run_in_threadpool(copies.one, tools, who, item_id))

    @router.post("/chung-thuc/{item_id}")
    async def act(
        request: Request,
        item_id: CopyId,
        *,
        verb: Annotated[str, Form(pattern="^(same|differs|certify|drop)$")],
        seen: Seen,
        page: Seen = 0,
        remark: Annotated[str, Form(max_length=1000)] = "",
        who: Principal = worker,
    ) -> Response:
        def done() -> Copy:
            if verb == "certify":
                return copies.certify(tools, who, item_id, seen=seen)
            if verb == "drop":
                return copies.drop(tools, who, item_id, seen=seen, remark=remark)
            same = verb == "same"
            return copies.tick(tools, who, item_id, seen=seen, page=page, same=same, remark=remark)

        try:
            await run_in_threadpool(done)
        except HosoError as error:
            return await shown(request, who, await run_in_threadpool(copies.one, tools, who, item_id), error)
        return RedirectResponse(f"/chung-thuc/{item_id}", 303)

    @router.get("/chung-thuc/{item_id}/tep")
    async def file(item_id: CopyId, who: Principal = worker) -> Response:
        def read() -> bytes:
            copy = copies.one(tools, who, item_id)
            if copy.key is None:
                raise CopyUnknownError
            return tools.reading().get(copy.key)

        return pdf(await run_in_threadpool(read), "ban-sao.pdf")

    return router


def _page(request: Request, copy: Copy) -> object:
    """The page that is looked at: the one that was asked for, else the first that waits."""
    asked = request.query_params.get("trang", "")
    wanted = next((page for page in copy.pages if str(page.number) == asked), None)
    return wanted or copy.next_page or copy.pages[-1]
