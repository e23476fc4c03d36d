"""What a rule sees, and how it speaks: fields of papers, the day of receipt, its parameters; findings in Vietnamese.

A rule is a pure function `rule(context) -> list[Finding]`. It never asks a clock: today is the day of receipt.
A field that is blank, unreadable or missing gives no verdict: other rules report that. A doubtful reading never
blocks by itself: what would block is then put to a person (`Context.finding` lowers the severity).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus
from pipeline.checklist import SURE_TYPE, vietnamese_date
from pipeline.record import FieldRef, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.procedures.schema import Procedure
    from pipeline.record import ChecklistItem, DocumentRecord, Dossier, FieldRecord

SILENT = frozenset({FieldStatus.BLANK, FieldStatus.UNREADABLE})


@dataclass(frozen=True, slots=True)
class Reading:
    """A field that says something, with the paper it stands on."""

    document: DocumentRecord
    key: str
    field: FieldRecord

    @property
    def text(self) -> str:
        """The value as text."""
        value = self.field.value
        return " ".join(value) if isinstance(value, list) else "" if value is None else str(value)

    @property
    def sure(self) -> bool:
        """Whether the value was accepted, by its probability or by a person, on a paper of known type."""
        accepted = self.field.status in {FieldStatus.READ, FieldStatus.CONFIRMED}
        return accepted and self.document.probability >= SURE_TYPE

    @property
    def day(self) -> date | None:
        """The day that the value names, whole; None for partial dates and other values."""
        try:
            return date.fromisoformat(self.text.split("T")[0]) if len(self.text) >= 10 else None
        except ValueError:
            return None

    @property
    def shown(self) -> str:
        """The value for people: dates day first; of a personal number the last three digits only."""
        if re.fullmatch(r"\d{9}|\d{12}", self.text):
            return f"…{self.text[-3:]}"
        day, _, clock = self.text.partition("T")
        if not is_iso(day):
            return self.text
        return f"{clock} {vietnamese_date(day)}".strip()

    def __str__(self) -> str:
        """`Giấy chứng sinh (trang 2) ghi “12/03/2026”`."""
        return f"{self.document.title} (trang {self.field.page}) ghi “{self.shown}”"


def is_iso(text: str) -> bool:
    """Whether a text is an ISO date, whole or to the month."""
    parts = text.split("-")
    return len(parts) in {2, 3} and all(part.isdigit() for part in parts) and len(parts[0]) == 4


def reading_of(document: DocumentRecord, key: str) -> Reading | None:
    """What a paper says on a key; None where it is blank, unreadable or not there."""
    said = document.fields.get(key)
    if said is None or said.value is None or said.status in SILENT:
        return None
    return Reading(document, key, said)


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What is known beyond the dossier, asked by the stage before the rules run: rules themselves ask nobody."""

    requests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fingerprint of a request (`requests.fingerprint`) to the ids of other dossiers that made it."""
    same_files: frozenset[str] = frozenset()
    """Ids of those among them whose originals are the very same files: the same paper scanned in or sent twice."""


@dataclass(frozen=True, slots=True)
class RuleContext:
    """All that a rule may look at."""

    dossier: Dossier
    procedure: Procedure
    checklist: tuple[ChecklistItem, ...]
    today: date
    """Day of receipt."""
    rule: str = ""
    known: KnownFacts = field(default_factory=KnownFacts)

    def papers(self, doc_type: str) -> Iterator[DocumentRecord]:
        """Papers of a type."""
        return (document for document in self.dossier.documents if document.type == doc_type)

    def has(self, doc_type: str) -> bool:
        """Whether the dossier holds a paper of a type."""
        return any(True for _ in self.papers(doc_type))

    def readings(self, doc_type: str, key: str) -> list[Reading]:
        """What the papers of a type say on a key; blank and unreadable places say nothing."""
        said = (reading_of(document, key) for document in self.papers(doc_type))
        return [reading for reading in said if reading is not None]

    def reading(self, doc_type: str, key: str) -> Reading | None:
        """The first paper's reading."""
        return next(iter(self.readings(doc_type, key)), None)

    def kind_of(self, doc_type: str, key: str) -> str:
        """The kind that the schema gives a field; empty where it has none."""
        schema = self.procedure.document(doc_type)
        rule = schema.field(key) if schema else None
        return rule.kind if rule else ""

    def of_kind(self, *kinds: str) -> Iterator[Reading]:
        """All readings whose field is of one of these kinds."""
        for document in self.dossier.documents:
            for key in document.fields:
                reading = reading_of(document, key)
                if reading is not None and self.kind_of(document.type, key) in kinds:
                    yield reading

    def finding(self, severity: Severity, message: str, readings: Sequence[Reading] = ()) -> Finding:
        """A finding on some readings; what would block on a doubtful reading is put to a person instead."""
        if severity is Severity.BLOCK and any(not reading.sure for reading in readings):
            severity = Severity.CONFIRM
            message += " Có chỗ đọc chưa chắc; hãy đối chiếu với ảnh."
        refs = tuple(FieldRef(document=reading.document.id, key=reading.key) for reading in readings)
        return Finding(rule=self.rule, severity=severity, message=message, fields=refs)
