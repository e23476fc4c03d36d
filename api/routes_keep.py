"""HTTP API of keeping: retention, legal holds, destruction, and citizens' requests about their data.

All of it asks for the right to keep records; what belongs to another agency is unknown (404). Nothing is destroyed but
by a person's act with a reason, and a refusal names every rule that forbids it. A copy for a citizen is made in the
scratch folder, sent from there and removed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from api.problems import answers
from pipeline.access.principal import Principal, Purpose
from pipeline.access.roles import Right
from pipeline.keeping import copies, destruction, holds, requests, retention
from pipeline.keeping.destruction import Destroyed  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.keeping.records import Correction, Ground, Hold, Kept, Request, RequestKind
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.access.gate import Gate
    from pipeline.composition import House
    from pipeline.tools import Tools

_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}}


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reason(_Asked):
    """Why, with the number of the paper that orders it where there is one."""

    reason: str = Field(min_length=1, max_length=2000)


class HoldAsked(Reason):
    """A legal hold to be set."""

    subject_kind: Literal["dossier", "owner"]
    subject: str = Field(min_length=1, max_length=100)


class RequestAsked(_Asked):
    """A citizen's request to be taken down."""

    kind: RequestKind
    owner: str = Field(min_length=1, max_length=36)
    note: str = Field(min_length=1, max_length=2000)
    """What is asked, in the citizen's words."""


class CorrectionAsked(Reason):
    """A value to be put right beside the filed one."""

    dossier: str = Field(min_length=1, max_length=100)
    document: str = Field(min_length=1, max_length=100)
    field: str = Field(min_length=1, max_length=200)
    value: str = Field(max_length=5000)


class KeptRecord(Model):
    """How long a dossier is kept, what stands against destroying it, and what was put right."""

    kept: Kept
    grounds: tuple[Ground, ...]
    corrections: tuple[Correction, ...]


def keep_routes(house: House, gate: Gate) -> APIRouter:
    """The routes under `/keep`."""
    router = APIRouter(prefix="/keep", tags=["keeping"])
    tools = house.tools
    _record_routes(router, tools, gate)
    _hold_routes(router, tools, gate)
    _request_routes(router, tools, gate)
    _answer_routes(router, tools, gate)
    return router


def _record_routes(router: APIRouter, tools: Tools, gate: Gate) -> None:
    @router.get("/records")
    async def records(who: Principal = gate.need(Right.RECORDS_KEEP), limit: int = 200) -> list[Kept]:
        """What the agency keeps and how long, the first to end first."""
        await run_in_threadpool(retention.complete, tools)
        return await run_in_threadpool(retention.all_kept, tools, who, limit=max(1, min(limit, 1000)))

    @router.get("/due")
    async def due(who: Principal = gate.need(Right.RECORDS_KEEP)) -> list[Kept]:
        """What may be destroyed today: its time is over and nothing holds it."""
        return await run_in_threadpool(retention.due, tools, who)

    @router.get("/records/{dossier_id}", responses=answers(404))
    async def record(dossier_id: str, who: Principal = gate.need(Right.RECORDS_KEEP)) -> KeptRecord:
        """One dossier's retention."""
        return await run_in_threadpool(_kept_record, tools, who, dossier_id)

    @router.post("/records/{dossier_id}/destruction", responses=answers(404, 409))
    async def destroy(dossier_id: str, asked: Reason, who: Principal = gate.need(Right.RECORDS_KEEP)) -> Destroyed:
        """Destroys a dossier whose time is over: its key ends, and what the medium lets go is deleted."""
        return await run_in_threadpool(destruction.destroy, tools, who, dossier_id, asked.reason)


def _hold_routes(router: APIRouter, tools: Tools, gate: Gate) -> None:
    @router.get("/holds")
    async def listed(who: Principal = gate.need(Right.RECORDS_KEEP), *, lifted: bool = False) -> list[Hold]:
        """Legal holds of the agency; with `lifted` those that ended, too."""
        return await run_in_threadpool(holds.holds, tools, who, lifted=lifted)

    @router.post("/holds", status_code=201, responses=answers(404))
    async def hold(asked: HoldAsked, who: Principal = gate.need(Right.RECORDS_KEEP)) -> Hold:
        """Holds a dossier, or everything of an owner, until it is lifted."""
        return await run_in_threadpool(holds.hold, tools, who, asked.subject_kind, asked.subject, asked.reason)

    @router.post("/holds/{hold_id}/lift", responses=answers(404))
    async def lift(hold_id: str, asked: Reason, who: Principal = gate.need(Right.RECORDS_KEEP)) -> Hold:
        """Lifts a hold."""
        return await run_in_threadpool(holds.lift, tools, who, hold_id, asked.reason)


