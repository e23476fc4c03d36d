"""Which papers of a procedure are there: the question that a clerk answers while the citizen sits there.

Present, missing, expired, unreadable, unsigned, unsealed, of the wrong person, replaced by data or by a reused copy,
not required with the reason; cannot tell is an answer, too. A paper of unknown type keeps a missing one from being
called missing: it may be the very paper. Expiry is judged on the day of receipt, by the date printed on the paper or by
the time that it counts. A stand-in paper makes the one it replaces not required.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from extractors.doctypes import UNKNOWN
from extractors.fields import FieldStatus
from extractors.seals import ANYWHERE
from pipeline.record import ChecklistItem, ComponentState, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.procedures.paper import Validity
    from pipeline.procedures.schema import Component, Procedure
    from pipeline.record import DocumentRecord, Dossier, FieldRecord, Finding

SURE_TYPE = 0.6
"""Below this chance a paper's type is not taken for granted."""
_SURE = frozenset({FieldStatus.READ, FieldStatus.CONFIRMED})
_SUBSTITUTES = {
    "data_substituted": "Đã thay bằng dữ liệu của cơ sở dữ liệu",
    "reused": "Dùng lại giấy tờ có trong kho dữ liệu của công dân",
}
_MARKS = {"signature": ComponentState.UNSIGNED, "initials": ComponentState.UNSIGNED,
          "fingerprint": ComponentState.UNSIGNED, "seal": ComponentState.UNSEALED}  # fmt: skip
_UNTOLD = {ComponentState.UNSIGNED: "Chưa xác định được chữ ký của",
           ComponentState.UNSEALED: "Chưa xác định được con dấu của"}  # fmt: skip
_LACKING = frozenset({ComponentState.UNSIGNED, ComponentState.UNSEALED, ComponentState.EXPIRED})
_ABSENT = {ComponentState.UNSIGNED: "Chưa có chữ ký của", ComponentState.UNSEALED: "Chưa có con dấu của"}


@dataclass(frozen=True, slots=True)
class _Case:
    """What every component is judged by."""

    procedure: Procedure
    documents: Sequence[DocumentRecord]
    today: date
    substituted: Mapping[str, str]


def checklist(
    procedure: Procedure, dossier: Dossier, substituted: Mapping[str, str] | None = None
) -> tuple[ChecklistItem, ...]:
    """One item for each component, in the procedure's order.

    `substituted` holds, by component code, what an officer let stand in for the paper: `data_substituted` or `reused`.
    """
    case = _Case(procedure, dossier.documents, dossier.received_at.date(), substituted or {})
    items = [_item(component, case) for component in procedure.components]
    present = {item.component for item in items if item.state is ComponentState.PRESENT}
    stand_ins = {c.instead_of: c for c in procedure.components if c.instead_of and c.code in present}
    return tuple(
        item.model_copy(
            update={
                "state": ComponentState.NOT_REQUIRED,
                "reason": f"Đã có giấy tờ thay thế: {stand_ins[item.component].name}.",
            }
        )
        if item.component in stand_ins and item.state in {ComponentState.MISSING, ComponentState.CANNOT_TELL}
        else item
        for item in items
    )


def _item(component: Component, case: _Case) -> ChecklistItem:
    asked = component.when.holds(case.documents) if component.when else None
    required = component.required == "always" or (component.required == "conditional" and asked is True)

    def made(state: ComponentState, document: str | None = None, reason: str | None = None) -> ChecklistItem:
        return ChecklistItem(component=component.code, name=component.name, required=required, state=state,
                             document=document, reason=reason)  # fmt: skip

    fitting = [document for document in case.documents if document.type in component.types]
    judged = [(document, *_state(component, document, case))
              for document in sorted(fitting, key=lambda d: d.probability, reverse=True)]  # fmt: skip
    if judged:
        # The surest paper speaks for the component; where it is in order, another that lacks something is not hidden.
        lacking = [one for one in judged if judged[0][1] is ComponentState.PRESENT and one[1] in _LACKING]
        document, state, reason = (lacking or judged)[0]
        return made(state, document.id, reason)
    how = case.substituted.get(component.code)
    if how in _SUBSTITUTES and how in component.accept:
        source = f": {component.data_source}" if how == "data_substituted" and component.data_source else ""
        return made(ComponentState.SUBSTITUTED, None, f"{_SUBSTITUTES[how]}{source}.")
    if not required:
        condition = _condition(component)
        reason = f"Chỉ cần khi {condition}." if condition else "Xuất trình, không phải nộp."
        return made(ComponentState.NOT_REQUIRED, None, reason)
    unknown = [document for document in case.documents if document.type == UNKNOWN]
    if unknown:
        pages = ", ".join(str(page) for document in unknown for page in document.pages)
        return made(ComponentState.CANNOT_TELL, unknown[0].id, f"Trang {pages} chưa nhận ra loại giấy tờ.")
    because = f" (cần khi {_condition(component)})" if component.required == "conditional" else ""
    return made(ComponentState.MISSING, None, f"Chưa có {component.name}{because}.")


