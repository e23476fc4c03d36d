"""Rules on the request as a whole: asked for before, and whether the result says what the dossier says.

R20 and R23 of the rule book. Whether another dossier made the same request is the catalogue's to know: the stage asks
it by a fingerprint and hands the answer in as known facts, so that the rule needs no store, no clock and no network.
A fingerprint is a SHA-256 over comparison keys; it carries no personal number in the clear.
"""

from __future__ import annotations

import hashlib
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from extractors.text import key
from pipeline.record import FieldRef, Finding, Severity
from pipeline.rules.context import Reading, reading_of
from pipeline.rules.parameters import Params, Place
from pipeline.rules.persons import agree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import DocumentRecord, Dossier
    from pipeline.rules.context import RuleContext


class DuplicateRequest(Params):
    """Parameters of `duplicate_request`."""

    type: str = Field(description="type of paper: the form that asks")
    keys: tuple[str, ...] = Field(
        min_length=2, description="keys that together name one event: the child's name, day of birth, mother's number"
    )

    def fields(self) -> Iterable[Place]:
        """The keys on the form."""
        return tuple((self.type, name) for name in self.keys)


class Asked(NamedTuple):
    """What one form asks for, by the readings that name the event."""

    document: DocumentRecord
    readings: list[Reading]
    fingerprint: str


def fingerprint(doc_type: str, values: Iterable[str]) -> str:
    """The same for requests that say the same: 64 hex digits over the form's type and the values' comparison keys."""
    return hashlib.sha256("\x1f".join((doc_type, *map(key, values))).encode()).hexdigest()


def asked_for(dossier: Dossier, params: DuplicateRequest) -> list[Asked]:
    """The requests that a dossier's forms make; a form on which one of the values is not readable makes none."""
    asked = []
    for document in dossier.documents:
        readings = [reading_of(document, name) for name in params.keys] if document.type == params.type else []
        whole = [reading for reading in readings if reading is not None]
        if whole and len(whole) == len(params.keys):
            asked.append(Asked(document, whole, fingerprint(params.type, (reading.text for reading in whole))))
    return asked


def duplicate_request(context: RuleContext, params: DuplicateRequest) -> list[Finding]:
    """R20: no form asks for what another form or dossier has asked for (blocks); the very same files again ask."""
    findings = []
    asked = asked_for(context.dossier, params)
    for left, right in combinations(asked, 2):
        if left.fingerprint == right.fingerprint:
            said = ", ".join(reading.field.label.lower() or reading.key for reading in left.readings)
            pages = f"trang {left.document.pages[0]} và trang {right.document.pages[0]}"
            message = f"Hai {left.document.title} ({pages}) đề nghị cùng một việc: giống nhau về {said}."
            findings.append(context.finding(Severity.BLOCK, message, [*left.readings, *right.readings]))
    for one in asked:
        before = [other for other in context.known.requests.get(one.fingerprint, ()) if other != context.dossier.id]
        again = [other for other in before if other in context.known.same_files]
        others = [other for other in before if other not in again]
        if again:
            message = (
                f"Hồ sơ {', '.join(again)} đã nhận đúng những tệp này (nội dung giống hệt). "
                "Nếu quét hoặc nộp lại nhầm, hãy dừng hồ sơ này; nếu cần lập lại, hãy xác nhận."
            )
            findings.append(context.finding(Severity.CONFIRM, message, one.readings))
        if others:
            said = ", ".join(f"{reading.field.label or reading.key} trùng" for reading in one.readings)
            message = f"Hồ sơ {', '.join(others)} đã đề nghị cùng việc này ({said}). Hãy kiểm tra đăng ký trùng."
            findings.append(context.finding(Severity.BLOCK, message, one.readings))
    return findings


class ResultPair(Params):
    """A field of the result and the approved one that it repeats."""

    result: str = Field(description="key on the result")
    source: Place = Field(description="[type, key] of the approved value")
    label: str = Field(default="", description="what it is, in Vietnamese; else the field's own label")


class ResultEqualsDossier(Params):
    """Parameters of `result_equals_dossier`."""

    result: str = Field(description="type of paper: the result")
    pairs: tuple[ResultPair, ...] = Field(min_length=1, description="each field of the result and its source")

    def fields(self) -> Iterable[Place]:
        """Both sides of every pair."""
        for pair in self.pairs:
            yield self.result, pair.result
            yield pair.source


def result_equals_dossier(context: RuleContext, params: ResultEqualsDossier) -> list[Finding]:
    """R23: before it is signed, the result says what the approved dossier says, field by field."""
    findings = []
    for document in context.papers(params.result):
        for pair in params.pairs:
            source = context.reading(*pair.source)
            printed = reading_of(document, pair.result)
            if source is None:
                continue
            label = pair.label or source.field.label or pair.result
            if printed is None:
                where = f"{document.title} (trang {document.pages[0]})"
                message = f"{where} không có hoặc không đọc được {label.lower()}; {source}."
                refs = (FieldRef(document=document.id, key=pair.result),)
                findings.append(Finding(rule=context.rule, severity=Severity.CONFIRM, message=message, fields=refs))
            elif not agree(context, printed, source):
                message = f"Kết quả khác hồ sơ về {label.lower()}: {printed}; {source}."
                findings.append(context.finding(Severity.BLOCK, message, [printed, source]))
    return findings
