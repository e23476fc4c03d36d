"""The workbench in a real Chromium, by keyboard alone: fast, and safe from lost keys, browsers and networks.

What is keyed is known beforehand: dossiers are drawn with their right values, and a typist of three rules keys them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from chromium import CHROMIUM, needs_chromium
from live import pages_of, served, shot
from signing_in import session_for
from sqlalchemy import select

from api.access.cookies import LOCAL
from api.app import build_app
from pipeline.access.roles import Role
from pipeline.catalogue import tables_review as r
from pipeline.catalogue.review_queue import item_id
from pipeline.composition import House, build_house
from pipeline.record import Status
from pipeline.review.rows import Target
from pipeline.review.settings import ReviewSettings
from pipeline.settings import Settings
from pipeline.trials.review_items import Asked, Drawn, several

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default"), needs_chromium]
TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
SHOWN = "document.querySelector('#item').hidden ? '' : document.querySelector('#item').dataset.item"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(home=tmp_path / "home", cores=2, review=ReviewSettings(undo_seconds=3, look_seconds=0.5))
    with build_house(settings) as built:
        yield built


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with served(build_app(house)) as found:
        yield found


@pytest.fixture
def open_page(house: House, address: str) -> Iterator[Callable[..., Page]]:
    with pages_of(house, address) as page:
        yield page


def waiting(house: House, count: int, **options: Any) -> dict[str, Asked]:
    """What stands on the papers, by item."""
    drawn: list[Drawn] = list(several(house.tools, count, house.tools.clock(), **options))
    return {item_id(a.dossier, Target.FIELD, "d1", a.key): a for one in drawn for a in one.asked}


def at_work(page: Page) -> Page:
    page.goto("/kiem-du-lieu")
    page.locator("#review[data-state=ready]").wait_for()
    page.locator("#item").wait_for()
    return page


def until(page: Page, expression: str, seconds: float = 15) -> Any:
    """Waits for something in the page; its policy forbids the driver's own way, which evaluates text."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := page.evaluate(expression):
            return found
        time.sleep(0.02)
    raise AssertionError(f"not seen: {expression}\n{page.inner_text('body')}")


def answers(house: House) -> list[Any]:
    with house.catalogue.review().database.reading() as connection:
        return list(
            connection.execute(select(r.answers).where(r.answers.c.undone_at.is_(None)).order_by(r.answers.c.id))
        )


def arrived(house: House, count: int, seconds: float = 20) -> list[Any]:
    end = time.monotonic() + seconds
    while len(found := answers(house)) < count and time.monotonic() < end:
        time.sleep(0.05)
    return found


def telex(read: str, right: str) -> str:
    """Keys that make the right syllable of the one that was read, typed behind it."""
    marks = ""
    for old, new in zip(read, right, strict=True):
        a, b = (unicodedata.normalize("NFD", letter) for letter in (old, new))
        a, b = ("".join(sign for sign in text if sign not in TONES) for text in (a, b))
        if a != b:
            marks += {"\u0302": b[0].lower(), "\u0306": "w", "\u031b": "w"}[b[-1]] if not marks.endswith("w") else ""
    before, after = ([sign for sign in unicodedata.normalize("NFD", text) if sign in TONES] for text in (read, right))
    return marks + (TONES[after[0]] if after and after != before else "")


def key_it(page: Page, asked: Asked) -> int:
    """Keys one field as a clerk would: right, Enter; otherwise the marks that are missing where the cursor stands."""
    wrong = [(w, x) for w, x in zip(asked.read.split(), asked.right.split(), strict=True) if w != x]
    keys = list(telex(*wrong[0])) if wrong else []
    for key in [*keys, "Enter"]:
        page.keyboard.press(key)
    return len(keys) + 1


