"""The whole way of a birth registration at the desk, by a real worker and in a real browser, with every key counted.

Choosing files is not counted; everything else that the officer presses is. At most 12 keys to the receipt, and the same
with a paper missing to the supplement slip.
"""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from desk_browser import SAMPLE, Served, chromium, faults_of, keep, needs_chromium, officer, served
from playwright.sync_api import Browser, Page

from pipeline.composition import build_house
from pipeline.record import Status
from pipeline.settings import Settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("default"),
    needs_chromium,
    pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample dossier is not there"),
]
MOST_KEYS = 12


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as house, served(house, worker=True) as made:
        yield made


class Hand:
    """An officer's hand: every key and click is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.count += 1
            self.page.keyboard.press(key)


def slip_words(page: Page, hand: Hand) -> str:
    """Prints with one key; the words of the slip that went to the print dialog."""
    with page.expect_response(lambda answer: "/slip" in answer.url) as found:
        hand.press("Enter")
    answer = found.value
    assert answer.status == 200
    # The frame takes the body; the same slip is asked for again to be read.
    again = page.request.get(answer.url)
    pdf = pypdfium2.PdfDocument(io.BytesIO(again.body()))
    return " ".join(pdf[n].get_textpage().get_text_bounded() for n in range(len(pdf)))


def to_the_slip(page: Page, hand: Hand, files: list[Path]) -> None:
    page.wait_for_selector("#find")
    hand.press("k", "s", "Enter")
    page.set_input_files("#files", files)
    page.wait_for_function("count => document.querySelectorAll('.files .there').length === count", arg=len(files))
    keep(page, "desk-papers")
    hand.press("Enter")
    page.wait_for_selector(".thumb", timeout=90_000)
    keep(page, "desk-reading")
    page.wait_for_selector(".question, #print", timeout=150_000)
    while page.locator(".question").count():
        before = page.locator(".question").inner_text()
        keep(page, "desk-question")
        hand.press("Enter")
        page.wait_for_function("text => document.querySelector('.question')?.innerText !== text", arg=before)
    page.wait_for_selector("#print")
    keep(page, "desk-slip")


def test_from_files_to_the_receipt(browser: Browser, desk: Served) -> None:
    page = officer(browser, desk).new_page()
    faults = faults_of(page)
    page.goto(f"{desk.url}/quay")
    hand = Hand(page)
    to_the_slip(page, hand, sorted(SAMPLE.iterdir()))
    assert page.locator(".checks .present").count() == 3
    dossier = desk.house.conductor.dossier(page.url.rsplit("/", 1)[-1])
    assert dossier.status is Status.WAITS, "nothing is signed before the receipt is handed out"
    words = slip_words(page, hand)
    assert "GIẤY TIẾP NHẬN HỒ SƠ" in words
    assert "Trần Thị Thu" in words
    page.wait_for_selector("#next")
    assert hand.count <= MOST_KEYS, hand.count
    until = time.monotonic() + 60
    while desk.house.conductor.dossier(dossier.id).status is not Status.FILED and time.monotonic() < until:
        time.sleep(0.3)
    assert desk.house.conductor.dossier(dossier.id).status is Status.FILED
    hand.press("Enter")
    page.wait_for_selector("#find")
    assert faults == []


def test_with_a_paper_missing_to_the_supplement_slip(browser: Browser, desk: Served) -> None:
    page = officer(browser, desk).new_page()
    faults = faults_of(page)
    page.goto(f"{desk.url}/quay")
    hand = Hand(page)
    to_the_slip(page, hand, [file for file in sorted(SAMPLE.iterdir()) if file.suffix != ".pdf"])
    assert "Giấy chứng sinh" in page.locator(".checks .missing").inner_text()
    words = slip_words(page, hand)
    assert "PHIẾU YÊU CẦU BỔ SUNG" in words
    assert "Giấy chứng sinh" in words
    page.wait_for_selector("#next")
    assert hand.count <= MOST_KEYS, hand.count
    assert desk.house.conductor.dossier(page.url.rsplit("/", 1)[-1]).status is Status.WAITS
    assert faults == []
