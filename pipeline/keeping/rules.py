"""Rules of retention as data: which record is kept how long, by which source, and how sure that is.

An agency's own rules are asked before the packaged ones. The first rule that names the procedure counts, else the first
that names its domain, else the longest that names the type of a paper. A record that no rule names is undecided: it is
kept, and a person has to say for how long. Time is counted from the end of the year in which the work ended.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.keeping.errors import KeepingRulesError

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGED = Path(__file__).parent / "data" / "retention.yaml"


class Rule(BaseModel):
    """One kind of record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern="^[a-z][a-z0-9_]{0,59}$")
    title: str = Field(min_length=1)
    """Vietnamese."""
    procedures: tuple[str, ...] = ()
    """Codes of procedures."""
    domains: tuple[str, ...] = ()
    """Words that the procedure's domain holds, such as `Hộ tịch`."""
    documents: tuple[str, ...] = ()
    """Types of papers."""
    years: int | None = Field(default=None, ge=1, le=200)
    permanent: bool = False
    source: str = Field(min_length=1)
    """The law, decree or circular, in Vietnamese."""
    certainty: Literal["text", "secondary", "agency"] = "agency"
    """`text`: read in the source itself; `secondary`: from what others write of it; `agency`: the agency's own rule."""

    @model_validator(mode="after")
    def _says_how_long(self) -> Self:
        if self.permanent == (self.years is not None):
            raise ValueError(f"{self.id}: years or permanent, one of them")
        if not (self.procedures or self.domains or self.documents):
            raise ValueError(f"{self.id}: names no procedure, domain or document")
        return self

    def last_day(self, ended: date) -> date | None:
        """The last day on which a record is kept whose work ended then; None where it is kept for ever."""
        return None if self.years is None else date(ended.year + self.years, 12, 31)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rules: tuple[Rule, ...] = ()


class Rules(BaseModel):
    """All rules, in the order in which they are asked."""

    model_config = ConfigDict(frozen=True)

    rules: tuple[Rule, ...]

    def of(self, procedure: str | None, domain: str, documents: Iterable[str]) -> Rule | None:
        """The rule that counts for such a record; None where nobody has said."""
        for rule in self.rules:
            if procedure is not None and procedure in rule.procedures:
                return rule
        for rule in self.rules:
            if any(word in domain for word in rule.domains):
                return rule
        types = set(documents)
        named = [rule for rule in self.rules if types & set(rule.documents)]
        return max(named, key=lambda rule: (rule.permanent, rule.years or 0), default=None)


def load_rules(own: Path | None = None) -> Rules:
    """The agency's own rules before the packaged ones. Raises `KeepingRulesError`."""
    first = _read(own) if own is not None else ()
    packaged = _packaged()
    taken = {rule.id for rule in first}
    return Rules(rules=(*first, *(rule for rule in packaged if rule.id not in taken)))


@cache
def _packaged() -> tuple[Rule, ...]:
    return _read(PACKAGED)


def _read(path: Path) -> tuple[Rule, ...]:
    try:
        return _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {}).rules
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise KeepingRulesError(path.name, str(error)) from error
