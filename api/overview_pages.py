"""The overview: figures of one's own agency for any span of days, as a page, a workbook and CSV.

Right `overview.read`. Counts only, no person; late dossiers by their codes, with a link for whoever may read them. The
page works without script: the span is two days in the address, which say nothing of anybody.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.overview.export import comma_separated, workbook
from pipeline.overview.figures import Overview, overview, span_of
from pipeline.overview.plots import over_time
from pipeline.overview.sheets import SHARES, Named, Share, shares_of, sheets

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.access.gate import Gate
    from api.web import Web
    from pipeline.composition import House

PAGE = "/tong-quan"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Day = Annotated[str, Query(max_length=10)]


def overview_pages(house: House, gate: Gate, web: Web) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    reader = gate.need(Right.OVERVIEW_READ)

    def figures(who: Principal, first: str, last: str) -> Overview:
        return overview(house.tools, [who.agency], span_of(house.tools, first, last))

    def words(request: Request) -> Callable[[str], str]:
        language = web.language(request)
        return lambda key: web.texts.say(key, language)

    @router.get(PAGE)
    async def page(request: Request, tu: Day = "", den: Day = "", who: Principal = reader) -> Response:
        view = await run_in_threadpool(figures, who, tu, den)
        return web.page(
            request,
            "overview.html",
            view=view,
            shares=shares_of(view.total),
            share_names=SHARES,
            shares_of=shares_of,
            plot=over_time(view.lines, view.step),
            tables={sheet.key: sheet for sheet in sheets(view, words(request))},
            presets=_presets(view.span.today),
            may_read=who.may(Right.DOSSIER_READ),
            is_name=lambda cell: isinstance(cell, Named),
            is_share=lambda cell: isinstance(cell, Share),
            is_day=lambda cell: isinstance(cell, date),
            is_number=lambda cell: isinstance(cell, int | float),
        )

    @router.get(f"{PAGE}.xlsx")
    async def excel(request: Request, tu: Day = "", den: Day = "", who: Principal = reader) -> Response:
        def made() -> tuple[str, bytes]:
            view, say = figures(who, tu, den), words(request)
            return _name(view, "xlsx"), workbook(sheets(view, say), say("overview.title"), say)

        name, content = await run_in_threadpool(made)
        return Response(content, media_type=_XLSX, headers=_attached(name))

    @router.get(f"{PAGE}.csv")
    async def csv(request: Request, tu: Day = "", den: Day = "", who: Principal = reader) -> Response:
        def made() -> tuple[str, bytes]:
            view = figures(who, tu, den)
            table = next(sheet for sheet in sheets(view, words(request)) if sheet.key == "procedures")
            return _name(view, "csv"), comma_separated(table)

        name, content = await run_in_threadpool(made)
        return Response(content, media_type="text/csv; charset=utf-8", headers=_attached(name))

    return router


def _presets(today: date) -> list[tuple[str, date, date]]:
    """Spans that are asked for most: key of the name, first and last day."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    quarter = month.replace(month=(today.month - 1) // 3 * 3 + 1)
    return [
        ("today", today, today),
        ("week", today - timedelta(days=today.weekday()), today),
        ("month", month, today),
        ("month_before", before.replace(day=1), before),
        ("quarter", quarter, today),
        ("year", month.replace(month=1), today),
    ]


def _name(view: Overview, ending: str) -> str:
    return f"tong-quan-{view.span.first:%Y%m%d}-{view.span.last:%Y%m%d}.{ending}"


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
