"""What a label is, and which characters it may hold."""

from __future__ import annotations

import unicodedata

import pytest

from models.training.alphabet import ALPHABET, BLANK, STANDS_IN, VIETNAMESE_LETTERS, look_alikes, spell
from models.training.labels import label, leaders_to_one


def test_the_alphabet_holds_every_vietnamese_letter_once():
    vowels = "aăâeêioôơuưy"
    marked = {
        unicodedata.normalize("NFC", v + t)
        for v in vowels
        for t in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    }
    wanted = (marked | {"đ"}) - set("aeiouy")
    wanted |= {letter.upper() for letter in wanted}
    assert len(wanted) == 134
    assert set(VIETNAMESE_LETTERS) == wanted
    assert wanted <= set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert ALPHABET[0] == BLANK


def test_every_character_is_one_nfc_code_point():
    assert all(len(c) == 1 and unicodedata.normalize("NFC", c) == c for c in ALPHABET[1:])


def test_signs_of_papers_are_in_the_alphabet():
    assert set('…–—“”‘’½¼¾²³°№§☐☑☒%&/\\@#+=<>[]{}|~^_*•×±≥≤"?!') <= set(ALPHABET)


def test_every_stand_in_is_for_a_character_of_the_alphabet():
    assert set(STANDS_IN) <= set(ALPHABET)


def test_a_letter_starts_from_its_base():
    assert look_alikes("ộ") == ("ộ", "ộ", "ô", "o")
    assert look_alikes("Đ")[-1] == "D"


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("Họ và tên:...........", "Họ và tên:…"),
        ("Họ và tên: . . . . . . ngày", "Họ và tên: … ngày"),
        ("ngày……tháng……", "ngày…tháng…"),
        ("Số: ______/QĐ", "Số: …/QĐ"),
        ("v.v...", "v.v…"),
        ("1.2.3. Mục", "1.2.3. Mục"),
    ],
)
def test_a_run_of_leaders_is_one_sign(printed, wanted):
    assert label(printed) == wanted
    assert leaders_to_one(wanted) == wanted


def test_labels_are_nfc_and_look_alikes_become_the_letter_that_is_seen():
    assert label(unicodedata.normalize("NFD", "Quyết  định")) == "Quyết định"
    assert label("Ðiều") == "Điều"
    assert label("số\u00a01") == "số 1"


@pytest.mark.parametrize("text", ["\ue001 mục", "a\x07b"])
def test_text_that_nobody_can_see_gives_no_label(text):
    assert label(text) is None


def test_spelling_is_reversible_and_refuses_unknown_characters():
    text = "Số: 12/QĐ-UBND “ngày” 5½ m²…"
    classes = spell(text)
    assert classes is not None
    assert "".join(ALPHABET[c] for c in classes) == text
    assert spell("漢") is None
