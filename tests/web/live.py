"""An app on a port of its own, and pages of a real Chromium that are signed in to it, driven by Playwright.

HOSO_SCREENSHOTS names a folder that keeps what a test looks at with `shot`.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from chromium import CHROMIUM
from fastapi import FastAPI
from signing_in import session_for

from api.access.cookies import LOCAL
from pipeline.access.roles import Role
from pipeline.composition import House

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = {"desk": (1366, 768), "phone": (390, 844)}


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The app's address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def pages_of(house: House, address: str) -> Iterator[Callable[..., "Page"]]:
    """`page(Role.VERIFIER, size="phone", language="en")`: each in a browser profile of its own; no role: nobody."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def made(
            *roles: Role,
            agency: str | None = None,
            name: str = "Nguyễn Thị Hoa",
            size: str = "desk",
            language: str = "vi",
        ) -> "Page":
            width, height = SIZES[size]
            context = browser.new_context(
                base_url=address, viewport={"width": width, "height": height}, has_touch=size == "phone"
            )
            cookies = {"hoso_language": language}
            if roles:
                cookies[LOCAL] = session_for(house, *roles, agency=agency, name=name)
            context.add_cookies([{"name": key, "value": value, "url": address} for key, value in cookies.items()])
            return context.new_page()

        yield made
        browser.close()


def shot(page: "Page", name: str) -> None:
    """Keeps what is seen, where somebody wants to look at it."""
    if folder := os.environ.get("HOSO_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder, f"{name}.png")), full_page=True)
