"""The citizen's own screen: large type, what was read of the request, right or not right, and nothing else to press.

The officer opens it beside the desk; it has a cookie of its own for its own path, so it can do nothing in the officer's
name and follows what the officer shows. It is told of one dossier at a time, and of none when the officer moves on.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Cookie, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.access.cookies import is_https
from api.problems import answers
from api.routes_desk import EVERY
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.desk.citizen import Item
from pipeline.errors import HosoError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.access.gate import Gate
    from api.desk_screen import Screens
    from api.web import Web

_COOKIE = "hoso_man_hinh"
_PATH = "/man-hinh"


class Shown(BaseModel):
    """What the officer shows."""

    model_config = ConfigDict(extra="forbid")

    dossier: str | None = Field(default=None, max_length=100)


class Told(BaseModel):
    """One answer of the citizen."""

    model_config = ConfigDict(extra="forbid")

    document: str = Field(max_length=100)
    key: str = Field(max_length=200)
    shown: str = Field(pattern="^[0-9a-f]{64}$")
    answer: Literal["right", "wrong"]


class Answers(BaseModel):
    """Answers of the citizen."""

    model_config = ConfigDict(extra="forbid")

    answers: list[Told] = Field(min_length=1, max_length=500)


class ScreenView(BaseModel):
    """What the screen shows; no items: it waits."""

    procedure: str = ""
    items: list[Item] = []


def screen_routes(screens: Screens, gate: Gate, web: Web) -> APIRouter:
    """The routes of the screen and of the officer who opens it."""
    router = APIRouter()

    @router.post("/api/v1/desk/screen", status_code=204, tags=["desk"])
    async def open_screen(request: Request, who: Principal = gate.need(Right.DOSSIER_RECEIVE)) -> Response:
        """Opens the screen of this desk; the one before it ends."""
        secret = secrets.token_urlsafe(24)
        await run_in_threadpool(screens.open, secret, who)
        answer = Response(status_code=204)
        answer.set_cookie(_COOKIE, secret, path=_PATH, httponly=True, samesite="strict", secure=is_https(request))
        return answer

    @router.put("/api/v1/desk/screen", status_code=204, tags=["desk"], responses=answers(404))
    async def show(body: Shown, who: Principal = gate.need(Right.DOSSIER_RECEIVE)) -> None:
        """What the screen shows from now on."""
        await run_in_threadpool(screens.show, body.dossier, who)

    @router.get(_PATH, include_in_schema=False)
    async def page(
        request: Request, hoso_man_hinh: Annotated[str, Cookie()] = "", _: Principal | None = gate.open()
    ) -> HTMLResponse:
        await run_in_threadpool(screens.screen, hoso_man_hinh)
        request.state.who = None
        return web.page(request, "desk_screen.html")

    @router.get(f"{_PATH}/live", include_in_schema=False)
    async def live(
        hoso_man_hinh: Annotated[str, Cookie()] = "", _: Principal | None = gate.open()
    ) -> EventSourceResponse:
        await run_in_threadpool(screens.screen, hoso_man_hinh)
        return EventSourceResponse(_follow(screens, hoso_man_hinh), ping=10)

    @router.post(f"{_PATH}/answers", status_code=204, include_in_schema=False)
    async def answer(
        body: Answers, hoso_man_hinh: Annotated[str, Cookie()] = "", _: Principal | None = gate.open()
    ) -> None:
        said = [(one.document, one.key, one.shown, one.answer == "right") for one in body.answers]
        await run_in_threadpool(screens.told, hoso_man_hinh, said)

    return router


async def _follow(screens: Screens, secret: str) -> AsyncIterator[ServerSentEvent]:
    sent = ""
    while True:
        try:
            name, items = await run_in_threadpool(screens.asked, secret)
        except HosoError:
            # The page asks again, is refused, and says that it was closed.
            yield ServerSentEvent("{}", event="closed")
            return
        text = json.dumps(ScreenView(procedure=name, items=items).model_dump(mode="json"), ensure_ascii=False)
        if text != sent:
            sent = text
            yield ServerSentEvent(text, event="view")
        await asyncio.sleep(EVERY)
