"""What a rule declares of itself: its name, its number in the rule book, its parameters and how severe it can be.

Parameters are a frozen model for each rule, so that a wrong word in a procedure's file is told before a dossier meets
it. `fields` lists the fields that the parameters point at, so that a key which no paper has is told as well.
Descriptions in the models are what docs/rules.md prints: authors of procedures read them, in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pipeline.procedures.schema import Procedure
    from pipeline.record import Finding, Severity
    from pipeline.rules.context import RuleContext

Place = tuple[str, str]
"""A field of a kind of paper, in YAML `[type, key]`, such as `[to_khai_khai_sinh, nks_ngay_sinh]`."""


class Params(BaseModel):
    """Base of the parameters of a rule; on its own: a rule without parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def fields(self) -> Iterable[Place]:
        """Every field that these parameters point at."""
        return ()


class NoParams(Params):
    """A rule without parameters."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the book: a pure function with the model of its parameters.

    `rule(context, params)` gives findings; `rule.check(params)` gives what is wrong with parameters, in Vietnamese.
    """

    name: str
    number: str
    """Number in the rule book, R1 to R23; empty for rules on the capture itself."""
    run: Callable[..., list[Finding]]
    """Takes the context, and its parameters unless it has none."""
    params: type[Params]
    severities: tuple[Severity, ...]
    """What it can find, the gravest first; a doubtful reading lowers `block` to `confirm`."""

    def __call__(self, context: RuleContext, params: Mapping[str, Any]) -> list[Finding]:
        """Findings on a dossier. Raises pydantic's `ValidationError` for parameters that `check` would refuse."""
        parsed = self.params.model_validate(dict(params))
        return self.run(context) if self.params is NoParams else self.run(context, parsed)

    @property
    def what(self) -> str:
        """What it asks, in one sentence: the first paragraph of the function's docstring without its number."""
        first = (self.run.__doc__ or "").strip().split("\n\n")[0]
        text = " ".join(first.split())
        return text.partition(": ")[2] if text.startswith("R") and ": " in text else text

    def check(self, params: Mapping[str, Any], procedure: Procedure | None = None) -> list[str]:
        """What is wrong with parameters, one Vietnamese sentence each; empty where all is well.

        With `procedure`, also names fields that its described papers do not have.
        """
        try:
            parsed = self.params.model_validate(dict(params))
        except ValidationError as error:
            items = error.errors()
            inner = {item["loc"][:length] for item in items for length in range(len(item["loc"]))}
            return [self._told(item) for item in items if item["loc"] not in inner]  # a bad item, not its list too
        if procedure is None:
            return []
        wrong = []
        for doc_type, key in parsed.fields():
            described = procedure.document(doc_type)
            if described is not None and described.field(key) is None:
                wrong.append(f"luật `{self.name}`: giấy `{doc_type}` không có trường `{key}`")
            elif described is None and not _known_type(procedure, doc_type):
                wrong.append(f"luật `{self.name}`: thủ tục không có loại giấy `{doc_type}`")
        return wrong

    def _told(self, item: Any) -> str:
        where = ".".join(str(step) for step in item["loc"])
        if item["type"] == "missing":
            return f"luật `{self.name}`: thiếu tham số `{where}`"
        if item["type"] == "extra_forbidden":
            known = ", ".join(self.params.model_fields) or "không tham số nào"
            return f"luật `{self.name}`: không có tham số `{where}`; luật nhận: {known}"
        return f"luật `{self.name}`: tham số `{where}` sai: {item['msg']}"


def _known_type(procedure: Procedure, doc_type: str) -> bool:
    return any(doc_type in component.types for component in procedure.components)
