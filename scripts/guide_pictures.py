"""Makes docs/huong-dan/images/*.png: the pages as people meet them, taken from a real instance with the sample dossier.

An instance of its own is started in a folder that is thrown away: pages, a worker that reads, signs and files, accounts
that sign in by their passwords. A Chromium is driven through a day's work, and each picture is taken on the way. Every
picture is named in `PICTURES`; one that is not taken is an error. Needs a Chromium on the PATH and some minutes.
"""

from __future__ import annotations

import argparse
import io
import shutil
import socket
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from api.app import build_app
from flows.worker import Worker
from pipeline.access.people import People
from pipeline.access.roles import Role
from pipeline.composition import build_house
from pipeline.desk.questions import ATTENDED
from pipeline.record import Status
from pipeline.settings import Settings
from pipeline.trials.review_items import drawn, several, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from pipeline.composition import House

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "birth_registration"
IMAGES = ROOT / "docs" / "huong-dan" / "images"
SIZE = {"width": 1366, "height": 768}
COLOURS = 96
PASSWORD = "mây trắng bay qua núi xanh"  # noqa: S105 - of an instance that lives for minutes
PICTURES = (
    "dang-nhap",
    "mat-khau-dau-tien",
    "quay-chon-thu-tuc",
    "quay-giay-to",
    "quay-dien-thoai",
    "quay-dang-doc",
    "quay-kiem-tra",
    "man-hinh-cong-dan",
    "quay-giao-phieu",
    "ho-so-danh-sach",
    "ho-so",
    "sua-trang",
    "cac-buoc",
    "kho",
    "kiem-tra-chu-ky",
    "kiem-du-lieu",
    "kiem-du-lieu-khong-doc-duoc",
    "kiem-du-lieu-phim",
    "so-lieu-cua-toi",
    "tong-quan",
)


class Studio:
    """Takes pictures of pages; small ones, since they lie in the repository."""

    def __init__(self, browser: Browser, address: str, house: House, out: Path) -> None:
        self.browser, self.address, self.house, self.out = browser, address, house, out
        self.taken: list[str] = []

    def take(self, page: Page, name: str) -> None:
        """What is in the window now."""
        page.wait_for_timeout(400)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.quantize(COLOURS).save(self.out / f"{name}.png", optimize=True)
        self.taken.append(name)

    def somebody(self, login: str, name: str, *roles: Role) -> Page:
        """A page of somebody who has signed in for the first time, by the pages."""
        _, once = People(self.house.tools).add(login, name, list(roles))
        page = self.browser.new_context(viewport=SIZE, locale="vi-VN", base_url=self.address).new_page()
        page.goto("/dang-nhap")
        page.fill("#login", login)
        if "dang-nhap" not in self.taken:
            self.take(page, "dang-nhap")
        page.fill("#password", once)
        page.keyboard.press("Enter")
        page.wait_for_url("**/tai-khoan")
        page.fill("#current", once)
        page.fill("#new", PASSWORD)
        page.fill("#again", PASSWORD)
        if "mat-khau-dau-tien" not in self.taken:
            self.take(page, "mat-khau-dau-tien")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: not url.endswith("/tai-khoan"))
        return page


def at_the_desk(studio: Studio, page: Page) -> str:
    """A birth registration from the procedure's name to the receipt; the dossier's id."""
    page.wait_for_selector("#find")
    page.keyboard.type("khai sinh")
    studio.take(page, "quay-chon-thu-tuc")
    page.keyboard.press("Enter")
    files = sorted(SAMPLE.iterdir())
    page.set_input_files("#files", files)
    page.wait_for_function("count => document.querySelectorAll('.files .there').length === count", arg=len(files))
    studio.take(page, "quay-giay-to")
    page.click("#phone")
    page.wait_for_selector("svg.code")
    studio.take(page, "quay-dien-thoai")
    page.click("#read")
    page.wait_for_selector(".thumb", timeout=300_000)
    studio.take(page, "quay-dang-doc")
    page.wait_for_selector(".question, #print", timeout=300_000)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Mở màn hình công dân").click()
    screen = opened.value
    screen.set_viewport_size(SIZE)
    screen.wait_for_selector(".ask")
    studio.take(screen, "man-hinh-cong-dan")
    screen.close()
    page.bring_to_front()
    while page.locator(".question").count():
        before = page.locator(".question").inner_text()
        page.keyboard.press("Enter")
        page.wait_for_function("text => document.querySelector('.question')?.innerText !== text", arg=before)
    page.wait_for_selector("#print")
    studio.take(page, "quay-giao-phieu")
    with page.expect_response(lambda answer: "/slip" in answer.url):
        page.click("#print")
    return page.url.rpartition("/")[2]


