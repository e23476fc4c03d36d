"""What the citizen's own screen asks: the items of the request as they were read, one answer each, nothing else.

Only the paper by which the citizen asks is shown: other papers may speak of other people. An answer holds for the value
that was on the screen; where the value changes, the item is asked again. The citizen's word changes no field: it is
shown to the officer, who looks at the paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from extractors.fields import FieldStatus
from pipeline.catalogue.desk_door import hashed
from pipeline.checklist import vietnamese_date
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pipeline.catalogue.desk_door import Answer
    from pipeline.record import DocumentRecord, Dossier

_SHOWN = {FieldStatus.READ, FieldStatus.CONFIRMED, FieldStatus.DOUBTFUL}
_NOT_ASKED = {"kinh_gui", "noi_lap", "ngay_lap"}
"""Facts of the paper, not of the citizen."""


class Item(Model):
    """One thing to confirm."""

    document: str
    key: str
    label: str
    value: str
    shown: str
    """SHA-256 of the value: goes back with the answer."""
    answer: Literal["right", "wrong", ""] = ""


def items_of(dossier: Dossier, telling: Collection[str], answers: Iterable[Answer]) -> list[Item]:
    """The items of the request; `telling` are the types of paper by which the procedure is asked for."""
    paper = _request(dossier.documents, telling)
    if paper is None:
        return []
    said = {(one.document, one.key, one.shown): one.right for one in answers}
    found = []
    for key, field in paper.fields.items():
        if field.status not in _SHOWN or key in _NOT_ASKED or isinstance(field.value, bool) or field.value is None:
            continue
        value = " / ".join(field.value) if isinstance(field.value, list) else str(field.value)
        if not value:
            continue
        shown = hashed(value)
        right = said.get((paper.id, key, shown))
        found.append(
            Item(
                document=paper.id,
                key=key,
                label=field.label or key,
                value=_spoken(value),
                shown=shown,
                answer="" if right is None else "right" if right else "wrong",
            )
        )
    return found


def disputed(items: Iterable[Item]) -> list[Item]:
    """What the citizen says is not right."""
    return [item for item in items if item.answer == "wrong"]


def _request(documents: Iterable[DocumentRecord], telling: Collection[str]) -> DocumentRecord | None:
    papers = list(documents)
    return next((paper for paper in papers if paper.type in telling), papers[0] if len(papers) == 1 else None)


def _spoken(value: str) -> str:
    return vietnamese_date(value) if len(value) == 10 and value[4:5] == "-" == value[7:8] else value
