"""The field tagger: how words become numbers, and its answers spans and pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.errors import WeightsError
from models.reading import Box, Line, ReadPage, Word
from models.tagger import TAGS, WEIGHTS, FieldTagger, TaggerModel, load_tagger_model, open_tagger, spans_of
from models.tagger_words import BUCKETS, FIRST_BUCKET, LEADER, encode, id_of, look_of, token_of, windows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "token"),
    [("Nguyễn", "nguyen"), ("tên:", "ten"), ("12/03/2026.", "00/00/0000"), ("079194060817", "000000000000"),
     ("……", ""), ("(1)", "0"), ("Đường,", "duong"), ("...", "")],
)  # fmt: skip
def test_what_a_word_says(text: str, token: str) -> None:
    assert token_of(text) == token


def test_how_a_word_looks() -> None:
    assert [look_of(text) % 4 for text in ("tên", "Tên", "TÊN", "12")] == [0, 1, 2, 3]
    assert look_of("tên:") & 4
    assert not look_of("tên") & 4
    assert look_of("tên:.....") & 12 == 12


def test_unknown_words_share_buckets_and_known_ones_have_numbers() -> None:
    assert id_of("Tên:", {"ten": 300}) == 300
    assert FIRST_BUCKET <= id_of("Krông", {}) < FIRST_BUCKET + BUCKETS
    assert id_of("....", {}) == LEADER


def test_boxes_are_thousandths_of_the_page() -> None:
    seen = encode(["a", "b"], [Box(0, 0, 500, 100), Box(900, 1900, 1200, 2100)], (1000, 2000), {})
    assert seen.boxes.tolist() == [[0, 0, 500, 50], [900, 950, 1000, 1000]]


def line(*texts: str, y: int = 100) -> Line:
    words = tuple(Word(text, Box(100 + 80 * i, y, 170 + 80 * i, y + 30), 0.99) for i, text in enumerate(texts))
    return Line(words, Box(100, y, 900, y + 30), 0.99)


def test_a_long_page_is_parted_between_lines() -> None:
    read = ReadPage(1000, 2000, tuple(line(*"abc", y=40 * i) for i in range(5)), 0.0, "test")
    assert [len(window) for window in windows(read, 7)] == [6, 6, 3]


def chances(*names: str) -> np.ndarray:
    tags = np.full((len(names), len(TAGS)), 0.02, np.float32)
    for index, name in enumerate(names):
        tags[index, TAGS.index(name)] = 0.88
    return tags


def test_spans_end_where_another_begins_and_may_start_amiss() -> None:
    words = line("Họ", "tên:", "Nguyễn", "An", "Nơi", "sinh").words
    tags = chances("B-label", "I-label", "I-value", "I-value", "B-label", "I-label")
    assert [(start, one.role, one.text) for start, one in spans_of(words, tags)] == [
        (0, "label", "Họ tên:"), (2, "value", "Nguyễn An"), (4, "label", "Nơi sinh"),
    ]  # fmt: skip


class Answers:
    """A network whose answer is known, so that reading its answer alone is on trial."""

    backend = precision = "none"

    def __init__(self, tags: np.ndarray, links: np.ndarray) -> None:
        self._answers = (np.log(tags)[None], links[None])

    def run(self, inputs: object) -> tuple[np.ndarray, ...]:
        return self._answers


def test_values_are_linked_to_the_words_that_open_labels() -> None:
    read = ReadPage(1000, 2000, (line("MẸ"), line("Họ", "tên:", "An", y=200), line("Sinh:", y=300)), 0.0, "test")
    tags = chances("B-heading", "B-label", "I-label", "B-value", "B-label")
    links = np.full((5, 6), -4.0, np.float32)
    links[3, 2] = 6.0  # the value to the label's first word
    links[3, 1] = 9.0  # a heading opens no label, however well it fits
    tagger = FieldTagger(TaggerModel(b"", "told", {}), Answers(tags, links))
    found = tagger.pairs(read)
    assert [(p.label.text, p.value and p.value.text, p.heading and p.heading.text) for p in found] == [
        ("Họ tên:", "An", "MẸ"), ("Sinh:", None, "MẸ"),
    ]  # fmt: skip
    assert 0.85 < found[0].probability < 0.95


def test_the_shipped_tagger_reads_a_form_it_has_never_seen() -> None:
    rows = (
        ("THÔNG", "TIN", "NGƯỜI", "MẸ"), ("Họ", "và", "tên:", "NGUYỄN", "THỊ", "THỦY"),
        ("Ngày,", "tháng,", "năm", "sinh:", "05/10/1994"), ("Dân", "tộc:", "Kinh"),
        ("Nơi", "cư", "trú:", "Tổ", "5,", "phường", "Hồng", "Gai,", "tỉnh", "Quảng", "Ninh"),
    )  # fmt: skip
    read = ReadPage(1654, 2339, tuple(line(*row, y=600 + 60 * i) for i, row in enumerate(rows)), 0.0, "test")
    found = {pair.label.text: pair.value and pair.value.text for pair in open_tagger().pairs(read)}
    assert found["Họ và tên:"] == "NGUYỄN THỊ THỦY"
    assert found["Ngày, tháng, năm sinh:"] == "05/10/1994"
    assert found["Dân tộc:"] == "Kinh"
    assert found["Nơi cư trú:"] == "Tổ 5, phường Hồng Gai, tỉnh Quảng Ninh"


def test_a_page_reads_the_same_alone_and_among_others() -> None:
    tagger = open_tagger()
    one = ReadPage(1654, 2339, (line("Họ", "và", "tên:", "NGUYỄN", "AN", y=600),), 0.0, "test")
    alone = tagger.pairs(one)
    tagger.pairs(ReadPage(1654, 2339, (line("Nơi", "sinh:", y=900),), 0.0, "test"))
    assert tagger.pairs(one) == alone


def test_weights_that_are_not_the_ones_meant_are_refused(tmp_path: Path) -> None:
    for name in ("tagger.json", "tagger.onnx"):
        (tmp_path / name).write_bytes((WEIGHTS / name).read_bytes())
    (tmp_path / "tagger.onnx").write_bytes(b"other")
    with pytest.raises(WeightsError, match=r"tagger\.onnx"):
        load_tagger_model(tmp_path)
    (tmp_path / "tagger.json").write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsError, match=r"tagger\.json"):
        load_tagger_model(tmp_path)
