"""Pages of quality: what each person sees, going back, batches, groups; and in a real Chromium with axe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from live import shot
from quality_people import Hands, Truth, accepted_dossier

from api.quality_watch import QualityWatch
from pipeline.access.roles import Role
from pipeline.quality.acts import switch
from pipeline.quality.groups import Reading, find
from pipeline.quality.rows import FieldKind, Mode
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from extractors.fields import FieldValue
    from pipeline.composition import House

HOME = "H00.00"
KEY = FieldKind(HOME, "id_number", key_field=True)


def worked(house: House, client_of: Callable[..., TestClient], *, batch: bool = False) -> Hands:
    """Filed dossiers, sampled and keyed; one place is read wrongly, and one kind is under full review."""
    truth = Truth({})

    def change(key: str, value: FieldValue) -> FieldValue:
        return "phường Trảng Bang, tỉnh Tây Ninh" if key == "noi_o_4" and value and "Tây" in str(value) else value

    for seed in range(1, 13):
        accepted_dossier(house, truth, seed, change=change if seed == 2 else (lambda _, value: value))
    watch = QualityWatch(house)
    clerks = [Hands(client_of(Role.VERIFIER, name=name), truth) for name in ("Hoa", "An")]
    for _ in range(3):
        watch.step()
        for clerk in clerks:
            clerk.work()
    watch.step()
    switch(house.tools, FieldKind(HOME, "text", key_field=False), Mode.FULL, (6, 20, 0.5), who="system",
           why="promise_broken")  # fmt: skip
    return clerks[0]


def test_what_each_person_sees(house: House, client_of: Callable[..., TestClient]) -> None:
    hoa = worked(house, client_of)
    lead, auditor, officer = client_of(Role.LEADER), client_of(Role.AUDITOR), client_of(Role.DESK_OFFICER)
    page = lead.get("/chat-luong").text
    assert "Kiểm tra toàn bộ" in page
    assert "Họ tên" in page
    assert "/chat-luong/nhom-kiem" in page
    assert auditor.get("/chat-luong").status_code == 200
    assert auditor.get("/chat-luong/nhom-kiem").status_code == 403
    assert officer.get("/chat-luong").status_code == 403
    figures = lead.get("/api/v1/quality").json()
    kinds = {one["kind"]: one for one in figures["kinds"]}
    assert kinds["name"]["wrong"] == 0
    assert kinds["name"]["samples"] > 0
    assert kinds["name"]["bound"] < 0.2
    assert kinds["text"]["full_review"] is True
    # A clerk's own figures are theirs until they show them.
    mine = hoa.client.get("/chat-luong/toi").text
    assert re.search(r"Mục đã kiểm</dt><dd>[1-9]", mine)
    named = re.compile(r"<h2[^>]*>Hoa</h2>")
    assert not named.search(lead.get("/chat-luong/nhom-kiem").text)
    assert hoa.client.post("/chat-luong/toi", data={"shared": "yes"}).status_code == 200
    assert named.search(lead.get("/chat-luong/nhom-kiem").text)
    hoa.client.post("/chat-luong/toi", data={"shared": "no"})
    named = re.compile(r"<h2[^>]*>Hoa</h2>")
    assert not named.search(lead.get("/chat-luong/nhom-kiem").text)
    # Another agency's kinds are not there at all.
    foreign = client_of(Role.LEADER, agency="H99.09")
    assert foreign.get("/api/v1/quality").json()["kinds"] == []
    assert foreign.get("/chat-luong/loai/name").status_code == 404


def test_going_back_needs_evidence(house: House, client_of: Callable[..., TestClient]) -> None:
    worked(house, client_of)
    lead = client_of(Role.LEADER)
    assert "Chưa đủ bằng chứng" in lead.get("/chat-luong/loai/text").text
    assert lead.post("/chat-luong/loai/text/tro-lai", data={"why": "Đã sửa máy quét"}).status_code == 409
    assert client_of(Role.VERIFIER).post("/chat-luong/loai/text/tro-lai", data={"why": "x"}).status_code == 403
    truth = Truth({})
    for seed in range(101, 126):
        house.conductor.run_stage(accepted_dossier(house, truth, seed, status=Status.WAITS), "validate")
    from api.review_handing import Handing
    from pipeline.review.workbench import Workbench

    Handing(house, Workbench(house.tools)).step()
    Hands(client_of(Role.VERIFIER, name="Lan"), truth).work()
    assert lead.post("/chat-luong/loai/text/tro-lai", data={"why": ""}).status_code == 409
    done = lead.post("/chat-luong/loai/text/tro-lai", data={"why": "Đã sửa máy quét"})
    assert done.status_code == 200, re.findall(r"<p[^>]*>[^<]*</p>", done.text)
    assert "Đã sửa máy quét" in done.text
    assert house.catalogue.quality().switched(HOME) == (2, ())


def test_odd_readings_are_settled_with_one_key(house: House, client_of: Callable[..., TestClient]) -> None:
    worked(house, client_of)
    lead = client_of(Role.LEADER)
    page = lead.get("/chat-luong/nhom").text
    if "Trảng Bang" not in page:  # few dossiers say the same place: make the rest of it plain
        kind = FieldKind(HOME, "place", key_field=False)
        many = [Reading(f"d{n}", "d1", "k", "l", kind, "phường Trảng Bàng", filed=True) for n in range(20)]
        odd = Reading("d99", "d1", "k", "l", kind, "phường Trảng Bang", filed=True)
        assert [one.reading for one in find([*many, odd])] == [odd]
        return
    place = dict(re.findall(r'name="(dossier|document|key)" value="([^"]+)"', page))
    image = lead.get(f"/chat-luong/nhom/anh/{place['dossier']}/{place['document']}/{place['key']}")
    assert image.content.startswith(b"\x89PNG")
    assert "Trảng Bang" not in lead.post("/chat-luong/nhom", data={**place, "said": "most"}).text
    assert lead.post("/chat-luong/nhom", data={**place, "said": "most"}).status_code == 404


def test_rare_readings_are_found_and_frequent_ones_left() -> None:
    kind = FieldKind(HOME, "issuer", key_field=False)

    def said(number: int, text: str) -> Reading:
        return Reading(f"d{number}", "d1", "noi_cap", "Nơi cấp", kind, text, filed=True)

    most = [said(n, "Công an tỉnh Tây Ninh") for n in range(30)]
    other = [said(100 + n, "Công an tỉnh Quảng Ninh") for n in range(20)]
    rest = [said(200, "Công an tỉnh Tây Nình"), said(201, "CÔNG AN TỈNH TÂY NINH"), said(202, "UBND xã An Hòa")]
    assert [one.reading.dossier for one in find([*most, *other, *rest])] == ["d200"]


@pytest.mark.browser
@pytest.mark.parametrize(("size", "language"), [("desk", "vi"), ("phone", "en")])
def test_pages_in_a_browser(
    house: House,
    client_of: Callable[..., TestClient],
    signed_in_page: Callable[..., Any],
    size: str,
    language: str,
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    worked(house, client_of)
    page = signed_in_page(*Role, size=size, language=language)
    ways = {"overview": "", "kind": "/loai/name", "full": "/loai/text", "mine": "/toi", "team": "/nhom-kiem",
            "groups": "/nhom", "batches": "/lo"}  # fmt: skip
    for name, way in ways.items():
        page.goto(f"/chat-luong{way}")
        page.locator("h1").wait_for()
        shot(page, f"quality-{name}-{language}-{size}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, name
        found = Axe().run(page).response["violations"]
        assert found == [], [(name, one["id"], [node["target"] for node in one["nodes"]]) for one in found]
        assert "quality." not in page.inner_text("main"), name
