"""What is a line of a grid: not the strokes of bold letters; and combs that were drawn into the cells of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import FieldSpec, Filled, PageView
from extractors.grid import find_grids
from extractors.labelled import LabelledExtractor

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

LEFT, MIDDLE, RIGHT, TOP, ROW = 150, 700, 1500, 300, 70
PITCH = 42


def frame(image: np.ndarray, rows: int, *, middle: bool) -> None:
    """Draws a grid of one or two columns."""
    for at in range(rows + 1):
        y = TOP + at * ROW
        image[y : y + 3, LEFT : RIGHT + 3] = 0
    for x in (LEFT, MIDDLE, RIGHT) if middle else (LEFT, RIGHT):
        image[TOP : TOP + rows * ROW + 3, x : x + 3] = 0


def comb(image: np.ndarray, x: int, top: int, bottom: int, boxes: int) -> None:
    """Draws a row of small boxes."""
    for y in (top, bottom):
        image[y : y + 3, x : x + boxes * PITCH + 3] = 0
    for at in range(boxes + 1):
        image[top : bottom + 3, x + at * PITCH : x + at * PITCH + 3] = 0


def test_strokes_of_letters_are_no_lines(page_of: Callable[..., PageView]) -> None:
    image = page_of([]).image.copy()
    frame(image, 3, middle=True)
    for x in (730, 744, 760, 790, 830):  # upright strokes of bold capitals, in every row
        for row in range(3):
            image[TOP + row * ROW + 20 : TOP + row * ROW + 54, x : x + 5] = 0
    grids = find_grids(image, 0.0, 28.0)
    assert len(grids) == 1
    assert len(grids[0].xs) == 3
    assert len(grids[0].ys) == 4


def test_a_comb_in_a_cell_is_a_grid_of_its_own(page_of: Callable[..., PageView]) -> None:
    image = page_of([]).image.copy()
    frame(image, 3, middle=True)
    comb(image, MIDDLE + 18, TOP + ROW + 10, TOP + 2 * ROW, 12)  # it stands on the line below it
    big, small = sorted(find_grids(image, 0.0, 28.0), key=lambda grid: -len(grid.ys))
    assert (len(big.xs), len(big.ys)) == (3, 4)
    assert (len(small.xs), len(small.ys)) == (13, 2)


def test_combs_abreast_do_not_part_the_cells_round_them(page_of: Callable[..., PageView]) -> None:
    image = page_of([]).image.copy()
    frame(image, 3, middle=True)
    for x in (LEFT + 18, MIDDLE + 18):
        comb(image, x, TOP + ROW + 16, TOP + 2 * ROW, 10)
    grids = find_grids(image, 0.0, 28.0)
    assert sorted((len(grid.xs), len(grid.ys)) for grid in grids) == [(3, 4), (11, 2), (11, 2)]


def test_a_number_in_a_comb_under_its_label_in_a_box(page_of: Callable[..., PageView]) -> None:
    number = "056192541799"
    # The comb stands on the box's lower line, below the label.
    texts = [
        (LEFT + 12, TOP + 8, "Số định danh cá nhân:"),
        (900, TOP + 8, "Điện thoại:"),
        (900, TOP + 50, "0861028174"),
    ]
    texts += [(LEFT + 12 + at * PITCH + 15, TOP + 2 * ROW - 42, digit) for at, digit in enumerate(number)]
    view = page_of(texts)
    image = view.image.copy()
    for y in (TOP, TOP + 2 * ROW):
        image[y : y + 3, LEFT : RIGHT + 3] = 0
    for x in (LEFT, 880, RIGHT):
        image[TOP : TOP + 2 * ROW + 3, x : x + 3] = 0
    comb(image, LEFT + 12, TOP + 2 * ROW - 52, TOP + 2 * ROW, 12)
    for at in range(12):  # the ink of the digits
        x = LEFT + 12 + at * PITCH + 15
        image[TOP + 2 * ROW - 40 : TOP + 2 * ROW - 14, x : x + 10] = 0
    specs = [
        FieldSpec("so", ("Số định danh cá nhân",), "id_number", filled=Filled.COMB),
        FieldSpec("dien_thoai", ("Điện thoại",), "phone"),
    ]
    page = PageView.of(1, image, view.read)
    fields = {field.key: field.value for field in LabelledExtractor().extract([page], specs)}
    assert fields == {"so": number, "dien_thoai": "0861028174"}
