"""What became of each field, paper and fault of a trial: counts that add up over dossiers, and their error bounds.

A field is accepted when no person has to look at it (`read`, or `blank` for an empty place); it is exact when it says
what its truth says after normalisation. Papers are matched to documents by the pages they share. The upper bound on
the share of wrong ones among the accepted is Clopper and Pearson's at 95 %, one-sided: 3/n where none is wrong.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from extractors.fields import FieldStatus
from extractors.text import key as text_key
from extractors.values import letters_agree
from pipeline.record import Severity
from pipeline.trials.found import fate, match, pages_of
from pipeline.trust import Measured, upper_bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.synthesis.forms.paper import FieldTruth, FieldValue
    from pipeline.procedures.schema import Procedure
    from pipeline.record import DocumentRecord, Dossier
    from pipeline.trials.dossiers import TrialDossier

KEY_FIELDS = "(trường khóa)"
ALL_FIELDS = "(tất cả)"


@dataclass(slots=True)
class Tally:
    """Counts of one scan quality; tallies add up."""

    fields: dict[str, Counter[str]] = field(default_factory=dict)
    papers: Counter[str] = field(default_factory=Counter)
    faults: dict[str, Counter[str]] = field(default_factory=dict)
    clean: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    """Why a person had to look, over clean dossiers: rules, and reasons of doubtful fields."""
    wrong: list[dict[str, Any]] = field(default_factory=list)
    """Fields that were accepted and are wrong, or not exact: what to look at."""
    seconds: Counter[str] = field(default_factory=Counter)
    chances: Counter[str] = field(default_factory=Counter)
    """Fields that a limit decides on, by `kind|key field|probability|right`: what limits are earned from."""

    def measured(self) -> list[Measured]:
        """The same, one by one."""
        return [
            Measured(kind, key_field == "1", float(probability), right == "1")
            for said, count in self.chances.items()
            for kind, key_field, probability, right in [said.split("|")]
            for _ in range(count)
        ]

    def judge(self, trial: TrialDossier, dossier: Dossier, procedure: Procedure) -> None:
        """Counts one dossier."""
        self._papers(trial, dossier)
        if trial.planted is None:
            self._fields(trial, dossier, procedure)
            self._clean(dossier)
        else:
            self._fault(trial, dossier)

    def told(self) -> dict[str, Any]:
        """As plain data, to be gone on with."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_told(cls, told: Mapping[str, Any]) -> Self:
        """What `told` gave."""
        return cls(
            fields={kind: Counter(counts) for kind, counts in told["fields"].items()},
            papers=Counter(told["papers"]),
            faults={kind: Counter(counts) for kind, counts in told["faults"].items()},
            clean=Counter(told["clean"]),
            asked=Counter(told["asked"]),
            wrong=list(told["wrong"]),
            seconds=Counter(told["seconds"]),
            chances=Counter(told["chances"]),
        )

    # -- papers ----------------------------------------------------------------------------------------------------

    def _papers(self, trial: TrialDossier, dossier: Dossier) -> None:
        for index, drawn in enumerate(trial.papers):
            pages = pages_of(trial, index)
            document = match(dossier, pages)
            self.papers["papers"] += 1
            self.papers["type_right"] += document is not None and document.type == drawn.type
            self.papers["border_right"] += document is not None and set(document.pages) == set(pages)
            self.papers["order_right"] += document is not None and list(document.pages) == pages

    # -- fields ----------------------------------------------------------------------------------------------------

    def _fields(self, trial: TrialDossier, dossier: Dossier, procedure: Procedure) -> None:
        for index, drawn in enumerate(trial.papers):
            document = match(dossier, pages_of(trial, index))
            schema = procedure.document(drawn.type)
            if schema is None:
                continue
            for key, truth in drawn.truth.items():
                rule = schema.field(key)
                if rule is None or rule.kind in {"ordinal", "table"}:
                    continue
                outcome, said = outcome_of(truth, document, key, drawn.type)
                if (chance := _chance(document, key, drawn.type)) is not None:
                    right = outcome.startswith(("exact", "blank"))
                    self.chances[f"{rule.kind}|{int(rule.key_field)}|{chance:.3f}|{int(right)}"] += 1
                kinds = [rule.kind, ALL_FIELDS] + ([KEY_FIELDS] if rule.key_field else [])
                for kind in kinds:
                    self.fields.setdefault(kind, Counter())[outcome] += 1
                if outcome not in {"exact", "blank"}:
                    self.wrong.append(
                        {"outcome": outcome, "kind": rule.kind, "paper": drawn.type, "key": key, "truth": truth.value,
                         "printed": truth.raw, "read": said, "template": drawn.template, "procedure": trial.procedure,
                         "seed": trial.seed}
                    )  # fmt: skip

    def _clean(self, dossier: Dossier) -> None:
        self.clean["dossiers"] += 1
        loud = [finding for finding in dossier.findings if finding.severity is not Severity.INFO]
        blocks = [finding for finding in loud if finding.severity is Severity.BLOCK]
        doubtful = [f for d in dossier.documents for f in d.fields.values() if f.status is FieldStatus.DOUBTFUL]
        self.clean["blocked"] += bool(blocks)
        self.clean["asked"] += bool(loud)
        self.clean["untouched"] += not loud and not doubtful
        for finding in loud:
            self.wrong.append({"outcome": finding.severity.value, "kind": finding.rule, "paper": "", "key": "",
                               "message": finding.message, "seed": int(dossier.id.rpartition("_")[2]),
                               "procedure": dossier.procedure})  # fmt: skip
            self.asked[f"{finding.severity.value}: {finding.rule}"] += 1
        for one in doubtful:
            self.asked[f"doubtful: {one.reason or 'below_threshold'}"] += 1

    # -- faults ----------------------------------------------------------------------------------------------------

    def _fault(self, trial: TrialDossier, dossier: Dossier) -> None:
        planted = trial.planted
        if planted is None:
            return
        outcome = fate(trial, dossier)
        counts = self.faults.setdefault(planted.kind, Counter())
        counts["planted"] += 1
        counts[outcome] += 1
        if outcome != "found":
            said = [f"{finding.severity.value} {finding.rule}: {finding.message}" for finding in dossier.findings]
            drawn = [paper.template for paper in trial.papers if paper.type == planted.paper]
            self.wrong.append({"outcome": f"fault_{outcome}", "kind": planted.kind, "paper": planted.paper,
                               "key": list(planted.keys), "procedure": trial.procedure, "seed": trial.seed,
                               "template": drawn, "findings": said})  # fmt: skip


