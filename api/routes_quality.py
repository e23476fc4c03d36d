"""Measured quality over HTTP, for programs: each kind's promise beside its measured error. No value of a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from api.problems import answers
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.quality.figures import overview
from pipeline.record import Model

if TYPE_CHECKING:
    from api.access.gate import Gate
    from pipeline.composition import House


class KindQuality(Model):
    """A kind of field; `!` in its code says key field. Shares are between 0 and 1."""

    kind: str
    full_review: bool
    promise: float
    wrong: int
    samples: int
    announced: int
    """Most samples of a cycle."""
    bound: float
    """Upper bound of the share of wrong values, 95 % confidence."""
    since: datetime


class Quality(Model):
    """An agency's quality."""

    kinds: list[KindQuality]
    planted_caught: int
    planted_missed: int
    keyed_alike: int
    keyed_twice: int


def quality_routes(house: House, gate: Gate) -> APIRouter:
    """The route `/quality`."""
    router = APIRouter(prefix="/quality", tags=["quality"])
    reader = gate.need(Right.QUALITY_READ)

    @router.get("", responses=answers(401, 403, 429))
    async def figures(who: Principal = reader) -> Quality:
        """Promises and measured errors of this agency."""
        found = await run_in_threadpool(overview, house.tools, who.agency)
        return Quality(
            kinds=[
                KindQuality(
                    kind=one.kind.code,
                    full_review=one.full,
                    promise=one.promise,
                    wrong=one.wrong,
                    samples=one.samples,
                    announced=one.announced,
                    bound=one.bound,
                    since=one.since,
                )
                for one in found.kinds
            ],
            planted_caught=found.planted.caught,
            planted_missed=found.planted.missed,
            keyed_alike=found.agreement.equal,
            keyed_twice=found.agreement.total,
        )

    return router
