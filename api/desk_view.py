"""What the desk shows of a dossier, as one object: sent whole whenever something in it changed.

A browser that lost its connection needs nothing but the next one. While pages are read it is the provisional view of
`pipeline.desk.preview`, marked so; afterwards it is the record. Values are as fields have them; words for codes are the
page's business. Contains no card: what a scanner read is answered to whoever sent it, and asked for again.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from pipeline.checklist import vietnamese_date
from pipeline.clock import local
from pipeline.desk.citizen import disputed, items_of
from pipeline.desk.estimate import Wait
from pipeline.desk.questions import AT_DESK, Place, Question, place_of, questions_of
from pipeline.record import ComponentState, Severity, Status
from pipeline.rules.deadlines import due_date
from pipeline.slips.content import SlipForm, fitting_form, lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.catalogue.desk_door import Answer, Screen, Ticket
    from pipeline.desk.preview import Preview
    from pipeline.procedures.schema import Procedure
    from pipeline.record import Dossier

WORKING = frozenset({Status.RECEIVED, Status.PROCESSING, Status.HELD})


class FileView(BaseModel):
    """A file that came in."""

    name: str
    size: int
    sha256: str
    error: str = ""


class PhoneView(BaseModel):
    """A phone's way to this dossier."""

    state: str
    photos: int
    expires_at: datetime


class PageView(BaseModel):
    """A page as it appears."""

    number: int
    width: int
    height: int
    title: str
    blank: bool
    turned: int
    defects: list[str]


class ItemView(BaseModel):
    """A line of the checklist."""

    component: str
    name: str
    required: bool
    state: ComponentState | Literal["seen", "awaited"]
    reason: str = ""


class PaperView(BaseModel):
    """A paper with its fields."""

    id: str
    title: str
    pages: list[int]
    fields: list[Place]


class CitizenView(BaseModel):
    """What the citizen has said so far."""

    screen: bool
    """Whether a screen of this officer is open."""
    shown: bool
    """Whether it shows this dossier."""
    asked: int = 0
    right: int = 0
    wrong: list[Place] = []


class DeskView(BaseModel):
    """Everything that the desk shows of one dossier."""

    id: str
    draft: bool
    nickname: str
    status: Status
    procedure: str | None
    procedure_name: str
    files: list[FileView] = []
    phone: PhoneView | None = None
    provisional: bool = False
    done: int = 0
    total: int = 0
    pages: list[PageView] = []
    checklist: list[ItemView] = []
    papers: list[PaperView] = []
    questions: list[Question] = []
    citizen: CitizenView
    wait: Wait | None = None
    slip: SlipForm | None = None
    """The slip that fits, once everything is checked."""
    lacking: list[str] = []
    """What the supplement slip would ask for."""
    due: str = ""
    """The day of the result, as people write it."""
    handed_out: bool = False
    """Whether the receipt was made: nothing waits for the desk any more."""
    trouble: str = ""
    """Why nothing goes on, in words."""
    others: list[str] = []
    """Names of people who have this dossier open, too."""


def draft_view(dossier: Dossier, procedure: Procedure | None, nickname: str, ticket: Ticket | None) -> DeskView:
    """A dossier that still takes files."""
    return DeskView(
        id=dossier.id,
        draft=True,
        nickname=nickname,
        status=dossier.status,
        procedure=dossier.procedure,
        procedure_name=procedure.name if procedure else "",
        files=_files(dossier),
        phone=_phone(ticket),
        checklist=[
            ItemView(component=c.code, name=c.name, required=c.required == "always", state="awaited")
            for c in (procedure.components if procedure else ())
        ],
        citizen=CitizenView(screen=False, shown=False),
    )


