"""Rules by name: pure functions from a dossier to findings, chosen and parametrised by a procedure's YAML.

The registry is one table; a new rule is a function and a line. An unknown name is told which names there are.
Rules run in the order of the schema; the checklist's findings come first. A rule that breaks stops the stage:
a check that silently did not run would be a false yes.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from pipeline.errors import HosoError
from pipeline.rules import papers, persons, time
from pipeline.rules.context import RuleContext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.procedures.schema import Procedure
    from pipeline.record import ChecklistItem, Dossier, Finding

    Rule = Callable[[RuleContext], list[Finding]]

RULES: Mapping[str, Rule] = {
    "dates_not_future": time.dates_not_future,
    "registration_in_time": time.registration_in_time,
    "words_equal_digits": time.words_equal_digits,
    "parent_age": time.parent_age,
    "card_dates": time.card_dates,
    "papers_agree": persons.papers_agree,
    "child_follows_parents": persons.child_follows_parents,
    "ethnicity_is_not_nationality": persons.ethnicity_is_not_nationality,
    "personal_numbers": persons.personal_numbers,
    "same_person": persons.same_person,
    "one_parent": persons.one_parent,
    "name_spelling": persons.name_spelling,
    "defunct_places": papers.defunct_places,
    "signature_present": papers.signature_present,
    "quality": papers.quality,
    "required_fields": papers.required_fields,
}


class UnknownRuleError(HosoError):
    """A schema names a rule that does not exist."""

    code = "rule_unknown"
    message_vi = "Mô tả thủ tục dùng một luật không có."
    remedy_vi = "Hãy sửa tên luật trong tệp mô tả thủ tục."

    def __init__(self, name: str) -> None:
        near = difflib.get_close_matches(name, RULES, n=3, cutoff=0.5)
        hint = f"gần giống: {', '.join(near)}" if near else f"có: {', '.join(sorted(RULES))}"
        super().__init__(None, f"không có luật `{name}`; {hint}")


def rule_named(name: str) -> Rule:
    """The rule of a name. Raises `UnknownRuleError` listing near names."""
    if name not in RULES:
        raise UnknownRuleError(name)
    return RULES[name]


def run_rules(procedure: Procedure, dossier: Dossier, checklist: tuple[ChecklistItem, ...]) -> list[Finding]:
    """All findings of a procedure's rules on a dossier; today is its day of receipt."""
    findings = papers.from_checklist(checklist)
    for use in procedure.rules:
        rule = rule_named(use.rule)
        context = RuleContext(dossier, procedure, checklist, dossier.received_at.date(), use.params, use.rule)
        findings += rule(context)
    return findings
