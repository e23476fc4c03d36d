"""Every state of the desk's pages, in both languages and at both sizes: nothing for axe to find, nothing overflows.

HOSO_SCREENSHOTS names a folder that keeps what was seen.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_browser import Served, asked_dossier, chromium, keep, needs_chromium, officer, served
from playwright.sync_api import Browser, BrowserContext, Page

from api.i18n import COOKIE
from pipeline.composition import build_house
from pipeline.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default"), needs_chromium]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with build_house(Settings(home=home, cores=2)) as house, served(house) as made:
        yield made


class Judge:
    """Looks at a page as axe does, at both sizes, and keeps what it saw."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.axe = Axe()
        self.found: list[str] = []

    def look(self, page: Page, name: str) -> None:
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            page.wait_for_timeout(250)
            keep(page, f"{name}-{self.language}-{size}")
            report = self.axe.run(page, options=RULES)
            where = f"{name} {self.language} {size}"
            for violation in report.response["violations"]:
                nodes = "; ".join(node["html"][:150] for node in violation["nodes"][:3])
                self.found.append(f"{where}: {violation['id']}: {nodes}")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                self.found.append(f"{where}: it overflows")
            # A key of the catalogue that stands on a page has no words in it.
            if page.evaluate(r"/\b(desk|common|navigation|access)\.[a-z_.]+\b/.test(document.body.innerText)"):
                self.found.append(f"{where}: untranslated")
        page.set_viewport_size(SIZES["desk"])  # type: ignore[arg-type]


def speaking(context: BrowserContext, desk: Served, language: str) -> BrowserContext:
    context.add_cookies([{"name": COOKIE, "value": language, "url": desk.url}])
    return context


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_state_of_the_desk(browser: Browser, desk: Served, language: str, tmp_path: Path) -> None:
    judge = Judge(language)
    dossier = asked_dossier(desk.house, 1 if language == "vi" else 2)
    context = speaking(officer(browser, desk), desk, language)
    page = context.new_page()
    page.goto(f"{desk.url}/quay")
    page.wait_for_selector(".queue button")
    judge.look(page, "choose")
    page.fill("#find", "khai sinh")
    page.press("#find", "Enter")
    page.wait_for_selector("#files", state="attached")
    file = tmp_path / "tờ khai có tên rất dài để xem có tràn ra ngoài không.txt"
    file.write_text("không phải ảnh", encoding="utf-8")
    page.set_input_files("#files", [file])
    page.wait_for_selector(".files .there")
    with page.expect_response(lambda answer: answer.url.endswith("/phone")) as found:
        page.click("#phone")
    page.wait_for_selector("svg.code")
    judge.look(page, "papers")

    phone = speaking(browser.new_context(), desk, language).new_page()
    phone.goto(found.value.json()["address"])
    phone.wait_for_selector("#work:not([hidden])")
    judge.look(phone, "camera")

    page.goto(f"{desk.url}/quay/{dossier.id}")
    page.wait_for_selector(".sides")
    judge.look(page, "conflict")
    with context.expect_page() as popup:
        page.locator(".side section").last.get_by_role("button").first.click()
    screen = popup.value
    screen.wait_for_selector(".ask")
    screen.locator(".no").first.click()
    judge.look(screen, "screen")
    page.keyboard.press("1")
    page.wait_for_selector("#value")
    page.locator("details.paper summary").first.click()
    page.wait_for_selector(".row-of svg")
    judge.look(page, "field")
    page.focus("#value")
    page.keyboard.press("Enter")
    page.wait_for_selector(".message")
    judge.look(page, "warning")
    while page.locator(".message").count():
        page.keyboard.press("Escape")
        page.wait_for_timeout(150)
    page.wait_for_selector("#print")
    judge.look(page, "slip")
    assert judge.found == []
    context.close()
