"""JSON Schemas of the YAML files, for editors: what may stand where, and what each word means.

Made from the models that read the files, their docstrings and the rules' parameters, so they cannot fall behind;
`python -m pipeline.procedures.json_schema docs/schema` writes them, and a test compares what lies there.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.procedures import files, paper, schema, terms
from pipeline.procedures.files import PaperFile, ProcedureFile, SharedFile
from pipeline.rules import RULES

if TYPE_CHECKING:
    from pydantic import BaseModel

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """File name to schema: of a procedure, of a paper (or a list of them), of blocks and code lists."""
    procedure = _described(ProcedureFile)
    told = procedure["properties"]["detect"]["items"]
    procedure["properties"]["detect"]["items"] = {"anyOf": [{"type": "string"}, told]}
    procedure["$defs"]["RuleUse"] = _rules(procedure["$defs"])
    one = _described(PaperFile)
    defs = one.pop("$defs")
    papers: dict[str, Any] = {"$defs": {**defs, "PaperFile": one}}
    item = {"$ref": "#/$defs/PaperFile"}
    papers |= {"title": "Papers", "anyOf": [item, {"type": "array", "items": item}]}
    made = {"procedure": procedure, "paper": papers, "shared": _described(SharedFile)}
    return {f"{name}.schema.json": {"$schema": _DRAFT, **one} for name, one in made.items()}


def _described(model: type[BaseModel]) -> dict[str, Any]:
    made = model.model_json_schema()
    said = _docstrings()
    parents = {model.__name__: [parent.__name__ for parent in model.__mro__]}
    for name, part in {model.__name__: made, **made.get("$defs", {})}.items():
        for field, about in part.get("properties", {}).items():
            told = next((said[one][field] for one in parents.get(name, [name]) if field in said.get(one, {})), None)
            if told:
                about["description"] = told
    return made


def _docstrings() -> dict[str, dict[str, str]]:
    """Class to field to the text that stands below the field in the source."""
    found: dict[str, dict[str, str]] = {}
    for module in (paper, terms, schema, files):
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ClassDef):
                texts = found.setdefault(node.name, {})
                for member, below in zip(node.body, node.body[1:], strict=False):
                    said = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
                    if said and isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
                        texts[member.target.id] = " ".join(str(below.value.value).split())  # type: ignore[attr-defined]
    return found


def _rules(defs: dict[str, Any]) -> dict[str, Any]:
    """Each rule with the parameters that it takes."""
    ways = []
    for name, rule in sorted(RULES.items()):
        params = rule.params.model_json_schema(ref_template="#/$defs/{model}")
        defs |= params.pop("$defs", {})
        needs = ["rule", "params"] if params.get("required") else ["rule"]
        said = f"{rule.number}: {rule.what}".removeprefix(": ")
        about = {"const": name, "description": said}
        ways.append(
            {"type": "object", "additionalProperties": False, "required": needs,
             "properties": {"rule": about, "params": params}}
        )  # fmt: skip
    return {"title": "RuleUse", "description": "A rule by name, with its parameters.", "oneOf": ways}


def written(made: dict[str, Any]) -> str:
    """A schema as its file has it."""
    return json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, one_schema in schemas().items():
        (folder / file_name).write_text(written(one_schema), encoding="utf-8")
