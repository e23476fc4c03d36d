"""Rules on papers as such: missing components, unread fields, bad pages, places that are no more.

R13 and R19 of the rule book, and what every capture needs: components there, required fields filled.
A legacy paper keeps its old place names: R13 looks only at the keys that a procedure names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from extractors.fields import FieldStatus
from extractors.gazetteer import Standing, place_today, plain_province, province_today
from pipeline.checklist import untold_signature
from pipeline.consistency import REQUIRED_BLANK
from pipeline.record import ComponentState, FieldRef, Finding, Severity
from pipeline.rules.parameters import Params, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import ChecklistItem, FieldRecord
    from pipeline.rules.context import Reading, RuleContext


class DefunctPlaces(Params):
    """Parameters of `defunct_places`."""

    type: str = Field(description="type of paper: a declaration made today")
    keys: tuple[str, ...] = Field(min_length=1, description="keys of places that must be written as they are today")

    def fields(self) -> Iterable[Place]:
        """The places."""
        return tuple((self.type, name) for name in self.keys)


def defunct_places(context: RuleContext, params: DefunctPlaces) -> list[Finding]:
    """R13: a new declaration names no province that ceased (blocks), no district and no commune that ceased (asks).

    Today's province or commune is named beside it; where a commune was divided, all that it may be now.
    """
    findings = []
    for key in params.keys:
        for reading in context.readings(params.type, key):
            findings += _as_of_today(context, reading)
    return findings


def _as_of_today(context: RuleContext, reading: Reading) -> list[Finding]:
    # The day of the declaration is after the reform, but what stands there may be older: so the day is left open.
    found = place_today(reading.text)
    province, district, commune = found.address.province, found.address.district, found.address.commune
    said = f"{reading.field.label}: {reading}"
    today = "; ".join(str(unit) for unit in found.candidates)
    findings = []
    if province is not None and found.province_ceased:
        names = " hoặc ".join(plain_province(name) for name in province_today(province.name))
        message = f"{said}; tỉnh “{province.name}” nay thuộc {names}. Hãy ghi theo địa danh mới."
        findings.append(context.finding(Severity.BLOCK, message, [reading]))
    if district is not None:
        now = f" Nay là: {today}." if today else ""
        message = f"{said}; không còn cấp huyện (“{district}”) từ 01/07/2025.{now}"
        findings.append(context.finding(Severity.CONFIRM, message, [reading]))
    elif commune is not None and commune.kind and today and found.standing is not Standing.IN_FORCE:
        several = " (một trong số này, cán bộ chọn)" if len(found.candidates) > 1 else ""
        message = f"{said}; “{commune}” không còn từ 01/07/2025, nay là: {today}{several}."
        findings.append(context.finding(Severity.CONFIRM, message, [reading]))
    return findings


def quality(context: RuleContext) -> list[Finding]:
    """R19: pages that may be unusable, and fields with ink that nobody could read."""
    findings = []
    used = {page for document in context.dossier.documents for page in document.pages}
    for page in context.dossier.pages:
        for defect in page.defects:
            if page.number not in used or defect.code in _HARMLESS:
                continue
            findings.append(context.finding(Severity.CONFIRM, f"Trang {page.number}: {defect.message}"))
    for document in context.dossier.documents:
        unread = [(k, field) for k, field in document.fields.items() if field.status is FieldStatus.UNREADABLE]
        if unread:
            said = ", ".join(field.label or k for k, field in unread)
            message = f"{document.title}: có nét chữ nhưng không đọc được: {said}. Hãy nhập theo ảnh."
            refs = tuple(FieldRef(document=document.id, key=k) for k, _ in unread)
            findings.append(Finding(rule=context.rule, severity=Severity.CONFIRM, message=message, fields=refs))
    return findings


_HARMLESS = frozenset({"turned", "blank", "skewed"})
"""Put right by the time that rules run, or no page of a paper."""


def required_fields(context: RuleContext) -> list[Finding]:
    """Fields that a paper must have: left empty (asks) or not found on it at all (asks)."""
    from pipeline.extraction import schema_for

    findings = []
    for document in context.dossier.documents:
        schema = schema_for(context.procedure, document.type)
        wanted = [rule for rule in schema.fields if rule.required] if schema else []
        blank = [rule for rule in wanted if (field := document.fields.get(rule.key)) is not None and _empty(field)]
        absent = [rule for rule in wanted if rule.key not in document.fields]
        for rules, how in ((blank, "để trống"), (absent, "không tìm thấy trên giấy")):
            if rules:
                said = ", ".join(rule.label for rule in rules)
                message = f"{document.title} (trang {document.pages[0]}), mục bắt buộc {how}: {said}."
                refs = tuple(FieldRef(document=document.id, key=rule.key) for rule in rules)
                findings.append(Finding(rule=context.rule, severity=Severity.CONFIRM, message=message, fields=refs))
    return findings


def _empty(field: FieldRecord) -> bool:
    """Whether a place is empty, as far as anybody has seen."""
    return field.status is FieldStatus.BLANK or field.reason == REQUIRED_BLANK


def from_checklist(items: tuple[ChecklistItem, ...]) -> list[Finding]:
    """What the checklist asks of a person; run for every procedure."""
    severities = {
        ComponentState.MISSING: Severity.BLOCK,
        ComponentState.EXPIRED: Severity.CONFIRM,
        ComponentState.UNREADABLE: Severity.CONFIRM,
        ComponentState.UNSIGNED: Severity.CONFIRM,
        ComponentState.UNSEALED: Severity.CONFIRM,
        ComponentState.CANNOT_TELL: Severity.CONFIRM,
    }
    return [
        Finding(
            rule="components",
            severity=severities[item.state],
            message=item.reason or item.name,
            fields=(FieldRef(document=item.document, key=""),) if item.document else (),
        )
        for item in items
        if item.state in severities
    ]


_BY_RULES = frozenset({"signature_present", "consent_present"})
"""Rules that say of a paper's signatures, with the place, what the checklist says of the paper."""


def said_once(findings: list[Finding], items: tuple[ChecklistItem, ...]) -> list[Finding]:
    """The findings without what the checklist says of a paper's signature where a rule says it of the very place."""
    unsigned = {item.document for item in items if item.state is ComponentState.UNSIGNED or untold_signature(item)}
    told = {ref.document for finding in findings if finding.rule in _BY_RULES for ref in finding.fields} & unsigned
    return [f for f in findings if f.rule != "components" or not any(ref.document in told for ref in f.fields)]
