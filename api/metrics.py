"""Figures for Prometheus at `/metrics`: queue, stages, ledger, disk, and what the HTTP door did. No personal data.

What other processes did (workers) is taken from the catalogue, each time only what is new; counters start at nothing
when this process starts, as Prometheus expects. Routes are named by their template, so that no id becomes a label.
The registry belongs to one app: two apps in one process do not share figures.
"""

from __future__ import annotations

import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.metrics_queue import QueueFigures
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.errors import HosoError
from pipeline.record import Status

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.access.gate import Gate
    from pipeline.composition import House

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LATE = timedelta(seconds=60)
"""An event that was committed this long after its time is still counted."""
_STAGE_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_WAITING = (Status.RECEIVED, Status.PROCESSING, Status.HELD, Status.WAITS)


class Figures:
    """The figures of one app."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.registry = registry = CollectorRegistry()
        self._dossiers = Gauge("hoso_dossiers", "Dossiers by status", ["status"], registry=registry)
        self._oldest = Gauge("hoso_oldest_seconds", "Age of the dossier waiting longest", ["status"], registry=registry)
        self._stages = Histogram(
            "hoso_stage_seconds", "Time of a stage of one dossier", ["stage"], buckets=_STAGE_SECONDS, registry=registry
        )
        self._ends = Counter(
            "hoso_stage_ends", "Ends of stages by outcome", ["stage", "state", "code"], registry=registry
        )
        self._entries = Gauge("hoso_ledger_entries", "Entries of the audit ledger", registry=registry)
        self._sealed = Gauge("hoso_ledger_sealed_entries", "Entries under the newest seal", registry=registry)
        self._free = Gauge("hoso_disk_free_bytes", "Free bytes where the home lies", registry=registry)
        self._up = Gauge("hoso_catalogue_up", "Whether the catalogue answered just now", registry=registry)
        self.requests = Histogram(
            "hoso_http_seconds", "Requests by route and status", ["method", "route", "status"], registry=registry
        )
        self._queue = QueueFigures(registry)
        self._since = datetime.now(UTC)
        self._seen: dict[tuple[str, int], datetime] = {}

    def text(self) -> bytes:
        """Looks once and gives all figures; a catalogue out of reach is a figure too, not an error."""
        self._free.set(shutil.disk_usage(self._house.settings.home).free)
        try:
            self._look()
        except HosoError:
            self._up.set(0)
        else:
            self._up.set(1)
        return generate_latest(self.registry)

    def _look(self) -> None:
        catalogue = self._house.catalogue
        now = datetime.now(UTC)
        found = {standing.status: standing for standing in catalogue.standings()}
        for status in Status:
            standing = found.get(status)
            self._dossiers.labels(status.value).set(standing.count if standing else 0)
            if status in _WAITING:
                age = (now - standing.oldest).total_seconds() if standing else 0.0
                self._oldest.labels(status.value).set(max(0.0, age))
        for end in catalogue.stage_ends(max(self._since, now - _LATE) if self._seen else self._since):
            if (end.dossier, end.seq) in self._seen:
                continue
            self._seen[end.dossier, end.seq] = end.at
            self._ends.labels(end.stage, end.state, end.code).inc()
            if end.seconds is not None:
                self._stages.labels(end.stage).observe(end.seconds)
        self._since = max(self._since, now - _LATE)
        self._seen = {key: at for key, at in self._seen.items() if at >= self._since}
        self._queue.look(self._house)
        ledger = catalogue.ledger()
        self._entries.set(ledger.size())
        self._sealed.set(max((seal.size for seal in ledger.seals()), default=0))


class Timed:
    """ASGI middleware: how long each route took, by its template."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request pass and takes its time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            taken = time.perf_counter() - started
            self._figures.requests.labels(scope["method"], template_of(scope), str(status)).observe(taken)


def template_of(scope: Scope) -> str:
    """The route as it was declared, with the prefix of the routers that it lies in; `none` where there is no route."""
    template: str = getattr(scope.get("route"), "path", "")
    if not template:
        return "none"
    own = template
    for name, value in scope.get("path_params", {}).items():
        own = re.sub(rf"\{{{name}(:\w+)?\}}", str(value).replace("\\", "\\\\"), own)
    path: str = scope["path"]
    return path.removesuffix(own) + template if path.endswith(own) else template


def metric_routes(figures: Figures, gate: Gate) -> APIRouter:
    """The route `/metrics`: for a program on this machine, or a key (or person) with `system.operate`."""
    router = APIRouter()

    def metrics(_: Principal | None = gate.need_or_local(Right.SYSTEM_OPERATE)) -> Response:
        """Figures in Prometheus' text format."""
        return Response(figures.text(), headers={"content-type": CONTENT_TYPE})

    router.add_api_route("/metrics", metrics, methods=["GET"], include_in_schema=False)
    return router
