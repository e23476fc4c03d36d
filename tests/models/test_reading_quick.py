"""The quick look for lines: what it finds on pages of many kinds, and where it asks the thorough detector again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from models.errors import WeightsError
from models.factory import ReaderOptions, build_detector
from models.quick_detector import PATCH, WEIGHTS, Deferred, QuickDetector, load_quick_model
from models.quick_doubts import uncovered_ink
from models.quick_lines import CELL, UNIT, Found, lines_of, take_apart
from models.runtime import open_network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from typewriter import Typewriter

    from models.quick_lines import Cores
    from models.reading import DetectedLine, Image, LineDetector

TEXT = "Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014"


@dataclass
class Watched:
    """The thorough detector, and the sizes (height, width) of what it was shown."""

    detector: LineDetector
    shown: list[tuple[int, int]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.detector.name

    def detect(self, image: Image) -> Sequence[DetectedLine]:
        self.shown.append((image.shape[0], image.shape[1]))
        return self.detector.detect(image)


@pytest.fixture(scope="module")
def thorough() -> LineDetector:
    return build_detector(ReaderOptions(detector="ppocr"))


@pytest.fixture
def watched(thorough: LineDetector) -> Watched:
    return Watched(thorough)


@pytest.fixture
def quick(watched: Watched) -> QuickDetector:
    model = load_quick_model()
    return QuickDetector(open_network(model.graph), model, watched)


def boxes(lines: Sequence[DetectedLine]) -> list[tuple[float, float, float, float]]:
    """Upright boxes, from top to bottom."""
    corners = [np.array(line.corners) for line in lines]
    return sorted(((*c.min(0), *c.max(0)) for c in corners), key=lambda box: (round(box[1] / 20), box[0]))  # type: ignore[misc]


def holds(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def test_every_line_of_a_page_of_print_has_its_box(typewriter: Typewriter, quick: QuickDetector) -> None:
    rows = [(150, 200 + 60 * k, TEXT) for k in range(20)]
    found = boxes(quick.detect(typewriter.page(rows)))
    assert len(found) == len(rows)
    for (x0, y0, x1, y1), (x, y, _) in zip(found, rows, strict=True):
        assert x - 40 < x0 <= x + 4
        assert x1 > x + 600
        # the ink of a row of 34 pixels begins 6 below y and ends 48 below it
        assert y - 14 < y0 <= y + 12
        assert y + 38 <= y1 < y + 62


def test_plain_paper_has_no_text(quick: QuickDetector, watched: Watched) -> None:
    grain = np.random.default_rng(3).normal(245, 3, (1754, 1240)).clip(0, 255).astype(np.uint8)
    assert not quick.detect(np.full((1754, 1240), 255, np.uint8))
    assert not quick.detect(grain)
    assert watched.shown == []


def test_one_short_line_on_an_empty_page_is_found(typewriter: Typewriter, quick: QuickDetector) -> None:
    found = boxes(quick.detect(typewriter.page([(600, 1650, "Trang 2")])))
    assert len(found) == 1
    assert holds(found[0], 650, 1675)


def test_two_columns_stay_apart(typewriter: Typewriter, quick: QuickDetector) -> None:
    left = [(80, 200 + 60 * k, "Nơi nhận: Như trên") for k in range(12)]
    right = [(720, 200 + 60 * k, "chủ tịch ủy ban") for k in range(12)]
    found = boxes(quick.detect(typewriter.page([*left, *right])))
    assert len(found) == 24
    assert all(box[2] < 640 or box[0] > 600 for box in found)


def test_cells_of_a_table_are_lines_of_their_own(typewriter: Typewriter, quick: QuickDetector) -> None:
    page = typewriter.page([(120 + 350 * i, 215 + 80 * k, f"Mục {i}{k}") for i in range(3) for k in range(8)]).copy()
    for i in range(4):
        cv2.line(page, (100 + 350 * i, 200), (100 + 350 * i, 840), (0,), 2)
    for k in range(9):
        cv2.line(page, (100, 200 + 80 * k), (1150, 200 + 80 * k), (0,), 2)
    found = boxes(quick.detect(page))
    for i in range(3):
        for k in range(8):
            assert sum(holds(box, 170 + 350 * i, 238 + 80 * k) for box in found) == 1


def test_lines_beside_a_seal_keep_their_boxes(typewriter: Typewriter, quick: QuickDetector) -> None:
    rows = [(150, 200 + 60 * k, TEXT) for k in range(12)]
    plain = boxes(quick.detect(typewriter.page(rows)))
    page = typewriter.page(rows).copy()
    cv2.circle(page, (900, 1250), 130, (90,), 5)
    cv2.circle(page, (900, 1250), 80, (90,), 3)
    cv2.putText(page, "XYZ", (860, 1265), cv2.FONT_HERSHEY_SIMPLEX, 1, (90,), 2)
    found = boxes(quick.detect(page))
    for box in plain:
        # a fifth of a line: a line near the seal is one that the thorough detector found
        assert min(np.abs(np.subtract(box, other)).max() for other in found) < 9


def test_small_print_is_left_to_the_thorough_detector(
    typewriter: Typewriter, quick: QuickDetector, watched: Watched
) -> None:
    page = typewriter.page([(100, 100 + 12 * k, TEXT) for k in range(90)], size=7)
    quick.detect(page)
    assert page.shape in watched.shown


def test_bent_rows_are_left_to_the_thorough_detector(
    typewriter: Typewriter, quick: QuickDetector, watched: Watched
) -> None:
    page = typewriter.page([(150, 200 + 60 * k, TEXT) for k in range(20)])
    x, y = np.meshgrid(np.arange(1240, dtype=np.float32), np.arange(1754, dtype=np.float32))
    bent = cv2.remap(page, x, y + 25 * np.sin(x / 240, dtype=np.float32), cv2.INTER_LINEAR, borderValue=255)
    quick.detect(np.asarray(bent, np.uint8))
    assert page.shape in watched.shown


def test_a_doubtful_place_is_looked_at_again_and_the_rest_is_kept(
    typewriter: Typewriter, quick: QuickDetector, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = typewriter.page([(150, 200 + 60 * k, TEXT) for k in range(20)])
    before = quick.detect(page)
    assert watched.shown == []
    place = np.array([before[10].corners[0] + before[10].corners[2]], np.float64)
    look = quick.look
    monkeypatch.setattr(quick, "look", lambda image: (look(image)[0], place))
    after = quick.detect(page)
    # The place is too wide for a part of the page where its line is: then all of it is looked at.
    assert len(after) == len(before)
    assert watched.shown in ([PATCH], [page.shape])
    narrow = place.copy()
    narrow[0, 2] = narrow[0, 0] + 60
    page = typewriter.page([(150, 200 + 60 * k, "Căn cứ Luật") for k in range(20)])
    monkeypatch.setattr(quick, "look", lambda image: (look(image)[0], narrow))
    watched.shown.clear()
    again = boxes(quick.detect(page))
    assert watched.shown == [PATCH]
    monkeypatch.undo()
    for box, other in zip(boxes(quick.detect(page)), again, strict=True):
        assert np.abs(np.subtract(box, other)).max() < 20


@pytest.fixture
def without_line(monkeypatch: pytest.MonkeyPatch, quick: QuickDetector) -> QuickDetector:
    """A quick detector whose network does not see the lines that begin left of 300 pixels."""
    taken_apart = take_apart

    def blind(answer: NDArray[np.float32]) -> Cores:
        answer = answer.copy()
        answer[:4, :, : 300 * 1170 // 1754 // CELL] = -9
        return taken_apart(answer)

    monkeypatch.setattr("models.quick_detector.take_apart", blind)
    return quick


@pytest.mark.parametrize("overlooked", ["3", "26,7", "Nguyễn Văn An"])
def test_ink_that_no_line_covers_is_looked_at_again(
    typewriter: Typewriter, without_line: QuickDetector, watched: Watched, overlooked: str
) -> None:
    rows = [(330, 200 + 60 * k, TEXT) for k in range(12)]
    found = boxes(without_line.detect(typewriter.page([*rows, (80, 1100, overlooked)])))
    assert watched.shown
    assert any(holds(box, 90, 1127) for box in found)
    assert len(found) == len(rows) + 1


def test_rules_and_specks_leave_no_doubt() -> None:
    nothing = Found([], np.empty((0, 4)), np.empty(0), np.zeros((1, 1), np.int32))
    page = np.full((1152, 832), 255, np.uint8)
    cv2.rectangle(page, (100, 100), (700, 400), (0,), 2)
    cv2.line(page, (300, 100), (300, 400), (0,), 2)
    rng = np.random.default_rng(5)
    for x, y in rng.integers(120, 380, (30, 2)).tolist():
        page[y : y + 3, x : x + 3] = 60
    assert len(uncovered_ink(page, nothing)) == 0
    written = page.copy()
    written[200:214, 500:508] = 0
    (place,) = uncovered_ink(written, nothing)
    assert holds(tuple(place), 504, 207)


def test_where_the_two_disagree_the_whole_page_is_looked_at(
    typewriter: Typewriter, quick: QuickDetector, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = typewriter.page([(150, 200 + 60 * k, "Căn cứ Luật") for k in range(20)])
    lines, _ = quick.look(page)
    assert lines is not None
    ghost = replace(lines[3], corners=((900, 900), (960, 900), (960, 930), (900, 930)), score=0.7)
    monkeypatch.setattr(quick, "look", lambda _: ([*lines, ghost], np.array([[900.0, 900, 960, 930]])))
    found = quick.detect(page)
    assert watched.shown == [PATCH, page.shape]
    assert ghost not in found


def test_a_page_is_the_same_alone_and_after_others(typewriter: Typewriter, quick: QuickDetector) -> None:
    first = typewriter.page([(150, 200 + 60 * k, TEXT) for k in range(10)])
    second = typewriter.page([(100, 100, "Số: 19/QĐ-UBND")], page=(800, 600))
    alone = quick.detect(first)
    quick.detect(second)
    assert quick.detect(first) == alone


def test_cores_become_lines_with_the_answered_edges() -> None:
    answer = np.full((6, 40, 60), -5, np.float32)
    answer[:4, 10:12, 5:45] = 5
    middles = (np.arange(40, dtype=np.float32) + 0.5) * CELL
    answer[4] = (middles - 36)[:, None] / UNIT
    answer[5] = (60 - middles)[:, None] / UNIT
    found = lines_of(take_apart(answer), 0.5, (480, 320))
    (line,) = found.lines
    assert line.corners[0][1] == pytest.approx(72, abs=4)
    assert line.corners[2][1] == pytest.approx(120, abs=4)
    assert 20 < line.corners[0][0] < 40
    assert 360 <= line.corners[1][0] < 380
    assert found.spreads[0] == pytest.approx(0, abs=1e-4)
    assert [y for _, y in line.middle] == pytest.approx([96] * len(line.middle), abs=1)


def test_two_rows_that_ran_together_are_doubtful() -> None:
    answer = np.full((6, 40, 60), -5, np.float32)
    answer[:4, 10:18, 5:45] = 5
    middles = (np.arange(40, dtype=np.float32) + 0.5) * CELL
    top = np.where(np.arange(40) < 14, 36, 58)
    answer[4], answer[5] = ((middles - top) / UNIT)[:, None], ((top + 22 - middles) / UNIT)[:, None]
    assert lines_of(take_apart(answer), 1.0, (240, 160)).spreads[0] > 0.25


def test_the_thorough_detector_is_built_once_and_when_first_asked(thorough: LineDetector) -> None:
    built: list[LineDetector] = []

    def build() -> LineDetector:
        built.append(thorough)
        return thorough

    later = Deferred(thorough.name, build)
    assert built == []
    blank = np.full((320, 320), 255, np.uint8)
    later.detect(blank)
    later.detect(blank)
    assert len(built) == 1


def test_weights_that_are_not_the_ones_meant_are_refused(tmp_path: Path) -> None:
    for name in ("quick.onnx", "quick.json"):
        (tmp_path / name).write_bytes((WEIGHTS / name).read_bytes())
    assert load_quick_model(tmp_path) == load_quick_model()
    described = json.loads((tmp_path / "quick.json").read_text(encoding="utf-8"))
    (tmp_path / "quick.json").write_text(json.dumps({**described, "sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(WeightsError, match=r"quick\.onnx"):
        load_quick_model(tmp_path)
    (tmp_path / "quick.json").unlink()
    with pytest.raises(WeightsError, match=r"quick\.json"):
        load_quick_model(tmp_path)
