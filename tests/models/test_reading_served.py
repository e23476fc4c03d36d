"""Pages read in children: what hangs or dies takes no other page with it, and nothing is lost on the way."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from slow_reader import DIES, HANGS, REFUSES

from models import served as served_reader
from models.errors import ReaderDiedError, ReadingError, TimeLimitError, WeightsError
from models.factory import ReaderOptions, build_reader
from models.reading import Box, PageReader
from models.served import ServedReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen

    from models.reading import Image

BUILD = "slow_reader:build"


def page(first: int = 200) -> Image:
    image = np.full((40, 30, 3), 200, np.uint8)
    image.flat[0] = first
    return image


@pytest.fixture
def served() -> Iterator[ServedReader]:
    with closing(ServedReader(BUILD, {"name": "one"}, streams=2, seconds=1.0)) as reader:
        yield reader


def test_answers_come_back_whole(served: ServedReader) -> None:
    assert isinstance(served, PageReader)
    assert served.name == "one"
    assert served.turn(page()).probability == 0.5
    (defect,) = served.inspect(page())
    assert (defect.code, defect.value, defect.limit) == ("faint", page().mean(), 40.0)
    read = served.read(page())
    (word,) = read.lines[0].words
    assert (word.probability, word.stem, read.lines[0].handwriting, read.skew) == (1 / 3, 0.1, 0.75, 0.1)
    assert word.box == Box(0, 0, 30, 40)


def test_one_child_is_kept_and_used_again(served: ServedReader) -> None:
    children = {served.read(page()).text for _ in range(5)}
    assert len(children) == 1
    assert children != {str(os.getpid())}


def test_a_page_that_hangs_is_ended_alone(served: ServedReader) -> None:
    served.read(page())
    with ThreadPoolExecutor(3) as pool:
        hanging = pool.submit(served.read, page(HANGS))
        others = [pool.submit(served.read, page()) for _ in range(8)]
        started = time.monotonic()
        with pytest.raises(TimeLimitError, match="stopped after 1 s"):
            hanging.result()
        assert time.monotonic() - started < 10
        assert all(other.result().text for other in others)
    assert served.read(page()).text


def test_a_page_that_ends_its_child_says_so_and_the_next_is_read(served: ServedReader) -> None:
    with pytest.raises(ReaderDiedError, match="exit -11"):
        served.read(page(DIES))
    assert served.read(page()).text


def test_a_child_that_somebody_else_ends_costs_no_page(served: ServedReader) -> None:
    child = int(served.read(page()).text)
    os.kill(child, signal.SIGKILL)
    assert served.read(page()).text != str(child)
    child = int(served.read(page()).text)
    os.kill(child, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(served.read, page())
        time.sleep(0.2)
        os.kill(child, signal.SIGKILL)
        assert reading.result().text != str(child)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the pages that travel to children."""
    sizes: list[int] = []
    tell = served_reader.tell

    def heard(child: Popen[bytes], *parts: bytes | memoryview) -> None:
        sizes.extend(len(part) for part in parts[1:])
        tell(child, *parts)

    monkeypatch.setattr(served_reader, "tell", heard)
    return sizes


def test_a_page_travels_once_until_it_was_read(served: ServedReader, sent: list[int]) -> None:
    one, other = page(), page(120)
    served.turn(one)
    (defect,) = served.inspect(one)
    assert defect.value == one.mean()
    assert served.read(one).text
    assert sent == [one.size]
    served.read(one)
    for asked in (other, one, other):
        assert served.inspect(asked)[0].value == asked.mean()
    assert len(sent) == 5, "read once more, and one pushes the other out"


def test_a_page_whose_child_is_gone_travels_again(served: ServedReader, sent: list[int]) -> None:
    child = int(served.read(page()).text)
    one = page()
    served.turn(one)
    os.kill(child, signal.SIGKILL)
    assert served.inspect(one)[0].value == one.mean()
    assert sent == [one.size] * 3


def test_an_ordinary_error_costs_no_child(served: ServedReader) -> None:
    before = served.read(page()).text
    with pytest.raises(ReadingError, match=r"^refused$"):
        served.read(page(REFUSES))
    assert served.read(page()).text == before


def test_no_child_outlives_its_reader(served: ServedReader) -> None:
    child = int(served.read(page()).text)
    served.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    with pytest.raises(ReaderDiedError, match="closed"):
        served.read(page())


def test_what_keeps_the_reader_from_being_built_is_told_as_it_is() -> None:
    with closing(ServedReader("slow_reader:broken", {})) as reader:
        for _ in range(2):
            with pytest.raises(WeightsError, match=r"reader\.onnx: gone"):
                _ = reader.name


@pytest.mark.parametrize("image", [np.zeros((0, 3), np.uint8), np.zeros((3, 3), np.float32)])
def test_what_is_no_page_is_refused_at_the_door(served: ServedReader, image: Image) -> None:
    with pytest.raises(ReadingError, match="not a page image"):
        served.read(image)


@pytest.mark.slow
def test_the_real_reader_answers_in_a_child_as_it_does_here(letter: Image) -> None:
    here = build_reader(ReaderOptions())
    with closing(ServedReader("models.serving:build_alone", {})) as reader:
        assert reader.name == here.name
        assert reader.turn(letter) == here.turn(letter)
        assert reader.inspect(letter) == here.inspect(letter)
        assert reader.read(letter) == here.read(letter)
