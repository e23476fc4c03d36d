"""The page in a real browser: a clerk uploads the sample, watches it being read, and sees its fields.

Chromium is driven over its own protocol, so that no driver of a certain version is needed. Skipped where there is no
Chromium or no sample. HOSO_SCREENSHOTS names a folder that keeps what was seen.
"""

import base64
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.sync.client import connect

from api.app import build_app
from flows import child
from flows.worker import Worker
from pipeline.composition import build_house
from pipeline.settings import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SAMPLE = Path(__file__).parents[2] / "samples" / "birth_registration"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"),
    pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample dossier is not there"),
]


class Browser:
    """One page of one Chromium."""

    def __init__(self, address: str) -> None:
        targets = httpx.get(f"{address}/json", trust_env=False).json()
        page = next(target for target in targets if target["type"] == "page")
        self._socket = connect(page["webSocketDebuggerUrl"], max_size=None, proxy=None)
        self._number = 0
        self.errors: list[str] = []
        self.send("Page.enable")
        self.send("DOM.enable")
        self.send("Runtime.enable")
        self.send("Log.enable")
        # A headless window is never in front; fields react to focus.
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(timeout=30))
            if answer.get("method") == "Runtime.exceptionThrown":
                self.errors.append(answer["params"]["exceptionDetails"]["text"])
            if answer.get("method") == "Log.entryAdded" and answer["params"]["entry"]["level"] == "error":
                self.errors.append(answer["params"]["entry"]["text"])
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def ask(self, expression: str) -> Any:
        return self.send("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression: str, seconds: float) -> Any:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := self.ask(expression):
                return found
            time.sleep(0.2)
        pytest.fail(f"not seen within {seconds} s: {expression}\n{self.ask('document.body.innerText')}")

    def choose_files(self, selector: str, files: list[Path]) -> None:
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def picture(self, name: str, width: int, height: int) -> bytes:
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        time.sleep(0.5)
        data = base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])
        if folder := os.environ.get("HOSO_SCREENSHOTS"):
            Path(folder, f"{name}.png").write_bytes(data)
        return data


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """API and worker in this process, on a free port."""
    with build_house(Settings(home=tmp_path / "home", cores=2)) as house, child.listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(build_app(house), log_level="error", timeout_graceful_shutdown=1))
        stop = threading.Event()
        threads = [
            threading.Thread(target=server.run, kwargs={"sockets": [listener]}),
            threading.Thread(target=Worker(house, None).run, args=(stop,)),
        ]
        for thread in threads:
            thread.start()
        yield child.url_of(listener)
        stop.set()
        server.should_exit = True
        for thread in threads:
            thread.join(60)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    assert CHROMIUM is not None
    profile = tmp_path / "profile"
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
    ]
    with subprocess.Popen(
        [CHROMIUM, *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        port = profile / "DevToolsActivePort"
        until = time.monotonic() + 30
        while not port.exists() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(0.2)
        yield Browser(f"http://127.0.0.1:{port.read_text().splitlines()[0]}")
        process.terminate()


def test_a_clerk_uploads_the_sample_and_sees_its_fields(browser: Browser, address: str) -> None:
    browser.picture("blank", 1366, 768)
    browser.send("Page.navigate", url=f"{address}/")
    browser.wait("document.querySelector('#files') !== null", 10)
    browser.choose_files("#files", sorted(SAMPLE.iterdir()))
    browser.ask("document.querySelector('#procedure').value = '1.001193'")
    browser.wait("document.querySelectorAll('#chosen li').length >= 2", 5)
    browser.picture("home", 1366, 768)
    browser.ask("document.querySelector('#new button').click()")
    browser.wait("location.pathname.startsWith('/ho-so/')", 20)
    browser.wait("document.querySelectorAll('.stages li.done').length >= 1", 60)
    browser.picture("working", 1366, 768)
    browser.wait("document.querySelectorAll('.field').length >= 10", 150)
    text = browser.ask("document.body.innerText")
    assert "Giấy chứng sinh" in text
    assert "Thành phần hồ sơ" in text
    assert browser.ask("document.querySelectorAll('svg rect').length") >= 10
    loaded = "[...document.querySelectorAll('svg image')].length"
    assert browser.ask(loaded) >= 2
    browser.ask("document.querySelector('.field.doubtful, .field').focus()")
    assert browser.ask("document.querySelectorAll('.field.on').length") == 1
    assert len(browser.picture("dossier", 1366, 768)) > 50_000
    assert browser.ask("document.documentElement.scrollWidth <= innerWidth")
    browser.picture("phone", 390, 844)
    assert browser.ask("document.documentElement.scrollWidth <= innerWidth"), "a phone need not scroll sideways"
    assert browser.errors == []
