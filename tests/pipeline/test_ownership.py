"""A word on paper answers one question: the tagger against printed labels, and against a label that saw nothing."""

from __future__ import annotations

import pytest

from extractors.fields import Field, FieldSpec, FieldStatus, Source
from models.reading import Box
from pipeline.fusion import fuse
from pipeline.ownership import without_borrowed

HERE, ELSEWHERE = Box(100, 100, 300, 130), Box(100, 400, 300, 430)
PAPER = ("Giấy tờ tùy thân",)
SPECS = [
    FieldSpec("me_dan_toc", ("Dân tộc",), "ethnicity", section=("Mẹ",)),
    FieldSpec("cha_dan_toc", ("Dân tộc",), "ethnicity", section=("Cha",)),
    FieldSpec("me_so", PAPER, "id_number", section=("Mẹ",)),
    FieldSpec("me_ngay_cap", PAPER, "date", section=("Mẹ",)),
]


def label(key: str, box: Box = HERE, status: FieldStatus = FieldStatus.READ) -> Field:
    value = None if status is FieldStatus.BLANK else "Kinh"
    return Field(key, value, value or "", 0.97, Source.LABEL, 1, box, status)


def tagger(key: str, box: Box = HERE, page: int = 1) -> Field:
    return Field(key, "Kinh", "Kinh", 0.99, Source.TAGGER, page, box)


@pytest.mark.parametrize(
    ("other", "guess", "heard"),
    [
        (label("cha_dan_toc"), tagger("me_dan_toc"), False),
        (label("cha_dan_toc"), tagger("me_dan_toc", ELSEWHERE), True),
        (label("cha_dan_toc"), tagger("me_dan_toc", page=2), True),
        (label("me_dan_toc"), tagger("me_dan_toc"), True),
        # A blank place has no words that could be anybody's.
        (label("cha_dan_toc", status=FieldStatus.BLANK), tagger("me_dan_toc"), True),
        # Number and day are parts of one text.
        (label("me_ngay_cap"), tagger("me_so"), True),
    ],
)
def test_whose_words_they_are(other: Field, guess: Field, *, heard: bool) -> None:
    assert (guess in without_borrowed([other, guess], SPECS)) is heard


def test_a_value_where_a_label_saw_nothing_is_asked_about() -> None:
    blank = label("me_dan_toc", status=FieldStatus.BLANK)
    told = fuse([blank, tagger("me_dan_toc")], 0.9)
    assert (told.value, told.status, told.reason) == ("Kinh", FieldStatus.DOUBTFUL, "sources_disagree")
    alone = fuse([tagger("me_dan_toc")], 0.9)
    assert alone.status is FieldStatus.READ
