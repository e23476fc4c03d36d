"""The reader as a whole: what it reads, where it says the words are, and that threads do not disturb each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.alphabet import ACCENTED
from models.errors import ReadingError
from models.images import rotate
from models.reading import PageReader

if TYPE_CHECKING:
    from typewriter import Typewriter

    from models.reading import Image


def test_is_a_page_reader(reader: PageReader) -> None:
    assert isinstance(reader, PageReader)
    assert "trueocr-vi-r01" in reader.name


def close(read: str, expected: str) -> bool:
    """Whether two lines are the same but for a letter or two: these tests are of the reader, not of its weights."""
    return SequenceMatcher(None, read, expected).ratio() > 0.9


def test_reads_a_letter_in_the_order_of_a_person(reader: PageReader, letter: Image, letter_texts: list[str]) -> None:
    texts = letter_texts
    expected = [*texts[:2], texts[4], *texts[2:4], *texts[5:]]
    found = reader.read(letter).text.splitlines()
    assert len(found) == len(expected)
    assert [line for line, wanted in zip(found, expected, strict=True) if not close(line, wanted)] == []


# Phrases in which every accented letter stands in a word that offices print daily; capitals are the same phrases.
PHRASES = (
    "các xã và các phòng phải có hạn năm nay là sẵn sàng",
    "khẳng định bằng mặt bắt buộc cần cấp mẫu thẩm tra luật dân sự",
    "giấy phép kèm theo sẽ cho trẻ em và bà mẹ lên kết quả về thể lệ",
    "hiện nay dễ hiểu gì chính chỉ nghĩa thị trấn",
    "phòng có hỏi rõ họ tên công số đồng tổ mỗi hội cơ quan mới",
    "người ở giúp đỡ được cùng phú chủ cũng phụ tư thức từ xử lý",
    "những sự kỳ vọng kỷ luật kỹ thuật ý kiến tỵ nạn ngành",
)


def test_every_accented_letter_is_read(reader: PageReader, typewriter: Typewriter) -> None:
    assert set("".join(PHRASES) + "".join(PHRASES).upper()) >= ACCENTED
    rows = [(80, 40 + 90 * k, phrase) for k, phrase in enumerate([*PHRASES, *(p.upper() for p in PHRASES)])]
    read = {letter for size in (20, 22, 24, 30) for letter in reader.read(typewriter.page(rows, size=size)).text}
    missing = sorted(ACCENTED - read)
    # This sans-serif sets its hooks and tildes unlike any office typeface; three capitals may be missed in it.
    assert len(missing) <= 3, missing
    assert all(letter.isupper() for letter in missing)


def test_words_lie_where_they_were_set(reader: PageReader, letter: Image) -> None:
    page = reader.read(letter)
    assert (page.width, page.height) == (1240, 1754)
    for line in page.lines:
        for word in line.words:
            inside = letter[word.box.y0 : word.box.y1, word.box.x0 : word.box.x1]
            assert inside.min() < 60, word
            # The columns just outside a word are white: it was cut between letters, not through one.
            assert letter[word.box.y0 : word.box.y1, word.box.x1 + 1 : word.box.x1 + 3].min() > 100, word
            assert 0.0 <= word.probability <= 1.0
        assert [word.box.x0 for word in line.words] == sorted(word.box.x0 for word in line.words)


def test_pages_read_at_once_equal_pages_read_alone(reader: PageReader, letter: Image, typewriter: Typewriter) -> None:
    other = typewriter.page([(100, 100 + 70 * k, f"Điều {k}. Hiệu lực thi hành từ ngày {k} tháng 7") for k in range(9)])
    alone = [reader.read(letter), reader.read(other)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(reader.read, [letter, other] * 3))
    assert together == alone * 3


def test_a_leaning_page_is_read_and_boxes_stay_on_it(reader: PageReader, letter: Image) -> None:
    leaning, _ = rotate(letter, 3.0)
    page = reader.read(leaning)
    assert page.skew == pytest.approx(3.0, abs=0.3)
    level = reader.read(letter)
    assert len(page.lines) == len(level.lines)
    assert all(close(a.text, b.text) for a, b in zip(page.lines, level.lines, strict=True))
    for line in page.lines:
        inside = leaning[line.box.y0 : line.box.y1, line.box.x0 : line.box.x1]
        assert inside.min() < 100


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_quarter_turns_are_seen(reader: PageReader, letter: Image, turns: int) -> None:
    turn = reader.turn(np.ascontiguousarray(np.rot90(letter, turns)))
    assert turn.quarter_turns == turns
    assert turn.probability > 0.9


def test_blank_page_has_no_text(reader: PageReader) -> None:
    assert reader.read(np.full((1754, 1240), 255, np.uint8)).lines == ()


@pytest.mark.parametrize("shape", [(0, 10), (10, 10, 4), (10,)])
def test_what_is_not_a_page_is_a_reading_error(reader: PageReader, shape: tuple[int, ...]) -> None:
    with pytest.raises(ReadingError):
        reader.read(np.zeros(shape, np.uint8))


def test_colour_and_grey_read_alike(reader: PageReader, letter: Image) -> None:
    assert reader.read(np.repeat(letter[:, :, None], 3, 2)) == reader.read(letter)
