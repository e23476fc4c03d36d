"""The rules as Markdown tables, from what they declare: name, number, question, severity, parameters.

docs/rules.md holds the result between two marks; `scripts/rules_page.py` writes it and a test compares it, so that the
page that authors of procedures read cannot drift from the code. Nested parameters get rows of their own.
"""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticUndefined

from pipeline.record import Severity
from pipeline.rules import RULES
from pipeline.rules.parameters import Params

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
_SEVERITY = {Severity.BLOCK: "blocks", Severity.CONFIRM: "asks", Severity.INFO: "tells"}


def tables() -> str:
    """Markdown of the overview and of every rule's parameters, ending in a line break."""
    lines = ["| rule | number | what it asks | severity |", "|---|---|---|---|"]
    for rule in RULES.values():
        severity = ", ".join(_SEVERITY[one] for one in rule.severities)
        lines.append(f"| `{rule.name}` | {rule.number or '-'} | {rule.what} | {severity} |")
    lines += ["", "### Parameters", ""]
    for rule in RULES.values():
        if not rule.params.model_fields:
            continue
        lines += [f"`{rule.name}`", "", "| parameter | form | needed | meaning |", "|---|---|---|---|"]
        lines += [f"| `{name}` | {form} | {needed} | {meaning} |" for name, form, needed, meaning in _rows(rule.params)]
        lines.append("")
    return "\n".join(lines)


def _rows(model: type[Params], prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    for name, field in model.model_fields.items():
        inner = _inner(field.annotation)
        default = field.default
        needed = "yes" if default is PydanticUndefined else "" if default in (None, ()) else _shown(default)
        yield f"{prefix}{name}", _form(field.annotation), needed, field.description or ""
        if inner is not None:
            yield from _rows(inner, f"{prefix}{name}[].")


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        text = ", ".join(map(str, default))
        return f"else `[{text}]`" if len(text) <= 60 else "else the usual ones"
    return f"else `{default}`"


def _inner(annotation: Any) -> type[Params] | None:
    """The model of a list's items."""
    for part in (annotation, *typing.get_args(annotation)):
        if isinstance(part, type) and issubclass(part, Params):
            return part
    return None


def _form(annotation: Any) -> str:
    """The form that a value has in YAML."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in {typing.Union, types.UnionType}:
        return _form(next(part for part in parts if part is not type(None)))
    if origin is tuple and parts[-1] is Ellipsis:
        return "list" if _inner(annotation) is None else "list of"
    if origin is tuple:
        return f"`[{', '.join(_form(part).strip('`') for part in parts)}]`"
    if annotation in {str, int, bool}:
        return {str: "text", int: "number", bool: "yes or no"}[annotation]
    return "one of the severities" if annotation is Severity else "map"