def _request_routes(router: APIRouter, tools: Tools, gate: Gate) -> None:
    @router.post("/requests", status_code=201, responses=answers(404))
    async def opened(asked: RequestAsked, who: Principal = gate.need(Right.RECORDS_KEEP)) -> Request:
        """Takes a citizen's request down, with the working day on which it is due."""
        return await run_in_threadpool(requests.open_request, tools, who, asked.kind, asked.owner, asked.note)

    @router.get("/requests")
    async def listed(who: Principal = gate.need(Right.RECORDS_KEEP), *, answered: bool = False) -> list[Request]:
        """Requests, the first due first; with `answered` the others, too."""
        found = await run_in_threadpool(requests.requests, tools, who, answered=answered)
        await run_in_threadpool(_looked, tools, who, found)
        return found

    @router.get("/requests/{request_id}", responses=answers(404))
    async def one(request_id: str, who: Principal = gate.need(Right.RECORDS_KEEP)) -> Request:
        """A request."""
        found = await run_in_threadpool(requests.request, tools, who, request_id)
        await run_in_threadpool(_looked, tools, who, [found])
        return found


def _answer_routes(router: APIRouter, tools: Tools, gate: Gate) -> None:
    @router.post(
        "/requests/{request_id}/copy", response_class=FileResponse, responses={**_ZIP, **answers(404, 409, 503)}
    )
    async def copy(request_id: str, who: Principal = gate.need(Right.RECORDS_KEEP)) -> FileResponse:
        """A zip file with everything that the agency holds of the owner; answers the request."""
        made = await run_in_threadpool(_copied, tools, who, request_id)
        clean_up = BackgroundTask(shutil.rmtree, made.parent, ignore_errors=True)
        return FileResponse(made, media_type="application/zip", filename=made.name, background=clean_up)

    @router.post("/requests/{request_id}/corrections", status_code=201, responses=answers(404, 409))
    async def correct(
        request_id: str, asked: CorrectionAsked, who: Principal = gate.need(Right.RECORDS_KEEP)
    ) -> Correction:
        """Records a value beside the filed one, as the field's next version; the filed record stays as it is."""
        place = {"dossier_id": asked.dossier, "document": asked.document, "field": asked.field}
        said = {"value": asked.value, "reason": asked.reason}
        return await run_in_threadpool(requests.correct, tools, who, request_id, **place, **said)

    @router.post("/requests/{request_id}/corrected", responses=answers(404, 409))
    async def corrected(request_id: str, who: Principal = gate.need(Right.RECORDS_KEEP)) -> Request:
        """Answers a request for correction with what was put right."""
        return await run_in_threadpool(requests.finish_correction, tools, who, request_id)

    @router.post("/requests/{request_id}/erasure", responses=answers(404, 409, 503))
    async def erase(request_id: str, who: Principal = gate.need(Right.RECORDS_KEEP)) -> Request:
        """Ends the owner's keys; or answers `refused` with every rule that forbids it, and its source."""
        return await run_in_threadpool(requests.erase, tools, who, request_id)

    @router.post("/requests/{request_id}/refusal", responses=answers(404, 409))
    async def refuse(request_id: str, asked: Reason, who: Principal = gate.need(Right.RECORDS_KEEP)) -> Request:
        """A person refuses a request, with the reason."""
        return await run_in_threadpool(requests.refuse, tools, who, request_id, asked.reason)


def _kept_record(tools: Tools, who: Principal, dossier_id: str) -> KeptRecord:
    kept = retention.seen(tools, who, dossier_id)
    tools.catalogue.ledger().read(who, Purpose.CITIZEN_REQUEST, dossier_id, "corrections")
    against = tuple(retention.grounds(tools, dossier_id))
    return KeptRecord(kept=kept, grounds=against, corrections=tuple(requests.corrections(tools, who, dossier_id)))


def _looked(tools: Tools, who: Principal, found: Iterable[Request]) -> None:
    for one in found:
        tools.catalogue.ledger().read(who, Purpose.CITIZEN_REQUEST, one.owner, "request")


def _copied(tools: Tools, who: Principal, request_id: str) -> Path:
    tools.settings.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=tools.settings.work, prefix="http-"))
    try:
        return Path(copies.export(tools, who, request_id, folder).file)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
