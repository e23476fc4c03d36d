"""Packages, signed data and keys at the doors: what the commands print and leave with, what HTTP answers."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from client import TestClient
from typer.testing import CliRunner

from api.app import build_app
from api.cli import app
from pipeline.access.people import People
from pipeline.access.roles import Right
from pipeline.package.check import check_package

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from package_samples import Tampered

    from pipeline.composition import House
    from pipeline.record import Dossier

API = "/api/v1"


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    _, key = People(house.tools).add_key("kho lưu trữ", [Right.DOSSIER_RECEIVE, Right.DOSSIER_READ, Right.RESULTS_PULL])
    with TestClient(
        build_app(house),
        base_url="http://127.0.0.1:8000",
        raise_server_exceptions=False,
        headers={"Authorization": f"Bearer {key}"},
    ) as made:
        yield made


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch, quiet_logging: None) -> Any:
    monkeypatch.setenv("HOSO_HOME", str(house.settings.home))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


def test_a_batch_is_exported_and_each_has_its_line(run, filed: Dossier, other: Dossier, tmp_path: Path):
    result = run("export", filed.id, other.id, "--package", "bagit", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [str(tmp_path / filed.id), str(tmp_path / other.id)]
    assert all((tmp_path / dossier.id / "bagit.txt").is_file() for dossier in (filed, other))


def test_a_batch_goes_on_after_a_dossier_that_is_not_there(run, filed: Dossier, tmp_path: Path):
    result = run("package", "make", "hs-000000-nothere0", filed.id, "--zip", "--out", tmp_path, "--json")
    assert result.exit_code == 1
    exported = json.loads(result.stdout)["exported"]
    assert exported[0]["error"]["code"] == "dossier_unknown"
    assert exported[1]["files"]["package"] == str(tmp_path / f"{filed.id}.zip")
    again = run("package", "make", filed.id, "--zip", "--out", tmp_path, "--json")
    assert again.exit_code == 4
    assert json.loads(again.stdout)["exported"][0]["error"]["code"] == "package_exists"


def test_export_without_a_package_gives_the_files_that_digitize_gives(run, filed: Dossier, tmp_path: Path):
    result = run("export", filed.id, "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    files = json.loads(result.stdout)["exported"][0]["files"]
    assert {"archive_pdf", "data_json", "data_jws", "data_jws_tst", "text"} <= set(files)
    assert (tmp_path / f"{filed.id}.jws").read_bytes().count(b".") == 2


def test_another_kind_of_package_is_a_usage_error(run, filed: Dossier):
    assert run("export", filed.id, "--package", "tar").exit_code == 2


@pytest.mark.slow
def test_check_says_it_in_words_and_in_json_and_leaves_with_three_codes(run, package: Path, copy: Tampered):
    good = run("package", "check", package)
    assert good.exit_code == 0, good.output
    assert "HỢP LỆ" in good.stdout
    quick = run("package", "check", package, "--quick", "--json")
    assert quick.exit_code == 3
    assert json.loads(quick.stdout)["outcome"] == "indeterminate"
    copy.flip(copy.archive / "data.json")
    bad = run("package", "check", copy.folder, "--json")
    assert bad.exit_code == 2
    report = json.loads(bad.stdout)
    assert "checksum_wrong" in {reason["code"] for reason in report["reasons"]}
    assert all(reason["vi"] and reason["en"] for reason in report["reasons"])
    screen = run("package", "check", copy.folder)
    assert "KHÔNG HỢP LỆ" in screen.stdout
    assert "Nội dung tệp khác với bảng kê" in screen.stdout


def test_a_package_that_is_not_there_is_an_error_in_vietnamese(run, tmp_path: Path):
    result = run("package", "check", tmp_path / "nothing", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["error"]["code"] == "package_missing"


def test_keys_are_printed_as_a_jwk_set(run):
    result = run("keys")
    assert result.exit_code == 0
    assert jwt.PyJWKSet.from_dict(json.loads(result.stdout)).keys


def test_http_gives_the_package_as_a_zip(client: TestClient, house: House, filed: Dossier, tmp_path: Path):
    answer = client.get(f"{API}/dossiers/{filed.id}/package")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{filed.id}.zip"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
        assert not [name for name in archive.namelist() if "rep3" in name], "images only when asked for"
    report = check_package(house.tools, tmp_path / filed.id, quick=True)
    assert [reason.code for reason in report.reasons] == ["signatures_unjudged"]
    assert not list(house.settings.work.glob("package-*")), "nothing stays behind"
    with_images = client.get(f"{API}/dossiers/{filed.id}/package", params={"images": "true"})
    assert len(with_images.content) > len(answer.content)


def test_http_gives_what_a_downstream_system_verifies(client: TestClient, filed: Dossier):
    """Three requests and PyJWT."""
    keys = jwt.PyJWKSet.from_dict(client.get(f"{API}/keys").json())
    data = client.get(f"{API}/dossiers/{filed.id}/filed/data.json")
    jws = client.get(f"{API}/dossiers/{filed.id}/filed/data.jws")
    token = client.get(f"{API}/dossiers/{filed.id}/filed/data.jws.tst")
    assert [a.headers["content-type"].partition(";")[0] for a in (data, jws, token)] == [
        "application/json", "application/jose", "application/vnd.etsi.timestamp-token",
    ]  # fmt: skip
    head, _, signature = jws.text.split(".")
    whole = f"{head}.{jwt.utils.base64url_encode(data.content).decode()}.{signature}"
    key = keys[jwt.get_unverified_header(jws.text)["kid"]]
    assert json.loads(jwt.PyJWS().decode(whole, key, algorithms=["ES256", "RS256"]))["id"] == filed.id


@pytest.mark.parametrize("path", ["package", "filed/data.jws", "filed/data.json"])
def test_http_says_what_is_not_there(client: TestClient, path: str):
    answer = client.get(f"{API}/dossiers/hs-000000-nothere0/{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "dossier_unknown"


@pytest.mark.parametrize("name", ["archive.pdf", "..%2Fdata.json", "data.jws.x"])
def test_http_gives_no_other_file(client: TestClient, filed: Dossier, name: str):
    assert client.get(f"{API}/dossiers/{filed.id}/filed/{name}").status_code in {404, 422}


def test_http_says_what_is_not_filed_yet(client: TestClient, house: House, filed: Dossier):
    draft = client.post(f"{API}/dossiers").json()["id"]
    for path in ("package", "filed/data.jws"):
        answer = client.get(f"{API}/dossiers/{draft}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_filed")


def test_the_page_of_a_filed_dossier_offers_the_package(client: TestClient, filed: Dossier):
    assert f'href="/api/v1/dossiers/{filed.id}/package"' in client.get(f"/ho-so/{filed.id}").text


def test_other_origins_are_refused_as_everywhere(client: TestClient, filed: Dossier):
    answer = client.get(f"{API}/dossiers/{filed.id}/package", headers={"Host": "evil.example"})
    assert answer.status_code == 403
