"""Signing in with a real browser: the pages of coming and going, in both languages and at both sizes."""

import pytest
from live import shot

from pipeline.access.people import People
from pipeline.access.roles import Role
from pipeline.composition import House

pytestmark = pytest.mark.browser


def test_a_person_comes_in_sets_a_password_and_goes(signed_in_page, house: House) -> None:
    _, once = People(house.tools).add("hoa.nt", "Nguyễn Thị Hoa", [Role.DESK_OFFICER])
    page = signed_in_page()
    page.goto("/ho-so/hs-261121-00000001")
    assert page.url.endswith("/dang-nhap?ve=/ho-so/hs-261121-00000001")
    shot(page, "access-sign-in")
    page.get_by_label("Tên đăng nhập").fill("Hoa.NT")
    page.get_by_label("Mật khẩu").fill("sai rồi nhé bạn ơi")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    page.get_by_label("Mật khẩu").fill(once)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tai-khoan")
    shot(page, "access-first-password")
    page.goto("/")
    assert page.url.endswith("/tai-khoan"), "nothing else before there is a password of one's own"
    mine = "trời xanh mây trắng nắng vàng"
    page.get_by_label("Mật khẩu hiện tại").fill(once)
    page.get_by_label("Mật khẩu mới", exact=True).fill(mine)
    page.get_by_label("Gõ lại mật khẩu mới").fill(mine)
    page.keyboard.press("Enter")
    page.wait_for_url("**/quay")
    assert page.get_by_role("link", name="Nguyễn Thị Hoa").is_visible()
    shot(page, "access-home")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/dang-nhap")
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/")
    assert "/dang-nhap" in page.url
    assert not page.context.cookies() or all("session" not in c["name"] for c in page.context.cookies())


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_words_reach_scripts_and_nothing_overflows(signed_in_page, size: str, language: str) -> None:
    page = signed_in_page(*Role, size=size, language=language)
    for path in ("/ho-so", "/tai-khoan", "/kiem-tra"):
        page.goto(path)
        shot(page, f"access-{path.strip('/') or 'home'}-{language}-{size}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    said = page.evaluate("import('/static/texts.js').then(m => [m.language, m.t('common.pages', {count: 3})])")
    assert said == [language, {"vi": "3 trang", "en": "pages: 3"}[language]]
