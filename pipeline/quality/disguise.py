"""How a value under examination looks to a clerk: as any doubt does, or blank to be keyed from its picture alone.

A sample is shown as the machine read it, with a chance as doubts have; a planted answer with the value chosen for it; a
second or third key without any value, claim or first key. The dossier itself stays as it is: this makes another one,
for the screen. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import FieldStatus
from pipeline.review.rows import ItemPurpose, Target

if TYPE_CHECKING:
    from extractors.fields import FieldValue
    from pipeline.record import Dossier, FieldRecord
    from pipeline.review.rows import Item

SECOND_KEY = "second_key"
"""Reason of an item that is keyed blindly."""
DOUBTED = "below_threshold"
"""Reason that samples and planted answers give, as most doubts do."""


def is_blind(item: Item) -> bool:
    """Whether its clerk keys from the picture alone."""
    return item.purpose is ItemPurpose.SECOND or (item.purpose is ItemPurpose.SAMPLE and item.slot > 1)


def seeming_chance(name: str) -> float:
    """A chance between 0.45 and 0.89, always the same for an item."""
    return round(0.45 + int(name[:4], 16) / 0xFFFF * 0.44, 4)


def disguised(dossier: Dossier, item: Item, planted: FieldValue = None) -> Dossier:
    """The dossier as the item's clerk sees it; `planted` is what a planted answer shows."""
    if item.purpose is ItemPurpose.DOUBT or item.target is not Target.FIELD:
        return dossier

    def changed(field: FieldRecord) -> FieldRecord:
        doubt = {"status": FieldStatus.DOUBTFUL, "probability": seeming_chance(item.id), "reason": DOUBTED}
        if is_blind(item):
            nothing = {"value": None, "raw": "", "claims": (), "details": None}
            hidden = {"status": FieldStatus.UNREADABLE, "probability": 0.0, "reason": SECOND_KEY}
            return field.model_copy(update=nothing | hidden)
        if item.purpose is ItemPurpose.PLANTED:
            shown = {"value": planted, "raw": str(planted), "claims": (), "details": None}
            return field.model_copy(update=shown | doubt)
        return field.model_copy(update=doubt)

    papers = tuple(
        paper.model_copy(update={"fields": {**paper.fields, item.key: changed(paper.fields[item.key])}})
        if paper.id == item.document_id and item.key in paper.fields
        else paper
        for paper in dossier.documents
    )
    return dossier.model_copy(update={"documents": papers})
