"""Pages into papers, and claims into fields."""

from __future__ import annotations

import numpy as np
import pytest

from extractors.fields import Field, FieldStatus, PageView, Source, TypeClaim
from models.reading import Box, Line, ReadPage, Word
from pipeline.fusion import Thresholds, fuse, fuse_all
from pipeline.separation import separate


def view(number: int, *rows: tuple[int, str]) -> PageView:
    lines = tuple(
        Line((Word(text, Box(800, y, 800 + 15 * len(text), y + 30), 0.99),), Box(800, y, 900, y + 30), 0.99)
        for y, text in rows
    )
    return PageView.of(number, np.zeros((1, 1, 3), np.uint8), ReadPage(1654, 2339, lines, 0.0, "test"))


OPENS, GOES_ON = True, False


def papers(*pages: tuple[str, bool, tuple[tuple[int, str], ...]]) -> list[tuple[str, tuple[int, ...]]]:
    views = [view(number, *rows) for number, (_, _, rows) in enumerate(pages, start=1)]
    claims = [TypeClaim(kind, 0.95, starts, "") for kind, starts, _ in pages]
    return [(paper.type, paper.pages) for paper in separate(views, claims)]


BODY = ((700, "chữ"),)
END = ((700, "chữ"), (1800, "Nơi nhận:"))


def test_a_stack_of_papers() -> None:
    assert papers(
        ("cong_van", OPENS, BODY), ("unknown", GOES_ON, ((60, "2"), *END)), ("quyet_dinh", OPENS, END),
    ) == [("cong_van", (1, 2)), ("quyet_dinh", (3,))]  # fmt: skip


def test_page_two_scanned_first_is_put_right() -> None:
    assert papers(("unknown", GOES_ON, ((60, "2"), *END)), ("cong_van", OPENS, BODY)) == [("cong_van", (2, 1))]
    assert papers(("to_khai_khai_sinh", GOES_ON, BODY), ("to_khai_khai_sinh", OPENS, BODY)) == [
        ("to_khai_khai_sinh", (2, 1))
    ]


def test_a_stray_page_is_a_paper_of_its_own() -> None:
    assert papers(("cong_van", OPENS, END), ("unknown", GOES_ON, BODY)) == [("cong_van", (1,)), ("unknown", (2,))]
    assert papers(("giay_chung_sinh", OPENS, BODY), ("unknown", GOES_ON, BODY))[1] == ("unknown", (2,))


def test_empty_pages_belong_to_nothing() -> None:
    assert papers(("cong_van", OPENS, END), ("unknown", GOES_ON, ()), ("cong_van", OPENS, END)) == [
        ("cong_van", (1,)), ("cong_van", (3,)),
    ]  # fmt: skip


def test_sides_of_cards() -> None:
    assert papers(("cccd", GOES_ON, BODY), ("cccd", OPENS, BODY), ("cccd", OPENS, BODY)) == [
        ("cccd", (2, 1)), ("cccd", (3,)),
    ]  # fmt: skip


def claim(value: object, probability: float, source: Source = Source.LABEL, **more: object) -> Field:
    return Field("ho_ten", value, str(value), probability, source, 1, None, **more)


def test_agreement_raises_and_conflict_asks() -> None:
    agreed = fuse([claim("Nguyễn Văn An", 0.9), claim("NGUYỄN VĂN AN", 0.9, Source.MRZ)], 0.97)
    assert agreed.status is FieldStatus.READ
    assert agreed.probability > 0.98
    conflict = fuse([claim("Nguyễn Văn An", 0.99), claim("Trần Thị Mai", 0.95, Source.MRZ)], 0.9)
    assert (conflict.status, conflict.reason, len(conflict.claims)) == (FieldStatus.DOUBTFUL, "sources_disagree", 2)


def test_a_code_beats_a_slip_of_reading_but_not_another_statement() -> None:
    qr = claim("Nguyễn Ngọc Thủy", 0.9995, Source.QR)
    slip = fuse([claim("Nguyễn Ngọc Thùy", 0.9), qr], 0.97)
    assert (slip.value, slip.status, slip.source) == ("Nguyễn Ngọc Thủy", FieldStatus.READ, Source.QR)
    other = fuse([claim("Trần Thị Mai", 0.95), qr], 0.97)
    assert (other.value, other.status) == ("Nguyễn Ngọc Thủy", FieldStatus.DOUBTFUL)


WHOLE = "Tổ 5, khu 3, Phường 9, Cà Mau"


