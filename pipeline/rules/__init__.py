"""Rules by name: pure functions from a dossier to findings, chosen and parametrised by a procedure's YAML.

The registry is one table; a new rule is a function, a model of its parameters and a line. An unknown name is told
which names there are. Rules run in the order of the schema; the checklist's findings come first. A rule that breaks
stops the stage: a check that silently did not run would be a false yes.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from pipeline.errors import HosoError
from pipeline.record import Severity
from pipeline.rules import ages, consents, identity, papers, persons, requests, stack, time
from pipeline.rules.context import KnownFacts, RuleContext
from pipeline.rules.parameters import NoParams, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.procedures.schema import Procedure
    from pipeline.record import ChecklistItem, Dossier, Finding

_BLOCK, _ASK, _TELL = Severity.BLOCK, Severity.CONFIRM, Severity.INFO

RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("dates_not_future", "R1", time.dates_not_future, time.DatesNotFuture, (_BLOCK,)),
        Rule("registration_in_time", "R2", time.registration_in_time, time.RegistrationInTime, (_BLOCK, _ASK)),
        Rule("words_equal_digits", "R3", time.words_equal_digits, time.WordsEqualDigits, (_BLOCK, _ASK)),
        Rule("parent_age", "R4", time.parent_age, time.ParentAge, (_BLOCK, _ASK)),
        Rule("papers_agree", "R5", persons.papers_agree, persons.PapersAgree, (_BLOCK, _ASK, _TELL)),
        Rule("child_follows_parents", "R6", persons.child_follows_parents, persons.ChildFollowsParents, (_ASK,)),
        Rule("ethnicity_is_not_nationality", "R7", persons.ethnicity_is_not_nationality, NoParams, (_BLOCK,)),
        Rule("marriage_ages", "R8", ages.marriage_ages, ages.MarriageAges, (_BLOCK, _ASK)),
        Rule("death_dates", "R9", ages.death_dates, ages.DeathDates, (_BLOCK, _ASK)),
        Rule("personal_numbers", "R10", persons.personal_numbers, NoParams, (_BLOCK, _ASK)),
        Rule("same_person", "R11", identity.same_person, identity.SamePerson, (_BLOCK, _ASK)),
        Rule("card_dates", "R12", time.card_dates, time.CardDates, (_BLOCK, _ASK)),
        Rule("defunct_places", "R13", papers.defunct_places, papers.DefunctPlaces, (_BLOCK, _ASK)),
        Rule("deceased_parent", "R14", ages.deceased_parent, ages.DeceasedParent, (_TELL,)),
        Rule("one_parent", "R15", persons.one_parent, persons.OneParent, (_BLOCK, _ASK)),
        Rule("signature_present", "R16", consents.signature_present, consents.SignaturePresent, (_ASK,)),
        Rule("consent_present", "R16", consents.consent_present, consents.ConsentPresent, (_BLOCK, _ASK, _TELL)),
        Rule(
            "authorization_certified",
            "R17",
            consents.authorization_certified,
            consents.AuthorizationCertified,
            (_ASK,),
        ),
        Rule(
            "foreign_paper_legalised",
            "R18",
            consents.foreign_paper_legalised,
            consents.ForeignPaperLegalised,
            (_ASK, _TELL),
        ),
        Rule("quality", "R19", papers.quality, NoParams, (_ASK,)),
        Rule("duplicate_request", "R20", requests.duplicate_request, requests.DuplicateRequest, (_BLOCK, _ASK)),
        Rule("paper_age", "R21", time.paper_age, time.PaperAge, (_ASK,)),
        Rule("name_spelling", "R22", persons.name_spelling, NoParams, (_TELL,)),
        Rule(
            "result_equals_dossier", "R23", requests.result_equals_dossier, requests.ResultEqualsDossier, (_BLOCK, _ASK)
        ),
        Rule("required_fields", "", papers.required_fields, NoParams, (_ASK,)),
    )
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
    """The rule of a name; `.check(params, procedure)` tells what is wrong with parameters, one sentence each.

    Raises `UnknownRuleError` listing near names.
    """
    if name not in RULES:
        raise UnknownRuleError(name)
    return RULES[name]


def run_rules(
    procedure: Procedure, dossier: Dossier, checklist: tuple[ChecklistItem, ...], known: KnownFacts | None = None
) -> list[Finding]:
    """All findings of a procedure's rules on a dossier; today is its day of receipt.

    `known` holds what the stage asked the catalogue for (`requests_of` says what to ask); none: nothing is known.
    """

    def seen_by(name: str) -> RuleContext:
        return RuleContext(dossier, procedure, checklist, dossier.received_at.date(), name, known or KnownFacts())

    findings = papers.from_checklist(checklist) + stack.two_requests(seen_by("two_requests"))
    for use in procedure.rules:
        findings += rule_named(use.rule)(seen_by(use.rule), use.params)
    slips = stack.near_numbers(seen_by("near_numbers"))
    return papers.said_once(findings + not_told(slips, findings), checklist)


def not_told(slips: list[Finding], findings: list[Finding]) -> list[Finding]:
    """The slips that no rule of the procedure has told already: `same_person` names papers and persons, too."""
    told = [frozenset((ref.document, ref.key) for ref in f.fields) for f in findings if f.rule == "same_person"]
    return [f for f in slips if not any({(r.document, r.key) for r in f.fields} <= places for places in told)]


def requests_of(procedure: Procedure, dossier: Dossier) -> list[requests.Asked]:
    """What a dossier asks for, by its `duplicate_request` rules: the stage asks the catalogue who asked before."""
    return [
        asked
        for use in procedure.rules
        if use.rule == "duplicate_request"
        for asked in requests.asked_for(dossier, requests.DuplicateRequest.model_validate(use.params))
    ]
