"""Pages of measured quality: promises and errors, one kind, one's own figures, the team's, and batches.

Rendered on the server, plots as SVG beside tables with the same numbers; forms post and come back. Whoever keys sees
their own figures; a leader sees sums, and a clerk's own only where that clerk released them. No page shows a person's
data: the pictures are the workbench's.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.failures import failure_of
from api.quality_watch import QualityWatch
from api.routes_quality import quality_routes
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.clock import local
from pipeline.conductor import DecisionError
from pipeline.decisions import Decision
from pipeline.errors import HosoError
from pipeline.quality import batches, figures, groups, plots
from pipeline.quality.acts import go_back
from pipeline.quality.errors import NotSwitchedError, UnknownBatchError
from pipeline.quality.rows import FieldKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from api.access.gate import Gate
    from api.web import Web
    from pipeline.composition import House

Code = Annotated[str, Path(pattern=r"^[a-z_]{0,32}!?$")]
Name = Annotated[str, Path(max_length=200)]
Number = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Word = Annotated[str, Form(max_length=1000)]


def quality_room(house: House, gate: Gate, web: Web) -> tuple[APIRouter, APIRouter]:
    """Routes below `/api/v1`, and the pages'; while their app runs, quality is watched."""
    return quality_routes(house, gate), quality_pages(house, gate, web)


def writer(language: str) -> Callable[[float], str]:
    """Writes shares as per cent, in a language."""

    def written(share: float) -> str:
        percent = 100 * share
        text = f"{percent:.2f}" if percent < 1 else f"{percent:.1f}"
        return f"{text.replace('.', ',') if language == 'vi' else text} %"

    return written


def _day(moment: datetime) -> str:
    return f"{local(moment):%d/%m/%Y}"


