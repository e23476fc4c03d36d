"""`hoso kho ...` as scripts meet it: exit codes, JSON, words for people."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.cli import app

if TYPE_CHECKING:
    from pathlib import Path

    from kho_samples import Kho

pytestmark = pytest.mark.usefixtures("quiet_logging")


def hoso(monkeypatch: pytest.MonkeyPatch, home: Path, *words: str) -> tuple[int, str]:
    monkeypatch.setenv("HOSO_HOME", str(home))
    answer = CliRunner().invoke(app, ["kho", *words])
    return answer.exit_code, answer.stdout


def test_back_up_restore_check_and_rebuild(kho: Kho, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    shutil.copytree(kho.house.settings.home, home)
    code, said = hoso(monkeypatch, home, "backup", str(tmp_path / "copy"))
    assert code == 0
    assert "Sao lưu lúc" in said
    code, said = hoso(monkeypatch, tmp_path / "first", "restore", str(tmp_path / "copy"))
    assert code == 5, "without the master nothing can be looked at"
    (tmp_path / "second" / "vault").mkdir(parents=True)
    shutil.copy(home / "vault" / "master.key", tmp_path / "second" / "vault")
    code, said = hoso(monkeypatch, tmp_path / "second", "restore", str(tmp_path / "copy"))
    assert code == 0
    assert "2 hồ sơ" in said
    code, said = hoso(monkeypatch, tmp_path / "second", "check", "--json")
    assert (code, json.loads(said)["faults"]) == (0, [])
    (tmp_path / "second" / "catalogue.sqlite3").unlink()
    code, said = hoso(monkeypatch, tmp_path / "second", "rebuild", "--json")
    assert (code, json.loads(said)["added"]) == (0, 2)


def test_harm_is_exit_code_two_and_says_which_dossier(
    kho: Kho, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(kho.house.settings.home, home)
    for path in (home / "store" / "objects" / "filed" / kho.filed).rglob("archive.pdf"):
        path.unlink()
    code, said = hoso(monkeypatch, home, "check")
    assert code == 2
    assert kho.filed in said
    assert "không còn trong kho" in said


def test_no_backup_there_is_an_answer_not_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    code, said = hoso(monkeypatch, tmp_path / "home", "restore", str(tmp_path / "empty"), "--json")
    assert code == 4
    assert json.loads(said)["error"]["code"] == "backup_unusable"
