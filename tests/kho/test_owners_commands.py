"""`hoso owners ...` as scripts meet it: JSON, exit codes, a number read from standard input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from owners_samples import HERE, card, dossier, file_record
from typer.testing import CliRunner

from api.cli import app
from pipeline.composition import build_house
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("quiet_logging")


def test_find_show_share_revoke_and_relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    with build_house(Settings(home=home, cores=1, agency_code=HERE)) as house:
        file_record(house, dossier(1, card()))
    monkeypatch.setenv("HOSO_HOME", str(home))
    monkeypatch.setenv("HOSO_AGENCY_CODE", HERE)

    def hoso(*words: str, typed: str = "", code: int = 0) -> dict[str, Any]:
        answer = CliRunner().invoke(app, ["owners", *words, "--json"], input=typed)
        assert answer.exit_code == code, answer.output
        said: dict[str, Any] = json.loads(answer.stdout.splitlines()[0])
        return said

    found = hoso("find", "nguyen van an")
    assert hoso("find", "-", typed="001090004567\n")["owners"] == found["owners"]
    (owner,) = found["owners"]
    assert [paper["owner"] for paper in found["papers"]] == [owner["owner"]]
    words = ["share", owner["owner"], "--to", "H01.99", "--purpose", "1.000894", "--until", "2999-01-01"]
    words += ["--evidence", "sổ 12"]
    share = hoso(*words, "--consent", "in_person")
    assert share["in_force"]
    assert hoso(*words, "--consent", "tất nhiên", code=4)["error"]["code"] == "share_refused"
    assert hoso("find", "nguyen", "--agency", "H01.99")["papers"]
    assert hoso("revoke", share["share"])["in_force"] is False
    shown = hoso("show", owner["owner"])
    assert [one["share"] for one in shown["shares"]] == [share["share"]]
    assert {look["who"] for look in shown["history"]} >= {"operator"}
    assert hoso("show", "0d4c1f6e-6a55-4f0a-9a30-0c2d6b1f0e11", code=4)["error"]["code"] == "owner_unknown"
    assert hoso("feed") == {"dossiers": 0}
    assert hoso("relay")["sent"] == 0
    for command in (["find", "an"], ["show", owner["owner"]], ["feed"], ["relay"]):
        answer = CliRunner().invoke(app, ["owners", *command])
        assert answer.exit_code == 0, answer.output
