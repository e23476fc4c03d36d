"""What of a dossier needs a clerk: doubtful and unread fields first, then the findings that they leave.

A finding about a field that is itself in doubt waits: once the field is settled the rules run again, and most such
findings are gone. One that blocks and names no field (a paper is missing) is the desk's matter and asks nobody here.
Fields are asked in the order of the paper, so that a clerk's eye goes down the page.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus, Source
from pipeline.record import Severity, Status
from pipeline.review.rows import Target, Wanted

if TYPE_CHECKING:
    from pipeline.procedures.paper import FieldRule
    from pipeline.procedures.schema import Procedure
    from pipeline.record import DocumentRecord, Dossier, FieldRecord, Finding

FINDING = "finding"
"""The kind of an item that asks about a finding."""
_ELSEWHERE = frozenset({"input_refused", "no_procedure", "unknown_paper"})
"""Findings that the dossier's own page settles: files, the procedure and types of paper are chosen there."""


def wanted(dossier: Dossier, procedure: Procedure | None) -> list[Wanted]:
    """The questions of a dossier as it stands; none where it does not wait for a person."""
    if dossier.status is not Status.WAITS:
        return []
    places = [
        (paper, key, field)
        for paper in dossier.documents
        for key, field in sorted(paper.fields.items(), key=lambda item: _place(item[1]))
        if asks(field)
    ]
    asked = [_of_field(n, *place, kind_of(procedure, place[0], place[1])) for n, place in enumerate(places)]
    doubtful = {(one.document, one.key) for one in asked}
    left = [finding for finding in dossier.findings if _open(finding, doubtful)]
    return asked + [_of_finding(len(asked) + n, finding) for n, finding in enumerate(left)]


def asks(field: FieldRecord) -> bool:
    """Whether the machine doubts the field, or could not read it, and no person has spoken."""
    open_status = field.status in {FieldStatus.DOUBTFUL, FieldStatus.UNREADABLE}
    return open_status and field.source is not Source.PERSON


def rule_of(procedure: Procedure | None, paper: DocumentRecord, key: str) -> FieldRule | None:
    """What the procedure says of a field."""
    schema = procedure.document(paper.type) if procedure else None
    return schema.field(key) if schema else None


def kind_of(procedure: Procedure | None, paper: DocumentRecord, key: str) -> str:
    """The kind of a field; where no procedure says it, what the value looks like."""
    if (rule := rule_of(procedure, paper, key)) is not None:
        return rule.kind
    value = paper.fields[key].value
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, list):
        return "lines"
    named = {"ho_ten": "name", "ngay_": "date", "so_dinh_danh": "id_number", "so_cmnd": "id_number"}
    return next((kind for start, kind in named.items() if key.startswith(start)), "text")


def _place(field: FieldRecord) -> tuple[int, int, int]:
    return (field.page, field.box[1], field.box[0]) if field.box else (field.page, 1 << 20, 0)


def _of_field(position: int, paper: DocumentRecord, key: str, field: FieldRecord, kind: str) -> Wanted:
    content = repr((field.status.value, field.reason, field.probability, field.page, field.box, len(field.claims)))
    # Sixteen bits of the value: enough to see that it changed, too little to guess it.
    value = zlib.crc32(repr(field.value).encode()) & 0xFFFF
    return Wanted(
        target=Target.FIELD,
        document=paper.id,
        key=key,
        kind=kind,
        reason=field.reason,
        probability=field.probability,
        content=f"{zlib.crc32(content.encode()):08x}{value:04x}",
        position=position,
    )


def _open(finding: Finding, doubtful: set[tuple[str, str]]) -> bool:
    if finding.severity is Severity.INFO or finding.confirmed_by is not None or finding.rule in _ELSEWHERE:
        return False
    if any((ref.document, ref.key) in doubtful for ref in finding.fields):
        return False
    return bool(finding.fields) or finding.severity is Severity.CONFIRM


def _of_finding(position: int, finding: Finding) -> Wanted:
    return Wanted(
        target=Target.FINDING,
        document="",
        key=finding.id,
        kind=FINDING,
        reason=finding.rule,
        probability=None,
        content=finding.id,
        position=position,
    )
