"""Every route against every role, a machine, nobody and another agency: as `routes.tsv` says, cell by cell."""

import os
import re

from fastapi import FastAPI
from fastapi.responses import Response
from route_table import HEADER, MACHINE, NOBODY, TABLE, VISITORS, Row, rows, written
from signing_in import BASE, OWN_PAGE, key_for, session_for
from starlette.testclient import TestClient

from api.access.cookies import LOCAL
from pipeline.access.roles import Right, Role
from pipeline.composition import House
from pipeline.record import Dossier

REACHED = 299
FOREIGN = "H99.01"
# What may name something in a path; a personal number is none of it. New names are judged by whoever adds them.
PARAMETERS = {
    "dossier_id", "number", "document", "key", "name", "code", "language", "item", "item_id", "owner", "owner_id",
    "paper", "paper_id", "version", "share_id", "batch", "secret", "ticket", "tab", "sha256", "kind", "delivery",
    "event", "merge_id", "request_id", "hold_id", "page",
}  # fmt: skip

# Bodies that are right in form, so that it is the dossier that is refused and not the form.
BODIES = {
    "/decisions": {"decisions": [{"kind": "accept_finding", "finding": "0123456789"}]},
    "/slips": {},
}


def test_the_table_is_what_the_routes_declare(app: FastAPI) -> None:
    lines = [HEADER, *sorted({row.line() for row in rows(app)}, key=lambda line: line.split("\t")[1::-1])]
    if os.environ.get("HOSO_UPDATE_TABLE"):
        TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert written() == lines, "HOSO_UPDATE_TABLE=1 writes it anew; then read the difference"


def test_no_path_and_no_query_has_room_for_a_personal_number(app: FastAPI) -> None:
    found = {name for row in rows(app) for name in row.parameters}
    assert found <= PARAMETERS, f"is it sure that {found - PARAMETERS} never is a person's number?"
    described = app.openapi()["paths"]
    asked = [p for path in described.values() for o in path.values() for p in o.get("parameters", ())]
    queries = {p["name"] for p in asked if p["in"] in {"query", "path"}}
    assert not [name for name in queries if re.search(r"cccd|cmnd|dinh_danh|phone|ho_ten|full_name", name)]


def test_each_visitor_gets_in_where_the_table_says(app: FastAPI, house: House, monkeypatch) -> None:
    async def reached(**_: object) -> Response:
        return Response(status_code=REACHED)

    # The gate and the request's form are looked at; what a route does then is not, so that no cell changes another.
    monkeypatch.setattr("fastapi.routing.run_endpoint_function", reached)
    headers = {visitor: _headers(house, visitor) for visitor in VISITORS}
    wrong = []
    with TestClient(app, base_url=BASE, raise_server_exceptions=False, client=("10.1.2.3", 50_000)) as client:
        for row in rows(app):
            for visitor, cell in zip(VISITORS, row.cells, strict=True):
                answer = client.request(row.method, _filled(row), headers=headers[visitor], follow_redirects=False)
                to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/dang-nhap")
                refused = answer.status_code in {401, 403} or to_sign_in
                # 422 is the form of the request, which is looked at after the gate.
                if refused == (cell == "+") or answer.status_code not in {REACHED, 422, 401, 403, 303}:
                    wrong.append((row.method, row.path, visitor, cell, answer.status_code))
                if refused and visitor != NOBODY:
                    assert answer.status_code == 403, "known, but not allowed"
    assert wrong == []


def test_another_agency_meets_dossiers_that_do_not_exist(app: FastAPI, house: House, waiting: Dossier) -> None:
    session = session_for(house, *Role, agency=FOREIGN)
    own = session_for(house, *Role)
    machine = key_for(house, *Right, agency=None)
    wrong = []
    with TestClient(app, base_url=BASE, raise_server_exceptions=False, headers=OWN_PAGE) as client:
        for row in rows(app):
            if "dossier_id" not in row.parameters:
                continue
            path = _filled(row, dossier_id=waiting.id)
            body = next((body for end, body in BODIES.items() if path.endswith(end)), None)
            headers = {"Cookie": f"{LOCAL}={session}"}
            answer = client.request(row.method, path, headers=headers, json=body, follow_redirects=False)
            if answer.status_code not in {404, 422, 405, 415, 400} or waiting.id in answer.headers.get("location", ""):
                wrong.append((row.method, row.path, answer.status_code))
            if answer.status_code == 200:
                assert "Nguyễn Văn An" not in answer.text
        listed = client.get("/api/v1/dossiers", headers={"Cookie": f"{LOCAL}={session}"}).json()
        assert listed == {"dossiers": []}
        mine = client.get("/api/v1/dossiers", headers={"Cookie": f"{LOCAL}={own}"}).json()
        assert [one["id"] for one in mine["dossiers"]] == [waiting.id]
        client.headers.update(machine)
        assert client.get(f"/api/v1/dossiers/{waiting.id}").status_code == 200
    assert wrong == []


def _headers(house: House, visitor: str) -> dict[str, str]:
    if visitor == NOBODY:
        return dict(OWN_PAGE)
    if visitor == MACHINE:
        return key_for(house, Right.RESULTS_PULL)
    return OWN_PAGE | {"Cookie": f"{LOCAL}={session_for(house, Role(visitor))}"}


def _filled(row: Row, **known: str) -> str:
    path = row.path
    for name in row.parameters:
        value = known.get(name, {"number": "1", "part": "1", "language": "vi"}.get(name, "khong-co"))
        path = re.sub(rf"\{{{name}(:\w+)?\}}", value, path)
    return path
