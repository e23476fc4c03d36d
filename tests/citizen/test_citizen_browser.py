"""The citizen's page in a real Chromium: by the QR code's address, without script, on a phone; axe finds nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from citizen_samples import ADDRESS, dossier, printed
from live import shot

from pipeline.access.roles import Role
from pipeline.citizen import tickets
from pipeline.kho.moves import Portal, move
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.composition import House

pytestmark = pytest.mark.browser


def look(page: Any, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shot(page, f"citizen-{name}")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, name
    found = Axe().run(page).response["violations"]
    assert found == [], [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize(("size", "language"), [("phone", "vi"), ("desk", "en")])
def test_from_the_code_to_the_rating(
    signed_in_page: Callable[..., Any], house: House, tmp_path: Path, size: str, language: str
) -> None:
    made = dossier(house, lacks=True)
    _, link = printed(house, made)
    for to in (Portal.REGISTERED, Portal.ACCEPTED, Portal.IN_PROGRESS):
        move(house.tools, made.id, to, who="u-1")
    move(house.tools, made.id, Portal.SUPPLEMENT_ASKED, who="u-1", why="Cần bản chính giấy chứng sinh.")
    page = signed_in_page(size=size, language=language)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/tra-cuu")
    look(page, f"door-{language}-{size}")
    page.goto("about:blank")
    page.goto(link.removeprefix(ADDRESS))
    page.wait_for_url("**/tra-cuu/ho-so")
    look(page, f"asked-{language}-{size}")
    paper = tmp_path / "giấy.txt"
    paper.write_text("giấy chứng sinh")
    page.set_input_files("#files", str(paper))
    page.locator("#give button").click()
    page.locator("[role=status]").wait_for()
    look(page, f"sent-{language}-{size}")
    move(house.tools, made.id, Portal.IN_PROGRESS, who="u-1")
    move(house.tools, made.id, Portal.STOPPED, who="u-1", why="Người dân xin thôi.")
    page.goto("/tra-cuu/ho-so")
    look(page, f"rate-{language}-{size}")
    page.locator("input[name=score]").nth(3).check()
    page.locator("form[action='/tra-cuu/danh-gia'] button").click()
    page.locator("[role=status]").wait_for()
    look(page, f"rated-{language}-{size}")
    page.locator("form[action='/tra-cuu/thoat'] button").click()
    page.locator("#code").wait_for()
    secret = link.rpartition(".")[2]
    assert not [url for url in asked if secret in url.partition("#")[0]]
    assert secret not in page.url


def test_without_script_two_codes_are_typed(signed_in_page: Callable[..., Any], house: House) -> None:
    made = dossier(house, status=Status.FILED)
    secret, _ = printed(house, made)
    context = signed_in_page(size="phone").context
    page = context.browser.new_context(java_script_enabled=False, base_url=_base(context)).new_page()
    page.goto("/tra-cuu")
    page.fill("#code", made.id)
    page.fill("#secret", "0000-0000-0000")
    page.keyboard.press("Enter")
    page.locator("[role=alert]").wait_for()
    page.fill("#secret", secret.lower())
    page.keyboard.press("Enter")
    page.wait_for_url("**/tra-cuu/ho-so")
    assert "Đăng ký khai sinh" in page.locator("h1").inner_text()


@pytest.mark.parametrize(("size", "language"), [("phone", "en"), ("desk", "vi")])
def test_the_desk_sees_what_came(
    signed_in_page: Callable[..., Any], house: House, tmp_path: Path, size: str, language: str
) -> None:
    from pipeline.citizen import giving

    made = dossier(house, lacks=True)
    printed(house, made)
    paper = tmp_path / "a.txt"
    paper.write_text("x")
    assert giving.give(house.tools, tickets.Visit(made.id, 1), paper, "a.txt")
    page = signed_in_page(Role.DESK_OFFICER, size=size, language=language)
    page.goto("/bo-sung")
    look(page, f"supplements-{language}-{size}")
    page.locator("td button").click()
    page.wait_for_load_state()
    assert page.locator("td").count() == 0
    assert house.catalogue.citizens().supplements(made.id)[0].at - house.tools.clock() < timedelta(minutes=1)


def _base(context: Any) -> str:
    (cookie,) = [one for one in context.cookies() if one["name"] == "hoso_language"]
    page = context.pages[0]
    page.goto("/tra-cuu")
    assert cookie["domain"] == "127.0.0.1"
    return str(page.url.removesuffix("/tra-cuu"))
