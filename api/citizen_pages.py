"""The citizen's page: by a printed slip, without signing in, without script, and without a name on it.

Who types the two codes of a slip, or opens its QR code, gets a visit: a cookie for this path that knows one dossier for
some minutes. The QR code's secret stands behind the `#` of the address and is sent in a form's body, so no address that
a server, proxy or next site could see holds it. Wrong codes are counted by dossier and by address, and all are
answered alike. Whoever has signed in here is a stranger to this page.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Cookie, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.access.cookies import is_https
from api.access.rates import Rates
from api.failures import failure_of
from api.problems import status_of
from api.routes_dossiers import CHUNK, parsed_form
from api.routes_results import scratch
from api.uploads import clean_name
from pipeline.access.errors import TooManyRequestsError
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.citizen import giving, tickets
from pipeline.citizen.errors import NotNowError, SlipUnknownError, VisitOverError
from pipeline.citizen.standing import result, standing
from pipeline.errors import HosoError

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.web import Web
    from pipeline.citizen.tickets import Visit
    from pipeline.composition import House

COOKIE = "hoso_tra_cuu"
PAGE = tickets.PAGE
_OWN = f"{PAGE}/ho-so"
MOST_AT_ONCE = 10
_QUIET = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # Not `no-referrer`: browsers would then hide from us that our own form was sent by our own page.
    "Referrer-Policy": "same-origin",
}
Word = Annotated[str, Form(max_length=300)]


def citizen_pages(house: House, gate: Gate, web: Web) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    tools = house.tools
    rates = Rates(house.settings.access)
    most_bytes = house.settings.api.max_upload_mb << 20

    def page(request: Request, name: str, status: int = 200, **values: object) -> Response:
        request.state.who = None
        answer = web.page(request, name, status, **values)
        answer.headers.update(_QUIET)
        return answer

    def door(request: Request, error: HosoError | None = None, code: str = "") -> Response:
        failure = failure_of(error) if error else None
        return page(request, "citizen_door.html", status_of(failure) if failure else 200, failure=failure, typed=code)

    async def own(request: Request, visit: Visit, error: HosoError | None = None, said: str = "") -> Response:
        view = await run_in_threadpool(standing, tools, visit)
        failure = failure_of(error) if error else None
        status = status_of(failure) if failure else 200
        return page(request, "citizen.html", status, view=view, failure=failure, said=said, scores=giving.SCORES)

    @router.get(PAGE)
    async def empty(request: Request, _: Principal | None = gate.open()) -> Response:
        return door(request)

    @router.post(PAGE)
    async def enter(
        request: Request, code: Word = "", secret: Word = "", _: Principal | None = gate.open()
    ) -> Response:
        address = request.client.host if request.client else ""
        key = f"slip {code.strip().lower()}"
        try:
            rates.may_try(key, address)
            cookie = await run_in_threadpool(tickets.open_visit, tools, code, secret)
        except (SlipUnknownError, TooManyRequestsError) as error:
            if isinstance(error, SlipUnknownError):
                rates.failed(key, address)
            return door(request, error, code)
        answer = RedirectResponse(_OWN, 303, headers=_QUIET)
        answer.set_cookie(COOKIE, cookie, path=PAGE, httponly=True, samesite="strict", secure=is_https(request))
        return answer

    @router.get(_OWN)
    async def look(
        request: Request, hoso_tra_cuu: Annotated[str, Cookie()] = "", _: Principal | None = gate.open()
    ) -> Response:
        try:
            return await own(request, await run_in_threadpool(tickets.visit, tools, hoso_tra_cuu))
        except VisitOverError as error:
            return door(request, error)

    @router.post(f"{PAGE}/bo-sung")
    async def give(
        request: Request, hoso_tra_cuu: Annotated[str, Cookie()] = "", _: Principal | None = gate.open()
    ) -> Response:
        try:
            visit = await run_in_threadpool(tickets.visit, tools, hoso_tra_cuu)
        except VisitOverError as error:
            return door(request, error)
        try:
            came = 0
            async with parsed_form(request, most_bytes) as form:
                files = [one for _, one in form.multi_items() if isinstance(one, UploadFile) and one.filename]
                for file in files[:MOST_AT_ONCE]:
                    came += await _give(house, visit, file)
        except VisitOverError as error:
            return door(request, error)
        except HosoError as error:
            return await own(request, visit, error)
        return await own(request, visit, said="citizen.sent" if came else "citizen.nothing_sent")

    @router.get(f"{PAGE}/ket-qua/{{number}}")
    async def fetch(
        request: Request,
        number: Annotated[int, Path(ge=1, le=100)],
        hoso_tra_cuu: Annotated[str, Cookie()] = "",
        _: Principal | None = gate.open(),
    ) -> Response:
        try:
            visit = await run_in_threadpool(tickets.visit, tools, hoso_tra_cuu)
            pdf = await run_in_threadpool(result, tools, visit, number)
        except VisitOverError as error:
            return door(request, error)
        except NotNowError as error:
            return await own(request, visit, error)
        name = f'attachment; filename="ket-qua-{number}.pdf"'
        return Response(pdf, media_type="application/pdf", headers=_QUIET | {"Content-Disposition": name})

    @router.post(f"{PAGE}/danh-gia")
    async def rate(
        request: Request,
        score: Annotated[str, Form(max_length=2)] = "",
        words: Annotated[str, Form(max_length=4000)] = "",
        hoso_tra_cuu: Annotated[str, Cookie()] = "",
        _: Principal | None = gate.open(),
    ) -> Response:
        try:
            visit = await run_in_threadpool(tickets.visit, tools, hoso_tra_cuu)
            number = int(score) if score.isascii() and score.isdigit() else 0
            if number not in giving.SCORES:
                return await own(request, visit, said="citizen.choose_score")
            await run_in_threadpool(giving.rate, tools, visit, number, words)
            return await own(request, visit, said="citizen.thanks")
        except VisitOverError as error:
            return door(request, error)
        except NotNowError as error:
            return await own(request, visit, error)

    @router.post(f"{PAGE}/thoat")
    async def leave(hoso_tra_cuu: Annotated[str, Cookie()] = "", _: Principal | None = gate.open()) -> Response:
        await run_in_threadpool(tools.catalogue.citizens().end_visit, hoso_tra_cuu)
        answer = RedirectResponse(PAGE, 303, headers=_QUIET)
        answer.delete_cookie(COOKIE, path=PAGE, httponly=True, samesite="strict")
        return answer

    @router.get("/bo-sung")
    async def came(request: Request, who: Principal = gate.need(Right.DOSSIER_RECEIVE)) -> Response:
        found = await run_in_threadpool(tools.catalogue.citizens().waiting, who.agency)
        return web.page(request, "citizen_supplements.html", supplements=found)

    @router.post("/bo-sung/{dossier_id}/{sha256}")
    async def take(
        dossier_id: Annotated[str, Path(max_length=100)],
        sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
        who: Principal = gate.need(Right.DOSSIER_RECEIVE),
    ) -> Response:
        await run_in_threadpool(giving.take, tools, dossier_id, sha256, who)
        return RedirectResponse("/bo-sung", 303)

    return router


async def _give(house: House, visit: Visit, file: UploadFile) -> bool:
    """Takes one file of a form; whether it was new."""
    target = await run_in_threadpool(scratch, house)
    try:
        with target.open("wb") as stream:
            while chunk := await file.read(CHUNK):
                stream.write(chunk)
        name = clean_name(file.filename or "", 1)
        return await run_in_threadpool(giving.give, house.tools, visit, target, name) is not None
    finally:
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
