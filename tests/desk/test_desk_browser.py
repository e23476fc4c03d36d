"""The desk in a real browser: the network goes away and comes back, two officers, a scanner, a phone, the citizen."""

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk_browser import Served, asked_dossier, chromium, faults_of, keep, needs_chromium, officer, served
from PIL import Image
from playwright.sync_api import Browser, Page

from api.uploads import Drafts
from pipeline.composition import build_house
from pipeline.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default"), needs_chromium]
CARD = "020303421099||Nguyễn Thị Nhung|11032003|Nữ|Lạng Sơn|12012022"
TEN_MINUTES = 10 * 60 * 1000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    with build_house(Settings(home=tmp_path / "home", cores=2)) as house, served(house) as made:
        yield made


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def scan(name: str, colour: str) -> dict[str, object]:
    stream = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(stream, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": stream.getvalue()}


def burst(page: Page, text: str) -> None:
    """Types as a scanner does: each letter a key, 5 ms after the one before, whatever this machine is busy with."""
    session = page.context.new_cdp_session(page)
    moment = time.time()
    for letter in [*text, "\r"]:
        moment += 0.005
        event = {"text": letter, "key": "Enter" if letter == "\r" else letter, "timestamp": moment}
        session.send("Input.dispatchKeyEvent", event | {"type": "keyDown"})
        session.send("Input.dispatchKeyEvent", event | {"type": "keyUp"})


def stored(desk: Served) -> list[str]:
    drafts = Drafts(desk.house.settings.work / "uploads", 1 << 30)
    found = [drafts.find(path.name) for path in (desk.house.settings.work / "uploads").iterdir()]
    return [file.name for draft in found if draft for file in draft.files]


def begin(page: Page, desk: Served) -> None:
    page.goto(f"{desk.url}/quay")
    page.wait_for_selector("#find")
    page.keyboard.type("khai sinh")
    page.keyboard.press("Enter")
    page.wait_for_selector("#files", state="attached")


def cut_by_browser(page: Page, desk: Served) -> Callable[[], None]:
    page.context.set_offline(True)
    return lambda: page.context.set_offline(False)


def cut_by_server(page: Page, desk: Served) -> Callable[[], None]:
    desk.stop()
    return desk.start


@pytest.mark.parametrize("cut", [cut_by_browser, cut_by_server], ids=["network cut", "server stopped"])
def test_ten_minutes_without_network_lose_no_file(
    browser: Browser, desk: Served, cut: Callable[[Page, Served], Callable[[], None]]
) -> None:
    page = officer(browser, desk).new_page()
    page.clock.install()
    begin(page, desk)
    page.set_input_files("#files", [scan("truoc.png", "white")])
    page.wait_for_selector(".files .there")
    back = cut(page, desk)
    page.set_input_files("#files", [scan("trong-luc-mat-mang.png", "red"), scan("nua.png", "blue")])
    page.wait_for_selector("#banner.down")
    page.wait_for_function("() => document.querySelectorAll('.files .kept').length === 2")
    keep(page, "desk-offline")
    page.clock.fast_forward(TEN_MINUTES)
    page.keyboard.press("Enter")
    assert stored(desk) == ["truoc.png"]
    back()
    page.clock.fast_forward(20_000)
    until(lambda: desk.house.catalogue.list_dossiers() != [])
    dossier = desk.house.conductor.dossier(desk.house.catalogue.list_dossiers()[0].id)
    assert sorted(one.name for one in dossier.originals) == ["nua.png", "trong-luc-mat-mang.png", "truoc.png"]
    assert [one for one in dossier.originals if one.error] == []
    page.context.close()


def test_a_visit_begun_without_network_and_a_browser_closed_lose_nothing(browser: Browser, desk: Served) -> None:
    context = officer(browser, desk)
    page = context.new_page()
    page.goto(f"{desk.url}/quay")
    page.wait_for_selector("#find")
    context.set_offline(True)
    page.keyboard.type("1193")
    page.keyboard.press("Enter")
    page.wait_for_selector("#files", state="attached")
    page.set_input_files("#files", [scan("khong-mang.png", "green")])
    page.wait_for_selector(".files .kept")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{desk.url}/quay")
    again.wait_for_selector(".files .there")
    assert stored(desk) == ["khong-mang.png"]
    assert "Đăng ký khai sinh" in again.inner_text(".which")
    context.close()


def test_answers_typed_without_network_arrive_once(browser: Browser, desk: Served) -> None:
    dossier = asked_dossier(desk.house)
    context = officer(browser, desk)
    page = context.new_page()
    faults = faults_of(page)
    page.goto(f"{desk.url}/quay/{dossier.id}")
    page.wait_for_selector(".sides")
    keep(page, "desk-conflict")
    context.set_offline(True)
    page.keyboard.press("1")
    page.wait_for_selector("#value")
    page.evaluate("localStorage.setItem('typing', 'telex')")
    page.keyboard.type("phuwowfng Taan Thanh, tirnh Lajng Sown")
    keep(page, "desk-field")
    page.keyboard.press("Enter")
    page.wait_for_selector("#banner.down")
    assert desk.house.catalogue.decisions_of(dossier.id) == []
    context.set_offline(False)
    until(lambda: len(desk.house.catalogue.decisions_of(dossier.id)) >= 3)
    page.wait_for_selector(".message")
    said = [(one.document, one.key, one.note, one.value) for one in desk.house.catalogue.decisions_of(dossier.id)]
    assert said == [
        ("d1", "me_ho_ten", "confirm", None),
        ("d2", "me_ho_ten", "value", "NGUYỄN THỊ NHUNG"),
        ("d1", "nks_que_quan", "value", "phường Tân Thanh, tỉnh Lạng Sơn"),
    ]
    assert faults == []
    context.close()


def test_a_reload_comes_back_to_the_same_question_and_two_officers_are_told(browser: Browser, desk: Served) -> None:
    dossier = asked_dossier(desk.house)
    first = officer(browser, desk, "Trần Thị Thu").new_page()
    first.goto(f"{desk.url}/quay/{dossier.id}")
    first.wait_for_selector(".sides")
    first.keyboard.press("1")
    first.wait_for_selector("#value")
    until(lambda: len(desk.house.catalogue.decisions_of(dossier.id)) == 2)
    first.reload()
    first.wait_for_selector("#value")
    second = officer(browser, desk, "Lê Văn Bình").new_page()
    second.goto(f"{desk.url}/quay/{dossier.id}")
    second.wait_for_selector(".others")
    assert "Trần Thị Thu" in second.inner_text(".others")
    first.wait_for_selector(".others")
    assert "Lê Văn Bình" in first.inner_text(".others")
    second.wait_for_selector("#value")
    second.keyboard.press("F2")
    first.wait_for_selector(".message")
    assert desk.house.catalogue.decisions_of(dossier.id)[-1].note == "unreadable"
    while first.locator(".message").count():
        before = first.inner_text(".message")
        first.keyboard.press("Enter")
        first.wait_for_function("text => document.querySelector('.message')?.innerText !== text", arg=before)
    first.wait_for_selector("#print")
    second.wait_for_selector("#print")


def test_a_scanner_fills_the_person_and_leaves_the_field_as_it_was(browser: Browser, desk: Served) -> None:
    dossier = asked_dossier(desk.house)
    page = officer(browser, desk).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{desk.url}/quay/{dossier.id}")
    page.wait_for_selector(".sides")
    burst(page, CARD)
    page.wait_for_selector(".side .who")
    assert "Nguyễn Thị Nhung" in page.inner_text(".side .who")
    assert desk.house.catalogue.decisions_of(dossier.id) == [], "a scanner's digits press no keys of ours"
    page.keyboard.press("1")
    page.wait_for_selector("#value")
    before = page.input_value("#value")
    burst(page, CARD.replace("099|", "O99|"))
    page.wait_for_selector(".side [role=alert]")
    keep(page, "desk-card")
    assert page.input_value("#value") == before
    page.keyboard.press("End")
    page.keyboard.type(" Việt Nam", delay=90)
    assert page.input_value("#value") == f"{before} Việt Nam", "a person's typing is left alone"
    assert not [url for url in asked if "0203034" in url]


def test_a_phone_photographs_for_the_desk(browser: Browser, desk: Served) -> None:
    page = officer(browser, desk).new_page()
    begin(page, desk)
    with page.expect_response(lambda answer: answer.url.endswith("/phone")) as found:
        page.click("#phone")
    page.wait_for_selector("svg.code")
    address = found.value.json()["address"]
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = context.new_page()
    faults = faults_of(phone)
    phone.goto(address)
    phone.wait_for_selector("#work:not([hidden])")
    assert "#" not in phone.url, "the secret does not stay in the history"
    nickname = phone.inner_text("#nickname")
    assert nickname in page.inner_text(".which")
    phone.set_input_files("#photo", [scan("mat-truoc.png", "white"), scan("mat-sau.png", "gray")])
    phone.wait_for_selector("#done:enabled")
    keep(phone, "phone")
    page.wait_for_function("() => document.querySelectorAll('.files .there').length === 2")
    phone.click("#done")
    phone.wait_for_selector("#work", state="hidden")
    page.wait_for_selector(".phone-code .good")
    other = browser.new_context().new_page()
    other.goto(address)
    other.get_by_text("hết hạn").wait_for()
    assert faults == []
    context.close()


def test_the_citizen_answers_on_a_screen_of_their_own(browser: Browser, desk: Served) -> None:
    dossier = asked_dossier(desk.house)
    context = officer(browser, desk)
    page = context.new_page()
    page.goto(f"{desk.url}/quay/{dossier.id}")
    page.wait_for_selector(".sides")
    with context.expect_page() as popup:
        page.get_by_role("button", name="Mở màn hình công dân").click()
    screen = popup.value
    faults = faults_of(screen)
    screen.set_viewport_size({"width": 1280, "height": 800})
    screen.wait_for_selector(".ask")
    keep(screen, "screen")
    assert screen.locator("a:not(.skip)").count() == 0, "nothing leads away"
    assert "NGUYỄN THỊ NHUNH" not in screen.inner_text("main"), "other papers are not the citizen's to see"
    screen.get_by_role("button", name="Quê quán: chưa đúng").click()
    screen.get_by_role("button", name="Tất cả đều đúng").click()
    screen.wait_for_selector("#all:not([hidden])")
    page.wait_for_selector(".side .differences")
    assert "Quê quán" in page.inner_text(".side .differences")
    page.get_by_role("button", name="Thôi cho xem").click()
    screen.wait_for_selector(".ask", state="detached")
    assert "Xin mời ngồi" in screen.inner_text("main")
    assert faults == []
    context.close()
