"""HTTP for the five steps, under /api/v1: worklists, a dossier's steps, acts, results and signed slips.

A route opens to whoever has a step at all; which act is whose is asked by `pipeline.steps` for the step at which the
dossier stands. `seen` is the number of the last act that the caller saw: whoever comes second gets 409 `step_changed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.problems import answers
from api.routes_dossiers import parsed_form
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.steps import showing
from pipeline.steps.doing import attach, do
from pipeline.steps.errors import ResultUnusableError
from pipeline.steps.preparing import Order
from pipeline.steps.showing import StepPage, Worklist  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.steps.table import RIGHT_OF, Verb

if TYPE_CHECKING:
    from api.access.gate import Gate
    from pipeline.composition import House

DossierId = Annotated[str, Path(max_length=100)]
Item = Annotated[str, Path(pattern=r"^r[0-9]{1,3}$")]
STEP_RIGHTS = tuple(RIGHT_OF.values())
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["seen", "title", "file"],
                    "properties": {
                        "seen": {"type": "integer", "minimum": 0},
                        "title": {"type": "string", "maxLength": 200},
                        "result": {"type": "string", "pattern": "^r[0-9]{1,3}$"},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


def step_routes(house: House, gate: Gate) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["steps"])
    reader, worker = gate.need(Right.DOSSIER_READ), gate.need(*STEP_RIGHTS)
    tools = house.tools
    most = house.settings.api.max_upload_mb << 20

    @router.get("/steps")
    async def waiting(who: Principal = worker) -> Worklist:
        """What waits for whoever asks."""
        return await run_in_threadpool(showing.worklist, tools, who)

    @router.get("/dossiers/{dossier_id}/steps", responses=answers(404))
    async def steps(dossier_id: DossierId, who: Principal = reader) -> StepPage:
        """Where a dossier stands, what was done by whom, and what whoever asks may do."""
        return await run_in_threadpool(showing.page, tools, who, dossier_id)

    @router.post("/dossiers/{dossier_id}/steps", responses=answers(403, 404, 409, 503))
    async def act(dossier_id: DossierId, order: Order, who: Principal = worker) -> StepPage:
        """Does an act; signatures that it needs are made."""

        def done() -> StepPage:
            do(tools, who, dossier_id, order)
            return showing.page(tools, who, dossier_id)

        return await run_in_threadpool(done)

    @router.post(
        "/dossiers/{dossier_id}/results",
        status_code=201,
        responses=answers(400, 403, 404, 409, 413, 415),
        openapi_extra=_FORM,
    )
    async def put_result(dossier_id: DossierId, request: Request, who: Principal = worker) -> StepPage:
        """Attaches the PDF of a result, or puts it in the place of `result`."""
        await attached(house, who, dossier_id, request, most)
        return await run_in_threadpool(showing.page, tools, who, dossier_id)

    @router.get("/dossiers/{dossier_id}/results/{item}", response_class=Response, responses={**_PDF, **answers(404)})
    async def result(
        dossier_id: DossierId, item: Item, who: Principal = gate.need(Right.DOSSIER_READ, Right.RESULTS_PULL)
    ) -> Response:
        """A result as it is now; machines get it once it was returned."""
        return pdf(await run_in_threadpool(showing.result_file, tools, who, dossier_id, item), "result.pdf")

    @router.get(
        "/dossiers/{dossier_id}/steps/{number}/slip", response_class=Response, responses={**_PDF, **answers(404)}
    )
    async def slip(
        dossier_id: DossierId, number: Annotated[int, Path(ge=1, le=100_000)], who: Principal = reader
    ) -> Response:
        """The signed form that an act gave the citizen."""
        return pdf(await run_in_threadpool(showing.slip_file, tools, who, dossier_id, number), "slip.pdf")

    return router


async def attached(house: House, who: Principal, dossier_id: str, request: Request, most: int) -> None:
    """Attaches the file of a form. Raises what `attach` raises, `ResultUnusableError` where there is none."""
    async with parsed_form(request, most) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise ResultUnusableError(dossier_id, "no file")
        content = await upload.read()
        seen, result = str(form.get("seen", "")), str(form.get("result", ""))
        title = str(form.get("title", ""))
    if not seen.isdecimal() or len(seen) > 9 or (result and not (result[0] == "r" and result[1:].isdecimal())):
        raise ResultUnusableError(dossier_id, "form")
    order = Order(verb=Verb.ATTACH, seen=int(seen), result=result[:4] or None)
    await run_in_threadpool(attach, house.tools, who, dossier_id, order, title=title, pdf=content)


def pdf(content: bytes, name: str) -> Response:
    """A PDF to be looked at."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/pdf", headers=headers)
