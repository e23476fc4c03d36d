"""The page in a real browser: a clerk uploads the sample, watches it being read, and sees its fields.

Skipped where there is no Chromium or no sample.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from chromium import Browser, needs_chromium
from signing_in import session_for

from api.access.cookies import LOCAL
from api.app import build_app
from flows import child
from flows.worker import Worker
from pipeline.access.roles import Role
from pipeline.composition import build_house
from pipeline.settings import Settings

SAMPLE = Path(__file__).parents[2] / "samples" / "birth_registration"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("default"),
    needs_chromium,
    pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample dossier is not there"),
]


@pytest.fixture
def address(tmp_path: Path, browser: Browser) -> Iterator[str]:
    """API and worker in this process, on a free port; the browser is signed in."""
    with build_house(Settings(home=tmp_path / "home", cores=2)) as house, child.listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(build_app(house), log_level="error", timeout_graceful_shutdown=1))
        stop = threading.Event()
        threads = [
            threading.Thread(target=server.run, kwargs={"sockets": [listener]}),
            threading.Thread(target=Worker(house, None).run, args=(stop,)),
        ]
        for thread in threads:
            thread.start()
        url = child.url_of(listener)
        browser.send("Network.setCookie", name=LOCAL, value=session_for(house, *Role), url=url)
        yield url
        stop.set()
        server.should_exit = True
        for thread in threads:
            thread.join(60)


def test_a_clerk_uploads_the_sample_and_sees_its_fields(browser: Browser, address: str) -> None:
    browser.picture("blank", 1366, 768)
    browser.send("Page.navigate", url=f"{address}/ho-so")
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
