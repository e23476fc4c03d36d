"""The web page for clerks: rendered here, working without script; the script only adds progress and comfort.

Forms post and are answered with a redirect; nothing is inline, so that the strict content policy holds. Page pictures
and boxes are SVG, which needs no measuring in the browser.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool

from api import words
from api.failures import failure_of
from api.problems import status_of
from api.routes_dossiers import add_files, parsed_form, pdf_response
from pipeline.clock import local
from pipeline.decisions import Decision
from pipeline.errors import HosoError
from pipeline.record import Dossier, Status
from pipeline.slips.content import SlipForm, fitting_form
from pipeline.stages import STAGES

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from api.dossiers import Dossiers
    from api.uploads import Drafts
    from extractors.fields import FieldValue
    from pipeline.composition import House
    from pipeline.procedures.schema import Procedure

_DECIDABLE = {Status.WAITS, Status.REFUSED}
_WORKING = {Status.RECEIVED, Status.PROCESSING, Status.HELD}


def page_routes(house: House, dossiers: Dossiers, drafts: Drafts) -> APIRouter:
    """The routes of the page."""
    router = APIRouter(include_in_schema=False)
    templates = page_environment()

    def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
        return HTMLResponse(templates.get_template(name).render(agency=house.settings.agency, **values), status)

    def error_page(error: HosoError) -> HTMLResponse:
        failure = failure_of(error)
        return page("error.html", status_of(failure), failure=failure)

    def in_force() -> list[Procedure]:
        today = house.tools.clock().date()
        return list(house.procedures().in_force(today))

    @router.get("/")
    async def home() -> HTMLResponse:
        return page(
            "home.html",
            procedures=await run_in_threadpool(in_force),
            recent=await run_in_threadpool(dossiers.recent, None, 30),
            limit_mb=house.settings.api.max_upload_mb,
        )

    @router.post("/ho-so")
    async def create(request: Request) -> Response:
        try:
            async with parsed_form(request, drafts.most_bytes) as form:
                procedure = form.get("procedure")
                chosen = procedure if isinstance(procedure, str) and procedure else None
                draft = await run_in_threadpool(dossiers.create, chosen)
                await add_files(drafts, draft.id, form)
            dossier = await run_in_threadpool(dossiers.start, draft.id)
        except HosoError as error:
            return error_page(error)
        return RedirectResponse(f"/ho-so/{dossier.id}", 303)

    @router.get("/ho-so/{dossier_id}")
    async def show(dossier_id: str) -> HTMLResponse:
        try:
            dossier = await run_in_threadpool(dossiers.get, dossier_id)
        except HosoError as error:
            return error_page(error)
        working = dossier.status in _WORKING
        done = {event.stage for event in dossier.events}
        return page(
            "dossier.html",
            dossier=dossier,
            working=working,
            decidable=dossier.status in _DECIDABLE,
            procedures=await run_in_threadpool(in_force),
            stages=STAGES,
            done=done,
            slip=None if working else fitting_form(dossier),
        )

    @router.post("/ho-so/{dossier_id}/quyet-dinh")
    async def decide(request: Request, dossier_id: str, who: Annotated[str, Form()]) -> Response:
        try:
            dossier = await run_in_threadpool(dossiers.get, dossier_id)
            decisions = decisions_of(await request.form(), dossier)
            if decisions:
                await run_in_threadpool(dossiers.decide, dossier_id, decisions, who.strip() or "?")
        except HosoError as error:
            return error_page(error)
        return RedirectResponse(f"/ho-so/{dossier_id}", 303)

    @router.post("/ho-so/{dossier_id}/thu-lai")
    async def retry(dossier_id: str) -> Response:
        try:
            await run_in_threadpool(dossiers.retry, dossier_id)
        except HosoError as error:
            return error_page(error)
        return RedirectResponse(f"/ho-so/{dossier_id}", 303)

    @router.post("/ho-so/{dossier_id}/phieu")
    async def slip(
        dossier_id: str,
        officer: Annotated[str, Form()] = "",
        form: Annotated[str, Form()] = "",
        reasons: Annotated[str, Form(max_length=10_000)] = "",
    ) -> Response:
        try:
            wanted = SlipForm(form) if form in set(SlipForm) else None
            said = [line.strip() for line in reasons.splitlines()]
            made, pdf = await run_in_threadpool(dossiers.slip, dossier_id, wanted, officer, said)
        except HosoError as error:
            return error_page(error)
        return pdf_response(pdf, made)

    return router


def decisions_of(form: FormData, dossier: Dossier) -> list[Decision]:
    """What a person chose in the form: `do:PAPER:KEY` is the choice, `value:PAPER:KEY` the text beside it."""
    decisions = [
        decision
        for document in dossier.documents
        for key, field in document.fields.items()
        if (decision := _field_decision(form, document.id, key, field.value)) is not None
    ]
    accepted = [f.id for f in dossier.findings if form.get(f"accept:{f.id}") == "yes"]
    chosen = form.get("procedure")
    if isinstance(chosen, str) and chosen and chosen != dossier.procedure:
        decisions.append(Decision(kind="procedure", value=chosen))
    return decisions + [Decision(kind="accept_finding", finding=finding) for finding in accepted]


def _field_decision(form: FormData, document: str, key: str, current: FieldValue) -> Decision | None:
    choice = form.get(f"do:{document}:{key}")
    text = form.get(f"value:{document}:{key}")
    match choice:
        case "confirm":
            return Decision(kind="confirm", document=document, key=key)
        case "unreadable":
            return Decision(kind="unreadable", document=document, key=key)
        case "blank":
            return Decision(kind="blank", document=document, key=key)
        case "value" if isinstance(text, str) and text.strip():
            return Decision(kind="value", document=document, key=key, value=typed(text.strip(), current))
        case _:
            return None


def typed(text: str, current: FieldValue) -> FieldValue:
    """What a person typed, as the kind of value that the field has: dates the Vietnamese way become ISO 8601."""
    text = unicodedata.normalize("NFC", text)
    if isinstance(current, list):
        return [part.strip() for part in re.split(r"\n|\s/\s", text) if part.strip()]
    if isinstance(current, bool):
        return text.casefold() in {"có", "true", "1"}
    if isinstance(current, int) and text.isdecimal():
        return int(text)
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        day, month, year = match.groups()
        return f"{year}-{int(month):02}-{int(day):02}"
    return text


def page_environment() -> Environment:
    """Templates with the words and filters that pages use."""
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = words.shown
    environment.filters["percent"] = lambda p: f"{min(99, int(p * 100)) if p < 1 else 100}%"
    environment.filters["local"] = lambda when: f"{local(when):%H:%M %d/%m/%Y}"
    environment.globals["words"] = {
        "status": words.STATUS,
        "stage": words.STAGE,
        "severity": words.SEVERITY,
        "component": words.COMPONENT,
        "field": words.FIELD,
        "source": words.SOURCE,
        "reason": words.REASON,
        "next_step": words.NEXT_STEP,
        "slip": words.SLIP,
    }
    return environment
