"""`hoso renew`: exit codes, the dry run, and what it says to people and to machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.cli import app
from pipeline.composition import build_house
from pipeline.record import Dossier, Status
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet_logging: None):
    monkeypatch.setenv("HOSO_HOME", str(tmp_path))
    return lambda *words: CliRunner().invoke(app, ["renew", *words])


def test_empty_kho_has_nothing_to_renew(run):
    done = run("--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["counts"], report["renewals"], report["dry_run"]) == ({}, [], False)
    assert "chưa có hồ sơ" in run().stdout


def test_before_is_a_day_of_the_desk(run):
    report = json.loads(run("--dry-run", "--before", "2031-01-01", "--json").stdout)
    assert report["dry_run"]
    assert report["before"].startswith("2031-01-01T00:00:00+07:00")
    assert run("--before", "soon").exit_code == 2


def test_damaged_filing_is_named_and_ends_with_1(run, tmp_path):
    with build_house(Settings(home=tmp_path)) as house:
        now = house.tools.clock()
        house.catalogue.create_dossier(Dossier(id="hs-1", procedure=None, status=Status.FILED, received_at=now))
        house.catalogue.record_filing("hs-1", "archive_pdf", "filed/hs-1/x/archive.pdf", "0" * 64, 9, level="B-LTA")
    done = run("--before", "2031-01-01")
    assert done.exit_code == 1
    assert "hs-1" in done.stdout
    assert "object_not_found" in done.stdout