def after_the_desk(studio: Studio, page: Page, dossier: str) -> None:
    """The dossier once it is signed and filed, the citizen's store, and the check of the signed file."""
    until = time.monotonic() + 300
    while studio.house.conductor.dossier(dossier).status is not Status.FILED:
        if time.monotonic() > until:
            sys.exit(f"{dossier} is not filed: {studio.house.conductor.dossier(dossier).status}")
        time.sleep(1)
    page.goto("/ho-so")
    studio.take(page, "ho-so-danh-sach")
    page.goto(f"/ho-so/{dossier}")
    page.locator(".field").first.focus()
    studio.take(page, "ho-so")
    page.goto("/kho")
    page.fill("#text", "nguyễn")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    studio.take(page, "kho")
    pdf = page.request.get(f"/api/v1/dossiers/{dossier}/archive.pdf").body()
    page.goto("/kiem-tra")
    page.set_input_files("#file", {"name": f"{dossier}.pdf", "mimeType": "application/pdf", "buffer": pdf})
    page.locator("main form button").click()
    page.wait_for_selector(".verdict")
    studio.take(page, "kiem-tra-chu-ky")


def pages_and_steps(studio: Studio, page: Page) -> None:
    """A dossier whose pages are put right, and where it stands among the five steps."""
    made = stored(studio.house.tools, drawn(60, studio.house.tools.clock())).dossier.id
    page.goto(f"/ho-so/{made}/trang")
    page.locator("#stack[data-state=ready]").wait_for()
    page.locator(".stack-page").first.click()
    page.wait_for_timeout(1500)
    studio.take(page, "sua-trang")
    page.goto(f"/xu-ly/{made}")
    studio.take(page, "cac-buoc")


def a_question(studio: Studio, page: Page) -> None:
    """What the desk asks of a dossier that was not read surely."""
    asked = stored(studio.house.tools, drawn(50, studio.house.tools.clock())).dossier.id
    studio.house.catalogue.desk().act(f"attend:{asked}", ATTENDED, asked)
    page.goto(f"/quay/{asked}")
    page.wait_for_selector(".question")
    studio.take(page, "quay-kiem-tra")


def at_the_workbench(studio: Studio, page: Page) -> None:
    """Doubtful fields of drawn dossiers, by keyboard."""
    page.goto("/kiem-du-lieu")
    page.locator("#item").wait_for()
    studio.take(page, "kiem-du-lieu")
    page.keyboard.press("F2")
    page.locator("#whys[open]").wait_for()
    studio.take(page, "kiem-du-lieu-khong-doc-duoc")
    page.keyboard.press("Escape")
    page.keyboard.press("F1")
    page.locator("#keys[open]").wait_for()
    studio.take(page, "kiem-du-lieu-phim")


@contextmanager
def instance(home: Path) -> Iterator[tuple[House, str]]:
    """Pages and a worker over a house of their own."""
    import uvicorn

    with build_house(Settings(home=home, cores=2)) as house:
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(build_app(house), log_level="error", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        stop = threading.Event()
        threads = [
            threading.Thread(target=server.run, kwargs={"sockets": [listener]}),
            threading.Thread(target=Worker(house, None).run, args=(stop,)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield house, f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stop.set()
            server.should_exit = True
            for thread in threads:
                thread.join(60)
            listener.close()


def make(out: Path) -> list[str]:
    """Takes all pictures into a folder; their names. Raises `RuntimeError` where one was not taken."""
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    options = ["--no-sandbox", "--disable-gpu", "--disable-print-preview"]
    with tempfile.TemporaryDirectory() as home, instance(Path(home)) as (house, address), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=options)
        studio = Studio(browser, address, house, out)
        officer = studio.somebody("thu.tt", "Trần Thị Thu", Role.DESK_OFFICER)
        dossier = at_the_desk(studio, officer)
        after_the_desk(studio, officer, dossier)
        pages_and_steps(studio, officer)
        a_question(studio, officer)
        list(several(house.tools, 4, house.tools.clock()))
        clerk = studio.somebody("hoa.nt", "Nguyễn Thị Hoa", Role.VERIFIER)
        at_the_workbench(studio, clerk)
        clerk.goto("/chat-luong/toi")
        studio.take(clerk, "so-lieu-cua-toi")
        officer.goto("/tong-quan")
        studio.take(officer, "tong-quan")
        browser.close()
    if missing := set(PICTURES) - set(studio.taken):
        raise RuntimeError(f"not taken: {', '.join(sorted(missing))}")
    return studio.taken


def main() -> None:
    """Writes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=IMAGES)
    for name in make(parser.parse_args().out):
        print(name)


if __name__ == "__main__":
    main()
