"""Invented people obey the rules that real registrars check: numbers, ages, cards, dates in words, MRZ digits."""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import date, timedelta

import pytest

from models.synthesis.mrz import check_digit, plain, td1
from models.synthesis.people import Family, card_expiry, make_family
from models.synthesis.places import PLACES
from models.synthesis.wording import date_in_words, letter_date, number_in_words

APPLIED = date(2026, 11, 12)


def families(count: int = 200) -> list[Family]:
    return [make_family(seed, APPLIED) for seed in range(count)]


def test_check_digits_of_the_icao_specimen() -> None:
    # ICAO 9303-5, appendix B: the TD1 of Utopia.
    first, second = "I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6"
    assert check_digit(first[5:14]) == first[14]
    assert check_digit(second[0:6]) == second[6]
    assert check_digit(second[8:14]) == second[14]
    assert check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29]) == second[29]


def test_a_card_s_mrz_has_three_lines_of_thirty_and_all_its_digits_check() -> None:
    for family in families(60):
        person = family.mother
        first, second, third = td1(person.number, person.born, person.sex, person.card.expires, person.name)
        assert [len(line) for line in (first, second, third)] == [30, 30, 30]
        assert re.fullmatch(r"[A-Z0-9<]+", first + second + third)
        assert first.startswith("IDVNM" + person.number[-9:])
        assert first[15:27] == person.number
        assert first[14] == check_digit(first[5:14])
        assert first[29] == check_digit(first[15:27])
        assert second[6] == check_digit(second[:6])
        assert second[14] == check_digit(second[8:14])
        assert second[29] == check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
        assert third.rstrip("<").replace("<<", " ").replace("<", " ") == plain(person.name)


def test_personal_numbers_agree_with_sex_year_and_place() -> None:
    for family in families():
        for person in (family.mother, family.father):
            century = {("Nam", 19): "0", ("Nữ", 19): "1", ("Nam", 20): "2", ("Nữ", 20): "3"}
            assert re.fullmatch(r"\d{12}", person.number)
            assert person.number[:3] == family.place.code
            assert person.number[3] == century[person.sex, person.born.year // 100]
            assert person.number[4:6] == f"{person.born.year % 100:02d}"


def test_families_are_what_the_law_lets_pass() -> None:
    for family in families():
        child, mother, father = family.child, family.mother, family.father
        assert timedelta(days=5) <= APPLIED - child.born <= timedelta(days=20)
        assert 19 <= (child.born - mother.born).days / 365.25 <= 40
        assert 19 <= (child.born - father.born).days / 365.25 <= 45
        assert mother.card.issued < date(2024, 7, 1) < APPLIED < mother.card.expires
        assert child.born < family.notice_day <= APPLIED
        assert family.marriage.registered < child.born
        assert child.name.split()[0] == father.name.split()[0]
        assert mother.number != father.number
        assert family.place.province in mother.home


def test_the_same_seed_gives_the_same_family_and_others_differ() -> None:
    assert make_family(3, APPLIED) == make_family(3, APPLIED)
    assert len({family.child.name + family.mother.number for family in families(50)}) == 50


def test_the_father_may_be_the_requester() -> None:
    family = make_family(1, APPLIED, "father")
    assert family.requester is family.father
    assert family.relation == "Cha"


def test_places_have_known_codes_and_nfc_names() -> None:
    text = "\n".join(f"{place.code},{place.now},{place.before}" for place in PLACES)
    assert text == unicodedata.normalize("NFC", text)
    for row in csv.reader(text.splitlines()):
        assert re.fullmatch(r"0\d\d", row[0])


@pytest.mark.parametrize(
    ("born", "issued", "expires"),
    [
        (date(2000, 5, 1), date(2022, 4, 30), date(2025, 5, 1)),
        (date(2000, 5, 1), date(2023, 5, 1), date(2040, 5, 1)),
        (date(1990, 5, 1), date(2021, 5, 1), date(2030, 5, 1)),
        (date(1964, 5, 1), date(2023, 5, 1), None),
    ],
)
def test_cards_expire_on_the_birthdays_that_the_law_names(born: date, issued: date, expires: date | None) -> None:
    assert card_expiry(born, issued) == expires


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (5, "năm"),
        (10, "mười"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (30, "ba mươi"),
        (1995, "một nghìn chín trăm chín mươi lăm"),
        (2000, "hai nghìn"),
        (2005, "hai nghìn không trăm lẻ năm"),
        (2026, "hai nghìn không trăm hai mươi sáu"),
    ],
)
def test_numbers_in_words(number: int, words: str) -> None:
    assert number_in_words(number) == words


def test_dates_in_words_and_in_letters() -> None:
    assert date_in_words(date(2026, 4, 11)) == "Ngày mười một, tháng tư, năm hai nghìn không trăm hai mươi sáu"
    assert letter_date(date(2026, 2, 5)) == "ngày 05 tháng 02 năm 2026"
    assert letter_date(date(2026, 9, 15)) == "ngày 15 tháng 9 năm 2026"
