"""Readers for children of `models.served`: one that never comes back from some pages, told by their first pixel."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from models.errors import ReadingError, WeightsError
from models.reading import Box, Defect, Line, ReadPage, Turn, Word

if TYPE_CHECKING:
    from models.reading import Image

HANGS, DIES, REFUSES = 1, 2, 3
"""First pixels of pages that this reader does not get through."""


class SlowReader:
    """Reads the mean grey of a page as its only word."""

    def __init__(self, name: str) -> None:
        self.name = name

    def turn(self, image: Image) -> Turn:
        return Turn(0, 0.5)

    def inspect(self, image: Image) -> tuple[Defect, ...]:
        return (Defect("faint", float(image.mean()), 40.0),)

    def read(self, image: Image) -> ReadPage:
        first = int(image.flat[0])
        if first == HANGS:
            # As a native call would: deaf to everything but the kernel.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            time.sleep(3600)
        if first == DIES:
            os.kill(os.getpid(), signal.SIGSEGV)
        if first == REFUSES:
            raise ReadingError("refused")
        height, width = image.shape[:2]
        word = Word(str(os.getpid()), Box(0, 0, width, height), 1 / 3, 0.1)
        os.write(1, b"a library that talks on stdout\n")
        return ReadPage(width, height, (Line((word,), word.box, 0.25, None, 0.75),), 0.1, self.name)


def build(name: str = "slow") -> SlowReader:
    return SlowReader(name)


def broken() -> SlowReader:
    raise WeightsError("reader.onnx: gone")
