"""The HTTP API: uploads within limits, problem documents, events that go on where they were, decisions."""

import hashlib
import json
from io import BytesIO

import pytest
from PIL import Image
from starlette.testclient import TestClient

from pipeline.composition import House
from pipeline.record import Dossier, Status

API = "/api/v1"


def problem(answer) -> dict:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "code", "file", "remedy"} <= body.keys()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:hoso:problem:{body['code']}"
    assert body["title"]
    assert body["remedy"]
    return body


def new_draft(client: TestClient, procedure: str | None = None) -> str:
    answer = client.post(f"{API}/dossiers", json={"procedure": procedure})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{API}/dossiers/{answer.json()['id']}"
    return answer.json()["id"]


def test_files_come_raw_and_as_a_form_and_are_hashed(client: TestClient) -> None:
    draft = new_draft(client)
    raw = client.put(
        f"{API}/dossiers/{draft}/files",
        content=b"one",
        headers={"Content-Disposition": "attachment; filename*=UTF-8''t%E1%BB%9D%20khai.pdf"},
    )
    assert raw.json() == {"name": "tờ khai.pdf", "size": 3, "sha256": hashlib.sha256(b"one").hexdigest()}
    form = client.post(
        f"{API}/dossiers/{draft}/files", files=[("files", ("a.png", b"22")), ("files", ("../b.png", b"3"))]
    )
    assert [(f["name"], f["size"]) for f in form.json()["files"]] == [("a.png", 2), ("b.png", 1)]
    names = [original["name"] for original in client.get(f"{API}/dossiers/{draft}").json()["originals"]]
    assert names == ["tờ khai.pdf", "a.png", "b.png"]


def test_a_started_draft_becomes_a_dossier_and_keeps_its_address(client: TestClient, house: House) -> None:
    draft = new_draft(client)
    client.put(f"{API}/dossiers/{draft}/files", content=b"no picture at all")
    started = client.post(f"{API}/dossiers/{draft}/start")
    assert started.status_code == 202
    dossier_id = started.json()["id"]
    assert house.conductor.dossier(dossier_id).status is Status.RECEIVED
    assert client.get(f"{API}/dossiers/{draft}").json() == client.get(f"{API}/dossiers/{dossier_id}").json()
    assert client.post(f"{API}/dossiers/{draft}/start").json()["id"] == dossier_id
    late = client.put(f"{API}/dossiers/{draft}/files", content=b"late")
    assert late.status_code == 409
    assert problem(late)["code"] == "draft_started"
    assert (
        house.store.get(f"originals/{(s := started.json()['originals'][0]['sha256'])[:2]}/{s}") == b"no picture at all"
    )


def test_starting_without_files_is_refused(client: TestClient) -> None:
    answer = client.post(f"{API}/dossiers/{new_draft(client)}/start")
    assert answer.status_code == 422
    assert problem(answer)["code"]


@pytest.mark.parametrize("way", ["length", "stream", "form"])
def test_too_large_is_413_and_leaves_nothing(client: TestClient, house: House, way: str) -> None:
    draft = new_draft(client)
    url = f"{API}/dossiers/{draft}/files"
    big = b"x" * ((3 << 20) if way == "length" else (1 << 20) + 5)
    if way == "form":
        answer = client.post(url, files={"files": ("big.pdf", big)})
    else:
        answer = client.put(url, content=big if way == "length" else iter([big[:500_000], big[500_000:]]))
    assert answer.status_code == 413
    assert problem(answer)["code"] == "upload_too_large"
    left = [path.name for path in (house.settings.work / "uploads" / draft).iterdir()]
    assert left == ["draft.json"]


def test_errors_are_problem_documents(client: TestClient, waiting: Dossier) -> None:
    unknown = client.get(f"{API}/dossiers/hs-261121-zzzzzzzz")
    assert (unknown.status_code, problem(unknown)["file"]) == (404, "hs-261121-zzzzzzzz")
    assert problem(client.get(f"{API}/nowhere"))["status"] == 404
    assert problem(client.post(f"{API}/dossiers", json={"procedure": "9.999999"}))["code"] == "procedure_unknown"
    invalid = client.post(f"{API}/dossiers", json={"procedur": "1.001193"})
    assert (invalid.status_code, problem(invalid)["code"]) == (422, "request_invalid")
    assert problem(client.get(f"{API}/dossiers/{waiting.id}/pages/7/image"))["code"] == "page_unknown"
    assert problem(client.get(f"{API}/dossiers/{waiting.id}/archive.pdf"))["code"] == "not_filed"


def test_an_unexpected_error_says_nothing_of_its_inside(client: TestClient, house: House, monkeypatch) -> None:
    monkeypatch.setattr(type(house.catalogue), "count_by_status", lambda _self: 1 / 0)
    answer = client.get(f"{API}/health")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert problem(answer)["code"] == "fault"


def test_events_go_on_after_the_last_one_seen(client: TestClient, house: House, waiting: Dossier) -> None:
    for stage in ("intake", "read", "validate"):
        house.catalogue.append_event(waiting.id, stage=stage, state="started")

    def events(**headers: str) -> list[tuple[str, str]]:
        text = client.get(f"{API}/dossiers/{waiting.id}/events", headers=headers).text
        blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\r\n\r\n") if block]
        return [(block["event"], json.loads(block["data"]).get("stage", "")) for block in blocks]

    every = [("progress", "intake"), ("progress", "read"), ("progress", "validate"), ("settled", "")]
    assert events() == every
    assert events(**{"Last-Event-ID": "2"}) == every[2:]
    unknown = client.get(f"{API}/dossiers/hs-261121-zzzzzzzz/events")
    assert unknown.status_code == 404


