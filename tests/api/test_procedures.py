"""Procedures over HTTP and at the prompt: found by any part of their name; what is wrong in a file is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from signing_in import key_for
from typer.testing import CliRunner

from api.app import build_app
from api.cli import app
from pipeline.access.roles import Right
from pipeline.composition import build_house
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

    from pipeline.composition import House

OWN = """\
code: small_one
name: Cấp giấy thử
version: "1"
effective_from: 2025-07-01
detect: [don_thu]
components: [{code: 000.00.00.H00-KQ900101, name: Đơn thử, types: [don_thu]}]
documents: [{type: don_thu, name: Đơn thử}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "own"
    made.mkdir()
    (made / "a.yaml").write_text(OWN, encoding="utf-8")
    return made


def test_any_part_of_a_name_finds_procedures(client: TestClient) -> None:
    found = client.get("/api/v1/procedures", params={"q": "ket hon"}).json()
    assert found["procedures"][0]["code"] == "1.000894"
    assert found["problems"] == []
    assert len(client.get("/api/v1/procedures").json()["procedures"]) >= 24
    assert client.get("/api/v1/procedures", params={"q": "x" * 300}).status_code == 422


def machine(house: House) -> TestClient:
    from starlette.testclient import TestClient

    headers = key_for(house, Right.RESULTS_PULL)
    return TestClient(build_app(house), base_url="http://127.0.0.1:8000", headers=headers)


def test_a_running_service_tells_what_is_wrong_and_serves_what_was_good(folder: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", cores=1, procedures_folder=folder)
    with build_house(settings) as house, machine(house) as client:
        assert client.get("/api/v1/procedures/small_one").json()["name"] == "Cấp giấy thử"
    (folder / "a.yaml").write_text(OWN.replace("version:", "versoin:"), encoding="utf-8")
    with build_house(settings) as house, machine(house) as client:
        assert client.get("/api/v1/procedures/small_one").json()["name"] == "Cấp giấy thử"
        problems = client.get("/api/v1/procedures").json()["problems"]
    assert any(problem.startswith("a.yaml:3: versoin") for problem in problems), problems


@pytest.mark.usefixtures("quiet_logging")
def test_the_doctor_names_the_file(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOSO_PROCEDURES_FOLDER", str(folder))
    from api.commands.doctor import _procedures
    from pipeline.procedures.book import ProcedureFileError

    settings = Settings(home=tmp_path / "home", cores=1, procedures_folder=folder)
    with build_house(settings) as house:
        assert _procedures(house).startswith("25 lược đồ, ")
    (folder / "a.yaml").write_text("code: [", encoding="utf-8")
    with build_house(settings) as house, pytest.raises(ProcedureFileError) as caught:
        _procedures(house)
    assert caught.value.detail.startswith("a.yaml:")
    checked = CliRunner().invoke(app, ["procedures", "check", str(folder), "--json"])
    assert checked.exit_code == 1
    assert json.loads(checked.stdout)["problems"][0]["file"] == "a.yaml"
