"""The overview in a real Chromium: both sizes and languages, axe finds nothing, nothing overflows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from live import shot
from overview_samples import TEN_DAYS, case, days_ago, filed

from pipeline.access.roles import Role
from pipeline.catalogue.citizen_door import Rating
from pipeline.citizen.giving import _WORDS
from pipeline.vault.vault import HOUSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.composition import House

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "language"), [("desk", "vi"), ("phone", "en"), ("phone", "vi"), ("desk", "en")])
def test_a_busy_quarter(signed_in_page: Callable[..., Any], house: House, size: str, language: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for number in range(60):
        came = days_ago(house, number)
        begun = [(1, came), (2, came), (4, came)]
        done = [] if number % 3 == 0 else [(9, came + timedelta(days=number % 5))]
        one = case(house, f"{number}", came, [*begun, *done], procedure=TEN_DAYS if number % 2 else "1.001193")
        if number % 4:
            filed(house, one)
    month = f"{days_ago(house, 40):%Y-%m}"
    for number in range(24):
        words = house.tools.vault.seal_text(HOUSE, "Cán bộ chu đáo, chờ hơi lâu.", _WORDS) if number % 6 == 0 else ""
        rating = Rating(
            id=f"r{number}", agency=house.settings.agency_code, procedure="1.001193", month=month,
            score=3 + number % 3, sealed=words,
        )  # fmt: skip
        assert house.catalogue.citizens().rate(rating, None)
    page = signed_in_page(Role.LEADER, size=size, language=language)
    page.goto(f"/tong-quan?tu={days_ago(house, 60).date()}&den={days_ago(house, 0).date()}")
    page.locator("details summary").first.click()
    shot(page, f"overview-{language}-{size}")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    found = Axe().run(page).response["violations"]
    assert found == [], [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]
    assert page.locator("rect.received").count() > 5
