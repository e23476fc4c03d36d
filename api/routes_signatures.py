"""HTTP API, signatures that come from people: which hashes are out, and one that comes back.

For a program between this house and a signing service: it takes the hashes, has them confirmed on somebody's phone,
and hands in what the service gives back, raw or as a whole CMS object. A signature is checked and kept before the
answer; the dossier then goes back into the queue and a worker finishes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.problems import answers
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.awaited import AwaitedSignature
from pipeline.record import Dossier  # noqa: TC001 - FastAPI evaluates route annotations

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.dossiers import Dossiers

_LARGEST = 1 << 20
"""Bytes of a signature with its certificates; none comes near."""
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class AwaitedList(BaseModel):
    """Hashes that are out."""

    waiting: list[AwaitedSignature]


def signature_routes(dossiers: Dossiers, gate: Gate) -> APIRouter:
    """The two routes."""
    router = APIRouter(tags=["signatures"])

    @router.get("/signatures/waiting", responses=answers(503))
    async def waiting(who: Principal = gate.need(Right.DOSSIER_APPROVE, Right.DOSSIER_SEAL)) -> AwaitedList:
        """Hashes that wait for a person's signature, of the newest dossiers first."""
        return AwaitedList(waiting=await run_in_threadpool(dossiers.of(who).awaited))

    @router.post(
        "/dossiers/{dossier_id}/signature",
        status_code=202,
        responses=answers(404, 409, 413, 422),
        openapi_extra=_BODY,
    )
    async def hand_in(
        dossier_id: str, request: Request, who: Principal = gate.need(Right.DOSSIER_APPROVE, Right.DOSSIER_SEAL)
    ) -> Dossier:
        """A signature for the hash that is out: raw or CMS; bytes, base64 or PEM as the body. Checked, kept, queued."""
        value = bytearray()
        async for chunk in request.stream():
            value += chunk
            if len(value) > _LARGEST:
                raise HTTPException(413)
        return await run_in_threadpool(dossiers.of(who).hand_in, dossier_id, bytes(value))

    return router
