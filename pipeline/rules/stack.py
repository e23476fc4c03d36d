"""Findings on the stack as a whole, for every procedure: two requests in it, and one person's number with a slip.

Two papers that each ask for the same kind of thing, for other people, are two dossiers that were scanned together, or
one of two children: a person tells them apart. A number that differs in one digit under the same name, wherever it
stands, is a slip of the pen or of reading (R11), also where no rule of the procedure compares the two places.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from extractors.identifiers import PERSONAL_NUMBER
from extractors.letter_types import letter_types
from extractors.names import same_name
from extractors.text import edit_distance
from extractors.values import letters_agree
from pipeline.record import FieldRef, Finding, Severity
from pipeline.rules.context import Reading, reading_of

if TYPE_CHECKING:
    from pipeline.record import DocumentRecord
    from pipeline.rules.context import RuleContext

_NUMBER, _NAME = "so_dinh_danh", "ho_ten"
_TELLS = frozenset({"name", "id_number"})


def two_requests(context: RuleContext) -> list[Finding]:
    """Two papers of a type that tells the procedure, about other people: perhaps two dossiers in one stack (asks)."""
    letters = {kind.type for kind in letter_types()}
    findings = []
    for doc_type in context.procedure.telling_types:
        papers = list(context.papers(doc_type)) if doc_type not in letters else []
        for first, other in combinations(papers, 2):
            if _about_one(context, first, other):
                continue
            pages = f"trang {first.pages[0]} và trang {other.pages[0]}"
            message = (
                f"Có hai {first.title} ({pages}) nói về những người khác nhau. Nếu là hai hồ sơ quét chung một tập, "
                "hãy tách ra; nếu là một hồ sơ, hãy xác nhận."
            )
            refs = tuple(FieldRef(document=document.id, key="") for document in (first, other))
            findings.append(Finding(rule=context.rule, severity=Severity.CONFIRM, message=message, fields=refs))
    return findings


def _about_one(context: RuleContext, first: DocumentRecord, other: DocumentRecord) -> bool:
    """Whether all names and numbers that both papers have are the same; no, where there is none to compare."""
    compared = [
        letters_agree(first.fields[key].value, other.fields[key].value)
        for key in first.fields
        if context.kind_of(first.type, key) in _TELLS
        and reading_of(first, key) is not None
        and reading_of(other, key) is not None
    ]
    return bool(compared) and all(compared)


def near_numbers(context: RuleContext) -> list[Finding]:
    """R11: one person's number stands in the dossier in two ways that differ in one digit (asks)."""
    said = [
        (name, reading)
        for reading in context.of_kind("id_number")
        if PERSONAL_NUMBER.match(reading.text) and (name := _holder(reading)) is not None
    ]
    findings, told = [], set()
    for (one_name, one), (other_name, other) in combinations(said, 2):
        pair = frozenset({one.text, other.text})
        slip = len(pair) == 2 and edit_distance(one.text, other.text, 1) == 1
        if slip and pair not in told and same_name(one_name.text, other_name.text):
            told.add(pair)
            message = f"Số định danh của “{one_name.text}” khác nhau một chữ số: {one}; {other}. Hãy hỏi lại số đúng."
            findings.append(context.finding(Severity.CONFIRM, message, [one, other]))
    return findings


def _holder(reading: Reading) -> Reading | None:
    """The name that stands beside a number: `me_ho_ten` for `me_so_dinh_danh`, `ho_ten_chu_ho` likewise."""
    return reading_of(reading.document, reading.key.replace(_NUMBER, _NAME)) if _NUMBER in reading.key else None
