"""The grid of pages in a real browser: keys, mouse, both languages, both sizes, 300 pages, and axe."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import needs_chromium
from live import shot
from page_stack import stacked

from pipeline.access.roles import Role
from pipeline.composition import House

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default"), needs_chromium]


TOO_WIDE = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => `${one.tagName}.${one.className}#${one.id} ${one.getBoundingClientRect().right}`).slice(0, 12)"""


def opened(page: Any, dossier: str) -> Any:
    page.goto(f"/ho-so/{dossier}/trang")
    page.locator("#stack[data-revision]").wait_for()
    return page


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def at_revision(page: Any, revision: int) -> None:
    page.locator(f'#stack[data-revision="{revision}"]:not([data-state="sending"])').wait_for()


def papers(page: Any) -> list[list[int]]:
    groups = page.locator(".stack-group:not(.loose)").all()
    return [[int(o.get_attribute("data-page")) for o in g.locator("[data-page]").all()] for g in groups]


def test_everything_by_keys_and_taken_back(house: House, signed_in_page: Callable[..., Any]) -> None:
    dossier = stacked(house, 8, blank=(4,)).id
    page = opened(signed_in_page(Role.DESK_OFFICER), dossier)
    page.locator('[data-page="1"]').focus()
    press(page, "ArrowRight", "r")
    at_revision(page, 1)
    assert page.locator('[data-page="2"] img').get_attribute("class") == "turned-1"
    press(page, "ArrowRight", "s")
    at_revision(page, 2)
    assert papers(page)[:2] == [[1, 2], [3]]
    press(page, "g")
    at_revision(page, 3)
    assert papers(page)[0] == [1, 2, 3]
    press(page, "x", "Home", "v")
    at_revision(page, 4)
    assert papers(page)[0] == [3, 1, 2]
    press(page, "End", "Delete")
    at_revision(page, 5)
    assert page.locator("#away li button").count() == 1
    press(page, "Home", "Shift+ArrowRight", "b")
    at_revision(page, 6)
    assert papers(page)[0] == [2]
    for revision in range(7, 13):
        press(page, "z")
        at_revision(page, revision)
    assert papers(page) == [[1, 2, 3], [5, 6, 7], [8]]
    assert page.locator("#away li button").count() == 0
    assert page.evaluate("document.activeElement.dataset.page") is not None, "keys never leave the grid"


def test_dragging_buttons_and_dialogs(house: House, signed_in_page: Callable[..., Any]) -> None:
    dossier = stacked(house).id
    page = opened(signed_in_page(Role.DESK_OFFICER), dossier)
    page.locator('[data-page="7"]').drag_to(page.locator('[data-page="1"]'), target_position={"x": 8, "y": 60})
    at_revision(page, 1)
    assert papers(page)[0] == [7, 1, 2, 3]
    page.locator('[data-page="5"]').click()
    page.locator('button[data-act="type"]').first.click()
    page.locator("#type").select_option("cccd")
    page.locator('#types button[value="send"]').click()
    at_revision(page, 2)
    page.locator('[data-page="5"]').dblclick()
    page.locator("#large").wait_for()
    assert page.locator("#large").get_attribute("src").endswith("/pages/5/image")
    press(page, "r", "Escape")
    at_revision(page, 3)
    press(page, "Escape")
    page.locator('[data-page="6"]').click()
    page.locator('button[data-act="move"]').click()
    page.locator('#moves button[value="send"]').click()
    at_revision(page, 4)
    assert page.locator("#away li").count() >= 1
    page.locator("#history li button").first.click()
    at_revision(page, 5)
    assert sorted(number for paper in papers(page) for number in paper) == list(range(1, 8))


def test_somebody_else_was_quicker(house: House, signed_in_page: Callable[..., Any]) -> None:
    dossier = stacked(house).id
    first, second = (opened(signed_in_page(Role.VERIFIER, name=name), dossier) for name in ("Lan", "Hoa"))
    first.locator('[data-page="1"]').focus()
    press(first, "r")
    at_revision(first, 1)
    second.locator('[data-page="1"]').focus()
    press(second, "Delete")
    second.locator("#trouble:not([hidden])").wait_for()
    at_revision(second, 1)
    assert len([number for paper in papers(second) for number in paper]) == 7


def test_three_hundred_pages_load_what_is_seen(house: House, signed_in_page: Callable[..., Any]) -> None:
    dossier = stacked(house, 300).id
    page = signed_in_page(Role.DESK_OFFICER)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "thumbnail" in request.url else None)
    opened(page, dossier)
    time.sleep(1)
    assert page.locator("[data-page]").count() == 300
    assert 5 <= len(asked) < 150
    page.locator('[data-page="1"]').focus()
    started = time.monotonic()
    press(page, "ArrowRight", "r")
    at_revision(page, 1)
    assert time.monotonic() - started < 5
    press(page, "End")
    page.locator('[data-page="300"]:focus').wait_for()


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_seen_is_whole_and_open_to_everybody(
    house: House, signed_in_page: Callable[..., Any], size: str, language: str
) -> None:
    dossier = stacked(house, 8, blank=(4,)).id
    page = opened(signed_in_page(Role.DESK_OFFICER, size=size, language=language), dossier)
    page.locator('[data-page="2"]').click()
    page.locator('button[data-act="right"]').first.click()
    at_revision(page, 1)
    page.locator('[data-page="7"]').click()
    page.locator('button[data-act="hide"]').click()
    at_revision(page, 2)
    assert page.evaluate(TOO_WIDE) == [], "nothing is wider than the screen"
    assert "pages." not in page.inner_text("body")
    shot(page, f"pages-{size}-{language}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.locator('[data-page="2"]').focus()
    press(page, "Enter")
    page.locator("#large").wait_for()
    assert page.locator("#large").get_attribute("class") == "turned-1"
    time.sleep(0.3)
    shot(page, f"pages-large-{size}-{language}")
    assert Axe().run(page).violations_count == 0
