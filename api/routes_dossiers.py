"""HTTP API, the way in: create a dossier, upload its files, start it, list and read, decide.

Uploads are streamed: raw bodies with PUT, multipart forms with POST; both count and hash while writing.
The object of a dossier is the one that `hoso digitize --json` prints.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from api.problems import UploadTooLargeError, answers
from api.uploads import MOST_FILES, Drafts, UploadedFile, counted
from pipeline.access.principal import Principal, Purpose
from pipeline.access.roles import Right
from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.rows import DossierSummary
from pipeline.decisions import Decision
from pipeline.record import Dossier, Status
from pipeline.slips.content import SlipForm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import FormData

    from api.access.gate import Gate
    from api.dossiers import Dossiers

CHUNK = 1 << 18
MOST_OFFSET = 10_000_000
PurposeHeader = Annotated[Purpose | None, Header(description="Why; left out, what the work of whoever asks is.")]
_FORM_ROOM = 1 << 20
"""Bytes of a form that are not files: boundaries, headers, small fields."""


class NewDossier(BaseModel):
    """What is known before the files come."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"procedure": "1.001193"}, {}]})

    procedure: str | None = None
    """Code of the procedure; left out, the papers tell."""


class Answers(BaseModel):
    """A person's decisions."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "decisions": [
                        {"kind": "value", "document": "d1", "key": "ngay_sinh", "value": "2026-01-31"},
                        {"kind": "confirm", "document": "d1", "key": "ho_ten"},
                        {"kind": "accept_finding", "finding": "0123456789"},
                    ],
                }
            ]
        },
    )

    who: str = Field(default="", max_length=200)
    """Not used: who decides is who has signed in. Taken so that clients of before need not change."""
    decisions: list[Decision] = Field(min_length=1, max_length=1000)


class SlipOrder(BaseModel):
    """Which slip, by whom, with which words."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{}, {"form": "refusal", "reasons": ["Sai nơi nộp"]}]},
    )

    form: SlipForm | None = None
    """Left out, the dossier decides: a supplement while papers lack or something blocks, else the receipt."""
    officer: str = Field(default="", max_length=200)
    """Not used, as `who` of decisions: the slip names who has signed in."""
    reasons: list[Annotated[str, Field(max_length=1000)]] = Field(default=[], max_length=30)


class DossierList(BaseModel):
    """A page of the list, newest first."""

    dossiers: list[DossierSummary]


class UploadedFiles(BaseModel):
    """What one request brought."""

    files: list[UploadedFile]


_KNOWN: dict[str, Any] = {"description": "The very same files came before", "model": Dossier}


