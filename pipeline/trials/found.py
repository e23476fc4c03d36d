"""What became of a planted fault: found, asked about, or missed. Strict, so that luck does not count as skill.

Found: a rule that ought to find it speaks up (blocks or asks) and points at a field that the fault is in; for a paper
that is not there or no longer counts, the checklist says so of that very component or paper. Asked: the field itself,
or the paper, was put to a person for another reason. Sheets that lay wrongly are found where they were put right.
A finding on something else in the same dossier never counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from extractors.doctypes import UNKNOWN
from extractors.fields import FieldStatus
from pipeline.record import ComponentState, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import DocumentRecord, Dossier
    from pipeline.trials.dossiers import Planted, TrialDossier

Fate = Literal["found", "asked", "missed"]
_STATES = {"unsigned": ComponentState.UNSIGNED, "unsealed": ComponentState.UNSEALED,
           "expired_card": ComponentState.EXPIRED}  # fmt: skip


def fate(trial: TrialDossier, dossier: Dossier) -> Fate:
    """What became of the fault that `trial` bears; a dossier without one is an error."""
    planted = trial.planted
    if planted is None:
        raise ValueError("nothing was planted")
    if planted.kind == "swapped_pages":
        return _order(trial, dossier)
    if planted.kind == "missing_paper":
        states = {item.state for item in dossier.checklist if item.component == planted.component}
        if ComponentState.MISSING in states:
            return "found"
        return "asked" if ComponentState.CANNOT_TELL in states else "missed"
    if _ruled(planted, dossier) or _listed(planted, dossier):
        return "found"
    return "asked" if _doubted(planted, dossier) else "missed"


def _ruled(planted: Planted, dossier: Dossier) -> bool:
    loud = [f for f in dossier.findings if f.severity is not Severity.INFO and f.rule in planted.rules]
    return any(not planted.keys or ref.key in planted.keys for finding in loud for ref in finding.fields)


def _listed(planted: Planted, dossier: Dossier) -> bool:
    state = _STATES.get(planted.kind)
    papers = {document.id for document in dossier.documents if document.type == planted.paper}
    return any(item.state is state and item.document in papers for item in dossier.checklist)


def _doubted(planted: Planted, dossier: Dossier) -> bool:
    loud = [finding for finding in dossier.findings if finding.severity is not Severity.INFO]
    if any(ref.key in planted.keys for finding in loud for ref in finding.fields):
        return True
    doubtful = {FieldStatus.DOUBTFUL, FieldStatus.UNREADABLE}
    return any(
        (field := document.fields.get(key)) is not None and field.status in doubtful
        for document in dossier.documents
        for key in planted.keys
        if not planted.paper or document.type == planted.paper
    )


def _order(trial: TrialDossier, dossier: Dossier) -> Fate:
    right = all(
        (document := match(dossier, pages)) is not None and list(document.pages) == pages
        for pages in (pages_of(trial, index) for index in range(len(trial.papers)))
    )
    if right:
        return "found"
    asked = any(document.type == UNKNOWN for document in dossier.documents)
    return "asked" if asked or any(f.rule == "page_order" for f in dossier.findings) else "missed"


def pages_of(trial: TrialDossier, index: int) -> list[int]:
    """The dossier's page numbers of one paper, in the paper's own order."""
    places = [(page, number) for number, (paper, page) in enumerate(trial.stack, start=1) if paper == index]
    return [number for _, number in sorted(places)]


def match(dossier: Dossier, pages: Iterable[int]) -> DocumentRecord | None:
    """The document that shares most pages with a paper; None where none shares any."""
    wanted = set(pages)
    shared = [(len(wanted & set(document.pages)), -len(document.pages), document) for document in dossier.documents]
    best = max(shared, key=lambda entry: entry[:2], default=None)
    return best[2] if best is not None and best[0] else None
