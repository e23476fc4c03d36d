"""The schemas for editors are those of the models, take every shipped file, and refuse what the check refuses."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from small_procedure import SMALL

from pipeline.procedures.json_schema import schemas, written
from pipeline.procedures.loading import PACKAGED, files_of

FOLDER = Path(__file__).parents[2] / "docs" / "schema"
KIND = {"shared": "shared", "papers": "paper"}


def as_json(text: str) -> object:
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def validator(name: str) -> jsonschema.protocols.Validator:
    return jsonschema.Draft202012Validator(schemas()[f"{name}.schema.json"])


def test_what_lies_in_docs_is_what_the_models_say() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == {
        name: written(schema) for name, schema in schemas().items()
    }, "run: python -m pipeline.procedures.json_schema docs/schema"


def test_every_shipped_file_fits() -> None:
    judges = {name: validator(name) for name in ("procedure", "paper", "shared")}
    for path in files_of(PACKAGED):
        judge = judges[KIND.get(path.parent.name, "procedure")]
        wrong = [f"{list(e.path)}: {e.message[:200]}" for e in judge.iter_errors(as_json(path.read_text("utf-8")))]
        assert wrong == [], path.name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: sex", "kind: sexx"),
        ("rule: dates_not_future", "rule: date_not_future"),
        ("params: {type: don_thu, key", "params: {typ: don_thu, key"),
        ("fee: {", "fees: {"),
        ("working_days: 3", "working_days: three"),
        ("types: [don_thu]", "types: don_thu"),
    ],
)
def test_what_is_wrong_is_marked(old: str, new: str) -> None:
    judge = validator("procedure")
    assert judge.is_valid(as_json(SMALL))
    assert not judge.is_valid(as_json(SMALL.replace(old, new, 1)))


def test_words_are_explained() -> None:
    component = schemas()["procedure.schema.json"]["$defs"]["Component"]["properties"]
    assert "database" in component["accept"]["description"]
    assert (
        "once the file is loaded"
        in schemas()["paper.schema.json"]["$defs"]["FieldRule"]["properties"]["options"]["description"]
    )
