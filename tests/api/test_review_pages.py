"""The workbench in a real Chromium, by keyboard alone: fast, safe from lost keys, browsers that die and networks that go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from chromium import needs_chromium
from live import pages_of, served, shot

from api.app import build_app
from pipeline.access.roles import Role
from pipeline.record import Status
from pipeline.trials.review_items import Drawn, several

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from pipeline.composition import House

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default"), needs_chromium]


@pytest.fixture
def open_page(house: House) -> Iterator[Callable[..., Page]]:
    with served(build_app(house)) as address, pages_of(house, address) as page:
        yield page


def waiting(house: House, count: int, **options: Any) -> list[Drawn]:
    return list(several(house.tools, count, house.tools.clock(), **options))


def at_work(page: Page) -> Page:
    page.goto("/kiem-du-lieu")
    page.locator("#review[data-state=ready]").wait_for()
    return page


def until(page: Page, expression: str, seconds: float = 10) -> Any:
    """Waits for something in the page; its policy forbids the driver's own way, which evaluates text."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := page.evaluate(expression):
            return found
        time.sleep(0.05)
    raise AssertionError(f"not seen: {expression}\n{page.inner_text('body')}")


def test_what_the_clerk_sees(house: House, open_page: Callable[..., Page]) -> None:
    waiting(house, 12, fields=5, wrong=1.0)
    for size in ("desk", "phone"):
        for language in ("vi", "en"):
            page = at_work(open_page(Role.VERIFIER, size=size, language=language))
            page.locator("#item").wait_for()
            until(page, "[...document.querySelectorAll('.strip img')].every((i) => i.complete)")
            shot(page, f"review-{size}-{language}")