def dossier_routes(dossiers: Dossiers, drafts: Drafts, gate: Gate) -> APIRouter:
    """The routes on `/dossiers`."""
    router = APIRouter(prefix="/dossiers", tags=["dossiers"])

    @router.post("", status_code=201, responses=answers(422))
    async def create(
        response: Response, new: NewDossier | None = None, who: Principal = gate.need(Right.DOSSIER_RECEIVE)
    ) -> Dossier:
        """Opens a dossier that takes files until it is started."""
        dossier = await run_in_threadpool(dossiers.of(who).create, new.procedure if new else None)
        response.headers["Location"] = f"/api/v1/dossiers/{dossier.id}"
        return dossier

    @router.get("")
    async def recent(
        status: Status | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
        who: Principal = gate.need(Right.DOSSIER_READ, Right.RESULTS_PULL),
    ) -> DossierList:
        """The newest dossiers of one's own agency first."""
        return DossierList(dossiers=await run_in_threadpool(dossiers.of(who).recent, status, limit, offset))

    @router.get("/{dossier_id}", responses=answers(404))
    async def one(
        dossier_id: str,
        hoso_purpose: PurposeHeader = None,
        who: Principal = gate.need(Right.DOSSIER_READ, Right.RESULTS_PULL),
    ) -> Dossier:
        """Everything known of a dossier."""
        return await run_in_threadpool(dossiers.of(who, hoso_purpose).get, dossier_id)

    @router.put("/{dossier_id}/files", status_code=201, responses=answers(404, 409, 413))
    async def put_file(
        dossier_id: str,
        request: Request,
        content_disposition: Annotated[
            str, Header(examples=["attachment; filename*=UTF-8''t%E1%BB%9D%20khai.pdf"])
        ] = "",
        who: Principal = gate.need(Right.DOSSIER_RECEIVE),
    ) -> UploadedFile:
        """One file as the raw body; its name in Content-Disposition, never in the URL, where logs would keep it."""
        check_length(request, drafts.most_bytes)
        return await dossiers.of(who).add(dossier_id, file_name(content_disposition), request.stream())

    @router.post(
        "/{dossier_id}/files", status_code=201, responses=answers(400, 404, 409, 413, 415, 422), openapi_extra=_FORM
    )
    async def post_files(
        dossier_id: str, request: Request, who: Principal = gate.need(Right.DOSSIER_RECEIVE)
    ) -> UploadedFiles:
        """One or more files as a multipart form."""
        dossiers.of(who).draft(dossier_id)
        return UploadedFiles(files=await add_form(drafts, dossier_id, request))

    @router.post("/{dossier_id}/start", status_code=202, responses={200: _KNOWN, **answers(404, 422, 503)})
    async def start(
        dossier_id: str,
        response: Response,
        lane: Lane = Lane.DESK,
        who: Principal = gate.need(Right.DOSSIER_RECEIVE),
    ) -> Dossier:
        """Stores the originals and queues the dossier: 202. `lane=backlog`: nobody waits in a chair, it comes later.

        The same files for the same procedure again are the dossier that they were before, and nothing is queued: 200,
        with its id in `Hoso-Known-Dossier`. The same pages in other files or for another procedure are a dossier of
        their own, with a finding `seen_before` that a person answers.
        """
        dossier = await run_in_threadpool(dossiers.of(who).start, dossier_id, lane)
        response.headers["Location"] = f"/api/v1/dossiers/{dossier.id}"
        if await run_in_threadpool(dossiers.known, dossier_id):
            response.status_code = 200
            response.headers["Hoso-Known-Dossier"] = dossier.id
        return dossier

    @router.post("/{dossier_id}/retry", status_code=202, responses=answers(404, 409))
    async def retry(dossier_id: str, who: Principal = gate.need(Right.DOSSIER_DECIDE)) -> Dossier:
        """Puts a dossier that was set aside, or is held, back into the queue."""
        return await run_in_threadpool(dossiers.of(who).retry, dossier_id)

    @router.post(
        "/{dossier_id}/slips",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}, **answers(404, 422)},
    )
    async def slip(dossier_id: str, order: SlipOrder, who: Principal = gate.need(Right.DOSSIER_RECEIVE)) -> Response:
        """A receipt, a request for supplements or a refusal as PDF/A. Nothing is kept; names travel in the body."""
        form, pdf = await run_in_threadpool(dossiers.of(who).slip, dossier_id, order.form, order.reasons)
        return pdf_response(pdf, form)

    @router.post("/{dossier_id}/decisions", responses=answers(404, 409, 422))
    async def decide(dossier_id: str, body: Answers, who: Principal = gate.need(Right.DOSSIER_DECIDE)) -> Dossier:
        """A person's answers; the dossier is checked again at once, and goes on where nothing is open."""
        return await run_in_threadpool(dossiers.of(who).decide, dossier_id, body.decisions)

    return router


_FORM = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            }
        }
    }
}


def pdf_response(pdf: bytes, form: SlipForm) -> Response:
    """A slip, to be looked at and printed."""
    headers = {"Content-Disposition": f'inline; filename="{form.value}.pdf"', "Cache-Control": "private, no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def add_form(drafts: Drafts, dossier_id: str, request: Request) -> list[UploadedFile]:
    """Adds every file of a multipart form to a draft."""
    drafts.open(dossier_id)
    async with parsed_form(request, drafts.most_bytes) as form:
        return await add_files(drafts, dossier_id, form)


async def add_files(drafts: Drafts, dossier_id: str, form: FormData) -> list[UploadedFile]:
    """Adds every file of a form to a draft, in the form's order."""
    uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
    return [await drafts.add(dossier_id, upload.filename or "", _chunks(upload)) for upload in uploads]


@contextlib.asynccontextmanager
async def parsed_form(request: Request, most_bytes: int) -> AsyncIterator[FormData]:
    """A multipart form, spooled to disk and cut off at the limit. Raises `UploadTooLargeError`."""
    check_length(request, most_bytes)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(415)
    try:
        form = await MultiPartParser(
            request.headers, counted(request.stream(), most_bytes + _FORM_ROOM), max_files=MOST_FILES
        ).parse()
    except MultiPartException as error:
        raise HTTPException(400) from error
    try:
        yield form
    finally:
        await form.close()


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(CHUNK):
        yield chunk


def check_length(request: Request, most_bytes: int) -> None:
    """Raises `UploadTooLargeError` where the request says that it is longer."""
    # An honest client is told before it sends; a dishonest one is cut off while it does.
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most_bytes + _FORM_ROOM:
        raise UploadTooLargeError(None, f"{length} bytes")


def file_name(disposition: str) -> str:
    """The name in a Content-Disposition header (RFC 6266): `filename*` before `filename`."""
    if match := re.search(r"filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)", disposition, re.IGNORECASE):
        return unquote(match[1])
    if match := re.search(r'filename\s*=\s*"([^"]*)"', disposition, re.IGNORECASE):
        # Header bytes come as Latin-1; clients that send UTF-8 all the same are understood.
        return match[1].encode("latin-1", "replace").decode("utf-8", "replace")
    return ""
