"""A certified copy by keyboard in a real Chromium: choose the paper, compare page by page, certify, read the file."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from live import shot
from PIL import Image, ImageDraw

from pipeline.access.roles import Role
from pipeline.keys import page_key
from pipeline.record import DocumentRecord, Dossier, PageRecord, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.composition import House


def scanned(house: House) -> str:
    pages = []
    for number in (1, 2):
        picture = Image.new("RGB", (840, 1188), "white")
        ImageDraw.Draw(picture).text((80, 80), f"BANG TOT NGHIEP, trang {number}", fill="black")
        stream = io.BytesIO()
        picture.save(stream, "PNG")
        sha256 = hashlib.sha256(stream.getvalue()).hexdigest()
        house.store.put_new(page_key(sha256, "image/png"), stream.getvalue(), "image/png")
        pages.append(
            PageRecord(
                number=number, file="bang.png", file_page=number, width=840, height=1188, dpi=100, image_sha256=sha256
            )
        )
    paper = DocumentRecord(
        id="d1",
        type="giay_to_ca_nhan_khac",
        title="Bằng tốt nghiệp đại học",
        component=None,
        pages=(1, 2),
        probability=0.9,
        fields={},
    )
    record = Dossier(
        id="hs-261120-cccccccc",
        procedure="2.000815",
        procedure_name="Chứng thực bản sao từ bản chính giấy tờ",
        status=Status.FILED,
        received_at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
        pages=tuple(pages),
        documents=(paper,),
    )
    house.catalogue.create_dossier(record)
    return record.id


@pytest.mark.browser
@pytest.mark.parametrize(("size", "language"), [("desk", "vi"), ("phone", "en")])
def test_a_copy_is_compared_and_certified(
    signed_in_page: Callable[..., Any], house: House, size: str, language: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    one = scanned(house)
    page = signed_in_page(Role.DESK_OFFICER, size=size, language=language)

    def look(name: str) -> None:
        shot(page, f"copies-{name}-{language}-{size}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, name
        found = Axe().run(page).response["violations"]
        assert found == [], [(v["id"], [node["target"] for node in v["nodes"]]) for v in found]

    page.goto("/chung-thuc")
    page.locator("#code").fill(one)
    page.keyboard.press("Enter")
    page.locator(".steps-copy-new").wait_for()
    look("papers")
    page.locator(".steps-copy-new button").click()
    for _ in range(2):
        page.locator("button[autofocus]").wait_for()
        look("compare")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.locator("form:has(input[value=certify]) button").click()
    page.locator(".tag.filed").wait_for()
    look("certified")
    (copy,) = house.catalogue.steps().copies(house.settings.agency_code, ["certified"])
    answer = page.request.get(f"/chung-thuc/{copy['id']}/tep")
    assert hashlib.sha256(answer.body()).hexdigest() == copy["data"]["sha256"]
    page.goto("/chung-thuc")
    look("book")


def test_copies_are_the_agency_s_own_and_are_told_what_is_wrong(client_of: Callable[..., Any], house: House) -> None:
    one = scanned(house)
    desk, foreign = client_of(Role.DESK_OFFICER), client_of(*Role, agency="H99.01")
    assert foreign.post("/chung-thuc", data={"code": one}).status_code == 404
    assert "Bằng tốt nghiệp" in desk.post("/chung-thuc", data={"code": one}).text
    begun = desk.post("/chung-thuc/lap", data={"code": one, "document": "d1"}, follow_redirects=False)
    path = begun.headers["location"]
    assert foreign.get(path).status_code == 404
    assert foreign.post(path, data={"verb": "same", "seen": "1", "page": "1"}).status_code == 404
    refused = desk.post(path, data={"verb": "certify", "seen": "1"})
    assert (refused.status_code, "còn trang chưa được chính bạn đối chiếu" in refused.text) == (409, True)
    assert desk.get(f"{path}/tep").status_code == 404
    assert client_of(Role.LEADER).get("/chung-thuc").status_code == 403
