"""The workbench over HTTP: items are taken some ahead, acts come back in batches and count once each.

Bodies and answers are small; a clerk's browser sends an act whenever the network lets it, so every act names the item
and revision that it answers, and the answer says act by act what became of it. Nothing of a person stands in a URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.problems import answers
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.record import Model
from pipeline.review.rows import State
from pipeline.review.shown import Outcome, Said, ShownItem, Told, Typing

if TYPE_CHECKING:
    from api.access.gate import Gate
    from pipeline.review.workbench import Workbench

_IDS = 60
_REFUSED = answers(401, 403, 422, 429)
_UNKNOWN = answers(401, 403, 404, 422, 429)


class Wanted(Model):
    """Which items are wanted."""

    count: int = Field(default=10, ge=1, le=30)
    lane: int | None = Field(default=None, ge=0, le=1)
    """0 the desk's, 1 the backlog's."""
    kind: str | None = Field(default=None, max_length=32)
    asked: bool = False
    """Colleagues' questions; for holders of `review.lead`."""
    but: tuple[str, ...] = Field(default=(), max_length=_IDS)
    """Items that the browser has already."""


class Waiting(Model):
    """How many items of a lane and kind wait, and for how many seconds the oldest."""

    lane: int
    kind: str
    count: int
    seconds: int


class Taken(Model):
    """Items, and what their clerk has to know."""

    items: list[ShownItem]
    told: list[Told]
    waiting: list[Waiting]
    asked: int
    """How many questions of colleagues wait; 0 for whoever may not answer them."""


class Acts(Model):
    """Acts in the order in which they were done."""

    acts: tuple[Said, ...] = Field(max_length=50)


class Outcomes(Model):
    """What became of each act, in order."""

    outcomes: list[Outcome]


class Names(Model):
    """Ids of items."""

    items: tuple[str, ...] = Field(default=(), max_length=_IDS)


class Draft(Model):
    """What a clerk is typing."""

    item: str = Field(min_length=1, max_length=64)
    revision: int = Field(ge=1, le=2**31 - 1)
    typing: Typing


class Kept(Model):
    """Whether it was kept."""

    kept: bool


class Reply(Model):
    """A colleague's answer in words."""

    item: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=2000)


def review_routes(bench: Workbench, gate: Gate) -> APIRouter:
    """The routes below `/review`."""
    router = APIRouter(prefix="/review", tags=["review"])
    clerk = gate.need(Right.REVIEW_WORK, Right.REVIEW_LEAD)
    lead = gate.need(Right.REVIEW_LEAD)

    def taken(who: Principal, wanted: Wanted) -> Taken:
        items = bench.take(who, wanted.count, lane=wanted.lane, kind=wanted.kind, asked=wanted.asked, but=wanted.but)
        now = bench.now()
        waiting = [
            Waiting(lane=one.lane, kind=one.kind, count=one.count, seconds=int((now - one.oldest).total_seconds()))
            for one in bench.standings(who)
        ]
        leads = who.may(Right.REVIEW_LEAD)
        asked = sum(one.count for one in bench.standings(who, State.ASKED)) if leads else 0
        return Taken(items=items, told=bench.told(who), waiting=waiting, asked=asked)

    @router.post("/take", responses=_REFUSED)
    async def take(wanted: Wanted, who: Principal = clerk) -> Taken:
        """Items for this clerk, theirs until they answer or fall silent: those they hold first."""
        return await run_in_threadpool(taken, who, wanted)

    @router.post("/acts", responses=_REFUSED)
    async def act(acts: Acts, who: Principal = clerk) -> Outcomes:
        """Takes acts in; the same act again changes nothing."""

        def all_of_them() -> Outcomes:
            return Outcomes(outcomes=[bench.answer(who, said) for said in acts.acts])

        return await run_in_threadpool(all_of_them)

    @router.post("/undo", responses=answers(401, 403, 409, 429))
    async def undo(who: Principal = clerk) -> ShownItem:
        """Takes the newest act back and gives its item."""
        return await run_in_threadpool(bench.undo, who)

    @router.put("/draft", responses=_REFUSED)
    async def draft(said: Draft, who: Principal = clerk) -> Kept:
        """Keeps what is being typed, so that it is there after a crash."""
        kept = await run_in_threadpool(bench.draft, who, said.item, said.revision, said.typing)
        return Kept(kept=kept)

    @router.post("/keep", responses=_REFUSED)
    async def keep(names: Names, who: Principal = clerk) -> Names:
        """Heartbeat; answers which items are still this clerk's."""
        return Names(items=tuple(await run_in_threadpool(bench.keep, who, names.items)))

    @router.post("/release", responses=_REFUSED, status_code=204)
    async def release(names: Names, who: Principal = clerk) -> None:
        """Gives items back to the queue."""
        await run_in_threadpool(bench.release, who, names.items)

    @router.post("/reply", responses=_UNKNOWN)
    async def reply(said: Reply, who: Principal = lead) -> Kept:
        """Answers a colleague's question; the item goes back to whoever asked."""
        return Kept(kept=await run_in_threadpool(bench.reply, who, said.item, said.text))

    @router.get(
        "/items/{item}/strip",
        responses={200: {"content": {"image/png": {}}}, **_UNKNOWN},
        response_class=Response,
    )
    async def strip(
        item: str,
        part: Annotated[int, Query(ge=0, le=50)] = 0,
        wide: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query's flag
        who: Principal = clerk,
    ) -> Response:
        """PNG of the place of a value on its page, with paper round it."""

        def cut() -> bytes:
            return bench.strip(who, item, part, wide=wide)

        png = await run_in_threadpool(cut)
        return Response(png, media_type="image/png", headers={"cache-control": "no-store"})

    return router
