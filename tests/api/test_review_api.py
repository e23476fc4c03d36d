"""The workbench over HTTP: who may, what an answer brings, another agency, and dossiers that are handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.review_handing import Handing
from pipeline.access.roles import Role
from pipeline.composition import House, build_house
from pipeline.decisions import Decision
from pipeline.record import Status
from pipeline.review.settings import ReviewSettings
from pipeline.review.workbench import Workbench
from pipeline.settings import Settings
from pipeline.trials.review_items import Drawn, drawn, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.testclient import TestClient

BASE = "/api/v1/review"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(home=tmp_path / "home", cores=2, review=ReviewSettings(undo_seconds=0, look_seconds=3600))
    with build_house(settings) as built:
        yield built


@pytest.fixture
def handing(house: House) -> Handing:
    return Handing(house, Workbench(house.tools))


def waiting(house: House, handing: Handing, fields: int = 2) -> Drawn:
    made = stored(house.tools, drawn(1, house.tools.clock(), fields=fields, wrong=0.0))
    handing.step()
    return made


def taken(client: TestClient, **wish: Any) -> list[dict[str, Any]]:
    answer = client.post(f"{BASE}/take", json=wish)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def act(client: TestClient, item: dict[str, Any], verdict: str = "accept", **more: Any) -> str:
    said = {"item": item["id"], "revision": item["revision"], "verdict": verdict, "ms": 900, "keys": 1, **more}
    answer = client.post(f"{BASE}/acts", json={"acts": [said]})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["outcomes"][0]["result"])


def test_settled_dossiers_go_on_by_themselves(
    house: House, handing: Handing, client_of: Callable[..., TestClient]
) -> None:
    made = waiting(house, handing)
    client = client_of(Role.VERIFIER, name="Hoa")
    first, second = taken(client)
    assert act(client, first) == "taken_in"
    assert handing.step() == 0
    assert act(client, second, "correct", text="Lê Thị Bưởi") == "taken_in"
    assert act(client, second, "correct", text="Lê Thị Bưởi") == "same"
    assert handing.step() == 1
    dossier = house.conductor.dossier(made.dossier.id)
    assert {field.value for field in dossier.documents[0].fields.values()} == {made.asked[0].right, "Lê Thị Bưởi"}
    assert {row.who for row in house.catalogue.decisions_of(made.dossier.id)} == {"Hoa"}
    assert handing.step() == 0
    again = client.post(f"{BASE}/undo")
    assert again.status_code == (409 if dossier.status is not Status.WAITS else 200)


def test_what_was_decided_elsewhere_stays_and_is_told(
    house: House, handing: Handing, client_of: Callable[..., TestClient]
) -> None:
    made = waiting(house, handing)
    client = client_of(Role.VERIFIER)
    items = taken(client)
    for item in items:
        assert act(client, item) == "taken_in"
    decided = [Decision(kind="value", document="d1", key=one.key, value="Khác") for one in made.asked]
    house.conductor.decide(made.dossier.id, decided, "Bình")
    house.conductor.run_stage(made.dossier.id, "validate")
    house.catalogue.save(house.conductor.dossier(made.dossier.id).model_copy(update={"status": Status.PROCESSING}))
    handing.step()
    values = {field.value for field in house.conductor.dossier(made.dossier.id).documents[0].fields.values()}
    assert values == {"Khác"}
    told = client.post(f"{BASE}/take", json={}).json()["told"]
    assert len(told) == 2


def test_a_lost_answer_of_the_network_costs_nothing(
    house: House, handing: Handing, client_of: Callable[..., TestClient]
) -> None:
    waiting(house, handing)
    client, other = client_of(Role.VERIFIER, name="Hoa"), client_of(Role.VERIFIER, name="An")
    item = taken(client, count=1)[0]
    draft = {"item": item["id"], "revision": item["revision"], "typing": {"text": "Lê", "ms": 10, "keys": 2}}
    assert client.put(f"{BASE}/draft", json=draft).json() == {"kept": True}
    assert other.put(f"{BASE}/draft", json=draft).json() == {"kept": False}
    assert taken(client, count=1)[0]["typing"]["text"] == "Lê"
    assert client.post(f"{BASE}/keep", json={"items": [item["id"]]}).json() == {"items": [item["id"]]}
    assert other.post(f"{BASE}/keep", json={"items": [item["id"]]}).json() == {"items": []}
    assert act(other, item) == "other"
    assert act(client, item, "correct", text="") == "refused"
    assert client.post(f"{BASE}/release", json={"items": [item["id"]]}).status_code == 204
    assert item["id"] in {one["id"] for one in taken(other)}


def test_rights_and_agencies(house: House, handing: Handing, client_of: Callable[..., TestClient]) -> None:
    waiting(house, handing)
    mine = taken(client_of(Role.VERIFIER), count=1)[0]
    foreign = client_of(Role.VERIFIER, Role.LEADER, agency="H99.09")
    assert taken(foreign) == []
    assert act(foreign, mine) == "gone"
    assert foreign.get(f"{BASE}/items/{mine['id']}/strip").status_code == 404
    assert foreign.post(f"{BASE}/reply", json={"item": mine["id"], "text": "x"}).status_code == 404
    for role in (Role.DESK_OFFICER, Role.APPRAISER, Role.SEAL_KEEPER, Role.AUDITOR, Role.ADMINISTRATOR):
        client = client_of(role)
        assert client.post(f"{BASE}/take", json={}).status_code == 403
        assert client.get("/kiem-du-lieu").status_code == 403
    assert client_of(Role.VERIFIER).post(f"{BASE}/reply", json={"item": mine["id"], "text": "x"}).status_code == 403
    assert client_of().post(f"{BASE}/take", json={}).status_code == 401
    assert client_of(Role.LEADER).get("/kiem-du-lieu").status_code == 200


def test_a_strip_is_a_picture_that_no_cache_keeps(
    house: House, handing: Handing, client_of: Callable[..., TestClient]
) -> None:
    waiting(house, handing)
    client = client_of(Role.VERIFIER)
    item = taken(client, count=1)[0]
    for query in ("", "?wide=true"):
        answer = client.get(f"{BASE}/items/{item['id']}/strip{query}")
        assert answer.content.startswith(b"\x89PNG")
        assert answer.headers["cache-control"] == "no-store"
    assert client.get(f"{BASE}/items/{item['id']}/strip?part=9").status_code == 404
    assert client.get(f"{BASE}/items/none/strip").status_code == 404
