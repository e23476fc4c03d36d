"""People sign side by side: titles wrap inside their columns, opinions stand under them, names below the pen's room."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2

from extractors.fields import FieldSpec, FieldStatus, PageView
from extractors.labelled import LabelledExtractor
from models.reading import Box, Line, Word

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = ("Ý KIẾN CỦA CHỦ HỘ",)
PARENTS = ("Ý KIẾN CỦA CHA, MẸ HOẶC NGƯỜI GIÁM HỘ",)
DECLARER = ("NGƯỜI KÊ KHAI",)
SPECS = [
    spec
    for name, labels in (("chu_ho", OWNER), ("cha_me", PARENTS), ("ke_khai", DECLARER))
    for spec in (
        FieldSpec(f"y_kien_{name}", labels, "text", labels),
        FieldSpec(f"ten_{name}", labels, "signer", labels),
        FieldSpec(f"ky_{name}", labels, "signature", labels),
    )
]


def test_each_column_is_read_on_its_own(page_of: Callable[..., PageView]) -> None:
    view = page_of(
        [
            (200, 300, "Ý KIẾN CỦA CHỦ HỘ"),
            (640, 300, "Ý KIẾN CỦA CHA, MẸ"),
            (1150, 300, "NGƯỜI KÊ KHAI"),
            (230, 338, "(Ký, họ tên)"),
            (620, 338, "HOẶC NGƯỜI GIÁM HỘ"),
            (1150, 338, "(Ký, họ tên)"),
            (180, 376, "Đồng ý"),
            (660, 376, "(Ký, họ tên)"),
            (600, 414, "Đồng ý cho tôi"),
            (600, 452, "đi"),
            (230, 620, "Lê Văn An"),
            (1160, 600, "Trần Thị Mai"),
        ]
    )
    image = view.image.copy()
    for x in (220, 1140):
        cv2.ellipse(image, (x + 80, 500), (70, 50), 0, 0, 360, (30, 30, 90), 5)
    fields = {field.key: field for field in LabelledExtractor().extract([PageView.of(1, image, view.read)], SPECS)}
    assert fields["y_kien_chu_ho"].value == "Đồng ý"
    assert fields["y_kien_cha_me"].value == "Đồng ý cho tôi đi"
    assert fields["y_kien_ke_khai"].status is FieldStatus.BLANK
    assert fields["ten_chu_ho"].value == "Lê Văn An"
    assert "ten_cha_me" not in fields
    assert fields["ten_ke_khai"].value == "Trần Thị Mai"
    assert fields["ky_chu_ho"].value is True
    assert fields["ky_cha_me"].value is False
    assert fields["ky_ke_khai"].value is True


def test_a_hint_under_the_title_is_no_signature(page_of: Callable[..., PageView]) -> None:
    spec = FieldSpec("ky", ("NGƯỜI KHAI",), "signature")
    view = page_of([(1100, 300, "NGƯỜI KHAI"), (1080, 338, "(Ký, ghi rõ họ tên)"), (1090, 376, "của người khai)")])
    image = view.image.copy()
    for y in (340, 378):  # the printed letters themselves
        cv2.putText(image, "Ky ghi ro", (1090, y + 24), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 3)
    found = LabelledExtractor().extract([PageView.of(1, image, view.read)], [spec])
    assert [field.value for field in found] == [False]


def test_a_signature_that_was_read_as_a_word_is_no_part_of_the_head(page_of: Callable[..., PageView]) -> None:
    view = page_of(
        [(200, 300, "Ý KIẾN CỦA CHỦ HỘ"), (1150, 300, "NGƯỜI KÊ KHAI"), (230, 338, "(Ký)"), (1160, 338, "(Ký)"),
         (240, 500, "Lê Văn An"), (1160, 500, "Trần Thị Mai")]
    )  # fmt: skip
    pens = tuple(Word("QQ", Box(x, 372, x + 150, 488), 0.4, handwriting=0.97) for x in (220, 1140))
    lines = (*view.read.lines, *(Line((pen,), pen.box, 0.4, handwriting=0.97) for pen in pens))
    image = view.image.copy()
    for pen in pens:
        cv2.ellipse(image, (pen.box.x0 + 80, 430), (70, 50), 0, 0, 360, (30, 30, 90), 5)
    page = PageView.of(1, image, replace(view.read, lines=lines))
    fields = {field.key: field for field in LabelledExtractor().extract([page], SPECS)}
    assert [fields[key].value for key in ("ky_chu_ho", "ky_ke_khai")] == [True, True]
    assert fields["ten_chu_ho"].value == "Lê Văn An"


def test_a_title_that_nobody_asks_for_opens_a_column_too(page_of: Callable[..., PageView]) -> None:
    specs = [
        FieldSpec("chu_ky", ("Ký, ghi rõ họ tên", "Ký, ghi rõ họ, chữ đệm, tên"), "signature"),
        FieldSpec("nguoi_chung_thuc", ("Người thực hiện chứng thực",), "signer"),
    ]
    view = page_of(
        [
            (330, 300, "Người yêu cầu"),
            (950, 300, "Người thực hiện chứng thực"),
            (310, 340, "(Ký, ghi rõ họ tên)"),
            (940, 340, "(Ký, ghi rõ họ, chữ đệm, tên)"),
            (310, 560, "Nguyễn Thị Vân"),
            (1010, 560, "Đoàn Xuân Đạt"),
        ]
    )
    fields = {field.key: field for field in LabelledExtractor().extract([view], specs)}
    assert fields["nguoi_chung_thuc"].value == "Đoàn Xuân Đạt"
    assert fields["chu_ky"].value is False
    assert fields["chu_ky"].box is not None
    assert fields["chu_ky"].box.x1 < 800


def test_a_name_that_goes_over_into_the_next_row(page_of: Callable[..., PageView]) -> None:
    view = page_of(
        [
            (200, 300, "Ý KIẾN CỦA CHỦ HỘ"),
            (640, 300, "Ý KIẾN CỦA CHA, MẸ"),
            (1150, 300, "NGƯỜI KÊ KHAI"),
            (620, 338, "HOẶC NGƯỜI GIÁM HỘ"),
            (230, 560, "Lê Văn An"),
            (660, 560, "Phạm Thị Thu"),
            (690, 600, "Hương"),
            (1140, 560, "Trần Thị Mai"),
        ]
    )
    fields = {field.key: field.value for field in LabelledExtractor().extract([view], SPECS)}
    assert fields["ten_cha_me"] == "Phạm Thị Thu Hương"
    assert fields["ten_ke_khai"] == "Trần Thị Mai"
