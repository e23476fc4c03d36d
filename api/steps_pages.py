"""The pages of the five steps: what waits for me (`/xu-ly`), and a dossier's way with its buttons.

They work without script: forms post, and what somebody wrote stays in the form where an act was refused. Buttons are
those that the table of steps gives this person here and now; the server asks again.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.failures import failure_of
from api.problems import status_of
from api.routes_steps import STEP_RIGHTS, DossierId, Item, attached, pdf
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.errors import HosoError
from pipeline.steps import showing
from pipeline.steps.doing import do
from pipeline.steps.errors import ExtensionDayError, StepRefusedError
from pipeline.steps.preparing import Order
from pipeline.steps.table import ACTS, ORDER, Verb

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.web import Web
    from pipeline.composition import House

Word = Annotated[str, Form(max_length=2000)]
MAIN = (
    Verb.ACCEPT,
    Verb.SUPPLEMENTED,
    Verb.PAID,
    Verb.APPRAISE,
    Verb.APPROVE,
    Verb.SEAL,
    Verb.RETURN,
)
"""Acts that go on: a button of their own. The others open a small form."""
ASIDE = (
    Verb.ASK,
    Verb.CHARGE,
    Verb.BACK,
    Verb.EXTEND,
    Verb.WITHDRAW,
    Verb.STOP,
    Verb.REFUSE,
    Verb.COMMENT,
)


def step_pages(house: House, gate: Gate, web: Web) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    reader, worker = gate.need(Right.DOSSIER_READ), gate.need(*STEP_RIGHTS)
    tools = house.tools
    most = house.settings.api.max_upload_mb << 20

    @router.get("/xu-ly")
    async def waiting(request: Request, who: Principal = worker) -> Response:
        listed = await run_in_threadpool(showing.worklist, tools, who)
        return web.page(request, "steps.html", listed=listed, day=_day)

    async def shown(
        request: Request, who: Principal, dossier_id: str, error: HosoError | None = None, order: Order | None = None
    ) -> Response:
        view = await run_in_threadpool(showing.page, tools, who, dossier_id)
        failure = web.failure(request, failure_of(error)) if error is not None else None
        return web.page(
            request,
            "steps_dossier.html",
            status_of(failure) if failure else 200,
            view=view,
            failure=failure,
            order=order,
            steps=ORDER,
            main=[verb for verb in MAIN if verb in view.acts],
            aside=[verb for verb in ASIDE if verb in view.acts],
            rules=ACTS,
            possible={verb.value for verb in view.acts},
            day=_day,
        )

    @router.get("/xu-ly/{dossier_id}")
    async def one(request: Request, dossier_id: DossierId, who: Principal = reader) -> Response:
        return await shown(request, who, dossier_id)

    @router.post("/xu-ly/{dossier_id}")
    async def act(
        request: Request,
        dossier_id: DossierId,
        *,
        verb: Word,
        seen: Annotated[int, Form(ge=0, le=1_000_000)],
        note: Word = "",
        assignee: Word = "",
        until: Word = "",
        result: Word = "",
        who: Principal = worker,
    ) -> Response:
        said = {"verb": verb, "seen": seen, "note": note, "assignee": assignee or None, "result": result or None}
        order: Order | None = None
        try:
            try:
                order = Order.model_validate(said | {"until": date.fromisoformat(until) if until else None})
            except ValidationError:
                raise StepRefusedError(dossier_id, "form") from None
            except ValueError:
                raise ExtensionDayError(dossier_id) from None
            await run_in_threadpool(do, tools, who, dossier_id, order)
        except HosoError as error:
            return await shown(request, who, dossier_id, error, order)
        return RedirectResponse(f"/xu-ly/{dossier_id}", 303)

    @router.post("/xu-ly/{dossier_id}/ket-qua")
    async def attach(request: Request, dossier_id: DossierId, who: Principal = worker) -> Response:
        try:
            await attached(house, who, dossier_id, request, most)
        except HosoError as error:
            return await shown(request, who, dossier_id, error)
        return RedirectResponse(f"/xu-ly/{dossier_id}", 303)

    @router.get("/xu-ly/{dossier_id}/ket-qua/{item}")
    async def result(dossier_id: DossierId, item: Item, who: Principal = reader) -> Response:
        return pdf(await run_in_threadpool(showing.result_file, tools, who, dossier_id, item), "ket-qua.pdf")

    @router.get("/xu-ly/{dossier_id}/phieu/{number}")
    async def slip(
        dossier_id: DossierId, number: Annotated[int, Path(ge=1, le=100_000)], who: Principal = reader
    ) -> Response:
        return pdf(await run_in_threadpool(showing.slip_file, tools, who, dossier_id, number), "phieu.pdf")

    return router


def _day(iso: str) -> str:
    """A day as people here write it."""
    return f"{date.fromisoformat(iso):%d/%m/%Y}"
