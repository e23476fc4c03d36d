"""Handwriting told from print: the judge alone, in the page reader, and in the record of a page."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from models.codec import decode_page, encode_page
from models.errors import WeightsError
from models.factory import ReaderOptions, build_judge
from models.handwriting import HEIGHT, STRIDE, WEIGHTS, load_handwriting_model, span_odds, strip_of

if TYPE_CHECKING:
    from pathlib import Path

    from models.reading import HandwritingJudge, Image, PageReader
    from tests.models.conftest import Typewriter


@pytest.fixture(scope="module")
def judge() -> HandwritingJudge:
    return build_judge(ReaderOptions(precision="f32"))


def by_pen(image: Image, x: int, y: int, rng: np.random.Generator, size: int = 44) -> int:
    """Draws an unsteady number at (x, y) and says where it ends: strokes of changing width that lean and wander."""
    digits = {
        "6": ((0.7, 0), (0.2, 0.4), (0.05, 0.75), (0.3, 1), (0.6, 0.8), (0.4, 0.55), (0.1, 0.7)),
        "0": ((0.4, 0.05), (0.1, 0.4), (0.15, 0.85), (0.45, 0.98), (0.7, 0.55), (0.6, 0.1), (0.35, 0.0)),
        "7": ((0.05, 0.1), (0.4, 0.05), (0.75, 0.0), (0.5, 0.5), (0.3, 1.05)),
        "2": ((0.1, 0.25), (0.35, 0.0), (0.65, 0.2), (0.45, 0.6), (0.0, 1.0), (0.4, 0.92), (0.85, 1.0)),
    }
    for digit in "6072":
        points = np.array(digits[digit]) * size + rng.normal(0, size * 0.03, (len(digits[digit]), 2))
        steps = np.linspace(0, len(points) - 1, 40)
        smooth = np.stack([np.interp(steps, range(len(points)), points[:, k]) for k in (0, 1)], 1)
        smooth = cv2.GaussianBlur(smooth.astype(np.float32), (1, 7), 0)
        smooth[:, 0] += (size - smooth[:, 1]) * 0.25
        for number, (a, b) in enumerate(pairwise(smooth)):
            start, end = (tuple(int(v) for v in p + np.array((x, y))) for p in (a, b))
            cv2.line(image, start, end, 25, 3 + number % 13 // 6, cv2.LINE_AA)
        x += int(size * rng.uniform(0.85, 1.0))
        y += int(rng.integers(-3, 4))
    return x


@pytest.fixture(scope="module")
def filled(typewriter: Typewriter) -> Image:
    """A printed line with a number written into it."""
    page = typewriter.page([(120, 300, "Số giấy tờ:"), (560, 300, "cấp tại Quảng Ngãi")], page=(1240, 700)).copy()
    assert by_pen(page, 340, 296, np.random.default_rng(3)) < 550
    return page


def test_print_is_not_flagged(reader: PageReader, letter: Image) -> None:
    words = [word for line in reader.read(letter).lines for word in line.words]
    assert len(words) > 20
    assert sum(word.handwritten for word in words) <= 0.05 * len(words)
    assert not [word for word in words if (word.handwriting or 0) > 0.7]


def test_a_number_written_into_a_printed_line_is_flagged_and_the_print_is_not(
    reader: PageReader, filled: Image
) -> None:
    words = [word for line in reader.read(filled).lines for word in line.words]
    pen = [word for word in words if 330 < (word.box.x0 + word.box.x1) / 2 < 555]
    assert pen
    assert all(word.handwritten for word in pen)
    assert not [word.text for word in words if word not in pen and word.handwritten]


def test_a_line_answers_alike_alone_and_after_others(judge: HandwritingJudge, filled: Image) -> None:
    crop = filled[285:355, 100:1000]
    spans = [(0.0, 0.2), (0.3, 0.5), (0.6, 1.0)]
    first = judge.judge(crop, spans)
    judge.judge(np.full((40, 3000), 255, np.uint8), [(0.0, 1.0)])
    assert judge.judge(crop, spans) == first
    assert judge.judge(crop, []) == ()


def test_colour_grey_and_light_on_dark_are_judged_alike(judge: HandwritingJudge, filled: Image) -> None:
    crop, spans = filled[285:355, 100:1000], [(0.05, 0.2), (0.3, 0.45)]
    grey = judge.judge(crop, spans)
    assert judge.judge(np.repeat(crop[..., None], 3, axis=2), spans) == pytest.approx(grey, abs=0.02)
    assert judge.judge(255 - crop, spans) == pytest.approx(grey, abs=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (64, 8), (20, 20000)])
def test_odd_crops_are_judged(judge: HandwritingJudge, shape: tuple[int, int]) -> None:
    crop = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    (chance,) = judge.judge(crop, [(0.0, 1.0)])
    assert 0.0 <= chance <= 1.0


def test_a_strip_shows_ink_as_one_and_paper_as_nothing(filled: Image) -> None:
    strip = strip_of(np.repeat(filled[285:355, 100:1000, None], 3, axis=2))
    assert strip.shape == (2, HEIGHT, round(900 * HEIGHT / 70))
    assert strip[0].max() > 0.9
    assert np.median(strip[0]) == 0.0
    assert not strip[1].any()


def test_the_most_handwritten_stretch_decides() -> None:
    odds = np.full(40, -5.0, np.float32)
    odds[10:14] = 5.0
    assert span_odds(odds, 0.0, 1.0) == 5.0
    assert span_odds(odds, 0.5, 1.0) == -5.0
    assert span_odds(odds, 0.2, 0.225) == -5.0
    odds[20] = 100.0
    assert span_odds(odds, 0.45, 0.6) < 0.0, "a single column decides nothing"
    assert STRIDE * len(odds) == 320


def test_a_page_keeps_its_chances(reader: PageReader, filled: Image) -> None:
    page = reader.read(filled)
    assert decode_page(json.loads(json.dumps(encode_page(page)))) == page
    assert all(word.handwriting is not None for line in page.lines for word in line.words)
    assert all(line.handwriting is not None for line in page.lines)


def test_a_page_kept_before_words_were_judged_is_understood(reader: PageReader, letter: Image) -> None:
    kept = encode_page(reader.read(letter))
    for line in kept["lines"]:
        for word in line["words"]:
            del word["handwriting"]
    assert all(word.handwriting is None for line in decode_page(kept).lines for word in line.words)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    shutil.copytree(WEIGHTS, tmp_path / "weights")
    assert load_handwriting_model(tmp_path / "weights").name
    with (tmp_path / "weights" / "handwriting.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsError, match=r"handwriting\.onnx"):
        load_handwriting_model(tmp_path / "weights")
    with pytest.raises(WeightsError, match=r"handwriting\.json"):
        load_handwriting_model(tmp_path)


def test_the_weights_are_small() -> None:
    assert (WEIGHTS / "handwriting.onnx").stat().st_size <= 300_000
