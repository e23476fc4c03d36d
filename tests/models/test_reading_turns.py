"""Short pieces of text leave the network in doubt about how they lie; reading a few lines both ways up settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.orientation import NetworkOrienter, ReadingOrienter
from models.reading import DetectedLine, RecognisedLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from typewriter import Typewriter

    from models.reading import Image, PageReader, Turn

PIECE = [
    (40, 30, "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6;"),
    (40, 90, "Xét đề nghị của Trưởng phòng Kinh tế về việc cấp giấy phép"),
    (40, 150, "cho hộ gia đình ông Nguyễn Văn Thưởng, sinh năm 1985."),
]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_piece_of_a_page_is_turned_upright(reader: PageReader, typewriter: Typewriter, turns: int) -> None:
    piece = typewriter.page(PIECE, size=34, page=(1240, 230))
    assert reader.turn(np.ascontiguousarray(np.rot90(piece, turns))).quarter_turns == turns


class Doubtful:
    """A network whose chances are given."""

    def __init__(self, *chances: float) -> None:
        self._chances = np.array([*chances, 0.0], np.float32)

    precision = "f32"

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        return [self._chances[None]]


class OneLine:
    """Finds one line, left half dark; reads it surely with the dark half on the left, with `doubt` otherwise."""

    name = "one line"
    alphabet = frozenset("abc")

    def __init__(self, doubt: float) -> None:
        self.read = 0
        self._doubt = doubt

    def detect(self, image: Image) -> Sequence[DetectedLine]:
        if image.shape[0] > image.shape[1]:
            return []
        return [DetectedLine(((0.0, 0.0), (200.0, 0.0), (200.0, 40.0), (0.0, 40.0)), 0.9)]

    def recognise(self, crop: Image) -> RecognisedLine:
        self.read += 1
        upright = crop[:, :100].mean() < crop[:, 100:].mean()
        score = 0.99 if upright else 1 - self._doubt
        return RecognisedLine("abc", (score,) * 3, (0.2, 0.5, 0.8))


def oriented(network: Doubtful, lines: OneLine, turns: int) -> Turn:
    page = np.full((40, 200), 255, np.uint8)
    page[:, :100] = 0
    orienter = ReadingOrienter(NetworkOrienter(network), lines, lines)
    return orienter.turn(np.ascontiguousarray(np.rot90(page, turns)))


def test_no_line_is_read_where_the_network_is_sure() -> None:
    lines = OneLine(0.2)
    assert oriented(Doubtful(0.001, 0.0, 0.999, 0.0), lines, 0).quarter_turns == 2
    assert lines.read == 0


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_in_doubt_the_way_that_reads_well_is_upright(turns: int) -> None:
    lines = OneLine(0.2)
    assert oriented(Doubtful(0.3, 0.3, 0.2, 0.2), lines, turns).quarter_turns == turns
    assert lines.read > 0


def test_where_both_ways_read_alike_the_page_stays() -> None:
    assert oriented(Doubtful(0.4, 0.0, 0.6, 0.0), OneLine(0.012), 2).quarter_turns == 0
