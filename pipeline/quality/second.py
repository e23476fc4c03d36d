"""Second keys: a key field that the machine hardly read is keyed blindly by another person; a third settles.

Asked when a dossier's first keys are all there, before they become decisions. The second person sees the picture and
nothing else; equal keys are settled, different ones go to a holder of REVIEW_LEAD who keyed neither, as blindly, and
whose word counts. What came of it is a case, so that agreement between people is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.catalogue.quality_rows import NewCase
from pipeline.quality.disguise import SECOND_KEY
from pipeline.quality.rows import CaseKind, FieldKind, Verdict
from pipeline.quality.values import same_value
from pipeline.review.asking import kind_of, rule_of
from pipeline.review.rows import ItemPurpose, Target
from pipeline.review.rows import Verdict as Said
from pipeline.review.sealing import unseal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.procedures.schema import Procedure
    from pipeline.record import Dossier
    from pipeline.review.rows import Item, Kept
    from pipeline.tools import Tools

SECOND, THIRD = 2, 3


def same_answer(left: tuple[str, Any], right: tuple[str, Any]) -> bool:
    """Whether two answers, each a verdict and a value, say the same."""
    return left[0] == right[0] and same_value(left[1], right[1])


def said_of(verdict: str, given: Any) -> tuple[str, Any]:
    """An answer so that two can be compared: accepting a value says the same as keying it; without one it is blank."""
    if verdict == Said.UNREADABLE:
        return ("unreadable", None)
    return ("blank", None) if verdict == Said.BLANK or given is None else ("value", given)


class SecondKeys:
    """Asks for second and third keys, and says what counts in the end."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def final(self, dossier_id: str, kept: Sequence[Kept]) -> list[Kept] | None:
        """Of a dossier's answers those that count; None where another key is needed first, which is now asked for."""
        by_slot = {(one.document_id, one.key, one.slot): one for one in kept if one.target is Target.FIELD}
        dossier = self._tools.catalogue.load(dossier_id)
        procedure = None
        if dossier is not None and dossier.procedure:
            procedure = self._tools.procedures().get(dossier.procedure, dossier.received_at.date())
        final: list[Kept] | None = []
        for one in kept:
            if one.purpose != ItemPurpose.DOUBT.value:
                continue
            counts: Kept | None = one
            if dossier is not None and self._needs(one, dossier, procedure):
                place = (one.document_id, one.key)
                second, third = by_slot.get((*place, SECOND)), by_slot.get((*place, THIRD))
                counts = self._settle(one, second, third, dossier, procedure)
            if counts is None:
                final = None
            elif final is not None:
                final.append(counts)
        return final

    def _needs(self, kept: Kept, dossier: Dossier, procedure: Procedure | None) -> bool:
        paper = next((paper for paper in dossier.documents if paper.id == kept.document_id), None)
        if kept.target is not Target.FIELD or paper is None or kept.key not in paper.fields:
            return False
        rule = rule_of(procedure, paper, kept.key)
        if rule is None or not rule.key_field or paper.fields[kept.key].box is None:
            return False
        machine = unseal(self._tools.vault, kept.sealed).get("machine") or {}
        return float(machine.get("probability", 1.0)) < self._tools.settings.quality.second_below

    def _settle(
        self, first: Kept, second: Kept | None, third: Kept | None, dossier: Dossier, procedure: Procedure | None
    ) -> Kept | None:
        door = self._tools.catalogue.quality()
        case = self._case(first, dossier, procedure)
        if second is None:
            door.add(case, SECOND)
            return None
        if same_answer(self._said(first), self._said(second)):
            door.close(case.id, Verdict.RIGHT, who=first.who)
            return first
        if third is None:
            found = door.case(case.id)
            if found is not None:
                door.further(found, THIRD)
            return None
        slipped = not same_answer(self._said(first), self._said(third))
        door.close(case.id, Verdict.WRONG, who=first.who, slipped=slipped)
        return third

    def _said(self, kept: Kept) -> tuple[str, Any]:
        return said_of(kept.verdict.value, unseal(self._tools.vault, kept.sealed).get("given"))

    def _case(self, first: Kept, dossier: Dossier, procedure: Procedure | None) -> NewCase:
        paper = next(paper for paper in dossier.documents if paper.id == first.document_id)
        item = self._item(first)
        agency = dossier.agency or self._tools.settings.agency_code
        return NewCase(
            field=FieldKind(agency, kind_of(procedure, paper, first.key), key_field=True),
            purpose=CaseKind.SECOND,
            dossier_id=dossier.id,
            document_id=first.document_id,
            key=first.key,
            cycle=0,
            reason=SECOND_KEY,
            probability=None,
            lane=item.lane if item else 0,
            position=item.position if item else 0,
        )

    def _item(self, first: Kept) -> Item | None:
        return self._tools.catalogue.review().find(first.item_id)
