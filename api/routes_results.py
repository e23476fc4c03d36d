"""HTTP API, the way out: live events, page images, the signed PDF; verification, procedures, health.

Events are server-sent, numbered as in the catalogue, so that a browser that lost its connection goes on where it was
(Last-Event-ID) and any process may have written them. The stream ends with `settled` when nothing more will come.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.metrics_queue import queue_health
from api.problems import answers
from api.routes_dossiers import CHUNK, PurposeHeader, parsed_form
from api.uploads import clean_name, counted
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.record import Status
from pipeline.verification import VerifyReport  # noqa: TC001 - FastAPI evaluates route annotations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.access.gate import Gate
    from api.dossiers import Dossiers
    from pipeline.composition import House

EVENTS_EVERY = 0.3
"""Seconds between two looks for new events."""
MOST_EVENTS = (1 << 31) - 1
_SETTLED = {Status.FILED, Status.WAITS, Status.REFUSED, Status.FAULT}


class ProcedureSummary(BaseModel):
    """A procedure in a list."""

    code: str
    name: str
    version: str
    effective_from: str
    effective_to: str | None


class ProcedureList(BaseModel):
    """All versions of all procedures."""

    procedures: list[ProcedureSummary]
    problems: list[str] = []
    """What is wrong in an agency's files, as `file:line: what -> remedy`; the last good version is in use meanwhile."""


class Health(BaseModel):
    """How this installation is."""

    ok: bool
    store: str
    """Kind of the object store."""
    store_immutable: bool
    store_proofs: dict[str, bool]
    """What was tried out on the store at the start, and whether it was proved: `conditional_put`, `versioning`,
    `retention`, `legal_hold`, `separate_keys`, `encryption`."""
    """Whether what is stored there can be protected from deletion."""
    dossiers: dict[Status, int]
    """How many stand where."""
    workers: int
    """Workers heard of within `HOSO_FLOWS__SILENT_SECONDS`."""
    stopped: dict[str, str]
    """Lanes of which nothing is begun on this machine, with the reason, such as `disk_low`."""
    duties: dict[str, bool | None]
    """What is done by the clock, and whether it ended well last time."""


