"""Fields to findings and a checklist: what agrees, what is missing, and who decides next.

The machine's findings come from the procedure's rules; what a person has decided before lies on top of the fields.
Filing goes on only when nothing blocks, nothing waits for a person, no field is doubtful and no input was refused.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus
from pipeline.checklist import checklist, with_persons
from pipeline.decisions import Decision, apply_to_fields, apply_to_findings, substitutes
from pipeline.desk.questions import AT_DESK, ATTENDED
from pipeline.details import with_details
from pipeline.kho.references import with_references
from pipeline.quality.switching import switched
from pipeline.record import FieldRef, Finding, Severity, Status
from pipeline.rules import requests_of, run_rules
from pipeline.rules.context import KnownFacts
from pipeline.rules.sources import sources_disagree
from pipeline.seen_before import seen_before
from pipeline.stages import Outcome, Progress, StageResult
from pipeline.words import UNREAD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.procedures.schema import Procedure
    from pipeline.record import ChecklistItem, Dossier
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools

_AT_DESK = "Hồ sơ đang ở quầy: chưa ký số cho tới khi cán bộ giao giấy tiếp nhận."


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Fills `findings` and `checklist` and decides whether a person must look."""
    decisions = [Decision.from_row(row) for row in tools.catalogue.decisions_of(dossier.id)]
    dossier = dossier.model_copy(update={"documents": apply_to_fields(dossier.documents, decisions)})
    book = tools.procedures()
    procedure = book.get(dossier.procedure, dossier.received_at.date()) if dossier.procedure else None
    dossier = dossier.model_copy(update={"documents": with_details(dossier.documents, procedure)})
    dossier = switched(tools, dossier)
    findings = [*_own_findings(dossier), *seen_before(tools, dossier)]
    if tools.catalogue.desk().done(ATTENDED, [dossier.id]):
        findings.append(Finding(rule=AT_DESK, severity=Severity.CONFIRM, message=_AT_DESK))
    items: tuple[ChecklistItem, ...] = ()
    if procedure is not None:
        substituted = substitutes(decisions)
        items = with_references(tools, dossier.id, checklist(procedure, dossier, substituted), substituted)
        findings += run_rules(procedure, dossier, items, _known(tools, procedure, dossier))
    named = apply_to_findings([_with_id(finding) for finding in findings], decisions)
    if procedure is not None:
        items = with_persons(items, named, procedure, dossier)
    dossier = dossier.model_copy(update={"findings": named, "checklist": items})
    on_progress(Progress("validate", 1, 1))
    return StageResult(dossier, outcome_of(dossier))


def _known(tools: Tools, procedure: Procedure, dossier: Dossier) -> KnownFacts:
    """Which dossiers that came no later ask for the same, refused and broken ones left out: rules ask nobody."""
    same: dict[str, tuple[str, ...]] = {}
    files = {original.sha256 for original in dossier.originals}
    twice: set[str] = set()
    for asked in requests_of(procedure, dossier):
        # Numbers and days are written one way; names are compared by fingerprint on the few dossiers that are left.
        exact = [reading for reading in asked.readings if any(map(str.isdigit, reading.text))]
        found = [set(tools.catalogue.find_field(reading.key, reading.text)) for reading in exact]
        others = set.intersection(*found) - {dossier.id} if found else set()
        records = [
            other
            for other in map(tools.catalogue.load, sorted(others))
            if other is not None
            and other.status not in {Status.REFUSED, Status.FAULT}
            and other.received_at <= dossier.received_at
            and asked.fingerprint in {one.fingerprint for one in requests_of(procedure, other)}
        ]
        same[asked.fingerprint] = tuple(other.id for other in records)
        twice |= {other.id for other in records if files and files == {one.sha256 for one in other.originals}}
    return KnownFacts(same, frozenset(twice))


def outcome_of(dossier: Dossier) -> Outcome:
    """What the findings ask for."""
    open_findings = [f for f in dossier.findings if f.severity is not Severity.INFO and f.confirmed_by is None]
    if any(f.rule == "input_refused" for f in open_findings):
        return Outcome.REFUSED
    doubtful = any(
        field.status is FieldStatus.DOUBTFUL for document in dossier.documents for field in document.fields.values()
    )
    return Outcome.WAITS if open_findings or doubtful else Outcome.CONTINUE


def _own_findings(dossier: Dossier) -> Iterable[Finding]:
    for original in dossier.originals:
        if original.error:
            message = f"Tệp “{original.name}”: {original.message}"
            yield Finding(rule="input_refused", severity=Severity.BLOCK, message=message)
    for page in dossier.pages:
        for defect in page.defects:
            if defect.code in UNREAD:
                message = f"Trang {page.number}: {defect.message}"
                yield Finding(rule="unread_page", severity=Severity.CONFIRM, message=message)
    if dossier.procedure is None:
        message = "Chưa rõ hồ sơ thuộc thủ tục nào; hãy chọn thủ tục."
        yield Finding(rule="no_procedure", severity=Severity.CONFIRM, message=message)
    yield from sources_disagree(dossier)
    for document in dossier.documents:
        if document.type == "unknown":
            pages = ", ".join(str(page) for page in document.pages)
            message = f"Chưa nhận ra loại giấy tờ ở trang {pages}; hãy xem và xếp loại."
            yield Finding(
                rule="unknown_paper",
                severity=Severity.CONFIRM,
                message=message,
                fields=(FieldRef(document=document.id, key=""),),
            )


def _with_id(finding: Finding) -> Finding:
    content = repr((finding.rule, finding.message, [(r.document, r.key) for r in finding.fields]))
    return finding.model_copy(update={"id": hashlib.sha256(content.encode()).hexdigest()[:10]})