def dossier_view(
    dossier: Dossier,
    procedure: Procedure | None,
    nickname: str,
    *,
    preview: Preview | None,
    wait: Wait | None,
    ticket: Ticket | None,
    screen: Screen | None,
    answers: Sequence[Answer],
) -> DeskView:
    """A dossier that was started; `preview` while it is read."""
    view = DeskView(
        id=dossier.id,
        draft=False,
        nickname=nickname,
        status=dossier.status,
        procedure=dossier.procedure,
        procedure_name=dossier.procedure_name or (procedure.name if procedure else ""),
        files=_files(dossier),
        phone=_phone(ticket),
        citizen=CitizenView(screen=screen is not None, shown=screen is not None and screen.dossier == dossier.id),
        wait=wait,
        trouble=_trouble(dossier),
    )
    if preview is not None and not dossier.checklist:
        return view.model_copy(update=_provisional(preview))
    return view.model_copy(update=_checked(dossier, procedure, answers, view.citizen))


def _provisional(preview: Preview) -> dict[str, object]:
    return {
        "provisional": True,
        "done": preview.done,
        "total": preview.total,
        "pages": [
            PageView(
                number=seen.page.number,
                width=seen.page.width,
                height=seen.page.height,
                title=seen.title,
                blank=seen.page.blank,
                turned=seen.page.turned,
                defects=[defect.message for defect in seen.page.defects],
            )
            for seen in preview.pages
        ],
        "checklist": [
            ItemView(component=paper.component, name=paper.name, required=paper.required, state=paper.state)
            for paper in preview.papers
        ],
    }


def _checked(
    dossier: Dossier, procedure: Procedure | None, answers: Sequence[Answer], citizen: CitizenView
) -> dict[str, object]:
    titles = {number: document.title for document in dossier.documents for number in document.pages}
    settled = dossier.status not in WORKING
    items = items_of(dossier, procedure.telling_types if procedure else (), answers)
    limit = procedure.time_limit if procedure else None
    wrong = {(item.document, item.key) for item in disputed(items)}
    papers = [
        PaperView(
            id=document.id,
            title=document.title,
            pages=list(document.pages),
            fields=[place_of(document, key, field) for key, field in document.fields.items()],
        )
        for document in dossier.documents
    ]
    held = [finding for finding in dossier.findings if finding.rule == AT_DESK]
    return {
        "pages": [
            PageView(
                number=page.number,
                width=page.width,
                height=page.height,
                title=titles.get(page.number, ""),
                blank=page.blank,
                turned=page.turned,
                defects=[defect.message for defect in page.defects],
            )
            for page in dossier.pages
        ],
        "checklist": [
            ItemView(
                component=item.component,
                name=item.name,
                required=item.required,
                state=item.state,
                reason=item.reason or "",
            )
            for item in dossier.checklist
        ],
        "papers": papers,
        "questions": questions_of(dossier) if settled else [],
        "citizen": citizen.model_copy(
            update={
                "asked": len(items),
                "right": sum(item.answer == "right" for item in items),
                "wrong": [place for paper in papers for place in paper.fields if (place.document, place.key) in wrong],
            }
        ),
        "slip": fitting_form(dossier) if dossier.procedure and dossier.checklist else None,
        "lacking": [item.reason or item.name for item in lacking(dossier.checklist)]
        + [
            finding.message
            for finding in dossier.findings
            if finding.severity is Severity.BLOCK and finding.confirmed_by is None and finding.rule != "components"
        ],
        "due": vietnamese_date(due_date(local(dossier.received_at), limit).day.isoformat()) if limit else "",
        "handed_out": dossier.status is Status.FILED or (bool(held) and all(finding.confirmed_by for finding in held)),
    }


def _files(dossier: Dossier) -> list[FileView]:
    return [
        FileView(name=one.name, size=one.size, sha256=one.sha256, error=one.message or "") for one in dossier.originals
    ]


def _phone(ticket: Ticket | None) -> PhoneView | None:
    return PhoneView(state=ticket.state, photos=ticket.photos, expires_at=ticket.expires_at) if ticket else None


def _trouble(dossier: Dossier) -> str:
    if dossier.held is not None:
        return f"{dossier.held.message} {dossier.held.remedy}"
    return ""
