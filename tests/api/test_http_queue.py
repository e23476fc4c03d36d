"""The queue over HTTP: the same files again answered openly, no room said honestly, lanes and duties in health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.catalogue.lanes import Lane
from pipeline.composition import House, build_house
from pipeline.flow_settings import FlowSettings
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

API = "/api/v1"
PAPER = b"%PDF-1.7 a paper"


def given(client: TestClient, procedure: str | None = None, lane: str = "") -> Any:
    draft = client.post(f"{API}/dossiers", json={"procedure": procedure} if procedure else {}).json()["id"]
    headers = {"Content-Disposition": 'attachment; filename="a.pdf"'}
    assert client.put(f"{API}/dossiers/{draft}/files", content=PAPER, headers=headers).status_code == 201
    return client.post(f"{API}/dossiers/{draft}/start{lane}")


def test_what_nobody_waits_for_is_in_the_backlog_from_its_first_moment(client: TestClient, house: House) -> None:
    assert given(client, lane="?lane=shelf").status_code == 422
    first = given(client, lane="?lane=backlog").json()["id"]
    queue = house.catalogue.queue()
    assert (queue.waiting(Lane.DESK), queue.waiting(Lane.BACKLOG)) == ([], [first])
    again = given(client, lane="?lane=backlog")
    assert (again.status_code, queue.waiting(Lane.BACKLOG)) == (200, [first]), "nobody came to the desk with it"


def test_the_same_files_again_are_said_to_be_known_and_leave_the_backlog(client: TestClient, house: House) -> None:
    first = given(client)
    assert (first.status_code, first.headers.get("Hoso-Known-Dossier")) == (202, None)
    known = first.json()["id"]
    house.catalogue.queue().put(known, lane=Lane.BACKLOG)
    again = given(client)
    assert (again.status_code, again.headers["Hoso-Known-Dossier"], again.json()["id"]) == (200, known, known)
    assert house.catalogue.queue().waiting(Lane.DESK) == [known], "the citizen in the chair does not wait behind it"
    other = given(client, "1.001193")
    assert (other.status_code, other.json()["id"] == known) == (202, False)


def test_health_says_who_works_and_what_is_done_by_the_clock(client: TestClient) -> None:
    health = client.get(f"{API}/health").json()
    assert (health["workers"], health["stopped"], health["duties"]) == (0, {}, {})


class TestNoRoom:
    """A disk that is as good as full."""

    @pytest.fixture
    def house(self, tmp_path: Path) -> Any:
        with build_house(Settings(home=tmp_path / "home", flows=FlowSettings(disk_desk_mb=1 << 40))) as built:
            yield built

    def test_is_said_with_the_time_to_come_again(self, client: TestClient) -> None:
        answer = client.post(f"{API}/dossiers", json={})
        assert (answer.status_code, answer.json()["code"]) == (503, "disk_low")
        assert answer.headers["Retry-After"] == "60"
        assert client.get(f"{API}/health").json()["stopped"] == {"desk": "disk_low", "backlog": "disk_low"}
        figures = client.get("/metrics").text
        assert 'hoso_queue_stopped{lane="desk"} 1.0' in figures
        assert 'hoso_workers{state="idle"} 0.0' in figures
