"""What a page gives is its own: never the work of the pages before it, beside it, or of the number of streams."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models import weights
from models.errors import WeightsError
from models.factory import ReaderOptions, build_reader
from models.fixed_shapes import open_fixed_shapes

if TYPE_CHECKING:
    from models.reading import Image, ReadPage
    from tests.models.conftest import Typewriter

SHAPES = ((96, 160), (160, 96), (96, 160), (64, 64), (128, 224), (96, 160), (160, 96))


def test_a_shape_gives_the_same_whatever_shapes_came_before_or_come_beside_it() -> None:
    graph = weights.PPOCR_DETECTOR.load()
    random = np.random.default_rng(1)
    inputs = [random.random((1, 3, *shape), dtype=np.float32) for shape in SHAPES]
    alone = [open_fixed_shapes(graph, tensor.shape).run({"x": tensor})[0] for tensor in inputs]
    shared = open_fixed_shapes(graph, (1, 3, 64, 64), threads=2, streams=2)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda tensor: shared.run({"x": tensor})[0], inputs * 3))
    for given, expected in zip(together, alone * 3, strict=True):
        np.testing.assert_array_equal(given, expected)


def test_what_is_no_graph_is_a_weights_error_here_too() -> None:
    with pytest.raises(WeightsError, match="openvino"):
        open_fixed_shapes(b"no graph", (1, 3, 64, 64), backend="openvino")


@pytest.fixture(scope="module")
def pages(typewriter: Typewriter) -> list[Image]:
    """Pages of three sizes, upright and leaning, that share no line."""
    return [
        typewriter.page([(60, 60, f"Quyết định số {n}47/QĐ-UBND"), (60, 140, f"ngày {n + 3} tháng {n + 1}")], page=size)
        for n, size in enumerate([(700, 400), (400, 700), (700, 400), (520, 520), (700, 400)])
    ]


def read_with(options: ReaderOptions, pages: list[Image], callers: int) -> list[ReadPage]:
    reader = build_reader(options)
    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(reader.read, pages))


@pytest.mark.slow
@pytest.mark.parametrize("recogniser", ["hoso", "trueocr"])
def test_pages_give_bit_for_bit_what_each_gives_alone(recogniser: str, pages: list[Image]) -> None:
    one = ReaderOptions(recogniser=recogniser)  # type: ignore[arg-type]
    alone = [build_reader(one).read(page) for page in pages]
    assert all(page.text for page in alone)
    assert read_with(one, pages[::-1], 1)[::-1] == alone
    for threads, streams in ((2, 2), (4, 2), (3, 1)):
        many = ReaderOptions(threads=threads, streams=streams, recogniser=recogniser)  # type: ignore[arg-type]
        assert read_with(many, pages * 2, 4) == alone * 2
