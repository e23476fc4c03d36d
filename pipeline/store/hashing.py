"""Reading a source once, in pieces, with its SHA-256: shared by the stores so that no file has to fit in memory."""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline.store.errors import SourceUnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 1 << 20
"""Bytes read at a time."""


@contextmanager
def opened(source: bytes | Path) -> Iterator[BinaryIO]:
    """The source as a readable binary file. Raises `SourceUnreadableError` where a path cannot be opened."""
    if not isinstance(source, Path):
        yield io.BytesIO(source)
        return
    try:
        stream = source.open("rb")
    except OSError as error:
        raise SourceUnreadableError(source.name, type(error).__name__) from error
    with stream:
        yield stream


def pieces(stream: BinaryIO, name: str = "", size: int = PIECE) -> Iterator[bytes]:
    """Pieces of at most `size` bytes until the end. Raises `SourceUnreadableError` where reading fails."""
    while True:
        try:
            piece = stream.read(size)
        except OSError as error:
            raise SourceUnreadableError(name, type(error).__name__) from error
        if not piece:
            return
        yield piece


def digest(source: bytes | Path) -> tuple[str, int]:
    """SHA-256 in lower-case hex, and size in bytes."""
    if not isinstance(source, Path):
        return hashlib.sha256(source).hexdigest(), len(source)
    state = hashlib.sha256()
    size = 0
    with opened(source) as stream:
        for piece in pieces(stream, source.name):
            state.update(piece)
            size += len(piece)
    return state.hexdigest(), size
