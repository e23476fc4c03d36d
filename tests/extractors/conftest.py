"""Pages made from placed text: rows of (x, y, text), 12 pixels a letter, 30 high, on an A4 page at 200 dpi."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from extractors.fields import PageView
from models.reading import Box, Line, ReadPage, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 1654, 2339


def build(
    rows: Sequence[tuple[int, int, str]], number: int = 1, probability: float = 0.999, **line: object
) -> PageView:
    lines = []
    for x, y, text in rows:
        at, words = x, []
        for part in text.split(" "):
            words.append(Word(part, Box(at, y, at + 12 * len(part), y + 30), probability))
            at += 12 * (len(part) + 1)
        box = Box(x, y, at, y + 30)
        lines.append(Line(tuple(words), box, probability, **line))
    read = ReadPage(WIDTH, HEIGHT, tuple(lines), 0.0, "test")
    return PageView.of(number, np.full((HEIGHT, WIDTH, 3), 255, np.uint8), read)


@pytest.fixture(scope="session")
def page_of() -> Callable[..., PageView]:
    return build
