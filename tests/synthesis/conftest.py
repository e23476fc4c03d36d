"""Fonts for the generator's tests: the office faces where this machine has them, else the portable book."""

from __future__ import annotations

import pytest

from models.synthesis.errors import FontMissingError
from models.synthesis.fonts import FontBook


@pytest.fixture(scope="session")
def book() -> FontBook:
    try:
        return FontBook.office()
    except FontMissingError:
        return FontBook.portable()
