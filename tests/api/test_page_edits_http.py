"""Pages over HTTP: what is done, refused, looked at, and who may."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from page_stack import SIZE, stacked
from PIL import Image
from starlette.testclient import TestClient

from pipeline.access.roles import Role
from pipeline.composition import House
from pipeline.record import Status


def layout(client: TestClient, dossier: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/dossiers/{dossier}/layout")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def post(client: TestClient, dossier: str, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/dossiers/{dossier}/layout/{path}", json=body)


def papers(view: dict[str, Any]) -> list[list[int]]:
    return [group["pages"] for group in view["groups"] if group["paper"]]


def test_a_way_through_all_acts_and_back(house: House, client: TestClient) -> None:
    dossier = stacked(house, 8, blank=(4,)).id
    start = layout(client, dossier)
    assert papers(start) == [[1, 2, 3], [5, 6, 7], [8]]
    acts: list[dict[str, Any]] = [
        {"kind": "turn", "pages": [2], "turns": 3},
        {"kind": "split", "pages": [3]},
        {"kind": "merge", "pages": [3, 8]},
        {"kind": "order", "pages": [7], "beside": 1, "after": False},
        {"kind": "blank", "pages": [4], "blank": False},
        {"kind": "blank", "pages": [5], "blank": True},
        {"kind": "hide", "pages": [6]},
        {"kind": "type", "pages": [4], "type": "cccd"},
    ]
    view = start
    for act in acts:
        answer = post(client, dossier, "edits", revision=view["revision"], **act)
        assert answer.status_code == 200, answer.text
        view = answer.json()
    assert papers(view) == [[7, 1, 2], [3, 8], [4]]
    assert [page["page"] for page in view["away"]] == [6]
    assert view["pages"]["2"]["turns"] == 3
    assert [g["by_person"] for g in view["groups"] if g["pages"] == [4]] == [True]
    record = house.conductor.dossier(dossier)
    assert [page.scanned for page in record.pages] == [7, 1, 2, 3, 4, 5, 8]
    assert record.status is Status.PROCESSING
    assert dossier in house.catalogue.queue().waiting()
    for event in view["events"]:
        answer = post(client, dossier, "undo", revision=view["revision"], event=event["id"])
        assert answer.status_code == 200, answer.text
        view = answer.json()
    assert {"groups": view["groups"], "pages": view["pages"], "away": view["away"]} == {
        key: start[key] for key in ("groups", "pages", "away")
    }


def test_pages_move_to_a_new_dossier_which_says_where_from(house: House, client: TestClient) -> None:
    dossier = stacked(house).id
    answer = post(client, dossier, "moves", revision=0, pages=[7, 2])
    assert answer.status_code == 200, answer.text
    target = answer.json()["target"]
    there = layout(client, target)
    assert papers(there) == [[2], [1]], "as they lay in papers"
    assert {page["origin"] for page in there["pages"].values()} == {dossier}
    assert {one["dossier"] for one in answer.json()["view"]["away"]} == {target}
    back = post(client, target, "undo", revision=there["revision"], event=there["events"][0]["id"])
    assert back.json()["pages"] == {}
    assert layout(client, dossier)["away"] == []


def test_refusals_are_typed(house: House, client: TestClient) -> None:
    dossier = stacked(house).id
    for code, status, body in (
        ("page_edit_invalid", 422, {"revision": 0, "kind": "split", "pages": [1]}),
        ("page_edit_invalid", 422, {"revision": 0, "kind": "turn", "pages": [80]}),
        ("page_edit_last_page", 422, {"revision": 0, "kind": "hide", "pages": [1, 2, 3, 4, 5, 6, 7]}),
        ("pages_changed", 409, {"revision": 3, "kind": "turn", "pages": [1]}),
        ("request_invalid", 422, {"revision": 0, "kind": "bring", "pages": [1]}),
        ("request_invalid", 422, {"revision": 0, "kind": "turn", "pages": []}),
    ):
        answer = post(client, dossier, "edits", **body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert post(client, dossier, "moves", revision=0, pages=[1], target="hs-261122-nowhere0").status_code == 404
    house.catalogue.save(house.conductor.dossier(dossier).model_copy(update={"status": Status.FILED}))
    assert layout(client, dossier)["refused"] == "pages_filed"
    answer = post(client, dossier, "edits", revision=0, kind="turn", pages=[1])
    assert (answer.status_code, answer.json()["code"]) == (409, "pages_filed")


def test_small_pictures_are_small_and_made_once(house: House, client: TestClient) -> None:
    dossier = stacked(house).id
    address = f"/api/v1/dossiers/{dossier}/layout/pages/3"
    small = client.get(f"{address}/thumbnail")
    assert small.headers["content-type"] == "image/jpeg"
    with Image.open(BytesIO(small.content)) as picture:
        assert max(picture.size) == 260
    assert client.get(f"{address}/thumbnail").content == small.content
    with Image.open(BytesIO(client.get(f"{address}/image").content)) as picture:
        assert picture.size == SIZE
    assert client.get(f"/api/v1/dossiers/{dossier}/layout/pages/99/thumbnail").status_code == 404


def test_looks_are_on_record_and_another_agency_sees_nothing(
    house: House, client: TestClient, client_of: Callable[..., TestClient]
) -> None:
    dossier = stacked(house).id
    layout(client, dossier)
    client.get(f"/api/v1/dossiers/{dossier}/layout/pages/1/image")
    looks = [entry.what.get("what") for entry in house.catalogue.keeping().entries(dossier) if entry.kind == "read"]
    assert looks[-2:] == ["pages", "page"]
    stranger = client_of(Role.DESK_OFFICER, agency="H99.01")
    other = stacked(house, 3, agency="H99.01").id
    for path in ("layout", "layout/state", "layout/pages/1/thumbnail", "layout/pages/1/image"):
        assert stranger.get(f"/api/v1/dossiers/{dossier}/{path}").status_code == 404
    assert post(stranger, dossier, "edits", revision=0, kind="turn", pages=[1]).status_code == 404
    assert post(client, dossier, "moves", revision=0, pages=[1], target=other).status_code == 404
    assert stranger.get(f"/ho-so/{dossier}/trang").status_code == 404
    assert client_of(Role.AUDITOR).get(f"/api/v1/dossiers/{dossier}/layout").status_code == 403
    assert client.get(f"/ho-so/{dossier}/trang").status_code == 200
