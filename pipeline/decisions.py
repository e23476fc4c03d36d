"""A person's answers, laid over what the machine found: append-only, each with who and when.

A decision never changes the reading; it sits above it. The claim of the person wins and all others stay visible.
Applying the same decisions to the same dossier gives the same dossier: nothing here asks a clock or a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from extractors.fields import FieldStatus, FieldValue, Source
from pipeline.catalogue.rows import Decision as Row
from pipeline.record import Claim, DocumentRecord, Dossier, FieldRecord, Finding, Model

if TYPE_CHECKING:
    from collections.abc import Sequence


class Decision(Model):
    """One answer: on a field (`document`, `key`), a finding (`finding`), a component (`key`), or the procedure."""

    kind: Literal["value", "confirm", "unreadable", "blank", "accept_finding", "procedure", "substitute"]
    document: str | None = None
    key: str | None = None
    value: FieldValue = None
    """The right value, for `value`; why, for `unreadable` (`faded`, `torn`, ...); the code, for `procedure`; for
    `substitute` what stands in for the paper, `data_substituted` or `reused`, or None to take it back."""
    finding: str | None = None
    """Id of the finding that the person has looked at and accepts, for `accept_finding`."""
    who: str = ""
    """Filled by the door from the signed-in person, not by the caller."""

    def row(self) -> Row:
        """As the catalogue keeps it: a finding's id takes the key's place, the kind is the note."""
        return Row(
            document=self.document, key=self.key or self.finding or "", value=self.value, who=self.who, note=self.kind
        )

    @classmethod
    def from_row(cls, row: Row) -> Decision:
        """From the catalogue. Raises `pydantic.ValidationError` for a kind this version does not know."""
        finding = row.key if row.note == "accept_finding" else None
        key = None if finding else row.key
        return cls.model_validate(
            {
                "kind": row.note,
                "document": row.document,
                "key": key,
                "value": row.value,
                "finding": finding,
                "who": row.who,
            }
        )


_ELSEWHERE = frozenset({"accept_finding", "procedure", "substitute"})
"""Kinds that are no answer on a field."""


def substitutes(decisions: Sequence[Decision]) -> dict[str, str]:
    """What stands in for papers, by component code; the last word counts."""
    said = {d.key: d.value for d in decisions if d.kind == "substitute" and d.key}
    return {code: value for code, value in said.items() if isinstance(value, str)}


def apply_to_fields(documents: Sequence[DocumentRecord], decisions: Sequence[Decision]) -> tuple[DocumentRecord, ...]:
    """The documents with a person's claims on top; later decisions win over earlier ones."""
    by_field = {(d.document, d.key): d for d in decisions if d.kind not in _ELSEWHERE}
    return tuple(
        document.model_copy(
            update={
                "fields": {
                    key: _decided(field, by_field.get((document.id, key))) for key, field in document.fields.items()
                }
            }
        )
        for document in documents
    )


def apply_to_findings(findings: Sequence[Finding], decisions: Sequence[Decision]) -> tuple[Finding, ...]:
    """The findings, each with who accepted it."""
    accepted = {d.finding: d.who for d in decisions if d.kind == "accept_finding"}
    return tuple(f.model_copy(update={"confirmed_by": accepted[f.id]}) if f.id in accepted else f for f in findings)


def _decided(field: FieldRecord, decision: Decision | None) -> FieldRecord:
    if decision is None:
        return field
    machine = Claim(
        value=field.value,
        raw=field.raw,
        probability=field.probability,
        source=field.source,
        page=field.page,
        box=field.box,
    )
    claims = field.claims or (machine,)
    value = {"value": decision.value, "confirm": field.value}.get(decision.kind)
    status = {"unreadable": FieldStatus.UNREADABLE, "blank": FieldStatus.BLANK}.get(
        decision.kind, FieldStatus.CONFIRMED
    )
    return field.model_copy(
        update={
            "value": value,
            "probability": 1.0,
            "source": Source.PERSON,
            "status": status,
            "reason": _reason(decision) if status is not FieldStatus.CONFIRMED else None,
            "claims": claims,
        }
    )


def _reason(decision: Decision) -> str:
    """Why the person could not read it, where they said."""
    said = decision.value if decision.kind == "unreadable" else None
    return said if isinstance(said, str) and said else "decided_by_person"


def unknown_targets(dossier: Dossier, decisions: Sequence[Decision]) -> list[Decision]:
    """Decisions that point at nothing in this dossier: the caller is told, not silently obeyed."""
    fields = {(document.id, key) for document in dossier.documents for key in document.fields}
    findings = {finding.id for finding in dossier.findings}
    components = {item.component for item in dossier.checklist}

    def known(decision: Decision) -> bool:
        match decision.kind:
            case "procedure":
                return True
            case "accept_finding":
                return decision.finding in findings
            case "substitute":
                return decision.key in components and decision.value in {None, "data_substituted", "reused"}
            case _:
                return (decision.document, decision.key) in fields

    return [decision for decision in decisions if not known(decision)]
