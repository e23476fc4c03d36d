"""Sets lines of text on white pages, for every test that needs a small page of its own.

A module and not a fixture's class in `conftest.py`: several folders of tests have a `conftest`, and only the first
that is imported has that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.reading import Image


class Typewriter:
    """Sets lines of text on white pages."""

    def __init__(self, font: Path) -> None:
        self._font = font

    def page(
        self, lines: Sequence[tuple[int, int, str]], *, size: int = 34, page: tuple[int, int] = (1240, 1754)
    ) -> Image:
        """A grey page: (x, y, text) triples; x and y of a line's top left corner in pixels."""
        picture = Pictures.new("L", page, 255)
        draw = ImageDraw.Draw(picture)
        font = ImageFont.truetype(str(self._font), size)
        for x, y, text in lines:
            draw.text((x, y), text, fill=0, font=font)
        return np.asarray(picture)
