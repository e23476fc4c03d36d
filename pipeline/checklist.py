"""Which papers of a procedure are there: the question that a clerk answers while the citizen sits there.

Five answers: present, missing, expired, unreadable, cannot tell; and not required, with the reason.
A paper of unknown type keeps a missing one from being called missing: it may be the very paper.
Expiry is judged on the day of receipt. A stand-in paper makes the one it replaces not required.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.doctypes import UNKNOWN
from extractors.fields import FieldStatus
from pipeline.record import ChecklistItem, ComponentState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pipeline.procedures.schema import Component, Procedure
    from pipeline.record import DocumentRecord, Dossier

SURE_TYPE = 0.6
"""Below this chance a paper's type is not taken for granted."""


def checklist(procedure: Procedure, dossier: Dossier) -> tuple[ChecklistItem, ...]:
    """One item for each component, in the procedure's order."""
    today = dossier.received_at.date()
    items = [_item(component, dossier.documents, procedure, today) for component in procedure.components]
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


def _item(
    component: Component, documents: Sequence[DocumentRecord], procedure: Procedure, today: date
) -> ChecklistItem:  # fmt: skip
    required = component.required == "always"

    def made(state: ComponentState, document: str | None = None, reason: str | None = None) -> ChecklistItem:
        return ChecklistItem(component=component.code, name=component.name, required=required, state=state,
                             document=document, reason=reason)  # fmt: skip

    fitting = [document for document in documents if document.type in component.types]
    for document in sorted(fitting, key=lambda d: d.probability, reverse=True):
        state, reason = _state(document, procedure, today)
        return made(state, document.id, reason)
    if not required:
        reason = f"Chỉ cần {component.condition}." if component.condition else "Xuất trình, không phải nộp."
        return made(ComponentState.NOT_REQUIRED, None, reason)
    unknown = [document for document in documents if document.type == UNKNOWN]
    if unknown:
        pages = ", ".join(str(page) for document in unknown for page in document.pages)
        return made(ComponentState.CANNOT_TELL, unknown[0].id, f"Trang {pages} chưa nhận ra loại giấy tờ.")
    return made(ComponentState.MISSING, None, f"Chưa có {component.name}.")


def _state(document: DocumentRecord, procedure: Procedure, today: date) -> tuple[ComponentState, str | None]:
    if document.probability < SURE_TYPE:
        return ComponentState.CANNOT_TELL, f"Chưa chắc trang {document.pages[0]} là {document.title}."
    until = document.fields.get("ngay_het_han")
    if until is not None and isinstance(until.value, str) and until.value < today.isoformat():
        if until.status in {FieldStatus.READ, FieldStatus.CONFIRMED}:
            return ComponentState.EXPIRED, f"Hết hạn ngày {vietnamese_date(until.value)}."
        return ComponentState.CANNOT_TELL, f"Có thể đã hết hạn ngày {vietnamese_date(until.value)}; hãy xem lại."
    schema = procedure.document(document.type)
    wanted = [rule.key for rule in schema.fields if rule.required] if schema else []
    readable = [
        key
        for key in wanted
        if (field := document.fields.get(key)) is not None and field.status is not FieldStatus.UNREADABLE
    ]
    if wanted and not readable:
        return ComponentState.UNREADABLE, f"Không đọc được mục bắt buộc nào của {document.title}."
    return ComponentState.PRESENT, None


def vietnamese_date(iso: str) -> str:
    """An ISO date, whole or partial, as people write it: 12/03/2026, 03/2026, 2026."""
    return "/".join(reversed(iso.split("-")))