def outcome_of(
    truth: FieldTruth, document: DocumentRecord | None, key: str, doc_type: str
) -> tuple[str, FieldValue]:  # fmt: skip
    """What became of a field: `exact`, `blank` (rightly), `wrong`, `exact_asked`, `wrong_asked`, `absent`."""
    one = document.fields.get(key) if document is not None and document.type == doc_type else None
    if one is None:
        return ("blank" if truth.value is None else "absent"), None
    accepted = one.status in {FieldStatus.READ, FieldStatus.BLANK, FieldStatus.CONFIRMED}
    right = one.value is None if truth.value is None else same(truth.value, one.value)
    if truth.value is None and right:
        return ("blank" if accepted else "exact_asked"), one.value
    name = "exact" if right else "wrong"
    return (name if accepted else f"{name}_asked"), one.value


def _chance(document: DocumentRecord | None, key: str, doc_type: str) -> float | None:
    """Probability of a field that a limit accepts or not; None where it is asked about whatever its probability."""
    one = document.fields.get(key) if document is not None and document.type == doc_type else None
    if one is None or one.status is FieldStatus.UNREADABLE:
        return None
    asked = one.status is FieldStatus.DOUBTFUL and one.reason != "below_threshold"
    return None if asked else one.probability


def same(truth: FieldValue, value: FieldValue) -> bool:
    """Whether a value says what the truth says; a day with its hour lost is not the same."""
    if isinstance(truth, str) and isinstance(value, str):
        return text_key(truth) == text_key(value)
    return letters_agree(truth, value)


def rows(fields: Mapping[str, Counter[str]]) -> list[dict[str, Any]]:
    """One row a field kind: how many, exact, accepted, wrong among the accepted with its bound, left to a person."""
    table = []
    for kind, counts in sorted(fields.items(), key=lambda item: (item[0].startswith("("), item[0])):
        total = sum(counts.values())
        right = counts["exact"] + counts["blank"] + counts["exact_asked"]
        accepted = counts["exact"] + counts["blank"] + counts["wrong"]
        table.append(
            {"kind": kind, "fields": total, "exact": right / total, "accepted": accepted / total,
             "wrong_accepted": counts["wrong"], "wrong_share": counts["wrong"] / accepted if accepted else 0.0,
             "upper_95": upper_bound(counts["wrong"], accepted),
             "asked": counts["exact_asked"] + counts["wrong_asked"], "not_found": counts["absent"]}
        )  # fmt: skip
    return table
