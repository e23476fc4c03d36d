"""Keeping over HTTP and as commands: behind its right, refusals that name their rule, a copy as a zip file."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from signing_in import account_for
from typer.testing import CliRunner

from api.cli import app as commands
from api.commands.doctor import _citizens, _proofs
from pipeline.access.roles import Role
from pipeline.keeping import requests, retention
from pipeline.keeping.records import RequestKind
from pipeline.kho import people
from pipeline.kho.sealed import Person

sys.path.append(str(Path(__file__).resolve().parents[1] / "kho"))

from kho_samples import file_letter
from owners_samples import card, dossier, file_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from pipeline.composition import House

COPY = "2.000884"
BASE = "/api/v1/keep"


@pytest.fixture
def filed(house: House) -> str:
    record = dossier(1, card(), agency=house.settings.agency_code, procedure=COPY)
    return file_record(house, record)


@pytest.fixture
def owner(house: House, filed: str) -> str:
    (row,) = house.catalogue.owners().papers_of_dossier(filed)
    return str(row["owner_id"])


@pytest.fixture
def keeper(client_of: Callable[..., TestClient]) -> TestClient:
    return client_of(Role.SEAL_KEEPER)


def test_only_whoever_keeps_records_comes_in(client_of: Callable[..., TestClient], filed: str) -> None:
    doors = [
        ("GET", "/records"),
        ("GET", "/due"),
        ("GET", f"/records/{filed}"),
        ("POST", f"/records/{filed}/destruction"),
        ("GET", "/holds"),
        ("POST", "/holds"),
        ("GET", "/requests"),
        ("POST", "/requests"),
        ("POST", "/requests/x/erasure"),
        ("POST", "/requests/x/copy"),
    ]
    for role in (Role.DESK_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR):
        client = client_of(role)
        assert {client.request(method, BASE + path, json={}).status_code for method, path in doors} == {403}
    assert client_of().get(f"{BASE}/due").status_code == 401
    other = client_of(Role.SEAL_KEEPER, agency="H99.01")
    assert other.get(f"{BASE}/records/{filed}").status_code == 404
    assert other.get(f"{BASE}/records").json() == []


def test_retention_holds_and_a_refused_destruction(keeper: TestClient, filed: str) -> None:
    (row,) = keeper.get(f"{BASE}/records").json()
    assert (row["dossier"], row["rule"], row["medium"]) == (filed, "certified_copy_or_signature", "none")
    assert keeper.get(f"{BASE}/due").json() == []
    refused = keeper.post(f"{BASE}/records/{filed}/destruction", json={"reason": "thử"})
    assert (refused.status_code, refused.json()["code"]) == (409, "keeping_forbids")
    assert "Điều 14" in refused.json()["detail"]
    assert "Điều 14" in refused.json()["remedy"], "people see the remedy"
    held = keeper.post(f"{BASE}/holds", json={"subject_kind": "dossier", "subject": filed, "reason": "Công văn 12"})
    assert held.status_code == 201
    found = keeper.get(f"{BASE}/records/{filed}").json()
    assert [ground["kind"] for ground in found["grounds"]] == ["hold", "retention"]
    lifted = keeper.post(f"{BASE}/holds/{held.json()['id']}/lift", json={"reason": "Công văn 15"})
    assert lifted.json()["lifted_at"]
    assert keeper.get(f"{BASE}/holds").json() == []
    assert len(keeper.get(f"{BASE}/holds", params={"lifted": True}).json()) == 1
    assert keeper.post(f"{BASE}/holds/khong-co/lift", json={"reason": "x"}).status_code == 404


def test_a_citizens_requests_from_opening_to_answer(keeper: TestClient, house: House, filed: str, owner: str) -> None:
    def opened(kind: str) -> dict[str, Any]:
        answer = keeper.post(f"{BASE}/requests", json={"kind": kind, "owner": owner, "note": "Của tôi"})
        assert answer.status_code == 201
        found: dict[str, Any] = answer.json()
        return found

    correction = opened("correction")
    place = {"dossier": filed, "document": "d1", "field": "ngay_cap"}
    url = f"{BASE}/requests/{correction['id']}"
    made = keeper.post(f"{url}/corrections", json={**place, "value": "2021-05-05", "reason": "Theo thẻ"})
    assert (made.status_code, made.json()["version"], made.json()["filed_value"]) == (201, 2, "2021-05-04")
    assert keeper.post(f"{url}/corrected", json={}).json()["state"] == "done"
    assert keeper.post(f"{url}/corrected", json={}).status_code == 409
    erasure = opened("erasure")
    refused = keeper.post(f"{BASE}/requests/{erasure['id']}/erasure").json()
    assert refused["state"] == "refused"
    assert refused["answer"]["grounds"][0]["rule"] == "certified_copy_or_signature"
    wanted = opened("correction")
    assert keeper.post(f"{BASE}/requests/{wanted['id']}/refusal", json={"reason": "Không rõ"}).json()["answer"] == {
        "reason": "Không rõ"
    }
    assert keeper.get(f"{BASE}/requests").json() == []
    assert len(keeper.get(f"{BASE}/requests", params={"answered": True}).json()) == 3
    looks = [entry for entry in house.catalogue.keeping().entries(owner) if entry.kind == "read"]
    assert looks, "whoever reads what citizens asked is on record"


@pytest.mark.slow
def test_a_copy_comes_as_a_zip_file_and_leaves_nothing_behind(keeper: TestClient, house: House) -> None:
    letter = file_letter(house)
    (paper,) = house.catalogue.owners().papers_of_dossier(letter)
    who = account_for(house, Role.DESK_OFFICER).principal()
    linked = people.link(house.tools, who, paper["id"], "new", Person(name="Nguyễn Văn An"))
    owner = linked["owner_id"]
    asked = keeper.post(f"{BASE}/requests", json={"kind": "export", "owner": owner, "note": "Sao"}).json()
    answer = keeper.post(f"{BASE}/requests/{asked['id']}/copy")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as copy:
        assert {"owner.json", "history.json", "index.json", f"packages/{letter}.zip"} <= set(copy.namelist())
    assert not list(house.settings.work.glob("http-*"))
    assert keeper.post(f"{BASE}/requests/{asked['id']}/copy").status_code == 409


def test_health_and_doctor_show_what_was_tried_out(
    client_of: Callable[..., TestClient], house: House, owner: str
) -> None:
    health = client_of(*Role).get("/api/v1/health").json()
    assert health["store_immutable"] is False
    assert health["store_proofs"] == {
        "conditional_put": True,
        "versioning": False,
        "retention": False,
        "legal_hold": False,
        "separate_keys": False,
        "encryption": True,
    }
    shown = _proofs(house).splitlines()
    assert len(shown) == 6
    assert shown[0].startswith("có: không ghi đè")
    assert any(line.startswith("chưa chứng minh: thời hạn lưu giữ") for line in shown)
    who = account_for(house, Role.SEAL_KEEPER).principal()
    asked = requests.open_request(house.tools, who, RequestKind.EXPORT, owner, "Sao")
    assert _citizens(house) == "1 yêu cầu đang chờ, không quá hạn"
    assert house.catalogue.keeping().open_requests(asked.due_on + timedelta(days=1)) == (1, 1)


@pytest.mark.usefixtures("quiet_logging")
def test_commands_act_as_a_person(house: House, filed: str, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSO_HOME", str(house.settings.home))
    keeps, desk = account_for(house, Role.SEAL_KEEPER), account_for(house, Role.DESK_OFFICER)
    retention.complete(house.tools)

    def run(*words: str) -> tuple[int, str]:
        answer = CliRunner().invoke(commands, ["keep", *words])
        return answer.exit_code, answer.stdout

    code, text = run("list", "--as", keeps.login)
    assert code == 0
    assert filed in text
    assert "Điều 14" in text
    assert run("list", "--as", desk.login)[0] == 4
    assert run("list", "--as", "khong-co")[0] == 4
    code, text = run("hold", "--as", keeps.login, "--owner", owner, "-r", "Công văn 12", "--json")
    (held,) = json.loads(text)
    assert (code, held["set_by"]) == (0, keeps.id)
    assert run("hold", "--as", keeps.login, "-r", "x")[0] == 4
    assert run("destroy", filed, "--as", keeps.login, "-r", "x")[0] == 4
    code, text = run("request", "erasure", "--as", keeps.login, "--owner", owner, "--note", "Xóa", "--json")
    (asked,) = json.loads(text)
    code, text = run("erase", asked["id"], "--as", keeps.login)
    assert code == 3
    assert "phong tỏa" in text
    assert "Điều 14" in text
    assert run("lift", held["id"], "--as", keeps.login, "-r", "Công văn 15")[0] == 0
    assert run("holds", "--as", keeps.login) == (0, "")
