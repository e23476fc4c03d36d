"""What a monitor sees: true counts, nothing of persons, and an answer even when the catalogue is gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from client import TestClient

    from pipeline.composition import House
    from pipeline.record import Dossier


def figures(client: TestClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_dossiers_are_counted_where_they_stand(client: TestClient, waiting: Dossier) -> None:
    found = figures(client)
    assert found["hoso_dossiers", (("status", "waits_for_person"),)] == 1
    assert found["hoso_dossiers", (("status", "filed"),)] == 0
    assert found["hoso_oldest_seconds", (("status", "waits_for_person"),)] >= 0
    assert found["hoso_catalogue_up", ()] == 1
    assert found["hoso_disk_free_bytes", ()] > 0
    assert found["hoso_ledger_entries", ()] == 1
    assert waiting


def test_a_stage_is_counted_once_however_often_one_looks(house: House, client: TestClient, waiting: Dossier) -> None:
    figures(client)
    house.catalogue.append_event(waiting.id, "read", "continue", data={"seconds": 2.0})
    house.catalogue.append_event(waiting.id, "sign", "held", code="timestamp_unavailable", data={})
    for _ in range(3):
        found = figures(client)
    assert found["hoso_stage_seconds_sum", (("stage", "read"),)] == 2.0
    assert found["hoso_stage_seconds_count", (("stage", "read"),)] == 1
    held = (("code", "timestamp_unavailable"), ("stage", "sign"), ("state", "held"))
    assert found["hoso_stage_ends_total", held] == 1


def test_routes_are_named_by_their_template(client: TestClient, waiting: Dossier) -> None:
    client.get(f"/api/v1/dossiers/{waiting.id}")
    client.get("/api/v1/dossiers/hs-000000-aaaaaaaa")
    client.get("/nowhere/079204001234")
    labels = {key for name, key in figures(client) if name == "hoso_http_seconds_count"}
    seen = {(dict(key)["route"], dict(key)["status"]) for key in labels}
    assert {("/api/v1/dossiers/{dossier_id}", "200"), ("/api/v1/dossiers/{dossier_id}", "404")} <= seen
    assert ("none", "404") in seen
    assert re.search(r"\d{9}|hs-", str(labels)) is None


def test_a_catalogue_out_of_reach_is_a_figure(house: House, client: TestClient) -> None:
    path = house.settings.home / "catalogue.sqlite3"
    house.catalogue.close()
    path.write_bytes(b"no database" * 100)
    for beside in path.parent.glob(f"{path.name}-*"):
        # What a thread of the app still had open would be read from the log beside the file.
        beside.unlink()
    assert figures(client)["hoso_catalogue_up", ()] == 0