def test_a_person_decides_and_the_dossier_goes_on(client: TestClient, house: House, waiting: Dossier) -> None:
    url = f"{API}/dossiers/{waiting.id}/decisions"
    value = {"kind": "value", "document": "d1", "key": "ho_ten", "value": "Nguyễn Văn Ân"}
    first = client.post(url, json={"who": "Hoa", "decisions": [value]}).json()
    field = first["documents"][0]["fields"]["ho_ten"]
    assert (field["value"], field["status"], field["source"]) == ("Nguyễn Văn Ân", "confirmed", "person")
    assert first["status"] == "waits_for_person"
    accept = [
        {"kind": "accept_finding", "finding": finding["id"]}
        for finding in first["findings"]
        if finding["severity"] != "info"
    ]
    assert accept
    second = client.post(url, json={"who": "Hoa", "decisions": accept}).json()
    assert second["status"] == "processing"
    assert house.conductor.next_stage(waiting.id) == "archive"
    wrong = client.post(url, json={"who": "Hoa", "decisions": [value]})
    assert (wrong.status_code, problem(wrong)["code"]) == (409, "decision_invalid")


def test_nobody_decides_while_a_worker_has_the_dossier(client: TestClient, house: House, waiting: Dossier) -> None:
    from datetime import timedelta

    assert house.catalogue.claim(waiting.id, "another", timedelta(minutes=1)) is not None
    body = {"who": "Hoa", "decisions": [{"kind": "confirm", "document": "d1", "key": "ho_ten"}]}
    answer = client.post(f"{API}/dossiers/{waiting.id}/decisions", json=body)
    assert (answer.status_code, problem(answer)["code"]) == (409, "dossier_busy")


def test_lists_images_procedures_and_health(client: TestClient, waiting: Dossier) -> None:
    assert [d["id"] for d in client.get(f"{API}/dossiers").json()["dossiers"]] == [waiting.id]
    assert client.get(f"{API}/dossiers", params={"status": "filed"}).json() == {"dossiers": []}
    image = client.get(f"{API}/dossiers/{waiting.id}/pages/1/image")
    assert image.headers["content-type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    crop = client.get(f"{API}/dossiers/{waiting.id}/documents/d1/fields/ho_ten/image")
    assert crop.headers["content-type"] == "image/png"
    assert Image.open(BytesIO(crop.content)).size == (124, 68), (
        "the box of 100 x 40 with paper round it, up to the edge"
    )
    assert problem(client.get(f"{API}/dossiers/{waiting.id}/documents/d1/fields/x/image"))["code"] == "field_unknown"
    codes = [p["code"] for p in client.get(f"{API}/procedures").json()["procedures"]]
    assert "1.001193" in codes
    assert client.get(f"{API}/procedures/1.001193").json()["components"]
    health = client.get(f"{API}/health").json()
    assert health["ok"]
    assert health["dossiers"] == {"waits_for_person": 1}


def test_what_is_no_pdf_gets_a_verdict_too(client: TestClient, house: House) -> None:
    answer = client.post(f"{API}/verify", files={"file": ("giấy.pdf", b"not a pdf")})
    assert answer.status_code == 200
    report = answer.json()
    assert (report["file"], report["sha256"]) == ("giấy.pdf", hashlib.sha256(b"not a pdf").hexdigest())
    assert report["outcome"] != "valid"
    assert not list(house.settings.work.glob("http-*"))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://127.0.0.1:8000"}, 201),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example"}, 403),
    ],
)
def test_pages_from_elsewhere_cannot_act(client: TestClient, headers: dict[str, str], status: int) -> None:
    assert client.post(f"{API}/dossiers", headers=headers).status_code == status


def test_the_description_names_errors_and_examples(client: TestClient) -> None:
    schema = client.get(f"{API}/openapi.json").json()
    routes = {path: set(methods) for path, methods in schema["paths"].items()}
    assert routes[f"{API}/dossiers/{{dossier_id}}/files"] == {"put", "post"}
    too_large = schema["paths"][f"{API}/dossiers/{{dossier_id}}/files"]["put"]["responses"]["413"]
    assert too_large["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert schema["components"]["schemas"]["Problem"]["examples"]
    assert schema["components"]["schemas"]["Answers"]["examples"]


def test_a_slip_is_ordered_in_the_body_and_comes_as_a_pdf(client: TestClient, house: House, waiting: Dossier) -> None:
    refused = client.post(f"{API}/dossiers/{waiting.id}/slips", json={})
    assert refused.status_code == 422
    assert problem(refused)["code"] == "slip_refused"
    missing = waiting.model_copy(update={"id": "hs-261121-00000002", "procedure": "1.001193"})
    house.catalogue.create_dossier(missing)
    order = {"form": "refusal", "officer": "Nguyễn Thị Hoa", "reasons": ["Không thuộc thẩm quyền"]}
    answer = client.post(f"{API}/dossiers/{missing.id}/slips", json=order)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert client.post(f"{API}/dossiers/{missing.id}/slips", json={"form": "poem"}).status_code == 422
    assert problem(client.post(f"{API}/dossiers/nobody/slips", json={}))["status"] == 404
