"""Forms in ruled cells: pairs of cells, labels above their values, cells merged over columns, labels over two rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import FieldSpec, FieldStatus, PageView
from extractors.labelled import LabelledExtractor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from extractors.fields import Field

TOP, LEFT, MIDDLE, RIGHT = 300, 150, 800, 1500
SPECS = [
    FieldSpec("ho_ten", ("Họ và tên",), "name"),
    FieldSpec("dan_toc", ("Dân tộc",), "ethnicity"),
    FieldSpec("quoc_tich", ("Quốc tịch",), "nationality"),
    FieldSpec("nuoi", ("Họ và tên mẹ hoặc người nuôi dưỡng",), "name"),
    FieldSpec("noi_o", ("Nơi cư trú",), "place"),
    FieldSpec("so", ("Số",), "code"),
    FieldSpec("gioi_tinh", ("Giới tính",), "sex"),
]


def cells(page_of: Callable[..., PageView], rows: Sequence[Sequence[Sequence[str]]], *, height: int = 100) -> PageView:
    """A grid of rows of one or two cells; each cell is given as its rows of text."""
    texts = []
    for at, row in enumerate(rows):
        for x, cell in zip((LEFT, MIDDLE), row, strict=False):
            texts += [(x + 12, TOP + at * height + 10 + 42 * line, text) for line, text in enumerate(cell) if text]
    view = page_of(texts)
    image = view.image.copy()
    for at, row in enumerate(rows):
        y0, y1 = TOP + at * height, TOP + (at + 1) * height
        image[y0 : y0 + 3, LEFT : RIGHT + 3] = 0
        image[y1 : y1 + 3, LEFT : RIGHT + 3] = 0
        for x in (LEFT, RIGHT, MIDDLE)[: len(row) + 1]:
            image[y0:y1, x : x + 3] = 0
    return PageView.of(view.number, image, view.read)


def found(view: PageView) -> dict[str, Field]:
    return {field.key: field for field in LabelledExtractor().extract([view], SPECS)}


def test_labels_above_their_values_in_cells_abreast(page_of: Callable[..., PageView]) -> None:
    view = cells(
        page_of,
        [
            [["Họ và tên", "Trần Thị Mai"]],
            [["Dân tộc", "Kinh"], ["Quốc tịch", "Việt Nam"]],
            [["Giới tính", ""], ["Quốc hiệu", "Nữ"]],
            [["Nơi cư trú", "Số 4 ngõ 2, phường Hà Đông, thành phố Hà Nội"]],
        ],
    )
    fields = found(view)
    said = {key: field.value for key, field in fields.items()}
    assert said["ho_ten"] == "Trần Thị Mai"
    assert said["dan_toc"] == "Kinh"
    assert said["quoc_tich"] == "Việt Nam"
    assert said["noi_o"] == "Số 4 ngõ 2, phường Hà Đông, thành phố Hà Nội"
    assert fields["gioi_tinh"].status is FieldStatus.BLANK


def test_pairs_of_label_and_value(page_of: Callable[..., PageView]) -> None:
    view = cells(
        page_of,
        [
            [["Họ và tên mẹ", "hoặc người nuôi dưỡng"], ["Phạm Thị Lan"]],
            [["Dân tộc"], ["Tày"]],
            [["Nơi cư trú"], ["Tổ 8, phường Uông Bí, thành phố", "Hải Phòng"]],
            [["Mã số GCS"], ["1234"]],
            [["Quốc tịch"], [""]],
        ],
    )
    fields = found(view)
    assert fields["nuoi"].value == "Phạm Thị Lan"
    assert fields["dan_toc"].value == "Tày"
    assert fields["noi_o"].value == "Tổ 8, phường Uông Bí, thành phố Hải Phòng"
    assert "so" not in fields
    assert fields["quoc_tich"].status is FieldStatus.BLANK


def test_ink_in_a_cell_that_nobody_read_is_not_blank(page_of: Callable[..., PageView]) -> None:
    view = cells(page_of, [[["Dân tộc"], [""]], [["Quốc tịch"], ["Việt Nam"]]])
    image = view.image.copy()
    image[TOP + 30 : TOP + 70, MIDDLE + 60 : MIDDLE + 66] = 0
    image[TOP + 30 : TOP + 36, MIDDLE + 60 : MIDDLE + 160] = 0
    fields = found(PageView.of(1, image, view.read))
    assert fields["dan_toc"].status is FieldStatus.UNREADABLE
    assert fields["dan_toc"].reason == "ink_not_read"
    assert fields["quoc_tich"].value == "Việt Nam"


def test_footnote_marks_behind_labels_are_no_values(page_of: Callable[..., PageView]) -> None:
    view = cells(
        page_of,
        [
            [["Họ và tên(1)"], ["Trịnh Thúy Huyền"]],
            [["Dân tộc (2)"], ["Kinh"]],
            [["Quốc tịch(3)"], ["Việt Nam"]],
        ],
    )
    said = {key: field.value for key, field in found(view).items()}
    assert said["ho_ten"] == "Trịnh Thúy Huyền"
    assert said["dan_toc"] == "Kinh"
    assert said["quoc_tich"] == "Việt Nam"
