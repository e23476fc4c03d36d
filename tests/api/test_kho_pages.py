"""The pages of citizens' data stores in a real Chromium: nothing overflows, axe finds nothing, keys are enough."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from live import shot
from test_kho_http import filed

from pipeline.access.principal import Principal
from pipeline.access.roles import RIGHTS, Role
from pipeline.kho import shares

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.composition import House

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "language"), [("desk", "vi"), ("phone", "en")])
def test_search_owner_and_waiting_papers(
    signed_in_page: Callable[..., Any], house: House, size: str, language: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    first = filed(house)
    filed(house, "Nguyên Văn An", code="bbbbbbbb")
    (row,) = house.catalogue.owners().papers_of_dossier(first)
    who = Principal("acc-1", "Hoa", house.settings.agency_code, RIGHTS[Role.DESK_OFFICER])
    until = house.tools.clock() + timedelta(days=30)
    asked = shares.ShareRequest(
        recipient="H01.99", purpose="1.000894", until=until, consent="in_person", evidence="sổ đồng ý số 12"
    )
    given = shares.share(house.tools, who, row["owner_id"], asked)
    shares.share(house.tools, who, row["owner_id"], asked)
    shares.revoke(house.tools, who, given["id"])
    page = signed_in_page(*Role, size=size, language=language)

    def look(name: str) -> None:
        shot(page, f"kho-{name}-{language}-{size}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, name
        found = Axe().run(page).response["violations"]
        assert found == [], [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]

    page.goto("/kho")
    page.locator(":focus").wait_for()
    page.keyboard.type("nguyen van an")
    page.keyboard.press("Enter")
    page.locator(".kho-table").wait_for()
    assert page.url.endswith("/kho"), "what was asked for is not part of the address"
    look("search")
    page.locator(".recent a").first.click()
    page.locator("#shares").wait_for()
    page.locator("details summary").click()
    look("owner")
    page.goto("/kho/cho")
    look("waiting")
