"""A clerk who agrees with everything: for tests of what comes after a person has decided."""

from extractors.fields import FieldStatus
from pipeline.composition import House
from pipeline.decisions import Decision
from pipeline.record import Dossier, Severity


def settle(house: House, dossier: Dossier) -> Dossier:
    """What a clerk would do who agrees with everything: confirm each doubtful field and each open finding."""
    decisions = [
        Decision(kind="confirm", document=document.id, key=key)
        for document in dossier.documents
        for key, field in document.fields.items()
        if field.status is FieldStatus.DOUBTFUL
    ]
    house.conductor.decide(dossier.id, decisions, "thư ký")
    dossier = house.conductor.run(dossier.id, start="validate")
    accepted = [
        Decision(kind="accept_finding", finding=finding.id)
        for finding in dossier.findings
        if finding.severity is not Severity.INFO and finding.confirmed_by is None
    ]
    if accepted:
        house.conductor.decide(dossier.id, accepted, "thư ký")
        dossier = house.conductor.run(dossier.id, start="validate")
    return dossier
