"""Telex and VNI in a field of a real browser, key by key: what Vietnamese texts hold comes out as they have it.

The words are those of plain Vietnamese sentences, written by hand; the keys are made here, each word in three orders in
which people type it.
"""

import json
import re
import unicodedata
from pathlib import Path

import pytest
from chromium import Browser, needs_chromium
from starlette.testclient import TestClient

from api.app import build_app
from pipeline.composition import House

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default"), needs_chromium]
WORDS = 320
HARD = (
    "hòa hoàn thúy quý quả già gì giếng huỳnh khuỷu ngoài thuở người rượu được khuấy ngoèo yếu "
    "Đắk Lắk NGUYỄN TRƯỜNG Ý ở"
)
SENTENCES = Path(__file__).parents[2] / "scripts" / "everyday.txt"
SCRIPT = Path(__file__).parents[2] / "api" / "static" / "typing.js"
TELEX = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
VNI = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
VNI_MARK = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}


def words() -> list[str]:
    """Syllables that need a mark or a tone, in the order of the text, and spellings that are easily put wrong."""
    text = unicodedata.normalize("NFC", SENTENCES.read_text(encoding="utf-8"))
    marked = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    return list(dict.fromkeys([*HARD.split(), *marked]))[:WORDS]


def keys(word: str, method: str, order: str) -> str:
    """The keys of a word: marks beside their letters or all at the end, the tone after its letter or last."""
    out: list[str] = []
    marks: list[str] = []
    tone = ""
    for letter in word:
        base, *signs = unicodedata.normalize("NFD", letter)
        if letter in "đĐ":
            out.append("D" if letter == "Đ" else "d")
            (marks if order == "late" else out).append("9" if method == "vni" else "d")
            continue
        out.append(base)
        for sign in signs:
            table = VNI if method == "vni" else TELEX
            if sign in table:
                if order == "beside":
                    out.append(table[sign])
                else:
                    tone = table[sign]
                continue
            key = VNI_MARK[sign] if method == "vni" else {"\u0302": base.lower()}.get(sign, "w")
            (marks if order == "late" else out).append(key)
    # One horn key serves "ươ" as a whole.
    if order == "late" and "ươ" in unicodedata.normalize("NFC", strip_tone(word)).lower():
        horn = "7" if method == "vni" else "w"
        marks.remove(horn)
    return "".join(out) + "".join(marks) + tone


def strip_tone(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if sign not in TELEX)


@pytest.fixture
def field(browser: Browser, house: House, tmp_path: Path) -> Browser:
    """A bare page with the script in it: nothing of the server is needed to type."""
    page = tmp_path / "page.html"
    body = '<meta charset="utf-8"><input id="t"><script type="module">'
    script = SCRIPT.read_text(encoding="utf-8")
    body += f"{script}\nlet how = 'telex', late = false; window.how = (m) => {{ how = m; }}; "
    body += "window.late = (yes) => { late = yes; }; attach(t, () => how, () => late);</script>"
    page.write_text(body, encoding="utf-8")
    browser.send("Page.navigate", url=page.as_uri())
    browser.wait("window.how !== undefined", 10)
    assert TestClient(build_app(house), base_url="http://127.0.0.1").get("/static/typing.js").status_code == 200
    return browser


@pytest.mark.parametrize("method", ["telex", "vni"])
@pytest.mark.parametrize("order", ["beside", "end", "late"])
def test_words_key_by_key(field: Browser, method: str, order: str) -> None:
    field.ask(f"window.how('{method}')")
    wrong = {}
    wanted = words()
    assert len(wanted) >= 300
    for word in wanted:
        field.ask("t.value = ''; t.focus()")
        typed = keys(word, method, order)
        field.press(typed)
        got = field.ask("t.value")
        assert got == unicodedata.normalize("NFC", got)
        if got != word:
            wrong[typed] = (got, word)
    assert wrong == {}


def late(word: str) -> str:
    """The word as somebody writes it who puts the tone of oa, oe, uy on the second letter."""
    found = re.fullmatch(r"(?i)(?!qu)(.*)([oòóỏõọ])([ae])|(?!qu)(.*)([uùúủũụ])(y)", word)
    if not found:
        return word
    start, first, second = (part for part in found.groups() if part is not None)
    base, *tone = unicodedata.normalize("NFD", first)
    return unicodedata.normalize("NFC", start + base + second + "".join(tone))


@pytest.mark.parametrize("method", ["telex", "vni"])
def test_words_of_those_who_write_hoa_with_the_tone_behind(field: Browser, method: str) -> None:
    field.ask(f"window.how('{method}'); window.late(true)")
    wanted = [late(word) for word in words()]
    assert len(wanted) >= 300
    assert {"hoà", "thuý", "quý", "hoàn"} <= set(wanted)
    wrong = {}
    for word, early in zip(wanted, words(), strict=True):
        field.ask("t.value = ''; t.focus()")
        field.press(keys(early, method, "end"))
        got = field.ask("t.value")
        if got != word:
            wrong[word] = got
    assert wrong == {}


def test_numbers_codes_and_what_is_no_syllable_stay(field: Browser) -> None:
    for method, texts in {"vni": ["123/UBND", "01.02.1990", "HT1", "KT3"], "telex": ["HS", "B2"]}.items():
        field.ask(f"window.how('{method}')")
        for text in texts:
            field.ask("t.value = ''; t.focus()")
            field.press(text)
            assert field.ask("t.value") == text


def test_the_same_key_twice_gives_the_key(field: Browser) -> None:
    for typed, wanted in {"ass": "as", "aaa": "aa", "ddd": "dd", "oww": "ow", "asz": "a"}.items():
        field.ask("t.value = ''; t.focus()")
        field.press(typed)
        assert field.ask("t.value") == wanted


def test_a_tone_in_the_middle_of_a_text_and_off(field: Browser) -> None:
    field.ask("t.value = 'Nguyên Văn An'; t.focus(); t.setSelectionRange(6, 6)")
    field.press("x")
    assert field.ask("[t.value, t.selectionStart]") == ["Nguyễn Văn An", 6]
    field.ask("window.how('off'); t.value = ''")
    field.press("hoaf")
    assert field.ask("t.value") == "hoaf"


def test_typing_can_be_undone_and_is_heard_by_others(field: Browser) -> None:
    field.ask("window.heard = 0; t.addEventListener('input', () => { heard += 1; }); t.value = ''; t.focus()")
    field.press("aas")
    assert field.ask("[t.value, heard]") == ["ấ", 3]
    field.ask("document.execCommand('undo')")
    assert field.ask("t.value") != "ấ"
    assert json.dumps(field.errors) == "[]"