def quality_pages(house: House, gate: Gate, web: Web) -> APIRouter:
    """The pages."""
    router = APIRouter(include_in_schema=False, lifespan=QualityWatch(house).running)
    reader, worker = gate.need(Right.QUALITY_READ), gate.need(Right.REVIEW_WORK)
    leader = gate.need(Right.REVIEW_LEAD)
    tools = house.tools

    def page(request: Request, name: str, **values: Any) -> Response:
        return web.page(request, name, share=writer(web.language(request)), day=_day, plots=plots, **values)

    @router.get("/chat-luong")
    async def overview(request: Request, who: Principal = reader) -> Response:
        found = await run_in_threadpool(figures.overview, tools, who.agency)
        leads = who.may(Right.REVIEW_LEAD)
        return page(request, "quality.html", found=found, leads=leads, works=who.may(Right.REVIEW_WORK))

    def one_kind(request: Request, who: Principal, code: str, failure: HosoError | None = None) -> Response:
        state = tools.catalogue.quality().state(FieldKind.of(who.agency, code))
        if state is None:
            raise NotSwitchedError(code)
        seen = figures.planted_of(tools.catalogue.quality().cases(who.agency, purpose="planted"))
        one = figures.kind_figures(tools, state, seen)
        drawn = figures.path_of(tools, state)
        test = tools.settings.quality.test(key_field=state.kind.key_field)
        switches = [one for one in tools.catalogue.quality().switches(who.agency) if one.kind == state.kind]
        return page(
            request,
            "quality_kind.html",
            one=one,
            path=plots.path(test, drawn),
            switches=switches,
            leads=who.may(Right.REVIEW_LEAD),
            alpha=test.alpha,
            power=test.power,
            failure=None if failure is None else web.failure(request, failure_of(failure)),
        )

    @router.get("/chat-luong/loai/{code}")
    async def kind(request: Request, code: Code, who: Principal = reader) -> Response:
        return await run_in_threadpool(one_kind, request, who, code)

    @router.post("/chat-luong/loai/{code}/tro-lai")
    async def back(request: Request, code: Code, why: Word = "", who: Principal = leader) -> Response:
        def done() -> Response:
            try:
                go_back(tools, who, FieldKind.of(who.agency, code), why)
            except NotSwitchedError:
                raise
            except HosoError as error:
                answer = one_kind(request, who, code, error)
                answer.status_code = 409
                return answer
            return RedirectResponse(f"/chat-luong/loai/{code}", 303)

        return await run_in_threadpool(done)

    @router.get("/chat-luong/toi")
    async def mine(request: Request, who: Principal = worker) -> Response:
        found = await run_in_threadpool(figures.mine, tools, who)
        shared = who.id in tools.catalogue.quality().released(who.agency)
        days = tools.settings.quality.individual_days
        return page(request, "quality_people.html", people=[found], own=True, shared=shared, days=days)

    @router.post("/chat-luong/toi")
    async def release(shared: Word = "", who: Principal = worker) -> Response:
        door = tools.catalogue.quality()
        if shared == "yes":
            await run_in_threadpool(door.release, who.id, who.name, who.agency)
        else:
            await run_in_threadpool(door.take_back, who.id)
        return RedirectResponse("/chat-luong/toi", 303)

    @router.get("/chat-luong/nhom-kiem")
    async def team(request: Request, who: Principal = leader) -> Response:
        def both() -> list[figures.ClerkFigures]:
            whole = figures.team(tools, who.agency)
            return [*([] if whole is None else [whole]), *figures.released(tools, who.agency)]

        people = await run_in_threadpool(both)
        days = tools.settings.quality.individual_days
        return page(request, "quality_people.html", people=people, own=False, shared=False, days=days)

    def all_batches(request: Request, who: Principal, failure: HosoError | None = None) -> Response:
        found = tools.catalogue.quality().batches(who.agency)
        said = None if failure is None else web.failure(request, failure_of(failure))
        return page(request, "quality_batches.html", batches=found, leads=who.may(Right.REVIEW_LEAD), failure=said)

    @router.get("/chat-luong/nhom")
    async def odd(request: Request, who: Principal = leader) -> Response:
        found = await run_in_threadpool(groups.outliers, tools, who)
        return page(request, "quality_groups.html", found=found)

    @router.get("/chat-luong/nhom/anh/{dossier_id}/{document}/{key}")
    async def crop(dossier_id: Name, document: Name, key: Name, who: Principal = leader) -> Response:
        png = await run_in_threadpool(groups.picture, tools, who, (dossier_id, document, key))
        return Response(png, media_type="image/png", headers={"cache-control": "no-store"})

    @router.post("/chat-luong/nhom")
    async def settle(
        dossier: Word = "", document: Word = "", key: Word = "", said: Word = "", who: Principal = leader
    ) -> Response:
        def done() -> Response:
            one = groups.settle(tools, who, (dossier, document, key), same=said == "most")
            if not one.reading.filed:
                decision = Decision(kind="confirm", document=document, key=key)
                if said == "most":
                    value = one.most.split(" / ") if one.reading.kind.kind == "lines" else one.most
                    decision = Decision(kind="value", document=document, key=key, value=value)
                with suppress(DecisionError):  # it went on meanwhile: the case is on record
                    house.conductor.decide(dossier, [decision], who.name)
            return RedirectResponse("/chat-luong/nhom", 303)

        return await run_in_threadpool(done)

    @router.get("/chat-luong/lo")
    async def lots(request: Request, who: Principal = reader) -> Response:
        return await run_in_threadpool(all_batches, request, who)

    @router.post("/chat-luong/lo")
    async def new_batch(
        request: Request, name: Word = "", first: Word = "", last: Word = "", who: Principal = leader
    ) -> Response:
        def done() -> Response:
            try:
                days = date.fromisoformat(first), date.fromisoformat(last)
                batch = batches.open_batch(tools, who, " ".join(name.split())[:200] or first, *days)
            except (UnknownBatchError, ValueError):
                answer = all_batches(request, who, UnknownBatchError(None))
                answer.status_code = 422
                return answer
            return RedirectResponse(f"/chat-luong/lo/{batch.id}", 303)

        return await run_in_threadpool(done)

    @router.get("/chat-luong/lo/{number}")
    async def lot(request: Request, number: Number, who: Principal = reader) -> Response:
        found = await run_in_threadpool(batches.report, tools, who.agency, number)
        return page(request, "quality_batch.html", found=found, limit=batches.LIMIT, confidence=batches.CONFIDENCE)

    return router