def _condition(component: Component) -> str:
    return component.condition.rstrip(".").removeprefix("khi ").removeprefix("Khi ")


def _state(component: Component, document: DocumentRecord, case: _Case) -> tuple[ComponentState, str | None]:
    if document.probability < SURE_TYPE:
        return ComponentState.CANNOT_TELL, f"Chưa chắc trang {document.pages[0]} là {document.title}."
    if (aged := _age(case.procedure.validity_of(component, document.type), document, case.today)) is not None:
        return aged
    schema = case.procedure.document(document.type)
    wanted = [rule.key for rule in schema.fields if rule.required] if schema else []
    readable = [
        key
        for key in wanted
        if (field := document.fields.get(key)) is not None and field.status is not FieldStatus.UNREADABLE
    ]
    if wanted and not readable:
        return ComponentState.UNREADABLE, f"Không đọc được mục bắt buộc nào của {document.title}."
    untold = ""  # what is missing goes before what cannot be told
    for mark in case.procedure.marks_of(component, document.type):
        key = mark.key or (ANYWHERE if mark.kind == "seal" else None)
        if not mark.required or key is None or (mark.key is None and key not in document.fields):
            continue
        field = document.fields.get(key)
        state = _MARKS[mark.kind]
        if field is None or field.value is None:
            untold = untold or f"{_UNTOLD[state]} {mark.by} trên {document.title}; hãy xem tận mắt."
        elif field.value is False:
            return state, f"{_ABSENT[state]} {mark.by} trên {document.title}."
    return (ComponentState.CANNOT_TELL, untold) if untold else (ComponentState.PRESENT, None)


def _age(
    validity: Validity | None, document: DocumentRecord, today: date
) -> tuple[ComponentState, str] | None:  # fmt: skip
    """Whether a paper counts no more on a day; None where it does, or where nothing tells."""
    field, last = last_day(validity, document)
    if field is None or last is None or last >= today:
        return None
    said = vietnamese_date(last.isoformat())
    if field.status in _SURE:
        return ComponentState.EXPIRED, f"Hết hạn ngày {said}."
    return ComponentState.CANNOT_TELL, f"Có thể đã hết hạn ngày {said}; hãy xem lại."


def last_day(validity: Validity | None, document: DocumentRecord) -> tuple[FieldRecord | None, date | None]:
    """The last day on which a paper counts, and the field that tells."""
    until = document.fields.get((validity.until if validity else None) or "ngay_het_han")
    if until is not None and (day := _day(until)) is not None:
        return until, day
    if validity is None or (validity.months is None and validity.days is None):
        return None, None
    since = document.fields.get(validity.counted_from)
    begin = _day(since) if since is not None else None
    if begin is None:
        return None, None
    return since, months_later(begin, validity.months or 0) + timedelta(days=validity.days or 0)


def _day(field: FieldRecord) -> date | None:
    try:
        return date.fromisoformat(field.value[:10]) if isinstance(field.value, str) else None
    except ValueError:
        return None


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last (Civil Code 2015, art. 148)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(last, day.day))
        except ValueError:
            continue
    raise ValueError(f"{day} plus {months} months is no day")


def with_persons(
    items: Sequence[ChecklistItem], findings: Sequence[Finding], procedure: Procedure, dossier: Dossier
) -> tuple[ChecklistItem, ...]:
    """The items, with papers called another person's where the rule on persons blocks and nobody has decided yet.

    The paper that tells the procedure, the request itself, says who the person is; what contradicts it is the other.
    """
    requests = {d.id for d in dossier.documents if d.type in procedure.telling_types}
    foreign = {
        ref.document: finding.message
        for finding in findings
        if finding.rule == "same_person" and finding.severity is Severity.BLOCK and finding.confirmed_by is None
        for ref in finding.fields
        if ref.document not in requests
    }
    return tuple(
        item.model_copy(update={"state": ComponentState.WRONG_PERSON, "reason": foreign[item.document]})
        if item.document in foreign and item.state is ComponentState.PRESENT
        else item
        for item in items
    )


def untold_signature(item: ChecklistItem) -> bool:
    """Whether an item waits for somebody to see if its paper is signed."""
    untold = (item.reason or "").startswith(_UNTOLD[ComponentState.UNSIGNED])
    return item.state is ComponentState.CANNOT_TELL and untold


def vietnamese_date(iso: str) -> str:
    """An ISO date, whole or partial, as people write it: 12/03/2026, 03/2026, 2026."""
    return "/".join(reversed(iso.split("-")))
