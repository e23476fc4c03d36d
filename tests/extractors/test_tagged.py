"""Labels by meaning, and fields from a tagger's pairs."""

from __future__ import annotations

import numpy as np
import pytest

from extractors.fields import FieldSpec, PageView, Source
from extractors.meaning import Meanings, stems
from extractors.tagged import TaggedExtractor
from models.reading import Box, ReadPage, Word
from models.tagger import HEADING, LABEL, VALUE, Pair, Span

LABELS = (
    "Họ, chữ đệm, tên người mẹ", "Họ, chữ đệm, tên người cha", "Ngày, tháng, năm sinh", "Nơi cư trú", "Dân tộc",
    "Quốc tịch", "Số định danh cá nhân", "Nơi sinh", "Ngày cấp", "Nơi cấp",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("Họ và tên mẹ:", "Họ, chữ đệm, tên người mẹ"),
        ("HỌ TÊN NGƯỜI CHA", "Họ, chữ đệm, tên người cha"),
        ("Ngày sinh (2)", "Ngày, tháng, năm sinh"),
        ("Chỗ ở, nơi thường trú", "Nơi cư trú"),
        ("Số định danh", "Số định danh cá nhân"),
        ("Nơi sỉnh:", "Nơi sinh"),
    ],
)
def test_another_wording_is_nearest_to_what_it_asks_for(said: str, label: str) -> None:
    meanings = Meanings(LABELS)
    assert max(LABELS, key=lambda one: meanings.alike(said, one)) == label


def test_what_labels_do_not_share_costs() -> None:
    meanings = Meanings(LABELS)
    assert meanings.alike("Nơi cấp", "Nơi cấp") == 1.0
    assert meanings.alike("Nơi cấp", "Nơi sinh") < 0.6
    assert meanings.alike("Họ tên mẹ", "Họ, chữ đệm, tên người cha") < meanings.alike("Họ tên mẹ", LABELS[0])
    assert meanings.alike("", "Nơi cấp") == 0.0
    assert stems("của và là")  # a label of such words only is still a label


def span(role: str, text: str, probability: float = 0.99) -> Span:
    words = tuple(
        Word(word, Box(100 + 60 * i, 100, 150 + 60 * i, 130), 0.99) for i, word in enumerate(text.split())
    )  # fmt: skip
    return Span(role, words, probability)


class Told:
    """A tagger that was told the answer, so that the extractor alone is on trial."""

    def __init__(self, *pairs: tuple[str, str | None, str | None]) -> None:
        self._pairs = [
            Pair(span(LABEL, label), value and span(VALUE, value), heading and span(HEADING, heading), 0.98)
            for label, value, heading in pairs
        ]  # fmt: skip

    def pairs(self, read: ReadPage) -> list[Pair]:
        return self._pairs


MOTHER, FATHER = ("Thông tin người mẹ",), ("Thông tin người cha",)
SPECS = (
    FieldSpec("me_ho_ten", ("Họ, chữ đệm, tên",), "name", MOTHER),
    FieldSpec("me_ngay_sinh", ("Ngày, tháng, năm sinh",), "date", MOTHER),
    FieldSpec("cha_ho_ten", ("Họ, chữ đệm, tên",), "name", FATHER),
    FieldSpec("cha_ngay_sinh", ("Ngày, tháng, năm sinh",), "date", FATHER),
    FieldSpec("_het", ("Người khai",), "text"),
)


def claims(*pairs: tuple[str, str | None, str | None]) -> dict[str, object]:
    page = PageView.of(1, np.zeros((9, 9, 3), np.uint8), ReadPage(1654, 2339, (), 0.0, "test"))
    found = TaggedExtractor(lambda: Told(*pairs)).extract([page], SPECS)
    assert all(field.source is Source.TAGGER for field in found)
    return {field.key: field.value for field in found}


def test_the_same_label_belongs_to_the_person_of_its_heading() -> None:
    mother, father = "II. Thông tin về người mẹ", "III. Thông tin về người cha"
    assert claims(
        ("Họ và tên", "Nguyễn Thị Thủy", mother), ("Sinh ngày", "05/10/1994", mother),
        ("Họ và tên", "Huỳnh Văn Bằng", father), ("Sinh ngày", "01/02/1993", father),
    ) == {
        "me_ho_ten": "Nguyễn Thị Thủy", "me_ngay_sinh": "1994-10-05",
        "cha_ho_ten": "Huỳnh Văn Bằng", "cha_ngay_sinh": "1993-02-01",
    }  # fmt: skip


def test_a_value_that_is_not_of_its_kind_and_an_empty_place_make_no_claim() -> None:
    assert claims(
        ("Ngày, tháng, năm sinh", "tại Hà Nội", "Thông tin người mẹ"), ("Họ tên", None, "Thông tin người mẹ")
    ) == {}  # fmt: skip


def test_a_claim_is_no_surer_than_its_parts() -> None:
    page = PageView.of(1, np.zeros((9, 9, 3), np.uint8), ReadPage(1654, 2339, (), 0.0, "test"))
    tagger = Told(("Họ và tên", "Nguyễn Thị Thủy", "Thông tin người mẹ"))
    (field,) = TaggedExtractor(lambda: tagger).extract([page], SPECS)
    assert 0 < field.probability <= 0.98
    assert field.box is not None
