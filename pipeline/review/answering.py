"""From what a clerk said to what is kept, and from what was kept to a decision of the dossier.

What is kept holds what was shown (the machine's value, its chance, the candidates) and what was keyed, sealed, so that
quality can be measured later without asking the dossier, which has moved on by then. Pure but for the vault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.decisions import Decision
from pipeline.review.errors import EmptyAnswerError, UnknownItemError
from pipeline.review.keyed import is_blank, value_of
from pipeline.review.rows import Answer, Kept, Target, Verdict
from pipeline.review.sealing import seal, unseal
from pipeline.review.showing import choices_of

if TYPE_CHECKING:
    from extractors.fields import FieldValue
    from pipeline.procedures.schema import Procedure
    from pipeline.record import Dossier, FieldRecord
    from pipeline.review.rows import Item
    from pipeline.review.shown import Part, Said, ShownItem
    from pipeline.vault.vault import Vault


def answer_of(
    said: Said, item: Item, shown: ShownItem, dossier: Dossier, *, procedure: Procedure | None, vault: Vault
) -> Answer:
    """What to keep of an act. Raises `KeyedError`, `EmptyAnswerError`, `UnknownItemError`."""
    part = shown.parts[said.part] if said.part < len(shown.parts) else None
    field = _field(dossier, part)
    given: FieldValue = None
    changed = False
    match said.verdict:
        case Verdict.ACCEPT if item.target is Target.FIELD:
            if field is None or (field.value is None and not is_blank(field.value, field.status)):
                raise EmptyAnswerError(dossier.id)
            given = field.value
        case Verdict.CORRECT:
            if part is None or field is None:
                raise UnknownItemError(dossier.id)
            paper = next(paper for paper in dossier.documents if paper.id == part.document)
            given = value_of(said.text, part.kind, field.value, choices_of(procedure, paper, part.key))
            if given is None:
                raise EmptyAnswerError(dossier.id)
            changed = given != field.value
        case Verdict.BLANK | Verdict.UNREADABLE:
            changed = field is not None and field.value is not None
        case Verdict.ASK if not said.text.strip():
            raise EmptyAnswerError(dossier.id)
        case _:
            pass
    content: dict[str, Any] = {
        "machine": None if field is None else _machine(field),
        "candidates": [] if part is None else [one.text for one in part.candidates],
        "given": given,
        "typed": said.text,
        "label": shown.message or (part.label if part else ""),
    }
    if part is not None:
        content["part"] = [part.document, part.key]
    return Answer(
        item=item.id,
        revision=said.revision,
        verdict=said.verdict,
        changed=changed,
        sealed=seal(vault, dossier.id, content),
        why=said.why if said.verdict is Verdict.UNREADABLE else None,
        ms=said.ms,
        keys=said.keys,
    )


def decision_of(kept: Kept, vault: Vault) -> Decision:
    """The decision that an answer is."""
    content = unseal(vault, kept.sealed)
    if kept.target is Target.FINDING and kept.verdict is Verdict.ACCEPT:
        return Decision(kind="accept_finding", finding=kept.key)
    document, key = content.get("part") or (kept.document_id, kept.key)
    match kept.verdict:
        case Verdict.ACCEPT if content["given"] is None:
            return Decision(kind="blank", document=document, key=key)
        case Verdict.ACCEPT:
            return Decision(kind="confirm", document=document, key=key)
        case Verdict.CORRECT:
            return Decision(kind="value", document=document, key=key, value=content["given"])
        case Verdict.BLANK:
            return Decision(kind="blank", document=document, key=key)
        case _:
            return Decision(kind="unreadable", document=document, key=key, value=kept.why)


def _field(dossier: Dossier, part: Part | None) -> FieldRecord | None:
    if part is None:
        return None
    return next((paper.fields.get(part.key) for paper in dossier.documents if paper.id == part.document), None)


def _machine(field: FieldRecord) -> dict[str, Any]:
    return {
        "value": field.value,
        "raw": field.raw,
        "probability": field.probability,
        "status": field.status.value,
        "source": field.source.value,
        "claims": [claim.model_dump(mode="json") for claim in field.claims],
    }
