"""The ordered parallel map keeps order, bounds memory and lets errors through."""

import threading
from collections.abc import Iterator

import pytest

from pipeline.parallel import ordered_map


def test_results_come_in_order_whatever_finishes_first() -> None:
    gate = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            gate.wait(5)
        else:
            gate.set()
        return item * item

    assert list(ordered_map(work, range(10), threads=2)) == [n * n for n in range(10)]


def test_no_more_items_are_taken_than_the_window_holds() -> None:
    taken = []

    def items() -> Iterator[int]:
        for n in range(100):
            taken.append(n)
            yield n

    results = ordered_map(lambda n: n, items(), threads=3)
    next(results)
    assert len(taken) <= 6
    results.close()


def test_an_error_is_raised_at_its_place() -> None:
    def work(item: int) -> int:
        if item == 3:
            message = "page 3"
            raise ValueError(message)
        return item

    got = []
    with pytest.raises(ValueError, match="page 3"):
        got.extend(ordered_map(work, range(10), threads=2))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_an_empty_input_gives_nothing(threads: int) -> None:
    assert list(ordered_map(str, [], threads)) == []