@pytest.mark.parametrize(
    ("printed", "coded", "kind", "asked"),
    [
        ("Tổ 5, khu 3", WHOLE, "place", False),  # the second row was not found
        (WHOLE, "Tổ 5, khu 3", "place", True),  # print says more than the code
        ("Tổ 5, khu 4", WHOLE, "place", True),
        ("Tổ 5, khu 3", WHOLE.replace("3", "31"), "place", True),  # words end where words end
        ("khu 3, Phường 9", WHOLE, "place", True),  # a part, but not the beginning
        ("Tổ", WHOLE, "place", True),  # too little to be a statement
        ("Tổ 5, khu 3", WHOLE, "name", True),
    ],
)
def test_an_address_that_begins_a_code_is_cut_short(printed: str, coded: str, kind: str, *, asked: bool) -> None:
    got = fuse([claim(printed, 0.95), claim(coded, 0.9995, Source.QR)], 0.97, kind=kind)
    assert (got.value, got.reason) == (coded, "sources_disagree" if asked else None)


@pytest.mark.parametrize(("probability", "threshold", "status"), [(0.95, 0.9, "read"), (0.95, 0.97, "doubtful")])
def test_thresholds(probability: float, threshold: float, status: str) -> None:
    assert fuse([claim("An", probability)], threshold).status == status


def test_unreadable_beats_blank_and_doubts_stay() -> None:
    blank = claim(None, 0.97, status=FieldStatus.BLANK)
    unread = claim(None, 0.0, status=FieldStatus.UNREADABLE, reason="ink_not_read")
    assert fuse([blank, unread], 0.9).status is FieldStatus.UNREADABLE
    doubtful = claim("1234", 0.99, status=FieldStatus.DOUBTFUL, reason="format")
    assert fuse([doubtful], 0.5).reason == "format"


def test_a_name_without_marks_supports_and_makes_no_field() -> None:
    bare = Field("ho_ten_khong_dau", "NGUYEN VAN AN", "NGUYEN VAN AN", 0.9, Source.MRZ, 1, None)
    fields = fuse_all([claim("Nguyễn Văn An", 0.9), bare], None, Thresholds())
    assert list(fields) == ["ho_ten"]
    assert fields["ho_ten"].probability == pytest.approx(0.95)
    other = Field("ho_ten_khong_dau", "TRAN THI MAI", "TRAN THI MAI", 0.9, Source.MRZ, 1, None)
    assert fuse_all([claim("Nguyễn Văn An", 0.99), other], None, Thresholds())["ho_ten"].reason == "sources_disagree"


def test_what_the_tagger_guesses_beside_a_label_is_seen_but_does_not_disturb() -> None:
    label = claim("Nguyễn Văn An", 0.98)
    for guess in (claim("Văn An", 0.97, Source.TAGGER), claim("Trần Thị Mai", 0.8, Source.TAGGER)):
        fused = fuse([label, guess], 0.97)
        assert (fused.value, fused.status, fused.probability, len(fused.claims)) == (
            "Nguyễn Văn An", FieldStatus.READ, 0.98, 2,
        )  # fmt: skip
    sure = fuse([label, claim("Trần Thị Mai", 0.95, Source.TAGGER)], 0.97)
    assert (sure.status, sure.reason) == (FieldStatus.DOUBTFUL, "sources_disagree")


def test_two_extractors_that_lean_on_the_same_words_are_one_witness() -> None:
    fused = fuse([claim("Nguyễn Văn An", 0.9), claim("Nguyễn Văn An", 0.9, Source.TAGGER)], 0.97)
    assert fused.probability == pytest.approx(0.9)
    assert fused.status is FieldStatus.DOUBTFUL


def test_a_place_that_is_blank_stays_blank_beside_a_guess() -> None:
    blank = claim(None, 0.97, status=FieldStatus.BLANK)
    assert fuse([blank, claim("Vũ Thị Thảo", 0.6, Source.TAGGER)], 0.9).status is FieldStatus.BLANK
    assert fuse([blank, claim("Vũ Thị Thảo", 0.95, Source.TAGGER)], 0.9).value == "Vũ Thị Thảo"


def test_alone_the_tagger_is_heard() -> None:
    fused = fuse([claim("Nguyễn Văn An", 0.6, Source.TAGGER)], 0.97)
    assert (fused.value, fused.status) == ("Nguyễn Văn An", FieldStatus.DOUBTFUL)
