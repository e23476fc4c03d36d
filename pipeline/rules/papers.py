"""Rules on papers as such: missing components, unread fields, bad pages, signatures, places that are no more.

R13, R16 and R19 of the rule book. What a machine cannot tell today it says so: a signature is a person's to see.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus
from extractors.text import key
from pipeline.record import ComponentState, FieldRef, Finding, Severity

if TYPE_CHECKING:
    from pipeline.record import ChecklistItem
    from pipeline.rules.context import RuleContext


@cache
def merged_provinces() -> dict[str, str]:
    """Key of each province that ceased on 1 July 2025, to the name of the one that it is part of now."""
    with (Path(__file__).parent / "data" / "provinces_2025.csv").open(encoding="utf-8", newline="") as rows:
        return {key(row["old"]): row["new"] for row in csv.DictReader(rows) if key(row["old"]) != key(row["new"])}


_DISTRICT = re.compile(r"(?:^|[,;\-–]\s*|\s)(?:huyện|quận|thị xã|q\.|h\.|tx\.)\s*[^\s,;]+", re.IGNORECASE)
_PROVINCE = re.compile(r"(?:tỉnh|thành phố|tp\.?)\s+", re.IGNORECASE)


def defunct_places(context: RuleContext) -> list[Finding]:
    """R13: a new declaration names no province or district that ceased on 1 July 2025. Params: `type`, `keys`."""
    findings = []
    for key_ in context.params["keys"]:
        for reading in context.readings(context.params["type"], key_):
            last = re.split(r"[,;]|\s[-–]\s", reading.text)[-1]
            name = _PROVINCE.sub("", last).strip(" .")
            new = merged_provinces().get(key(name))
            if new:
                message = f"{reading.field.label}: {reading}; tỉnh “{name}” nay thuộc {new}. Hãy ghi theo địa danh mới."
                findings.append(context.finding(Severity.BLOCK, message, [reading]))
            district = _DISTRICT.search(reading.text)
            if district:
                named = district[0].strip(" ,;-–")
                message = f"{reading.field.label}: {reading}; không còn cấp huyện (“{named}”) từ 01/07/2025."
                findings.append(context.finding(Severity.CONFIRM, message, [reading]))
    return findings


def signature_present(context: RuleContext) -> list[Finding]:
    """R16: a required signature. Ink in its place is presence, not proof; no ink asks. Params: `type`, `key`."""
    findings = []
    for document in context.papers(context.params["type"]):
        field = document.fields.get(context.params["key"])
        where = f"{document.title} (trang {field.page if field else document.pages[-1]})"
        if field is None or field.value is None:
            message = f"{where}: hệ thống chưa xác định được chữ ký; hãy xem tận mắt."
            findings.append(context.finding(Severity.INFO, message))
        elif field.value is False:
            refs = (FieldRef(document=document.id, key=context.params["key"]),)
            message = f"{where}: chưa thấy chữ ký của người yêu cầu."
            findings.append(Finding(rule=context.rule, severity=Severity.CONFIRM, message=message, fields=refs))
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
        blank = [r for r in wanted if (f := document.fields.get(r.key)) is not None and f.status is FieldStatus.BLANK]
        absent = [rule for rule in wanted if rule.key not in document.fields]
        for rules, how in ((blank, "để trống"), (absent, "không tìm thấy trên giấy")):
            if rules:
                said = ", ".join(rule.label for rule in rules)
                message = f"{document.title} (trang {document.pages[0]}), mục bắt buộc {how}: {said}."
                refs = tuple(FieldRef(document=document.id, key=rule.key) for rule in rules)
                findings.append(Finding(rule=context.rule, severity=Severity.CONFIRM, message=message, fields=refs))
    return findings


def from_checklist(items: tuple[ChecklistItem, ...]) -> list[Finding]:
    """What the checklist asks of a person; run for every procedure."""
    severities = {
        ComponentState.MISSING: Severity.BLOCK,
        ComponentState.EXPIRED: Severity.CONFIRM,
        ComponentState.UNREADABLE: Severity.CONFIRM,
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
