"""A field whose words were written by hand is never accepted without a person, however sure the reader is of them."""

from dataclasses import replace

import numpy as np
import pytest

from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, PageView, Source
from extractors.letterhead import LetterheadExtractor
from models.reading import Box, Line, ReadPage, Word
from pipeline.fusion import Thresholds, fuse, fuse_all
from pipeline.procedures.letters import letter_schema


def word(text: str, x: int, y: int, handwriting: float | None = 0.0) -> Word:
    return Word(text, Box(x, y, x + 14 * len(text), y + 30), 0.999, handwriting=handwriting)


def claimed(handwriting: float | None, source: Source = Source.LABEL, value: str = "660/TB-UBND") -> Field:
    words = (word("Số:", 0, 0), word(value, 60, 0, handwriting))
    return claim("so_ky_hieu", value, words, source=source, page=1)


@pytest.mark.parametrize("chance", [0.51, 0.99])
def test_a_written_word_makes_its_field_doubtful(chance: float) -> None:
    field = fuse([claimed(chance)], 0.9)
    assert (field.status, field.reason) == (FieldStatus.DOUBTFUL, "handwriting")
    assert field.value == "660/TB-UBND", "the person sees the guess"


@pytest.mark.parametrize("chance", [None, 0.0, 0.49])
def test_print_is_accepted_as_before(chance: float | None) -> None:
    assert fuse([claimed(chance)], 0.9).status is FieldStatus.READ


def test_two_extractors_that_lean_on_the_same_pen_are_one_guess() -> None:
    field = fuse([claimed(0.9), claimed(0.9, Source.LETTERHEAD)], 0.1)
    assert (field.status, field.reason) == (FieldStatus.DOUBTFUL, "handwriting")


def test_a_code_that_says_the_same_needs_no_person() -> None:
    code = Field("so_ky_hieu", "660/TB-UBND", "660/TB-UBND", 0.999, Source.QR, 1, None)
    assert fuse([claimed(0.9), code], 0.9).status is FieldStatus.READ


def letter(number: float, day: float) -> PageView:
    def line(*words: Word) -> Line:
        return Line(words, words[0].box.union(words[-1].box), 0.99)

    lines = (
        line(word("ỦY", 100, 100), word("BAN", 150, 100), word("NHÂN", 220, 100), word("DÂN", 300, 100)),
        line(word("TỈNH", 100, 140), word("QUẢNG", 180, 140), word("NGÃI", 270, 140)),
        line(word("Số:", 100, 200), word("660", 160, 200, number), word("/TB-UBND", 220, 200)),
        line(word("CỘNG", 600, 100), word("HÒA", 680, 100), word("XÃ", 740, 100), word("HỘI", 790, 100),
             word("CHỦ", 850, 100), word("NGHĨA", 910, 100), word("VIỆT", 1000, 100), word("NAM", 1070, 100)),
        line(word("Độc", 650, 140), word("lập", 710, 140), word("-", 770, 140), word("Tự", 800, 140),
             word("do", 850, 140), word("-", 900, 140), word("Hạnh", 930, 140), word("phúc", 1000, 140)),
        line(word("Quảng", 600, 200), word("Ngãi,", 690, 200), word("ngày", 780, 200), word("31", 850, 200, day),
             word("tháng", 890, 200), word("12", 970, 200), word("năm", 1010, 200), word("2024", 1070, 200)),
        line(word("THÔNG", 560, 300), word("BÁO", 650, 300)),
    )  # fmt: skip
    page = ReadPage(1240, 1754, lines, 0.0, "test")
    return PageView.of(1, np.full((1754, 1240, 3), 255, np.uint8), page)


def letter_fields(number: float, day: float) -> dict[str, tuple[FieldStatus, str | None]]:
    claims = LetterheadExtractor().extract([letter(number, day)], [])
    fields = fuse_all(claims, letter_schema("thong_bao"), Thresholds())
    return {key: (FieldStatus(field.status), field.reason) for key, field in fields.items()}


def test_a_number_and_a_day_written_into_a_letter_wait_for_a_person() -> None:
    printed, written = letter_fields(0.0, 0.0), letter_fields(0.9, 0.9)
    for key in ("so_ky_hieu", "ngay_ban_hanh"):
        assert printed[key] == (FieldStatus.READ, None)
        assert written[key] == (FieldStatus.DOUBTFUL, "handwriting")
    assert written["dia_danh"] == printed["dia_danh"]


def test_a_mark_lies_on_its_own_word_alone() -> None:
    assert not replace(word("31", 0, 0), handwriting=None).handwritten
    assert letter_fields(0.0, 0.9)["so_ky_hieu"] == (FieldStatus.READ, None)
