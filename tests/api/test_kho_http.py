"""Citizens' data stores over HTTP and as pages: rights, foreign agencies, looks on record, forms without script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from extractors.fields import FieldStatus, FieldValue, Source
from pipeline.access.roles import Role
from pipeline.kho.feed import feed
from pipeline.record import DocumentRecord, Dossier, FieldRecord, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient

    from pipeline.composition import House

NUMBER = "001090004567"
CARD = "000.00.00.G15-KQ004946"


def document(values: dict[str, FieldValue], kind: str = "cccd") -> DocumentRecord:
    fields = {
        key: FieldRecord(
            value=value, raw=str(value), probability=0.99, source=Source.QR, page=1, box=None, status=FieldStatus.READ
        )
        for key, value in values.items()
    }
    return DocumentRecord(
        id="d1", type=kind, title="Thẻ căn cước", component=CARD, pages=(1,), probability=0.99, fields=fields
    )


def filed(house: House, name: str = "Nguyễn Văn An", number: str | None = NUMBER, code: str = "abcdefgh") -> str:
    """A dossier with a card, filed with bytes that stand for the signed PDF."""
    values: dict[str, FieldValue] = {"ho_ten": name, "ngay_sinh": "1990-03-12", "ngay_cap": "2021-05-04"}
    values |= {"so_dinh_danh": number, "ngay_het_han": "2030-03-12"}
    record = Dossier(
        id=f"hs-261120-{code}",
        procedure="1.001193",
        agency=house.settings.agency_code,
        status=Status.FILED,
        received_at=house.tools.clock(),
        documents=(document(values),),
    )
    house.catalogue.create_dossier(record)
    key = f"filed/{record.id}/x/archive.pdf"
    stat = house.store.put_new(key, f"%PDF of {code}".encode(), "application/pdf")
    filing = house.catalogue.record_filing(record.id, "archive_pdf", key, stat.sha256, stat.size, level="B-LTA")
    feed(house.tools, record, filing)
    return record.id


def found_owner(client: TestClient, said: str = "nguyen van an") -> dict[str, Any]:
    answer = client.post("/api/v1/owners/search", json={"text": said})
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["owners"]
    return dict(one)


def test_search_owner_paper_and_history(house: House, client: TestClient) -> None:
    dossier_id = filed(house)
    owner = found_owner(client)
    assert (owner["name"], owner["number_end"], owner["papers"]) == ("Nguyễn Văn An", "567", 1)
    answer = client.post("/api/v1/kho/search", json={"text": NUMBER}, headers={"Hoso-Purpose": "citizen_request"})
    (paper,) = answer.json()["papers"]
    assert (paper["dossier"], paper["owner"], paper["valid_until"]) == (dossier_id, owner["owner"], "2030-03-12")
    view = client.get(f"/api/v1/owners/{owner['owner']}", headers={"Hoso-Purpose": "citizen_request"}).json()
    assert [version["number"] for version in view["papers"][0]["versions"]] == [1]
    looks = [(look["kind"], look["what"], look["purpose"]) for look in view["history"]]
    assert ("read", "owner", "citizen_request") in looks
    assert ("read", "paper", "citizen_request") in looks
    assert client.get(f"/api/v1/papers/{paper['paper']}").status_code == 200
    assert NUMBER not in answer.text


def test_other_agencies_and_other_roles_see_nothing(house: House, client_of: Callable[..., TestClient]) -> None:
    filed(house)
    desk = client_of(Role.DESK_OFFICER)
    owner, other = found_owner(desk)["owner"], client_of(Role.DESK_OFFICER, agency="H01.99")
    assert other.post("/api/v1/owners/search", json={"text": NUMBER}).json() == {"owners": []}
    assert other.post("/api/v1/kho/search", json={"text": "nguyễn"}).json()["papers"] == []
    assert other.get(f"/api/v1/owners/{owner}").status_code == 404
    assert other.get(f"/kho/chu/{owner}").status_code == 404
    for role in (Role.VERIFIER, Role.AUDITOR, Role.ADMINISTRATOR, Role.SEAL_KEEPER):
        refused = client_of(role)
        assert refused.post("/api/v1/owners/search", json={"text": "an"}).status_code == 403
        assert refused.get("/kho").status_code == 403
    leader = client_of(Role.LEADER)
    said = {"recipient": "H01.99", "purpose": "1.000894", "until": "2999-01-01T00:00:00+07:00", "evidence": "sổ 12"}
    assert leader.get(f"/api/v1/owners/{owner}").status_code == 200
    shared = leader.post(f"/api/v1/owners/{owner}/shares", json=said | {"consent": "in_person"})
    assert shared.status_code == 403
    assert client_of().post("/api/v1/owners/search", json={"text": "an"}).status_code == 401


def test_sharing_and_revoking(house: House, client: TestClient, client_of: Callable[..., TestClient]) -> None:
    filed(house)
    owner = found_owner(client)["owner"]
    address = f"/api/v1/owners/{owner}/shares"
    said = {"recipient": "H01.99", "purpose": "1.000894", "until": "2999-01-01T00:00:00+07:00", "evidence": "sổ 12"}
    assert client.post(address, json=said).status_code == 422, "consent has no default"
    given = client.post(address, json=said | {"consent": "in_person"})
    assert given.status_code == 201, given.text
    other = client_of(Role.DESK_OFFICER, agency="H01.99")
    (paper,) = other.post("/api/v1/kho/search", json={"text": "nguyễn văn an"}).json()["papers"]
    held = other.get(f"/api/v1/owners/{owner}/holds", params={"on": "2026-11-21", "component": CARD}).json()["held"]
    assert held[0]["share"] == given.json()["share"]
    other.get(f"/api/v1/papers/{paper['paper']}")
    history = client.get(f"/api/v1/owners/{owner}").json()["history"]
    assert f"share {given.json()['share']}" in [look["what"] for look in history], "reads through a share say so"
    assert other.post(f"/api/v1/shares/{given.json()['share']}/revoke").status_code == 404
    assert client.post(f"/api/v1/shares/{given.json()['share']}/revoke").json()["in_force"] is False
    assert other.post("/api/v1/kho/search", json={"text": "nguyễn văn an"}).json()["papers"] == []
    held = other.get(f"/api/v1/owners/{owner}/holds", params={"on": "2026-11-21", "component": CARD}).json()["held"]
    assert [(one["why"], one["title"]) for one in held] == [("share_revoked", "")]


def test_linking_merging_and_wrong_requests(house: House, client: TestClient) -> None:
    filed(house)
    waits = filed(house, "Nguyên Văn An", code="bbbbbbbb")
    (row,) = house.catalogue.owners().papers_of_dossier(waits)
    linked = client.post(f"/api/v1/papers/{row['id']}/owner", json={"to": "new", "person": {"name": "Nguyên Văn An"}})
    assert linked.status_code == 200, linked.text
    one, two = found_owner(client, "nguyễn văn an"), found_owner(client, "nguyên văn an")
    merged = client.post(f"/api/v1/owners/{two['owner']}/merge", json={"into": one["owner"], "why": "cùng một người"})
    assert merged.status_code == 201
    assert client.get(f"/api/v1/owners/{two['owner']}").json()["owner"]["papers"] == 2
    assert client.post(f"/api/v1/merges/{merged.json()['merge']}/undo").status_code == 204
    assert client.post(f"/api/v1/merges/{merged.json()['merge']}/undo").status_code == 409
    assert client.post("/api/v1/kho/search", json={}).status_code == 422
    assert client.get("/api/v1/owners/x").status_code == 422
    assert client.get("/api/v1/owners/0d4c1f6e-6a55-4f0a-9a30-0c2d6b1f0e11").status_code == 404
    assert client.get(f"/api/v1/dossiers/{waits}/moves").json() == {"status": None, "moves": [], "late": False}
    assert client.get(f"/api/v1/dossiers/{waits}/held").json() == {"offers": []}


def test_the_pages_work_without_script(house: House, client: TestClient) -> None:
    filed(house)
    filed(house, "Nguyên Văn An", code="bbbbbbbb")
    first = client.get("/kho")
    assert "1 giấy tờ chờ" in first.text
    page = client.post("/kho", data={"text": "nguyen van an", "purpose": "receive"})
    assert page.status_code == 200
    (address,) = set(re.findall(r'href="(/kho/chu/[0-9a-f-]{36})"', page.text))
    owner = client.get(address)
    assert "Nguyễn Văn An" in owner.text
    assert NUMBER not in owner.text
    form = {"recipient": "h01.99", "purpose": "1.000894", "until": "2999-01-01", "evidence": "sổ đồng ý 12"}
    assert client.post(f"{address}/chia-se", data=form).status_code == 409, "consent is not assumed"
    shared = client.post(f"{address}/chia-se", data=form | {"consent": "vneid"}, follow_redirects=False)
    assert (shared.status_code, shared.headers["location"]) == (303, address)
    (revoke,) = re.findall(r'action="(/kho/chia-se/[0-9a-f-]{36}/thu-hoi)"', client.get(address).text)
    assert "Thu hồi" in client.post(revoke).text
    assert not re.findall(r"/thu-hoi", client.get(address).text)
    waits = client.get("/kho/cho")
    assert "Cùng số định danh nhưng khác tên" in waits.text
    (link,) = re.findall(r'action="(/kho/giay/[0-9a-f-]{36}/chu)"', waits.text)
    assert "Không có giấy tờ nào chờ" in client.post(link, data={"to": "nobody"}).text
    assert client.post("/kho", data={"issued_from": "hôm qua"}).status_code == 200


@pytest.mark.parametrize("address", ["/kho", "/kho/cho"])
def test_the_pages_speak_english_too(client: TestClient, address: str) -> None:
    client.cookies.set("hoso_language", "en")
    assert 'lang="en"' in client.get(address).text
