"""A phone's camera for one dossier: a code on the desk's screen opens an upload page, once, for ten minutes.

The secret stands behind the `#` of the address, so no server and no proxy ever writes it down; the page trades it for a
cookie, and then it is spent. The phone learns the dossier's nickname and how many photos it sent, nothing else.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Cookie, Header, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.access.cookies import LOOPBACK, is_https
from api.problems import answers
from api.routes_dossiers import check_length, file_name
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.errors import Exit, HosoError
from pipeline.slips.sheet import qr_modules

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.desk import Desk
    from api.uploads import Drafts
    from api.web import Web
    from pipeline.catalogue.desk_door import Ticket

_COOKIE = "hoso_phone"
_PATH = "/api/v1/phone"
MOST_PHOTOS = 60
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class TicketSpentError(HosoError):
    """The code was used, has run out, or never was."""

    code = "phone_ticket_spent"
    exit_code = Exit.REFUSED
    message_vi = "Mã này đã dùng hoặc đã hết hạn."
    remedy_vi = "Hãy nhờ cán bộ tại quầy mở mã mới."


class Code(BaseModel):
    """A code to be photographed with a phone."""

    nickname: str
    expires_at: datetime
    side: int
    path: str
    """SVG path of the dark squares in a square of `side` units."""
    address: str
    """What the code says."""
    reachable: bool
    """False where the address is this very machine's: a phone cannot get there."""


class Secret(BaseModel):
    """What stood behind the `#`."""

    model_config = ConfigDict(extra="forbid")

    secret: str = Field(min_length=8, max_length=100)


class PhoneState(BaseModel):
    """What the phone shows."""

    nickname: str
    photos: int
    expires_at: datetime


def phone_routes(desk: Desk, drafts: Drafts, gate: Gate, web: Web, address: str) -> APIRouter:
    """`address` is where phones reach this house; empty: as the officer's browser does."""
    router = APIRouter()

    @router.post("/api/v1/desk/dossiers/{dossier_id}/phone", tags=["desk"], responses=answers(404, 409))
    async def open_phone(request: Request, dossier_id: str, who: Principal = gate.need(Right.DOSSIER_RECEIVE)) -> Code:
        """A code for one phone, for ten minutes; the one before it ends."""
        secret, ticket = await run_in_threadpool(desk.open_phone, dossier_id, who)
        base = address.rstrip("/") or str(request.base_url).rstrip("/")
        return code_for(f"{base}/gui#{secret}", ticket, reachable=bool(address) or _outside(request))

    @router.get("/gui", include_in_schema=False)
    async def page(request: Request, _: Principal | None = gate.open()) -> HTMLResponse:
        answer = web.page(request, "desk_phone.html")
        # Photos are shown before they are sent.
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    @router.post(f"{_PATH}/open", tags=["phone"], responses=answers(404))
    async def redeem(request: Request, body: Secret, _: Principal | None = gate.open()) -> JSONResponse:
        """Trades the secret for the right to send photos; once."""
        phone = secrets.token_urlsafe(24)
        ticket = await run_in_threadpool(desk.door.redeem, body.secret, phone)
        if ticket is None:
            raise TicketSpentError
        answer = JSONResponse(_state(ticket).model_dump(mode="json"))
        answer.set_cookie(_COOKIE, phone, path=_PATH, httponly=True, samesite="strict", secure=is_https(request))
        return answer

    @router.get(_PATH, tags=["phone"], responses=answers(404))
    async def state(hoso_phone: Annotated[str, Cookie()] = "", _: Principal | None = gate.open()) -> PhoneState:
        """What this phone is joined to."""
        return _state(await run_in_threadpool(_ticket, desk, hoso_phone))

    @router.put(f"{_PATH}/files", tags=["phone"], responses=answers(404, 409, 413))
    async def photo(
        request: Request,
        content_disposition: Annotated[str, Header()] = "",
        hoso_phone: Annotated[str, Cookie()] = "",
        _: Principal | None = gate.open(),
    ) -> PhoneState:
        """One photo as the raw body; one that is there already is not added again."""
        ticket = await run_in_threadpool(_ticket, desk, hoso_phone)
        if ticket.photos >= MOST_PHOTOS:
            raise TicketSpentError
        check_length(request, drafts.most_bytes)
        before = len(drafts.open(ticket.dossier).files)
        await drafts.add(ticket.dossier, file_name(content_disposition), request.stream(), once=True)
        if len(drafts.open(ticket.dossier).files) > before:
            await run_in_threadpool(desk.door.photo_taken, hoso_phone)
        return _state(await run_in_threadpool(_ticket, desk, hoso_phone))

    @router.post(f"{_PATH}/done", status_code=204, tags=["phone"], responses=answers(404))
    async def done(hoso_phone: Annotated[str, Cookie()] = "", _: Principal | None = gate.open()) -> Response:
        """All photos are sent; the phone's right ends."""
        await run_in_threadpool(_ticket, desk, hoso_phone)
        await run_in_threadpool(desk.door.phone_done, hoso_phone)
        answer = Response(status_code=204)
        answer.delete_cookie(_COOKIE, path=_PATH)
        return answer

    return router


def code_for(text: str, ticket: Ticket, *, reachable: bool) -> Code:
    """The code of an address, drawn as one path."""
    modules = qr_modules(text)
    quiet = 4
    path = "".join(
        f"M{x + quiet} {y + quiet}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark
    )
    return Code(
        nickname=ticket.nickname,
        expires_at=ticket.expires_at,
        side=len(modules) + 2 * quiet,
        path=path,
        address=text,
        reachable=reachable,
    )


def _ticket(desk: Desk, phone: str) -> Ticket:
    ticket = desk.door.of_phone(phone) if phone else None
    if ticket is None:
        raise TicketSpentError
    return ticket


def _state(ticket: Ticket) -> PhoneState:
    return PhoneState(nickname=ticket.nickname, photos=ticket.photos, expires_at=ticket.expires_at)


def _outside(request: Request) -> bool:
    return request.url.hostname not in LOOPBACK
