"""What the papers of a dossier say of their owners: pure, from the record alone.

Which person of a paper is its owner is data (`data/owners.yaml`). A claim is a name with, where the paper has one, a
personal number and a day of birth, each as read and how sure that is. A paper that names its owner without a number
takes the number from another paper of the dossier that names the same person, letter by letter, born the same day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from extractors.fields import FieldStatus
from extractors.names import same_name
from extractors.text import nfc
from pipeline.checklist import SURE_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.record import DocumentRecord, Dossier, FieldRecord

_SURE = frozenset({FieldStatus.READ, FieldStatus.CONFIRMED})
_SAID = _SURE | {FieldStatus.DOUBTFUL}
_DATA = Path(__file__).with_name("data") / "owners.yaml"
PLAIN = "-"


class OwnerRule(BaseModel):
    """Whose a paper of one type is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    owners: tuple[str, ...] = ()
    """Prefixes of the persons who own it; `-` is none."""
    first_only: bool = False
    """Only the first of them who is named."""
    organisation: str = ""
    """Key of the field that names an organisation."""
    permanent: bool = False
    """Whether it counts for ever."""
    request: bool = False
    """A declaration: each dossier has its own, and it never stands in for another."""
    presented: bool = False


class OwnerRules(BaseModel):
    """The whole table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: tuple[str, ...]
    types: dict[str, OwnerRule] = Field(default_factory=dict)

    def of(self, doc_type: str) -> OwnerRule:
        """The rule of a type; the first person named where it has none of its own."""
        rule = self.types.get(doc_type) or OwnerRule()
        return (
            rule
            if rule.owners or rule.organisation
            else rule.model_copy(update={"owners": self.first, "first_only": True})
        )


def load_rules(own: Path | None = None) -> OwnerRules:
    """The packaged table with an agency's own on top. Raises `ValueError`, `OSError`."""
    return _loaded(own)


@cache
def _loaded(own: Path | None) -> OwnerRules:
    packaged: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    if own is not None:
        changes = yaml.safe_load(own.read_text(encoding="utf-8")) or {}
        packaged["types"] |= changes.pop("types", {})
        packaged |= changes
    return OwnerRules.model_validate(packaged)


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody whom a paper names as its owner."""

    kind: str
    """`citizen` or `organisation`."""
    name: str
    number: str | None
    """Twelve digits, or None where the paper has none that can be used."""
    born: str | None
    """ISO 8601; may be a year only."""
    confidence: float
    """Chance that name, number and type of the paper are all right."""
    sure: bool
    """Whether name and number were accepted, by their probability or by a person, on a paper of known type."""
    reason: str = ""
    """Why not sure, or where the number comes from: `no_number`, `doubtful`, `same_dossier`."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A paper with one of its owners; `claim` is None where it names nobody."""

    document: DocumentRecord
    rule: OwnerRule
    claim: Claim | None


def claims(dossier: Dossier, rules: OwnerRules) -> list[Claimed]:
    """One entry for each paper and owner, in the dossier's order; a paper that names nobody has one, too."""
    found: list[Claimed] = []
    persons: list[Claim] = []
    for document in dossier.documents:
        rule = rules.of(document.type)
        said = list(_said(document, rule))
        persons += [person for person in _persons(document) if person.number is not None]
        found += [Claimed(document, rule, claim) for claim in said] or [Claimed(document, rule, None)]
    return [replace(one, claim=_completed(one.claim, persons)) if one.claim else one for one in found]


def text_of(field: FieldRecord | None) -> str:
    """What a field says as one text; empty where it says nothing."""
    if field is None or field.value is None or isinstance(field.value, bool) or field.status not in _SAID:
        return ""
    return nfc(" ".join(field.value) if isinstance(field.value, list) else str(field.value))


def _said(document: DocumentRecord, rule: OwnerRule) -> Iterator[Claim]:
    if rule.organisation:
        field = document.fields.get(rule.organisation)
        if field is not None and (name := text_of(field)):
            sure = field.status in _SURE and document.probability >= SURE_TYPE
            yield Claim("organisation", name, None, None, field.probability * document.probability, sure)
        return
    for prefix in rule.owners:
        claim = _person(document, "" if prefix == PLAIN else f"{prefix}_")
        if claim is not None:
            yield claim
            if rule.first_only:
                return


def _persons(document: DocumentRecord) -> Iterator[Claim]:
    """Everybody whom a paper names, its owner or not."""
    for key in document.fields:
        if key == "ho_ten" or (key.endswith("_ho_ten") and "." not in key):
            claim = _person(document, key.removesuffix("ho_ten"))
            if claim is not None:
                yield claim


def _person(document: DocumentRecord, prefix: str) -> Claim | None:
    fields: Mapping[str, FieldRecord] = document.fields
    name_field, number_field = fields.get(f"{prefix}ho_ten"), fields.get(f"{prefix}so_dinh_danh")
    name = text_of(name_field)
    if name_field is None or not name:
        return None
    digits = text_of(number_field)
    number = digits if len(digits) == 12 and digits.isascii() and digits.isdigit() else None
    born = text_of(fields.get(f"{prefix}ngay_sinh")).split("T")[0] or None
    asked = [name_field, number_field] if number_field is not None and number else [name_field]
    confidence = document.probability
    for field in asked:
        confidence *= field.probability
    accepted = all(field.status in _SURE for field in asked) and document.probability >= SURE_TYPE
    reason = "doubtful" if not accepted else "no_number" if number is None else ""
    return Claim("citizen", name, number, born, confidence, accepted and number is not None, reason)


def _completed(claim: Claim, persons: Sequence[Claim]) -> Claim:
    """With the number that another paper here gives the same person: the same letters, born the same whole day."""
    if claim.reason != "no_number" or claim.born is None or len(claim.born) != 10:
        return claim
    same = {
        person.number: person
        for person in persons
        if person.sure and person.born == claim.born and same_name(person.name, claim.name)
    }
    if len(same) != 1:
        return claim
    number, person = next(iter(same.items()))
    confidence = min(claim.confidence, person.confidence)
    return replace(claim, number=number, confidence=confidence, sure=True, reason="same_dossier")
