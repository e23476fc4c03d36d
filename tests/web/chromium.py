"""One page of a real Chromium, driven over its own protocol, so that no driver of a certain version is needed.

HOSO_SCREENSHOTS names a folder that keeps what was seen.
"""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)


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
            # Fields are there before the scripts that watch them.
            if self.ask("document.readyState === 'complete'") and (found := self.ask(expression)):
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

    def press(self, text: str) -> None:
        """Types each letter as a key of its own."""
        for letter in text:
            self.send("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            self.send("Input.dispatchKeyEvent", type="keyUp", key=letter)


@contextmanager
def opened(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own, ended afterwards."""
    assert CHROMIUM is not None
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
        try:
            yield Browser(f"http://127.0.0.1:{port.read_text().splitlines()[0]}")
        finally:
            process.terminate()
