"""The two halves of a number become one line; what only stands beside it does not."""

import pytest

from models.calibration import Calibration
from models.number_rows import joined
from models.reading import Box, Line, Word


def _line(text: str, x: int, y: int = 100, height: int = 40) -> Line:
    words, left = [], x
    for word in text.split():
        words.append(Word(word, Box(left, y, left + 20 * len(word), y + height), 0.9, handwriting=0.1))
        left += 20 * len(word) + 10
    return Line(tuple(words), Box(x, y, left - 10, y + height), 0.8, handwriting=0.1)


def _texts(*lines: Line) -> list[str]:
    return [line.text for line in joined(lines, [line.box for line in lines], Calibration())[0]]


def test_a_symbol_behind_a_wide_gap_goes_on_with_its_number() -> None:
    lines = [_line("/TB-UBND", 240, 104), _line("Quảng Ngãi, ngày 15", 700), _line("Số: 565", 50)]
    merged, places = joined(lines, [line.box for line in lines], Calibration())
    assert [line.text for line in merged] == ["Quảng Ngãi, ngày 15", "Số: 565 /TB-UBND"]
    assert merged[1].box == places[1] == Box(50, 100, 400, 144)
    assert merged[1].words == lines[2].words + lines[0].words
    assert merged[1].probability == pytest.approx(0.9**3)
    assert merged[1].handwriting == pytest.approx(0.1)


def test_boxes_may_lap_over_each_other() -> None:
    assert _texts(_line("Số: 2118", 50), _line("/PCCC-P6", 190)) == ["Số: 2118 /PCCC-P6"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_line("Số: 565", 50), _line("/TB-UBND", 400)),  # too far
        (_line("Số: 565", 50), _line("/TB-UBND", 240, 150)),  # another row
        (_line("Nơi nhận", 50), _line("/TB-UBND", 240)),  # no figure before it
        (_line("Số: 565", 50), _line("TB-UBND", 240)),  # no stroke
        (_line("Số: 565", 50), _line("/", 240)),  # a stroke alone
    ],
)
def test_all_else_stays_apart(first: Line, second: Line) -> None:
    assert _texts(first, second) == [first.text, second.text]
