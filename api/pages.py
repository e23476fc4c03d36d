"""The web page for clerks: rendered here, working without script; the script only adds progress and comfort.

Forms post and are answered with a redirect; nothing is inline, so that the strict content policy holds. Page pictures
and boxes are SVG, which needs no measuring in the browser.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.navigation import start_of
from api.routes_dossiers import add_files, parsed_form, pdf_response
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.decisions import Decision
from pipeline.record import Dossier, Status
from pipeline.slips.content import SlipForm, fitting_form
from pipeline.stages import STAGES

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from api.access.gate import Gate
    from api.dossiers import Dossiers
    from api.uploads import Drafts
    from api.web import Web
    from extractors.fields import FieldValue
    from pipeline.composition import House
    from pipeline.procedures.schema import Procedure

_DECIDABLE = {Status.WAITS, Status.REFUSED}
# The desk's own; the others belong to the steps of a procedure.
_SLIPS = (SlipForm.RECEIPT, SlipForm.SUPPLEMENT, SlipForm.REFUSAL)
_WORKING = {Status.RECEIVED, Status.PROCESSING, Status.HELD}


def page_routes(house: House, dossiers: Dossiers, drafts: Drafts, gate: Gate, web: Web) -> APIRouter:
    """The routes of the page."""
    router = APIRouter(include_in_schema=False)

    def in_force() -> list[Procedure]:
        today = house.tools.clock().date()
        return list(house.procedures().in_force(today))

    @router.get("/")
    async def start(who: Principal = gate.signed_in()) -> Response:
        return RedirectResponse(start_of(who), 303)

    @router.get("/ho-so")
    async def home(request: Request, who: Principal = gate.need(Right.DOSSIER_READ)) -> Response:
        return web.page(
            request,
            "home.html",
            procedures=await run_in_threadpool(in_force),
            recent=await run_in_threadpool(dossiers.of(who).recent, None, 30),
            limit_mb=house.settings.api.max_upload_mb,
            may_receive=who.may(Right.DOSSIER_RECEIVE),
        )

    @router.post("/ho-so")
    async def create(request: Request, who: Principal = gate.need(Right.DOSSIER_RECEIVE)) -> Response:
        async with parsed_form(request, drafts.most_bytes) as form:
            procedure = form.get("procedure")
            chosen = procedure if isinstance(procedure, str) and procedure else None
            draft = await run_in_threadpool(dossiers.of(who).create, chosen)
            await add_files(drafts, draft.id, form)
        dossier = await run_in_threadpool(dossiers.of(who).start, draft.id)
        return RedirectResponse(f"/ho-so/{dossier.id}", 303)

    @router.get("/ho-so/{dossier_id}")
    async def show(request: Request, dossier_id: str, who: Principal = gate.need(Right.DOSSIER_READ)) -> Response:
        dossier = await run_in_threadpool(dossiers.of(who).get, dossier_id)
        working = dossier.status in _WORKING
        done = {event.stage for event in dossier.events}
        return web.page(
            request,
            "dossier.html",
            dossier=dossier,
            working=working,
            decidable=dossier.status in _DECIDABLE and who.may(Right.DOSSIER_DECIDE),
            may_decide=who.may(Right.DOSSIER_DECIDE),
            procedures=await run_in_threadpool(in_force),
            stages=STAGES,
            done=done,
            slip=None if working or not who.may(Right.DOSSIER_RECEIVE) else fitting_form(dossier),
            slips=[form.value for form in _SLIPS],
        )

    @router.post("/ho-so/{dossier_id}/quyet-dinh")
    async def decide(request: Request, dossier_id: str, who: Principal = gate.need(Right.DOSSIER_DECIDE)) -> Response:
        dossier = await run_in_threadpool(dossiers.of(who).allowed, dossier_id)
        decisions = decisions_of(await request.form(), dossier)
        if decisions:
            await run_in_threadpool(dossiers.of(who).decide, dossier_id, decisions)
        return RedirectResponse(f"/ho-so/{dossier_id}", 303)

    @router.post("/ho-so/{dossier_id}/thu-lai")
    async def retry(dossier_id: str, who: Principal = gate.need(Right.DOSSIER_DECIDE)) -> Response:
        await run_in_threadpool(dossiers.of(who).retry, dossier_id)
        return RedirectResponse(f"/ho-so/{dossier_id}", 303)

    @router.post("/ho-so/{dossier_id}/phieu")
    async def slip(
        dossier_id: str,
        form: Annotated[str, Form()] = "",
        reasons: Annotated[str, Form(max_length=10_000)] = "",
        who: Principal = gate.need(Right.DOSSIER_RECEIVE),
    ) -> Response:
        wanted = SlipForm(form) if form in set(SlipForm) else None
        said = [line.strip() for line in reasons.splitlines()]
        made, pdf = await run_in_threadpool(dossiers.of(who).slip, dossier_id, wanted, said)
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
