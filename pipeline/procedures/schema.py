"""What a procedure is: one YAML file, one frozen object. Unknown words are errors, not surprises.

Components are the papers that a procedure asks for; each names the document types that fill it.
Fields belong to document types, so that two procedures that take the same paper read it alike.
Rules are names with parameters; `pipeline.rules` knows what they do. Dates are whole days, Vietnamese time.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from extractors.fields import FieldSpec
from extractors.identifiers import COMPONENT_CODE, RESULT_CODE
from extractors.values import KINDS


class Part(BaseModel):
    """Base of all parts of a schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldRule(Part):
    """A field of a document type: what to look for, and how sure one must be."""

    key: str = Field(pattern=r"^_?[a-z][a-z0-9_]{0,60}$")
    """Key in the record; one that starts with `_` only marks where another value ends."""
    label: str
    """Vietnamese label for people."""
    spellings: tuple[str, ...] = ()
    """Printed labels on the paper, the most usual first; the label itself where none is given."""
    section: tuple[str, ...] = ()
    """Printed headings under which the label stands."""
    kind: str = "text"
    required: bool = False
    key_field: bool = False
    """Identifies a person or an event: held to the higher accuracy."""
    choices: tuple[str, ...] = ()

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"kind `{kind}` is unknown; one of {', '.join(sorted(KINDS))}")
        return kind

    def spec(self) -> FieldSpec:
        """What an extractor is asked for."""
        return FieldSpec(self.key, self.spellings or (self.label,), self.kind, self.section, self.choices)


class DocumentSchema(Part):
    """A document type and its fields."""

    type: str
    name: str
    fields: tuple[FieldRule, ...] = ()

    @model_validator(mode="after")
    def _keys_once(self) -> DocumentSchema:
        seen: set[str] = set()
        for rule in self.fields:
            if rule.key in seen:
                raise ValueError(f"field `{rule.key}` of `{self.type}` is listed twice")
            seen.add(rule.key)
        return self

    def field(self, key: str) -> FieldRule | None:
        """The field with this key."""
        return next((rule for rule in self.fields if rule.key == key), None)


class Component(Part):
    """A paper that a procedure asks for."""

    code: str
    name: str
    required: Literal["always", "conditional", "presented"] = "always"
    """`presented` papers are shown, not filed, and only where the databases do not hold their data."""
    types: tuple[str, ...]
    """Document types that fill it; any one does."""
    instead_of: str | None = None
    """Code of the component that this one may stand in for."""
    condition: str = ""
    """Vietnamese: when a conditional paper is needed."""

    @field_validator("code")
    @classmethod
    def _form(cls, code: str) -> str:
        if not COMPONENT_CODE.match(code):
            raise ValueError(f"component code `{code}` is not of the form 000.00.00.G15-KQ003204")
        return code


class RuleUse(Part):
    """A rule by name, with its parameters."""

    rule: str
    params: dict[str, Any] = {}


class TimeLimit(Part):
    """How long the authority may take."""

    working_days: int = Field(ge=0)
    cutoff: str | None = Field(default=None, pattern=r"^\d{2}:\d{2}$")
    """Received after this time of day, the result is due on the next working day."""
    note: str = ""


class Fee(Part):
    """What it costs."""

    amount_vnd: int | None = Field(default=None, ge=0)
    """None where a province decides it."""
    note: str = ""


class Procedure(Part):
    """One version of one procedure."""

    code: str = Field(pattern=r"^(\d\.\d{6}|[a-z][a-z0-9_]{2,40})$")
    """National code such as 1.001193, or a name of our own in small letters where there is no national one."""
    name: str
    version: str
    effective_from: date
    effective_to: date | None = None
    """Last day of this version; None while it is in force."""
    basis: tuple[str, ...] = ()
    detect: tuple[str, ...]
    """Document types that by themselves tell that this procedure is meant."""
    components: tuple[Component, ...]
    documents: tuple[DocumentSchema, ...]
    rules: tuple[RuleUse, ...] = ()
    agreements: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Groups of (document type, field key) that state the same fact; readings that agree support each other."""
    time_limit: TimeLimit | None = None
    fee: Fee | None = None
    result_code: str | None = None
    result_name: str = ""

    @model_validator(mode="after")
    def _agreements_exist(self) -> Procedure:
        for agreement in self.agreements:
            for doc_type, key in agreement:
                described = self.document(doc_type)
                if described is None or described.field(key) is None:
                    raise ValueError(f"agreements name field `{key}` of `{doc_type}`, which is not described")
        return self

    @field_validator("result_code")
    @classmethod
    def _result_form(cls, code: str | None) -> str | None:
        if code is not None and not RESULT_CODE.match(code):
            raise ValueError(f"result code `{code}` is not of the form KQ.G15.000031")
        return code

    @model_validator(mode="after")
    def _hangs_together(self) -> Procedure:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError("effective_to lies before effective_from")
        codes = [component.code for component in self.components]
        if len(codes) != len(set(codes)):
            raise ValueError("a component code is listed twice")
        for component in self.components:
            if component.instead_of and component.instead_of not in codes:
                raise ValueError(f"component {component.code} stands in for unknown {component.instead_of}")
        types = [document.type for document in self.documents]
        if len(types) != len(set(types)):
            raise ValueError("a document type is described twice")
        return self

    def document(self, doc_type: str) -> DocumentSchema | None:
        """The description of a document type."""
        return next((document for document in self.documents if document.type == doc_type), None)

    def component_of(self, doc_type: str) -> Component | None:
        """The first component that a document type fills."""
        return next((component for component in self.components if doc_type in component.types), None)

    def in_force(self, on: date) -> bool:
        """Whether this version counts on a day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
