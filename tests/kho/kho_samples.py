"""What the tests of the kho work on: the sample letter filed by the product's own stages, and a clerk who agrees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.decisions import Decision
from pipeline.record import Severity, Status

if TYPE_CHECKING:
    from pipeline.composition import House

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True)
class Kho:
    """A house, its filed dossier, and one that waits for a person who has begun to answer."""

    house: House
    filed: str
    waiting: str


def file_letter(house: House) -> str:
    """The sample letter through every stage; a clerk agrees with what is doubtful."""
    received = house.conductor.receive([SAMPLES / "letter"], None)
    dossier = house.conductor.run(received.dossier_id)
    for _ in range(3):
        if dossier.status is Status.FILED:
            return dossier.id
        answers = [
            Decision(kind="confirm", document=document.id, key=key)
            for document in dossier.documents
            for key, field in document.fields.items()
            if field.status.value == "doubtful"
        ]
        answers += [
            Decision(kind="accept_finding", finding=finding.id)
            for finding in dossier.findings
            if finding.severity is not Severity.INFO and finding.confirmed_by is None
        ]
        house.conductor.decide(dossier.id, answers, "thư ký")
        dossier = house.conductor.run(dossier.id, start="validate")
    raise AssertionError(dossier.status)
