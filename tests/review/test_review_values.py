"""What is keyed becomes a value, what is doubtful is found, and other spellings come in a sensible order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.language import load_language
from models.orthography import syllable_key
from models.reading import Box, Word
from pipeline.review.doubts import doubts
from pipeline.review.keyed import KeyedError, shown, value_of
from pipeline.review.spelling import Speller, load_speller, spelled, spellings

if TYPE_CHECKING:
    from extractors.fields import FieldValue


@pytest.fixture(scope="module")
def speller() -> Speller:
    return load_speller()


@pytest.mark.parametrize(
    ("text", "kind", "current", "value"),
    [
        ("5/3/1990", "date", None, "1990-03-05"),
        ("05031990", "date", None, "1990-03-05"),
        ("ngày 5 tháng 3 năm 1990", "date", None, "1990-03-05"),
        ("05-03-1990", "partial_date", None, "1990-03-05"),
        ("3/1990", "partial_date", None, "1990-03"),
        ("1990", "partial_date", None, "1990"),
        ("14 giờ 30 phút, 5/3/2024", "datetime", None, "2024-03-05T14:30"),
        ("08:05 05/03/2024", "datetime", None, "2024-03-05T08:05"),
        ("1.250.000 đ", "money", None, "1250000"),
        ("7", "ordinal", 3, 7),
        ("001 099 000123", "id_number", None, "001099000123"),
        ("0912.345.678", "phone", None, "0912345678"),
        ("có", "flag", None, True),
        ("Khong", "flag", True, False),
        ("nu", "sex", None, "nu"),
        ("Lê Văn A\n Trần  B ", "lines", None, ["Lê Văn A", "Trần B"]),
        ("Lê Văn A / Trần B", "lines", None, ["Lê Văn A", "Trần B"]),
        ("  Nguyễn   Thị\u0020Hoa ", "name", None, "Nguyễn Thị Hoa"),
        ("Ho\u0300a", "text", None, "Hòa"),
        ("   ", "text", "x", None),
    ],
)
def test_a_text_becomes_a_value(text: str, kind: str, current: FieldValue, value: FieldValue) -> None:
    assert value_of(text, kind, current) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [("31/02/1990", "date"), ("1990", "date"), ("13/1990", "partial_date"), ("25:00 1/1/2024", "datetime"),
     ("mười", "money"), ("có lẽ", "flag")],
)  # fmt: skip
def test_what_is_no_value_is_refused(text: str, kind: str) -> None:
    with pytest.raises(KeyedError):
        value_of(text, kind, None)


def test_a_choice_is_taken_however_it_is_marked() -> None:
    assert value_of("nu", "sex", None, ("Nam", "Nữ")) == "Nữ"
    assert value_of("khác", "choice", None, ("Cha", "Mẹ")) == "khác"


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1990-03-05", "date"), ("1990-03", "partial_date"), ("1990", "partial_date"), ("2024-03-05T14:30", "datetime"),
     (True, "flag"), (False, "seal"), (["a b", "c"], "lines"), ("1250000", "money"), (12, "ordinal"),
     ("Lý Thường Kiệt", "name"), ("12/UBND-VP", "code")],
)  # fmt: skip
def test_what_nobody_touched_gives_the_value_again(value: FieldValue, kind: str) -> None:
    assert value_of(shown(value, kind), kind, value) == value


def test_names_are_spelled_as_names_are(speller: Speller) -> None:
    assert speller.variants(["Nguyên", "Văn", "An"], 0, name=True)[0] == "Nguyễn"
    assert speller.variants(["Nguyễn", "Thi", "Hoà"], 1, name=True)[0] == "Thị"
    assert speller.variants(["TRÂN", "Thị", "An"], 0, name=True)[0] == "TRẦN"
    assert "Nguyện" in speller.variants(["Nguyên", "Văn", "An"], 0, name=True)
    assert speller.variants(["12/UBND"], 0, name=False) == []
    assert speller.variants(["(phương),"], 0, name=False)[0] == "(phường),"


def test_every_spelling_is_a_syllable_and_is_written_where_the_tone_stands() -> None:
    for word in load_language().counts:
        assert syllable_key(spelled(word)) == word
    assert "nguyễn" in {spelled(key) for key in spellings("nguyên'")}
    known = "hòa hoàn thúy quý quả già gì giếng huỳnh khuỷu ngoài thuở người rượu khuấy ngoèo yếu nghĩa giữ"
    assert [spelled(str(syllable_key(word))) for word in known.split()] == known.split()


def word(text: str, left: int, probability: float) -> Word:
    return Word(text, Box(left, 0, left + 90, 30), probability)


def test_the_weakest_word_is_lit_in_the_text_and_on_the_picture(speller: Speller) -> None:
    words = [word("Nguyên", 0, 0.6), word("Văn", 100, 0.99), word("Á,", 200, 0.8)]
    lit = doubts("Nguyên Văn Á", "name", words, [], speller)
    assert lit.spans == ((0, 6), (11, 12))
    assert lit.boxes == ((0, 0, 90, 30), (200, 0, 290, 30))


def test_what_another_source_says_differently_is_lit(speller: Speller) -> None:
    lit = doubts("Nguyễn Văn An", "name", [], ["Nguyễn Vân An"], speller)
    assert lit.spans == ((7, 10),)


def test_without_a_witness_the_least_likely_syllable_is_lit(speller: Speller) -> None:
    lit = doubts("Nguyễn Văn Thgx Án", "name", [], [], speller)
    assert len(lit.spans) == 1
    assert doubts("123456", "id_number", [], [], speller).spans == ()
