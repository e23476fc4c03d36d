"""Lines from PDFs and from the typesetter: labels say what is printed."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.alphabet import VIETNAMESE_LETTERS, spell
from models.training.born_digital import TextLine, cut
from models.training.labels import leaders_to_one
from models.training.synthetic import Typesetter, fonts_that_print
from models.training.texts import TextMaker

CORPUS = ["Căn cứ Luật Tổ chức chính quyền địa phương", "Theo đề nghị của Giám đốc Sở Nội vụ tại Tờ trình"]


def drawn(boxes, shape=(200, 900)):
    page = np.full(shape, 255, np.uint8)
    for x0, y0, x1, y1 in boxes:
        page[int(y0) + 4 : int(y1) - 4, int(x0) + 1 : int(x1) - 1] = 0
    return page


def test_a_line_is_cut_with_margins_and_its_ink_is_found():
    boxes = [(100.0, 80.0, 160.0, 110.0), (175.0, 80.0, 300.0, 110.0)]
    line = cut(drawn(boxes), 1.0, TextLine((("Quyết", boxes[0]), ("định:", boxes[1]))))
    assert line is not None
    assert line.text == "Quyết định:"
    assert line.bottom - line.top == 22
    assert line.image[line.top, line.words[0].x0 + 5] == 0
    assert line.image.shape[0] > 30


def test_leaders_in_several_words_become_one():
    boxes = [(50.0, 80.0, 120.0, 110.0), (125.0, 80.0, 300.0, 110.0), (305.0, 80.0, 500.0, 110.0)]
    words = (("Số:......", boxes[0]), ("........", boxes[1]), (".........", boxes[2]))
    line = cut(drawn(boxes), 1.0, TextLine(words))
    assert line is not None
    assert line.text == "Số:…"
    assert line.words[0].x1 - line.words[0].x0 == 450


@pytest.mark.parametrize("text", ["120m2", "CO2", "漢字", "\ue003"])
def test_words_whose_print_and_text_differ_give_no_line(text):
    box = (50.0, 80.0, 220.0, 110.0)
    assert cut(drawn([box]), 1.0, TextLine(((text, box),))) is None


def test_text_without_ink_gives_no_line():
    boxes = [(100.0, 80.0, 160.0, 110.0), (175.0, 80.0, 300.0, 110.0)]
    assert cut(drawn(boxes[:1]), 1.0, TextLine((("Ký", boxes[0]), ("bởi", boxes[1])))) is None


def test_texts_are_deterministic_and_can_nearly_all_be_spelled():
    maker, again = TextMaker(CORPUS), TextMaker(CORPUS)
    lines = [maker.line(np.random.default_rng(seed)) for seed in range(400)]
    assert lines[:50] == [again.line(np.random.default_rng(seed)) for seed in range(50)]
    labels = [" ".join(word.label for word in words) for words in lines if words]
    assert sum(spell(text) is not None for text in labels) > 0.97 * len(labels)
    assert len(set(labels)) > 350


def test_every_accented_letter_is_met_often():
    maker = TextMaker(CORPUS)
    text = "".join(word.label for seed in range(3000) for word in maker.line(np.random.default_rng(seed)))
    assert min(text.count(letter) for letter in VIETNAMESE_LETTERS) >= 10


def test_printed_leaders_are_labelled_as_one_sign():
    maker = TextMaker(CORPUS)
    words = [word for seed in range(600) for word in maker.line(np.random.default_rng(seed))]
    leaders = [word for word in words if "…" in word.label]
    assert len(leaders) > 50
    assert all(leaders_to_one(word.printed) == word.label for word in leaders)
    assert all(word.printed == word.label for word in words if "…" not in word.label)


@pytest.fixture(scope="module")
def typesetter():
    try:
        return Typesetter(fonts_that_print())
    except FileNotFoundError:
        pytest.skip("this machine has no typeface with Vietnamese letters")


def test_the_typesetter_prints_every_word_inside_its_box(typesetter):
    maker, made = TextMaker(CORPUS), 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        words = maker.line(rng)
        line = typesetter.line(words, rng)
        if line is None:
            continue
        made += 1
        assert line.text == " ".join(word.label for word in words)
        ink = line.image < 128
        assert not ink[: line.top].any()
        assert not ink[line.bottom :].any()
        for word in line.words:
            assert ink[:, word.x0 : word.x1 + 2].any()
    assert made > 40
