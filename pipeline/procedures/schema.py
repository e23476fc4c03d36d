"""What a procedure is: one YAML file, one frozen object. Unknown words are errors, not surprises.

Components are the papers that a procedure asks for; each names the document types that fill it.
Fields belong to document types (`paper.py`), so that two procedures that take the same paper read it alike.
Rules are names with parameters; `pipeline.rules` knows what they do. Dates are whole days, Vietnamese time.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from extractors.identifiers import COMPONENT_CODE, RESULT_CODE
from pipeline.procedures.paper import KEY, TYPE, DocumentSchema, FieldRule, Mark, Part, Validity
from pipeline.procedures.terms import Fee, ResultPaper, StepSigners, TimeLimit, When

__all__ = ["Component", "DocumentSchema", "FieldRule", "Procedure", "RuleUse", "Telling"]


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
    when: When | None = None
    """The same as data, where a field of the dossier decides it."""
    form: Literal["original", "copy", "certified_copy", "original_or_certified_copy", "any"] = "any"
    """What is handed in."""
    originals: int = Field(default=0, ge=0)
    copies: int = Field(default=0, ge=0)
    """How many of each, as the portal counts them."""
    accept: tuple[Literal["paper", "data_substituted", "reused"], ...] = ("paper",)
    """`data_substituted`: data of a database replaces it; `reused`: a copy from the citizen's store does."""
    data_source: str = ""
    """Vietnamese: the database that may replace it."""
    validity: Validity | None = None
    """Where this procedure sets another time than the paper itself."""
    marks: tuple[Mark, ...] | None = None
    """Where this procedure asks for other signatures or seals than the paper itself."""
    note: str = ""

    @field_validator("code")
    @classmethod
    def _form(cls, code: str) -> str:
        if not COMPONENT_CODE.match(code):
            raise ValueError(f"mã thành phần `{code}` không có dạng 000.00.00.G15-KQ003204")
        return code

    @model_validator(mode="after")
    def _says_when(self) -> Component:
        if self.required == "conditional" and not self.condition:
            raise ValueError(f"thành phần {self.code} có điều kiện thì phải nêu `condition` bằng tiếng Việt")
        return self


class Telling(Part):
    """A paper that by itself tells that this procedure is meant."""

    type: str = Field(pattern=TYPE)
    key: str | None = Field(default=None, pattern=KEY)
    """A field of that paper whose value decides, where several procedures take the paper."""
    says: tuple[str, ...] = ()
    """The field says one of these, with or without marks."""
    silent: tuple[str, ...] = ()
    """And none of these."""
    beside: tuple[str, ...] = ()
    """Papers of these types are there, too."""

    @model_validator(mode="after")
    def _key_and_words(self) -> Telling:
        if bool(self.key) != bool(self.says or self.silent):
            raise ValueError("`key` cần `says` (hoặc `silent`), và ngược lại")
        return self


class RuleUse(Part):
    """A rule by name, with its parameters."""

    rule: str
    params: dict[str, Any] = Field(default_factory=dict)


class Head(Part):
    """What a file and a procedure have in common: everything but how the documents are described."""

    code: str = Field(pattern=r"^(\d\.\d{6}|[a-z][a-z0-9_]{2,40})$")
    """National code such as 1.001193, or a name of our own in small letters where there is no national one."""
    name: str
    version: str
    effective_from: date
    effective_to: date | None = None
    """Last day of this version; None while it is in force."""
    basis: tuple[str, ...] = ()
    domain: str = ""
    """Field of administration of the portal, such as G15-TP07 Hộ tịch."""
    agency: str = ""
    """Vietnamese: who decides it."""
    keywords: tuple[str, ...] = ()
    """Other words that people use for it at the desk."""
    detect: tuple[Telling, ...] = ()
    """Papers that by themselves tell that this procedure is meant: a type, or a type and what it says."""
    components: tuple[Component, ...]
    rules: tuple[RuleUse, ...] = ()
    agreements: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Groups of (document type, field key) that state the same fact; readings that agree support each other."""
    time_limit: TimeLimit | None = None
    fee: Fee | None = None
    results: tuple[ResultPaper, ...] = ()
    steps: StepSigners = StepSigners()
    """Who signs at which step of the electronic procedure."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: Any) -> Any:
        """`detect: [type]`, and the result of a file of the first form, which had one at most."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        if isinstance(data.get("detect"), list):
            data["detect"] = [{"type": one} if isinstance(one, str) else one for one in data["detect"]]
        code, name = data.pop("result_code", None), data.pop("result_name", None)
        if (code or name) and "results" not in data:
            data["results"] = [{"code": code, "name": name or ""}]
        return data

    @field_validator("results")
    @classmethod
    def _result_form(cls, results: tuple[ResultPaper, ...]) -> tuple[ResultPaper, ...]:
        for result in results:
            if result.code is not None and not RESULT_CODE.match(result.code):
                raise ValueError(f"mã kết quả `{result.code}` không có dạng KQ.G15.000031")
        return results

    @model_validator(mode="after")
    def _hangs_together(self) -> Head:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise ValueError("effective_to lies before effective_from: ngày hết hiệu lực trước ngày có hiệu lực")
        codes = [component.code for component in self.components]
        if len(codes) != len(set(codes)):
            twice = next(code for code in codes if codes.count(code) > 1)
            raise ValueError(f"mã thành phần {twice} được nêu hai lần")
        for component in self.components:
            if component.instead_of and component.instead_of not in codes:
                raise ValueError(f"thành phần {component.code} thay cho {component.instead_of} không có trong tệp")
        return self


class Procedure(Head):
    """One version of one procedure, with all its papers described."""

    documents: tuple[DocumentSchema, ...] = ()

    @model_validator(mode="after")
    def _fields_exist(self) -> Procedure:
        types = [document.type for document in self.documents]
        if len(types) != len(set(types)):
            raise ValueError("một loại giấy tờ được mô tả hai lần")
        named = [("agreements", place) for agreement in self.agreements for place in agreement]
        named += [
            (f"components: {component.code}", place)
            for component in self.components
            if component.when
            for place in component.when.places()
        ]
        named += [("detect", (telling.type, telling.key)) for telling in self.detect if telling.key]
        for where, (doc_type, key) in named:
            described = self.document(doc_type)
            if described is None or described.field(key) is None:
                raise ValueError(f"{where}: trường `{key}` của `{doc_type}` không được mô tả")
        return self

    @property
    def result_code(self) -> str | None:
        """Code of the first result."""
        return self.results[0].code if self.results else None

    @property
    def result_name(self) -> str:
        """Name of the first result."""
        return self.results[0].name if self.results else ""

    @property
    def telling_types(self) -> tuple[str, ...]:
        """Document types that may tell this procedure."""
        return tuple(dict.fromkeys(telling.type for telling in self.detect))

    def document(self, doc_type: str) -> DocumentSchema | None:
        """The description of a document type."""
        return next((document for document in self.documents if document.type == doc_type), None)

    def component_of(self, doc_type: str) -> Component | None:
        """The first component that a document type fills."""
        return next((component for component in self.components if doc_type in component.types), None)

    def marks_of(self, component: Component, doc_type: str) -> tuple[Mark, ...]:
        """Signatures and seals that a paper of this type must bear as this component."""
        if component.marks is not None:
            return component.marks
        described = self.document(doc_type)
        return described.marks if described else ()

    def validity_of(self, component: Component, doc_type: str) -> Validity | None:
        """How long a paper counts here."""
        described = self.document(doc_type)
        return component.validity or (described.validity if described else None)

    def in_force(self, on: date) -> bool:
        """Whether this version counts on a day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
