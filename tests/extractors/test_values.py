"""Normalisation keeps what is written and never guesses."""

from __future__ import annotations

import unicodedata

import pytest

from extractors.identifiers import id_number, letter_number, personal_number
from extractors.letter_types import by_code, by_title
from extractors.names import closed_value, family_names, strip_rank
from extractors.text import key, same, strip_leaders
from extractors.values import letters_agree, normalise


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Số: 299 /UBND-TTHC", "299/UBND-TTHC"),
        ("Số: 2243_/PCCC&CNCH-P6", "2243/PCCC&CNCH-P6"),
        ("Số: 04/2021/TT-BLDTBXH", "04/2021/TT-BLĐTBXH"),
        ("S0: 47 /QD-UBND", "47/QĐ-UBND"),
        ("Số: 01 /TTr-UBND", "01/TTr-UBND"),
        ("Số 11-CT/TW", "11-CT/TW"),
        ("Số: 286 /C07-P6", "286/C07-P6"),
        ("Số: 26/2023/QH15", "26/2023/QH15"),
        ("Số:      /UBND-NC", None),
        ("Số lượng: 02 bản", None),
    ],
)
def test_letter_numbers(text: str, value: str | None) -> None:
    assert letter_number(text)[0] == value


def test_only_look_alikes_that_the_format_decides_are_repaired() -> None:
    assert letter_number("Số: 47/QD-UBND") == ("47/QĐ-UBND", True)
    assert letter_number("Số: 47/HD-UBND") == ("47/HD-UBND", False)  # HD and HĐ both exist
    assert id_number("0O1199012345") == ("001199012345", True)
    assert id_number("Nguyễn Văn An") == (None, False)
    assert id_number("001199012345 và 001199012346") == (None, False)


def test_a_personal_number_tells_province_sex_and_year() -> None:
    parsed = personal_number("027194060817")
    assert parsed is not None
    assert (parsed.province, parsed.female, parsed.birth_year) == ("Bắc Ninh", True, 1994)
    assert personal_number("079201000001").birth_year == 2001
    assert personal_number("03719406081") is None


@pytest.mark.parametrize(
    ("kind", "raw", "value", "fits"),
    [
        ("sex", "Nữ ......", "Nữ", True),
        ("ethnicity", "H'Mông", "Mông", True),
        ("ethnicity", "Việt Nam", "Việt Nam", False),
        ("nationality", "VIỆT NAM", "Việt Nam", True),
        ("partial_date", "1994", "1994", True),
        ("datetime", "07 giờ 41 phút, ngày 03 tháng 11 năm 2026", "2026-11-03T07:41", True),
        ("number", "02 bản", 2, True),
        ("number", "hai bản", 2, True),
        ("number", "02 (ba) bản", "02 (ba) bản", False),
        ("number", "3,2 kg", "3,2 kg", False),
        ("date", "10/3/1950 (âm lịch)", "10/3/1950 (âm lịch)", False),
        ("partial_date", "năm Giáp Thân", "năm Giáp Thân", False),
        ("phone", "0168 234 5678", "0382345678", True),
        ("money", "1.000.000 đ", 1000000, True),
        ("plate", "29h1 123.45", "29H1-123.45", True),
        ("tax_code", "0314409058", "0314409058", True),
        ("tax_code", "0314409057", "0314409057", False),
        ("passport", "b1234567", "B1234567", True),
        ("dossier_code", "H49.12-261112-0001", "H49.12-261112-0001", True),
        ("procedure_code", "1.001193.H36", "1.001193.H36", True),
        ("agency_code", "h55.242", "H55.242", True),
        ("name", "Y Moan Ênuôl", "Y Moan Ênuôl", True),
        ("name", "H'Hen Niê", "H'Hen Niê", True),
        ("name", "K'Brêu", "K'Brêu", True),
        ("name", "Rah Lan H' Nga", "Rah Lan H' Nga", True),
        ("name", "Nguyễn", "Nguyễn", False),
        ("issuer", "số 027194060817 do Cục Cảnh sát cấp ngày 02/03/2024", "Cục Cảnh sát", True),
        ("place", "Kinh Bắc, ngày 12 tháng 11 năm 2026", "Kinh Bắc", True),
        ("name", "NGUYỄN THỊ HOÀ", "NGUYỄN THỊ HOÀ", True),
        ("name", "1234", "1234", False),
        ("code", "23/2024", "23/2024", True),
    ],
)
def test_kinds(kind: str, raw: str, value: object, fits: object) -> None:
    normal = normalise(kind, raw)
    assert (normal.value, normal.fits) == (value, fits)
    assert fits or normal.reason


def test_the_place_of_a_tone_does_not_count_but_the_tone_does() -> None:
    assert same("Hoà Bình", "hòa bình")
    assert not same("Hòa", "Hỏa")
    assert same(unicodedata.normalize("NFD", "Thủy"), "Thuỷ")
    assert letters_agree(["UỶ BAN"], ["Ủy ban"])
    assert key("quý") != key("quy")


def test_the_form_of_an_apostrophe_does_not_count() -> None:
    assert same("H’Hen Niê", "H'HEN NIÊ")
    assert not same("H'Hen Niê", "Hen Niê")


@pytest.mark.parametrize(
    ("child", "parent", "follows"),
    [
        ("Nguyễn Văn An", "NGUYỄN THỊ BÌNH", True),
        ("Nguyễn Văn An", "Trần Thị An", False),
        ("H'Hen Niê", "Y Moan Niê", True),
        ("Y Moan Ênuôl", "H’Lan Ênuôl", True),
        ("Hà Văn Niê", "Y Moan Niê", False),
        ("Y Nguyễn", "Y Trần", True),
    ],
)
def test_the_clan_of_a_name_may_stand_last(child: str, parent: str, follows: object) -> None:
    assert bool(family_names(child) & family_names(parent)) is follows
    assert family_names("K'Brêu") == frozenset()


def test_ranks_and_degrees_are_no_part_of_a_name() -> None:
    assert strip_rank("Đại tá Nguyễn Thanh Điệp") == "Nguyễn Thanh Điệp"
    assert strip_rank("PGS.TS. Trần Văn Mẫn") == "Trần Văn Mẫn"
    assert strip_rank("Ông Ích Khiêm") == "Ông Ích Khiêm"


def test_leaders_and_footnotes_go() -> None:
    assert strip_leaders("(2) Kinh ........... ") == "Kinh"
    assert not strip_leaders(".............")


def test_closed_words_are_repaired_only_when_one_is_near() -> None:
    assert closed_value("ethnicity", "Kình") == ("Kinh", True)
    assert closed_value("ethnicity", "Xyz") == (None, False)


def test_kinds_of_papers() -> None:
    assert by_title("QUYET ĐỊNH")[0].type == "quyet_dinh"
    assert by_title("Quyết định này có hiệu lực") is None
    assert by_code("47/QĐ-UBND").type == "quyet_dinh"
    assert by_code("299/UBND-TTHC") is None
