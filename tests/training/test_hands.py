"""Training data of the handwriting judge: drawings, strips with their targets, kept pages, marks."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from models.handwriting import HEIGHT, STRIDE
from models.training.hand_pages import (
    OPEN,
    PEN,
    PRINT,
    Mark,
    MarkedLine,
    _on_line,
    read_labels,
    read_page,
    write_page,
)
from models.training.hand_samples import COLUMNS, Samples, draw_pool, kinds_of, window
from models.training.hands import Hand, hands_under, scribble
from models.training.lines import LineStore, LineWriter, PrintedLine, PrintedWord


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> list[Hand]:
    folder = tmp_path_factory.mktemp("hands")
    (folder / "one").mkdir()
    font = Path(str(metadata.distribution("ocrmypdf").locate_file("ocrmypdf/data/NotoSans-Regular.ttf")))
    shutil.copy(font, folder / "one" / "one.ttf")
    return hands_under(folder)


@pytest.fixture(scope="module")
def samples(hands: list[Hand], tmp_path_factory: pytest.TempPathFactory) -> Samples:
    rng = np.random.default_rng(5)
    image = np.full((60, 600), 255, np.uint8)
    for x in range(20, 560, 40):
        image[20:40, x : x + 24] = 20
    path = tmp_path_factory.mktemp("lines") / "printed"
    with LineWriter(path) as writer:
        writer.add(PrintedLine(image, (PrintedWord("ab", 20, 300), PrintedWord("cd", 340, 560)), 20, 40), "test")
    crop = np.repeat(image[15:45, :, None], 3, axis=2)
    lines = [MarkedLine(crop, ((0.03, 0.5, PRINT), (0.6, 0.9, PEN)))]
    return Samples(lines, [(LineStore(path), 1.0)], draw_pool(hands, ["Một dòng chữ viết tay"], 6, rng))


def test_the_same_word_is_never_drawn_alike_twice_but_the_same_seed_draws_it_again(hands: list[Hand]) -> None:
    first, second = (hands[0].draw("Quảng Ngãi 27", np.random.default_rng(seed)) for seed in (1, 2))
    assert first.shape != second.shape or np.abs(first - second).max() > 0.5
    assert np.array_equal(first, hands[0].draw("Quảng Ngãi 27", np.random.default_rng(1)))
    assert first.max() > 0.6
    assert first.shape[1] > 3 * first.shape[0]


def test_a_letter_that_the_typeface_lacks_is_drawn_with_its_marks(hands: list[Hand]) -> None:
    hand = Hand(hands[0]._files)
    hand._known = {letter: path for letter, path in hand._known.items() if letter.isascii()}
    assert hand._parts("ế") == ("e", "\u0302\u0301")
    assert hand._parts("đ") == ("d", "")
    assert hand._parts("☐") == (None, "")
    plain, marked = (hand.draw(text, np.random.default_rng(4)) for text in ("e", "ế"))
    assert marked.shape[0] > plain.shape[0]


def test_a_scribble_has_ink() -> None:
    ink = scribble(np.random.default_rng(2))
    assert ink.max() > 0.5
    assert min(ink.shape) > 10


def test_a_folder_without_typefaces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hands_under(tmp_path)


def test_strips_are_of_one_shape_and_hold_both_kinds(samples: Samples) -> None:
    rng = np.random.default_rng(9)
    drawn = [samples.draw(rng) for _ in range(60)]
    assert {strip.shape for strip, _ in drawn} == {(2, HEIGHT, COLUMNS)}
    assert {targets.shape for _, targets in drawn} == {(COLUMNS // STRIDE,)}
    counts = {kind: sum(int((targets == kind).sum()) for _, targets in drawn) for kind in (0.0, 1.0, -1.0)}
    assert min(counts.values()) > 100
    again = [samples.draw(rng) for rng in [np.random.default_rng(9)] for _ in range(60)]
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(drawn, again, strict=True))


def test_a_mark_lies_over_what_the_reader_took_for_print() -> None:
    line = MarkedLine(np.zeros((32, 100, 3), np.uint8), ((0.0, 0.6, PRINT), (0.4, 0.5, PEN)))
    kinds = kinds_of(line)
    assert (kinds[:40] == PRINT).all()
    assert (kinds[40:50] == PEN).all()
    assert (kinds[50:60] == PRINT).all()
    assert (kinds[60:] == OPEN).all()


def test_a_column_group_with_some_pen_is_never_called_print() -> None:
    kinds = np.full(COLUMNS, PRINT, np.uint8)
    kinds[80:82] = PEN
    kinds[160:168] = PEN
    kinds[200:] = OPEN
    _, targets = window(np.zeros((2, HEIGHT, COLUMNS), np.float32), kinds, np.random.default_rng(0))
    assert targets[9] == 0.0
    assert targets[10] == -1.0
    assert targets[20] == 1.0
    assert (targets[25:] == -1.0).all()


def test_pages_are_kept_without_loss(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    lines = [
        MarkedLine(rng.integers(0, 256, (30, 200, 3)).astype(np.uint8), ((0.25, 0.5, PEN), (0.5, 1.0, PRINT))),
        MarkedLine(rng.integers(0, 256, (12, 50, 3)).astype(np.uint8), ((0.0, 1.0, PRINT),)),
    ]
    write_page(tmp_path / "a.npz", lines)
    kept = read_page(tmp_path / "a.npz")
    assert [line.spans for line in kept] == [line.spans for line in lines]
    assert all(np.array_equal(a.crop, b.crop) for a, b in zip(kept, lines, strict=True))
    write_page(tmp_path / "b.npz", [])
    assert read_page(tmp_path / "b.npz") == []


def test_a_mark_falls_on_the_line_that_it_stands_in() -> None:
    mark = Mark(1, (0.3, 0.11, 0.4, 0.13), PEN, validation=False)
    corners = np.array([(0.2, 0.1), (0.7, 0.1), (0.7, 0.14), (0.2, 0.14)])
    ((start, end, kind),) = _on_line([mark], corners)
    assert (start, end, kind) == (pytest.approx(0.2), pytest.approx(0.4), PEN)
    assert not _on_line([mark], corners + np.array((0, 0.1)))


def test_the_marks_are_boxes_on_pages_and_both_parts_hold_pens() -> None:
    marks = read_labels()
    assert all(len(digest) == 64 for digest in marks)
    assert all(0 <= m.box[0] < m.box[2] <= 1 and 0 <= m.box[1] < m.box[3] <= 1 for some in marks.values() for m in some)
    for part in (False, True):
        assert sum(m.kind == PEN and m.validation is part for some in marks.values() for m in some) >= 10
    assert all(len({m.validation for m in some}) == 1 for some in marks.values()), "a paper is in one part only"
