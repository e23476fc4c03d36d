"""The way of a dossier from receive to return by five people in a real Chromium, without script, and its HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from live import shot

from pipeline.access.roles import Role
from pipeline.record import Dossier, Status
from pipeline.steps.doing import standing
from pipeline.steps.table import State, Step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.composition import House

PEOPLE = {
    Role.DESK_OFFICER: "Nguyễn Thị Hoa",
    Role.APPRAISER: "Trần Văn Bình",
    Role.LEADER: "Lê Thị Cúc",
    Role.SEAL_KEEPER: "Phạm Văn Dũng",
}


def filed(house: House, dossier_id: str = "hs-261120-aaaaaaaa", agency: str = "") -> str:
    house.catalogue.create_dossier(
        Dossier(
            id=dossier_id,
            procedure="1.001193",
            procedure_name="Đăng ký khai sinh",
            agency=agency,
            status=Status.FILED,
            received_at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
        )
    )
    return dossier_id


def result(folder: Path) -> Path:
    from fpdf import FPDF

    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=20)
    made.cell(text="GIAY KHAI SINH")
    path = folder / "ket-qua.pdf"
    path.write_bytes(bytes(made.output()))
    return path


def looked_at(page: Any, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shot(page, f"steps-{name}")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, name
    found = Axe().run(page).response["violations"]
    assert found == [], [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.mark.browser
@pytest.mark.parametrize(("size", "language"), [("desk", "vi"), ("phone", "en")])
def test_from_receive_to_return_by_five_people(
    signed_in_page: Callable[..., Any], house: House, tmp_path: Path, size: str, language: str
) -> None:
    one = filed(house)
    pages = {role: signed_in_page(role, size=size, language=language, name=name) for role, name in PEOPLE.items()}

    other = signed_in_page(Role.DESK_OFFICER, size=size, language=language, name="Hoàng Thị Em")

    def at(role: Role, name: str, page: Any = None) -> Any:
        page = page or pages[role]
        page.goto("/xu-ly")
        looked_at(page, f"{name}-list-{language}-{size}")
        page.locator(".steps-list a").first.click()
        page.locator(".steps-way").wait_for()
        looked_at(page, f"{name}-{language}-{size}")
        return page

    def press(page: Any, verb: str) -> None:
        page.locator(f"form.steps-main:has(input[value={verb}]) button").click()
        page.locator(".steps-way").wait_for()
        assert page.locator("[role=alert]").count() == 0, page.locator("[role=alert]").inner_text()

    press(at(Role.DESK_OFFICER, "receive"), "accept")
    page = at(Role.APPRAISER, "appraise")
    page.locator("#title").fill("Giấy khai sinh")
    page.locator("#file").set_input_files(result(tmp_path))
    page.locator("form[action$='ket-qua'] button").click()
    page.locator(".steps-results a").wait_for()
    page.locator("#note-appraise").fill("Hồ sơ đủ điều kiện, đề nghị cấp giấy khai sinh.")
    looked_at(page, f"attached-{language}-{size}")
    press(page, "appraise")
    page = at(Role.LEADER, "approve")
    page.locator("summary").first.click()
    looked_at(page, f"open-form-{language}-{size}")
    press(page, "approve")
    press(at(Role.SEAL_KEEPER, "seal"), "seal")
    page = at(Role.DESK_OFFICER, "return", other)
    press(page, "return")
    looked_at(page, f"returned-{language}-{size}")
    place = standing(house.tools, one)
    assert (place.step, place.state) == (Step.RETURN, State.RETURNED)
    assert [entry.who_name for entry in house.catalogue.steps().of(one)][-1] == "Hoàng Thị Em"


def test_acts_over_http_are_refused_by_right_order_and_agency(
    client_of: Callable[..., Any], house: House, tmp_path: Path
) -> None:
    one = filed(house)
    desk, appraiser, leader = (client_of(r) for r in (Role.DESK_OFFICER, Role.APPRAISER, Role.LEADER))
    foreign = client_of(*Role, agency="H99.01")
    path = f"/api/v1/dossiers/{one}/steps"
    assert desk.get("/api/v1/steps").json()["todo"][0]["dossier"] == one
    assert appraiser.get("/api/v1/steps").json()["todo"] == []
    assert foreign.get(path).status_code == 404
    assert foreign.post(path, json={"verb": "accept", "seen": 0}).status_code == 404
    assert appraiser.post(path, json={"verb": "accept", "seen": 0}).status_code == 403
    assert leader.post(path, json={"verb": "stop", "seen": 0, "note": "x"}).json()["code"] == "step_refused"
    accepted = desk.post(path, json={"verb": "accept", "seen": 0})
    assert accepted.status_code == 200, accepted.text
    assert desk.post(path, json={"verb": "accept", "seen": 0}).json()["code"] == "step_changed"
    slip = desk.get(f"{path}/1/slip")
    assert (slip.status_code, slip.content[:5]) == (200, b"%PDF-")
    files = {"file": ("k.pdf", result(tmp_path).read_bytes(), "application/pdf")}
    put = appraiser.post(f"/api/v1/dossiers/{one}/results", data={"seen": "1", "title": "Giấy khai sinh"}, files=files)
    assert put.status_code == 201, put.text
    (made,) = put.json()["place"]["results"]
    assert appraiser.get(f"/api/v1/dossiers/{one}/results/{made['id']}").status_code == 200
    assert foreign.get(f"/api/v1/dossiers/{one}/results/{made['id']}").status_code == 404
    broken = {"file": ("k.pdf", b"no", "application/pdf")}
    again = appraiser.post(f"/api/v1/dossiers/{one}/results", data={"seen": "2", "title": "x"}, files=broken)
    assert again.json()["code"] == "step_result_unusable"
    # The page keeps what was written where an act is refused.
    said = leader.post(f"/xu-ly/{one}", data={"verb": "stop", "seen": "1", "note": "Trùng hồ sơ"})
    assert said.status_code == 409
    assert "Trùng hồ sơ" in said.text
    assert "Hồ sơ vừa được người khác xử lý" in said.text


def test_machines_get_a_result_once_it_was_returned(
    house: House, client_of: Callable[..., Any], tmp_path: Path
) -> None:
    from signing_in import key_for

    from pipeline.access.roles import Right

    one = filed(house)
    desk, appraiser = client_of(Role.DESK_OFFICER), client_of(Role.APPRAISER)
    desk.post(f"/api/v1/dossiers/{one}/steps", json={"verb": "accept", "seen": 0})
    files = {"file": ("k.pdf", result(tmp_path).read_bytes(), "application/pdf")}
    appraiser.post(f"/api/v1/dossiers/{one}/results", data={"seen": "1", "title": "Giấy khai sinh"}, files=files)
    machine = client_of()
    machine.headers.update(key_for(house, Right.RESULTS_PULL))
    path = f"/api/v1/dossiers/{one}/results/r2"
    assert machine.get(path).status_code == 404
    way = ((Role.APPRAISER, "appraise"), (Role.LEADER, "approve"), (Role.SEAL_KEEPER, "seal"))
    for seen, (role, verb) in enumerate(way, start=2):
        done = client_of(role).post(f"/api/v1/dossiers/{one}/steps", json={"verb": verb, "seen": seen})
        assert done.status_code == 200, done.text
    assert machine.get(path).status_code == 404, "sealed is not returned"
    seen = done.json()["place"]["seq"]
    assert desk.post(f"/api/v1/dossiers/{one}/steps", json={"verb": "return", "seen": seen}).status_code == 200
    assert machine.get(path).content.startswith(b"%PDF-")
