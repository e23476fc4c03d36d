"""A desk in a real Chromium: the app on a port of this machine, a worker where it is asked for, an officer signed in.

HOSO_SCREENSHOTS names a folder that keeps what was seen.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from PIL import Image, ImageDraw
from signing_in import session_for

from api.access.cookies import LOCAL
from api.app import build_app
from extractors.fields import FieldStatus, Source
from flows import child
from flows.worker import Worker
from pipeline.access.roles import Role
from pipeline.desk.questions import ATTENDED
from pipeline.keys import page_key
from pipeline.record import DocumentRecord, Dossier, Event, FieldRecord, PageRecord, Status
from pipeline.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

    from pipeline.composition import House

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)
SAMPLE = Path(__file__).parents[2] / "samples" / "birth_registration"


class Served:
    """The app of a house on a port that stays the same when it is stopped and started again."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.port = 0
        self.start()

    def start(self) -> None:
        self._listener = child.listen("127.0.0.1", self.port)
        listener = self._listener.__enter__()
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(build_app(self.house), log_level="critical", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(30)
        self._listener.__exit__(None, None, None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served(house: House, *, worker: bool = False) -> Iterator[Served]:
    made = Served(house)
    stop = threading.Event()
    thread = threading.Thread(target=Worker(house, None).run, args=(stop,)) if worker else None
    if thread:
        thread.start()
    try:
        yield made
    finally:
        stop.set()
        made.stop()
        if thread:
            thread.join(60)


@contextmanager
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    # Without a window there is no print preview to be shown; asking for one would end the page.
    options = ["--no-sandbox", "--disable-gpu", "--disable-print-preview"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


def officer(browser: Browser, desk: Served, name: str = "Trần Thị Thu", **options: object) -> BrowserContext:
    """A browser profile in which somebody of the desk has signed in."""
    context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, "locale": "vi-VN"} | options)  # type: ignore[arg-type]
    secret = session_for(desk.house, Role.DESK_OFFICER, name=name)
    context.add_cookies([{"name": LOCAL, "value": secret, "url": desk.url}])
    context.set_default_timeout(30_000)
    return context


def faults_of(page: Page) -> list[str]:
    """Collects what goes wrong in a page: exceptions, and whatever the content policy refused."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    def heard(said: ConsoleMessage) -> None:
        # What a test cuts off on purpose is not loaded.
        if said.type == "error" and "Failed to load resource" not in said.text:
            faults.append(said.text)

    page.on("console", heard)
    return faults


def keep(page: Page, name: str) -> None:
    """Keeps a screenshot, where somebody wants to see it."""
    if folder := os.environ.get("HOSO_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def asked_dossier(house: House, number: int = 1, agency: str = "") -> Dossier:
    """A dossier that waits: two papers that disagree on a name, and a doubtful place; its page has those words."""
    picture = Image.new("RGB", (800, 1100), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(8):
        draw.text((60, 80 + row * 60), f"dong {row} cua to khai so {number}", fill="black")
    path = house.settings.work / f"page-{number}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    house.store.put_new(page_key(sha256, "image/png"), path, "image/png")

    def field(value: str, row: int, label: str, status: FieldStatus = FieldStatus.READ) -> FieldRecord:
        top = 70 + row * 60
        return FieldRecord(
            value=value, raw=value, probability=0.7 if status is FieldStatus.DOUBTFUL else 0.99, source=Source.LABEL,
            page=1, box=(50, top, 420, top + 40), status=status, label=label,
        )  # fmt: skip

    request = {
        "nyc_ho_ten": field("NGUYỄN THỊ NHUNG", 0, "Họ tên người yêu cầu"),
        "nyc_so_dinh_danh": field("020303421099", 1, "Số định danh người yêu cầu"),
        "nks_ho_ten": field("VŨ HOÀNG PHÚC", 2, "Họ tên người được khai sinh"),
        "nks_ngay_sinh": field("2026-10-29", 3, "Ngày sinh"),
        "nks_que_quan": field("phường Kỳ Lừa, tỉnh Lạng Sơn", 4, "Quê quán", FieldStatus.DOUBTFUL),
        "me_ho_ten": field("NGUYỄN THỊ NHUNG", 5, "Họ tên mẹ"),
    }
    notice = {
        "me_ho_ten": field("NGUYỄN THỊ NHUNH", 6, "Họ tên mẹ"),
        "ngay_gio_sinh": field("2026-10-29T00:54", 7, "Ngày giờ sinh"),
    }
    papers = (
        _paper("d1", "to_khai_khai_sinh", "Tờ khai đăng ký khai sinh", "000.00.00.G15-KQ003204", request),
        _paper("d2", "giay_chung_sinh", "Giấy chứng sinh", "000.00.00.G15-KQ004389", notice),
    )
    now = house.tools.clock()
    page = PageRecord(number=1, file="quét.png", file_page=1, width=800, height=1100, dpi=100, image_sha256=sha256)
    dossier = Dossier(
        id=f"hs-261122-0000000{number}",
        procedure="1.001193",
        procedure_name="Đăng ký khai sinh",
        status=Status.PROCESSING,
        received_at=now,
        agency=agency or house.settings.agency_code,
        pages=(page,),
        documents=papers,
        events=tuple(Event(stage=stage, at=now, seconds=0.5) for stage in STAGES[:4]),
    )
    house.catalogue.create_dossier(dossier)
    house.catalogue.desk().act(f"attend:{dossier.id}", ATTENDED, dossier.id)
    house.conductor.run_stage(dossier.id, "validate")
    return house.conductor.dossier(dossier.id)


def _paper(name: str, kind: str, title: str, component: str, fields: dict[str, FieldRecord]) -> DocumentRecord:
    return DocumentRecord(
        id=name, type=kind, title=title, component=component, pages=(1,), probability=0.99, fields=fields
    )