def test_what_the_clerk_sees(house: House, open_page: Callable[..., Page]) -> None:
    waiting(house, 12, wrong=1.0)
    for size in ("desk", "phone"):
        for language in ("vi", "en"):
            page = at_work(open_page(Role.VERIFIER, size=size, language=language))
            until(page, "[...document.querySelectorAll('.strip img')].every((i) => i.complete)")
            shot(page, f"review-{size}-{language}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the edge"


def test_two_hundred_fields_by_keyboard(house: House, open_page: Callable[..., Page]) -> None:
    truth = waiting(house, 40, fields=5, wrong=0.4)
    page = at_work(open_page(Role.VERIFIER))
    keyed: dict[str, int] = {}
    for _ in range(200):
        name = until(page, SHOWN)
        keyed[name] = key_it(page, truth[name])
        until(page, f"({SHOWN}) !== '{name}'")
    assert set(keyed) == set(truth)
    rows = arrived(house, 200)
    assert len(rows) == 200
    by_item = {row.item_id: row for row in rows}
    right = [name for name, one in truth.items() if one.read == one.right]
    wrong = [name for name, one in truth.items() if one.read != one.right]
    assert len(wrong) >= 50
    assert {by_item[name].keys for name in right} == {1}
    assert {by_item[name].verdict for name in right} == {"accept"}
    assert max(by_item[name].keys for name in wrong) <= 3
    assert {by_item[name].verdict for name in wrong} == {"correct"}
    shown = page.evaluate("performance.getEntriesByName('review.next').map((one) => one.duration)")
    assert len(shown) >= 195
    assert sorted(shown)[100] < 100, "half of the fields are there at once even for a typist without a pause"
    # The undo window passes, and every dossier goes on with what was keyed.
    end = time.monotonic() + 60
    while house.catalogue.list_dossiers(Status.WAITS, limit=1) and time.monotonic() < end:
        time.sleep(0.2)
    for one in truth.values():
        field = house.conductor.dossier(one.dossier).documents[0].fields[one.key]
        said = "/".join(reversed(str(field.value).split("-"))) if one.key.startswith("ngay_") else field.value
        assert said == one.right
        assert field.status.value == "confirmed"


def test_two_clerks_never_meet(house: House, open_page: Callable[..., Page]) -> None:
    truth = waiting(house, 10, fields=5, wrong=0.0)
    pages = [at_work(open_page(Role.VERIFIER, name=name)) for name in ("Hoa", "An")]
    seen: list[str] = []
    for _ in range(25):
        for page in pages:
            name = page.evaluate(SHOWN)
            if name:
                seen.append(name)
                page.keyboard.press("Enter")
                until(page, f"({SHOWN}) !== '{name}'")
    rows = arrived(house, len(seen))
    assert len(seen) == len(set(seen)), "no item was on two screens"
    assert {row.item_id for row in rows} == set(seen)
    assert {row.who_name for row in rows} == {"Hoa", "An"}
    assert set(seen) <= set(truth)


def test_the_other_keys(house: House, open_page: Callable[..., Page]) -> None:
    waiting(house, 4, fields=5, wrong=1.0)
    page = at_work(open_page(Role.VERIFIER))
    home = page.url
    first = page.evaluate(SHOWN)
    before = page.input_value("#value")
    for key in ("F1", "Escape", "F3", "F7", "F9", "F9", "F9", "Tab", "Tab", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert (page.url, page.evaluate(SHOWN), page.input_value("#value")) == (home, first, before)
    page.keyboard.press("Backspace")
    assert page.input_value("#value") != before
    page.keyboard.press("Escape")
    assert page.input_value("#value") == before
    page.keyboard.press("F2")
    page.keyboard.press("3")
    second = until(page, f"({SHOWN}) !== '{first}' && ({SHOWN})")
    page.keyboard.press("F8")
    third = until(page, f"({SHOWN}) !== '{second}' && ({SHOWN})")
    page.keyboard.press("PageDown")
    fourth = until(page, f"({SHOWN}) !== '{third}' && ({SHOWN})")
    page.keyboard.press("F4")
    page.keyboard.type("Chuwx gif?")
    page.keyboard.press("Enter")
    until(page, f"({SHOWN}) !== '{fourth}'")
    rows = arrived(house, 4)
    assert [(row.verdict, row.why) for row in rows] == [
        ("unreadable", "stamp"),
        ("blank", None),
        ("skip", None),
        ("ask", None),
    ]
    for name in (fourth, third, second, first):
        page.keyboard.press("PageUp")
        until(page, f"({SHOWN}) === '{name}'")
    assert answers(house) == []
    assert page.url == home


def test_a_question_comes_back_answered(house: House, open_page: Callable[..., Page]) -> None:
    waiting(house, 1, fields=2, wrong=0.0)
    page = at_work(open_page(Role.VERIFIER, name="Hoa"))
    asked = page.evaluate(SHOWN)
    page.keyboard.press("F4")
    page.keyboard.type("Ai?")
    page.keyboard.press("Enter")
    arrived(house, 1)
    lead = open_page(Role.LEADER, name="Lãnh đạo")
    lead.goto("/kiem-du-lieu")
    lead.locator("#review[data-state=ready]").wait_for()
    lead.select_option("#source", "asked")
    until(lead, f"({SHOWN}) === '{asked}'")
    assert "Ai?" in lead.inner_text("#asking")
    shot(lead, "review-asked")
    lead.keyboard.press("F10")
    lead.keyboard.type("Hằng")
    lead.keyboard.press("Enter")
    until(lead, "document.querySelector('#item').hidden")
    page.reload()
    page.locator("#item").wait_for()
    while page.evaluate(SHOWN) != asked:
        page.keyboard.press("PageDown")
        time.sleep(0.3)
    assert "Hằng" in page.inner_text("#asking")


def test_a_network_cut_loses_nothing(house: House, open_page: Callable[..., Page]) -> None:
    truth = waiting(house, 3, fields=5, wrong=0.0)
    page = at_work(open_page(Role.VERIFIER))
    page.keyboard.press("Enter")
    arrived(house, 1)
    page.context.set_offline(offline=True)
    done = []
    for _ in range(6):
        done.append(until(page, SHOWN))
        page.keyboard.press("Enter")
    page.locator("#trouble").wait_for()
    shot(page, "review-offline")
    assert len(answers(house)) == 1
    # The page itself may be lost meanwhile: what was answered lies in the browser.
    page.context.set_offline(offline=False)
    rows = arrived(house, 7)
    assert {row.item_id for row in rows} >= set(done)
    page.locator("#trouble").wait_for(state="hidden")
    assert set(done) <= set(truth)


@contextmanager
def browser_process(profile: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A Chromium that can be killed as a power cut would."""
    assert CHROMIUM is not None
    (profile / "DevToolsActivePort").unlink(missing_ok=True)
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    command = [CHROMIUM, *options, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    port = profile / "DevToolsActivePort"
    end = time.monotonic() + 30
    while not port.exists() and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.2)
    try:
        yield process, f"http://127.0.0.1:{port.read_text().splitlines()[0]}"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_killed_browser_resumes_on_the_same_field(house: House, address: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    waiting(house, 3, fields=5, wrong=1.0)
    cookie = {"name": LOCAL, "value": session_for(house, Role.VERIFIER), "url": address}
    profile = tmp_path / "profile"
    profile.mkdir()
    with sync_playwright() as playwright:
        with browser_process(profile) as (process, port):
            context = playwright.chromium.connect_over_cdp(port).contexts[0]
            context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            page.goto(f"{address}/kiem-du-lieu")
            page.locator("#item").wait_for()
            for _ in range(3):
                page.keyboard.press("Enter")
                time.sleep(0.2)
            arrived(house, 3)
            context.set_offline(offline=True)
            before = page.evaluate(SHOWN)
            page.keyboard.press("Enter")
            name = until(page, f"({SHOWN}) !== '{before}' && ({SHOWN})")
            page.keyboard.press("End")
            page.keyboard.type(" Thuys")
            typed = page.input_value("#value")
            assert typed.endswith(" Thúy")
            time.sleep(0.3)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        with browser_process(profile) as (_, port):
            context = playwright.chromium.connect_over_cdp(port).contexts[0]
            context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            page.goto(f"{address}/kiem-du-lieu")
            page.locator("#item").wait_for()
            assert page.evaluate(SHOWN) == name
            assert page.input_value("#value") == typed
            assert len(arrived(house, 4)) == 4, "what was answered without a network came with the next browser"
