"""Language's help in reading: spelling, counts, and a decoder that stays within what the image allows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from models import language as language_module
from models.alphabet import REQUIRED
from models.decoder import Decoder
from models.errors import WeightsError
from models.language import Language, count, format_language, load_language, parse_language
from models.orthography import is_syllable, syllable_key
from models.recogniser import collapse

LETTERS = sorted(REQUIRED)
KIND = {letter: kind + 1 for kind, letter in enumerate(LETTERS)}
SURE = 0.9995


def chances(text: str, doubts: dict[int, dict[str, float]] | None = None) -> np.ndarray:
    """A line of two steps per character; `doubts` gives other letters their chance in the place of a character."""
    rows = np.full((2 * len(text), len(LETTERS) + 1), 1e-7, np.float32)
    for place, letter in enumerate(text):
        shares = {letter: SURE, **(doubts or {}).get(place, {})}
        shares[letter] = SURE - sum(chance for other, chance in shares.items() if other != letter)
        for other, chance in shares.items():
            rows[2 * place, KIND[other]] = chance
        rows[2 * place + 1, 0] = SURE
    return rows


@pytest.fixture(scope="module")
def language() -> Language:
    return load_language()


@pytest.fixture(scope="module")
def decoder(language: Language) -> Decoder:
    return Decoder(LETTERS, language)


@pytest.mark.parametrize("word", ["nghiêng", "khuỷu", "quốc", "gì", "giếng", "thuở", "hoà", "hòa", "Quý", "YẾN", "ghi"])
def test_spelling_allows(word: str) -> None:
    key = syllable_key(word)
    assert key is not None
    assert is_syllable(key)


@pytest.mark.parametrize("word", ["căt", "hoc", "phápn", "ngiêng", "kanh", "cế", "iàm", "Krông", "ôtô", "wa"])
def test_spelling_does_not_allow(word: str) -> None:
    key = syllable_key(word)
    assert key is not None
    assert not is_syllable(key)


def test_a_key_knows_no_case_and_no_place_of_the_tone() -> None:
    assert syllable_key("HOÀ") == syllable_key("hòa") == "hoa'f"
    assert syllable_key("thuỷ") == syllable_key("Thủy")
    assert syllable_key("hoa") != syllable_key("hòa")
    assert syllable_key("T06") is None
    assert syllable_key("nhẩấ") is None


def test_counts_survive_their_table() -> None:
    syllables, pairs = count("Phát triển kinh tế; phát triển, 12 phát triển\nxã hội")
    assert pairs["phat's", "triên'r"] == 3
    assert ("triên'r", "phat's") not in pairs  # punctuation and numbers break a phrase
    parsed = parse_language(format_language(syllables, pairs, ["a head"]), "x")
    assert parsed.counts == syllables
    assert parsed.pairs == pairs


def test_a_broken_table_is_refused_by_name() -> None:
    with pytest.raises(WeightsError, match=r"words\.txt: not a table"):
        parse_language("a' 3 zz:1\n", "words.txt")


def test_the_table_is_small_and_says_where_it_comes_from() -> None:
    content = Path(language_module.__file__).with_name("language.txt").read_bytes()
    assert len(content) < 300_000
    head = content.decode().splitlines()[:6]
    assert any("Licence" in line for line in head)
    assert any("scripts/build_language.py" in line for line in head)


def test_chances_of_what_follows_add_up(language: Language) -> None:
    after = sum(language.after("phat's", key) for key in language.counts)
    assert 0.9 < after < 1.0  # the rest is for syllables that were never seen
    assert language.after("phat's", "triên'r") > 100 * language.after("phat's", "triên's") > 0


def test_a_text_can_be_left_out() -> None:
    syllables, pairs = count("phát triển " * 5)
    known = Language.of(syllables, pairs)
    assert known.knows("triển")
    assert not known.without("phát triển " * 5).knows("triển")


def test_sure_lines_are_read_as_greedily_as_ever(decoder: Decoder) -> None:
    for text in ("Số: 12/2025/TT-BCA", "ngày 05 tháng 6", "triến khai", "https://dichvucong.gov.vn", "Ksor Y Blô"):
        rows = chances(text)
        best = rows.argmax(1)
        wanted = collapse(best, rows[np.arange(len(best)), best], LETTERS)
        found = decoder.decode(rows)
        assert (found.text, found.places) == (wanted[0], wanted[2])
        assert found.scores == pytest.approx(wanted[1])


def test_language_chooses_among_what_the_image_allows(decoder: Decoder) -> None:
    read = decoder.decode(chances("phát triến kinh tế", {8: {"ể": 0.2}}))
    assert read.text == "phát triển kinh tế"
    assert all(a <= b for a, b in pairwise(read.places))
    assert len(read.text) == len(read.scores) == len(read.certainties) == len(read.places)
    assert decoder.decode(chances("phát triến kinh tế", {8: {"a": 0.2}})).text == "phát triến kinh tế"


def test_a_letter_that_spelling_does_not_allow_may_go(decoder: Decoder) -> None:
    text = "theo địa bàn tỉinh, thành phố"
    rows = chances(text)
    step = 2 * (text.index("tỉinh") + 2)
    rows[step] = 1e-7
    rows[step, KIND["i"]], rows[step, 0] = 0.55, 0.44
    assert decoder.decode(rows).text == "theo địa bàn tỉnh, thành phố"


def test_no_more_of_the_image_is_given_up_than_is_allowed(decoder: Decoder) -> None:
    assert decoder.decode(chances("phát triến kinh tế", {8: {"ể": 0.001}})).text == "phát triến kinh tế"


@pytest.mark.parametrize(
    ("text", "place", "other"),
    [
        ("Trần Văn Tống ký", 10, "ổ"),  # any syllable may be a name
        ("mẫu T06 và", 6, "O"),
        ("Chương II. Quy định", 8, "1"),
        ("ngày 14 tháng 8", 6, "1"),
        ("xem tại htto.vn nhé", 11, "p"),
        ("khoản a của", 6, "à"),
        ("hoà bình", 1, "ò"),
    ],
)
def test_what_language_does_not_touch(decoder: Decoder, text: str, place: int, other: str) -> None:
    assert decoder.decode(chances(text, {place: {other: 0.35}})).text == text


def test_capitals_change_where_the_words_beside_them_speak(decoder: Decoder) -> None:
    assert decoder.decode(chances("NGƯỜI TỐ CHỨC", {7: {"Ổ": 0.4}})).text == "NGƯỜI TỔ CHỨC"
    assert decoder.decode(chances("TUYÊN TRUYÈN", {10: {"Ề": 0.2}})).text == "TUYÊN TRUYỀN"


def test_years_of_the_calendar_are_known(decoder: Decoder, language: Language) -> None:
    text = "dịp Tết Nguyên đán Át Ty năm 2025"
    doubts = {text.index("Át"): {"Ấ": 0.35}, text.index("Ty") + 1: {"ỵ": 0.35}}
    assert decoder.decode(chances(text, doubts)).text == "dịp Tết Nguyên đán Ất Tỵ năm 2025"
    stems, branches = (
        "giap's ât's binh's đinh' mâu'j ky'r canh' tân' nhâm' quy's",
        "ty's dân'f thin'f ngo'j thân' tuât's",
    )
    for stem in stems.split()[::2]:
        assert all(language.pairs.get((stem, branch), 0) >= 4 for branch in branches.split())


def test_a_stamped_number_stands_apart(decoder: Decoder) -> None:
    read = decoder.decode(chances("Hà Nội, ngày24 tháng07 năm 2025 Số:16/QĐ"))
    assert read.text == "Hà Nội, ngày 24 tháng 07 năm 2025 Số: 16/QĐ"
    assert len(read.scores) == len(read.text)
    assert all(a <= b for a, b in pairwise(read.places))


def test_certainty_falls_where_readings_disagree(decoder: Decoder) -> None:
    read = decoder.decode(chances("số 2118 và", {4: {"3": 0.3}}))
    assert read.text == "số 2118 và"
    assert read.certainties[4] < 0.75
    assert min(read.certainties[k] for k in (0, 1, 3, 5, 6, 8, 9)) > 0.99
    assert read.sureness()[4] < 0.75 < min(read.sureness()[:3])


def test_without_a_language_reading_is_greedy() -> None:
    rows = chances("phát triến kinh tế", {8: {"ể": 0.4}})
    read = Decoder(LETTERS, None).decode(rows)
    assert read.text == "phát triến kinh tế"
    assert read.certainties == read.scores


def test_an_empty_line_is_empty(decoder: Decoder) -> None:
    rows = np.full((6, len(LETTERS) + 1), 1e-7, np.float32)
    rows[:, 0] = 1
    assert decoder.decode(rows).text == ""
    assert decoder.decode(rows[:0]).text == ""
