"""What a person at the desk must settle, in the order in which it helps most: conflicts, doubtful fields, warnings.

A conflict is a finding over fields of two papers: both pieces of paper are put side by side and one key says which was
read right, or that both were and the papers contradict each other. Papers that are missing are no question: the
checklist shows them and the slip asks for them. Derived from the record alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from extractors.fields import FieldStatus, FieldValue
from pipeline.record import Model, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import DocumentRecord, Dossier, FieldRecord, Finding

_OPEN = {FieldStatus.DOUBTFUL, FieldStatus.UNREADABLE}
ATTENDED = "attended"
"""Act of the catalogue: somebody at a desk sees to this dossier."""
AT_DESK = "at_desk"
"""Rule of the finding that keeps such a dossier from being signed before its receipt is handed out."""
_ELSEWHERE = {"components", "no_procedure", "input_refused", AT_DESK}
"""Rules whose findings the desk shows in a place of their own."""
_MOST_PLACES = 4


class Place(Model):
    """A field of a paper, with what was read there."""

    document: str
    paper: str
    """Name of the paper."""
    key: str
    label: str
    value: FieldValue
    status: FieldStatus
    reason: str | None
    probability: float
    page: int
    box: tuple[int, int, int, int] | None
    """Where it stands on the page, in pixels of the stored image."""


class Question(Model):
    """One thing to settle."""

    id: str
    kind: Literal["conflict", "field", "finding"]
    severity: Severity
    message: str
    places: tuple[Place, ...]
    findings: tuple[str, ...] = ()
    """Ids of the findings that settle the question where they are accepted; none where it cannot be waved through."""


def questions_of(dossier: Dossier) -> list[Question]:
    """What is open; empty where the dossier takes no answers."""
    if dossier.status not in {Status.WAITS, Status.REFUSED}:
        return []
    documents = {document.id: document for document in dossier.documents}
    asked: set[tuple[str, str]] = set()
    conflicts, warnings = [], []
    for finding in sorted(_open(dossier.findings), key=lambda one: one.severity is not Severity.BLOCK):
        places = _places(finding, documents)
        if len({place.document for place in places}) > 1:
            conflicts.append(_asked("conflict", finding, places))
            asked |= _keys(places)
        else:
            warnings.append((finding, places))
    doubtful = [
        (document, key, field)
        for document in dossier.documents
        for key, field in document.fields.items()
        if field.status is FieldStatus.DOUBTFUL and (document.id, key) not in asked
    ]
    told = {(ref.document, ref.key) for finding in _open(dossier.findings) for ref in finding.fields}
    doubtful.sort(key=lambda one: ((one[0].id, one[1]) not in told, one[2].probability))
    fields = [
        Question(
            id=f"{document.id}.{key}",
            kind="field",
            severity=Severity.CONFIRM,
            message="",
            places=(place_of(document, key, field),),
        )
        for document, key, field in doubtful
    ]
    asked |= {(document.id, key) for document, key, _ in doubtful}
    rest = [
        _asked("finding", finding, places)
        for finding, places in warnings
        # A field that is asked about tells its own finding; that one is judged again with the answer.
        if not places or any((place.document, place.key) not in asked for place in places)
    ]
    return [*_merged(conflicts), *fields, *rest]


def place_of(document: DocumentRecord, key: str, field: FieldRecord) -> Place:
    """A field as a place."""
    return Place(
        document=document.id,
        paper=document.title,
        key=key,
        label=field.label or key,
        value=field.value,
        status=field.status,
        reason=field.reason,
        probability=field.probability,
        page=field.page,
        box=field.box,
    )


def _open(findings: Iterable[Finding]) -> list[Finding]:
    return [
        finding
        for finding in findings
        if finding.severity is not Severity.INFO and finding.confirmed_by is None and finding.rule not in _ELSEWHERE
    ]


def _places(finding: Finding, documents: dict[str, DocumentRecord]) -> tuple[Place, ...]:
    found = []
    for ref in finding.fields:
        document = documents.get(ref.document)
        field = document.fields.get(ref.key) if document else None
        if document is not None and field is not None:
            found.append(place_of(document, ref.key, field))
    return tuple(found[:_MOST_PLACES])


def _keys(places: Iterable[Place]) -> set[tuple[str, str]]:
    return {(place.document, place.key) for place in places}


def _merged(conflicts: Iterable[Question]) -> list[Question]:
    """Two rules that found the same places at odds ask one question; what blocks comes first and counts."""
    found: dict[frozenset[tuple[str, str]], Question] = {}
    for one in conflicts:
        places = frozenset(_keys(one.places))
        before = found.get(places)
        if before is None:
            found[places] = one
        elif before.findings:
            found[places] = before.model_copy(update={"findings": (*before.findings, *one.findings)})
    return list(found.values())


def _asked(kind: Literal["conflict", "finding"], finding: Finding, places: tuple[Place, ...]) -> Question:
    # What blocks cannot be waved through at the desk: it is put right, or the slip asks for it.
    return Question(
        id=finding.id,
        kind=kind,
        severity=finding.severity,
        message=finding.message,
        places=places,
        findings=(finding.id,) if finding.severity is Severity.CONFIRM else (),
    )