def result_routes(house: House, dossiers: Dossiers, gate: Gate) -> APIRouter:
    """The routes that give something back."""
    router = APIRouter()

    @router.get(
        "/dossiers/{dossier_id}/events",
        tags=["dossiers"],
        response_class=EventSourceResponse,
        responses={200: {"content": {"text/event-stream": {}}}, **answers(404)},
    )
    async def events(
        dossier_id: str,
        last_event_id: Annotated[int, Header(ge=0, le=MOST_EVENTS)] = 0,
        after: Annotated[int, Query(ge=0, le=MOST_EVENTS)] = 0,
        who: Principal = gate.need(Right.DOSSIER_READ, Right.RESULTS_PULL),
    ) -> EventSourceResponse:
        """What happens to a dossier, as it happens; `after` or Last-Event-ID is the number of the last event seen."""
        # An unknown id is a 404 now, not a broken stream later.
        await run_in_threadpool(dossiers.of(who).events, dossier_id, MOST_EVENTS)
        real = await run_in_threadpool(dossiers.real_id, dossier_id)
        return EventSourceResponse(_follow(dossiers, real, max(last_event_id, after)), ping=15)

    @router.get(
        "/dossiers/{dossier_id}/pages/{number}/image",
        tags=["dossiers"],
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}, **answers(404)},
    )
    async def page_image(
        dossier_id: str,
        number: Annotated[int, Path(ge=1, le=100_000)],
        hoso_purpose: PurposeHeader = None,
        who: Principal = gate.need(Right.DOSSIER_READ),
    ) -> Response:
        """The stored image of a page: fields' boxes lie in its pixels."""
        image, media_type = await run_in_threadpool(dossiers.of(who, hoso_purpose).page_image, dossier_id, number)
        return Response(image, media_type=media_type, headers={"Cache-Control": "private, max-age=3600"})

    @router.get(
        "/dossiers/{dossier_id}/documents/{document}/fields/{key}/image",
        tags=["dossiers"],
        response_class=Response,
        responses={200: {"content": {"image/png": {}}}, **answers(404)},
    )
    async def field_image(
        dossier_id: str,
        document: str,
        key: str,
        hoso_purpose: PurposeHeader = None,
        who: Principal = gate.need(Right.DOSSIER_READ),
    ) -> Response:
        """The place of a field cut out of its page: what a person looks at who reads handwriting or sees to a seal."""
        image = await run_in_threadpool(dossiers.of(who, hoso_purpose).field_image, dossier_id, document, key)
        return Response(image, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    @router.get(
        "/dossiers/{dossier_id}/archive.pdf",
        tags=["dossiers"],
        response_class=FileResponse,
        responses={200: {"content": {"application/pdf": {}}}, **answers(404)},
    )
    async def archive(
        dossier_id: str,
        hoso_purpose: PurposeHeader = None,
        who: Principal = gate.need(Right.DOSSIER_READ, Right.RESULTS_PULL),
    ) -> FileResponse:
        """The signed PDF/A as it was filed."""
        target = await run_in_threadpool(scratch, house)
        try:
            await run_in_threadpool(dossiers.of(who, hoso_purpose).fetch_archive, dossier_id, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return FileResponse(
            target,
            media_type="application/pdf",
            filename=f"{dossier_id}.pdf",
            background=BackgroundTask(target.unlink, missing_ok=True),
        )

    @router.post("/verify", tags=["verify"], responses=answers(413, 422))
    async def verify(request: Request, who: Principal = gate.signed_in()) -> VerifyReport:
        """The verdict on a PDF: the raw body, or the file of a multipart form. Nothing is kept."""
        target = await run_in_threadpool(scratch, house)
        try:
            name = await receive_one(request, target, house.settings.api.max_upload_mb << 20)
            report = await run_in_threadpool(dossiers.of(who).verified, target)
        finally:
            target.unlink(missing_ok=True)
        return report.model_copy(update={"file": name})

    @router.get("/procedures", tags=["procedures"])
    async def procedures(
        q: Annotated[str | None, Query(max_length=200)] = None, _: Principal = gate.signed_in()
    ) -> ProcedureList:
        """Every version of every procedure; with `q` those in force today that it means, with or without marks."""
        book = await run_in_threadpool(house.procedures)
        found = book.list() if q is None else book.search(q, house.tools.clock().date())
        fields = set(ProcedureSummary.model_fields)
        return ProcedureList(
            procedures=[ProcedureSummary.model_validate(p.model_dump(mode="json", include=fields)) for p in found],
            problems=[str(problem) for problem in book.problems],
        )

    @router.get("/procedures/{code}", tags=["procedures"], responses=answers(422))
    async def procedure(code: str, _: Principal = gate.signed_in()) -> dict[str, Any]:
        """A procedure as it counts today."""
        book = await run_in_threadpool(house.procedures)
        return book.get(code, datetime.now(UTC).date()).model_dump(mode="json")

    @router.get("/health", tags=["health"], responses=answers(503))
    async def health(who: Principal = gate.need(Right.SYSTEM_OPERATE, Right.OVERVIEW_READ)) -> Health:
        """Whether catalogue and store answer, and how many dossiers of one's own agency stand where."""
        counts = await run_in_threadpool(dossiers.of(who).counts)
        store = await run_in_threadpool(house.store.capabilities)
        return Health(
            ok=True,
            store=store.kind,
            store_immutable=store.immutable,
            store_proofs={proof.capability: proof.proved for proof in store.proofs},
            dossiers=counts,
            **await run_in_threadpool(queue_health, house),
        )

    @router.get("/health/live", tags=["health"], response_class=JSONResponse)
    async def live(_: Principal | None = gate.open()) -> JSONResponse:
        """That the process answers."""
        return JSONResponse({"ok": True})

    return router


async def _follow(dossiers: Dossiers, dossier_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
    while True:
        events, status = await run_in_threadpool(dossiers.events, dossier_id, after)
        for event in events:
            after = event.seq
            yield ServerSentEvent(event.model_dump_json(), event="progress", id=str(event.seq))
        if status in _SETTLED:
            # Without an id of its own: reconnecting later goes on after the last event of progress.
            yield ServerSentEvent(f'{{"status": "{status.value}"}}', event="settled")
            return
        await asyncio.sleep(EVENTS_EVERY)


def scratch(house: House) -> FilePath:
    """A new empty file to be removed by the caller."""
    house.settings.work.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=house.settings.work, prefix="http-", delete=False) as stream:
        return FilePath(stream.name)


async def receive_one(request: Request, target: FilePath, most_bytes: int) -> str:
    """Writes the raw body, or the first file of a multipart form, to `target`; returns its name for people."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with parsed_form(request, most_bytes) as form:
            for _, value in form.multi_items():
                if isinstance(value, UploadFile):
                    with target.open("wb") as stream:
                        while chunk := await value.read(CHUNK):
                            stream.write(chunk)
                    return clean_name(value.filename or "", 1)
            raise HTTPException(422)
    with target.open("wb") as stream:
        async for chunk in counted(request.stream(), most_bytes):
            stream.write(chunk)
    return "document.pdf"
