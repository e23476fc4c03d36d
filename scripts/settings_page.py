"""Writes docs/settings.md: every setting with its environment variable, default and meaning, out of the settings' code.

    .venv/bin/python scripts/settings_page.py > docs/settings.md

A test compares the page with what this prints, so that no setting is without words. The meaning of a setting is the
text under it in its class; one without text is named by its variable alone.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

HEAD = """\
# Settings

Environment variables; none at all is a working system on one machine. Nested names are parted by two underscores.
This page is made by `scripts/settings_page.py` out of the code; a test keeps it true. What to set for which purpose is
said in [operations.md](operations.md), [machines.md](machines.md), [access.md](access.md) and [vault.md](vault.md).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, meaning, rows in sections():
        said = f"\n{meaning}\n" if meaning else ""
        lines = [f"| `{name}` | {default} | {text} |" for name, default, text in rows]
        parts.append(
            "\n".join([f"\n## {title}\n{said}", "| variable | default | meaning |", "|---|---|---|", *lines]) + "\n"
        )
    return "".join(parts)


def sections() -> Iterator[tuple[str, str, list[tuple[str, str, str]]]]:
    """The plain settings first, then every nested model: title, meaning, rows."""
    plain = {name: field for name, field in Settings.model_fields.items() if nested(field) is None}
    yield "The installation", "", list(rows(Settings, plain, "HOSO_"))
    for name, field in Settings.model_fields.items():
        model = nested(field)
        if model is not None:
            yield (
                f"`HOSO_{name.upper()}__`",
                first_line(model),
                list(rows(model, model.model_fields, f"HOSO_{name.upper()}__")),
            )


def rows(model: type[BaseModel], fields: dict[str, FieldInfo], prefix: str) -> Iterator[tuple[str, str, str]]:
    """A row a setting; a model inside a model gives its own."""
    words = meanings(model)
    for name, field in fields.items():
        inner = nested(field)
        if inner is not None:
            yield from rows(inner, inner.model_fields, f"{prefix}{name.upper()}__")
            continue
        yield f"{prefix}{name.upper()}", shown(field), words.get(name, "").replace("|", "\\|")


def nested(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a setting that is one."""
    if get_origin(field.annotation) is dict:
        return None
    kinds = (field.annotation, *get_args(field.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def shown(field: FieldInfo) -> str:
    """The default, as one would type it; empty for none, and for what depends on the machine."""
    value: Any = field.default
    if value is PydanticUndefined or not (value or value is False or value == 0):
        return ""
    if isinstance(value, Enum):
        value = value.value
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """The text under each setting, of the model and those it comes from, on one line."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if not (issubclass(one, BaseModel) and one.__module__.startswith("pipeline")):
            continue
        lines = next(node.body for node in ast.parse(inspect.getsource(one)).body if isinstance(node, ast.ClassDef))
        for before, after in itertools.pairwise(lines):
            if (
                isinstance(before, ast.AnnAssign)
                and isinstance(before.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
            ):
                found[before.target.id] = " ".join(str(after.value.value).split())
    return found


def first_line(model: type[BaseModel]) -> str:
    """What the model says of itself."""
    return (inspect.getdoc(model) or "").split("\n\n")[0].replace("\n", " ")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.stdout.write(page())
