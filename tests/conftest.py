"""What tests of several rooms share."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def quiet_logging() -> Iterator[None]:
    """Commands open the log of their process; a test gives the process its logging back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for opened in set(root.handlers) - set(handlers):
        opened.close()
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
