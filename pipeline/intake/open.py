"""The door of intake: a path becomes an opened original, whatever its type, or a typed refusal.

The bytes are read once; what is opened is what was read, even if somebody changes the file meanwhile.
Which opener serves which type is decided here and nowhere else; the PDF libraries load only for a PDF.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from pipeline.intake.errors import FileTooBigError, UnreadableFileError
from pipeline.intake.limits import Limits
from pipeline.intake.pages import OpenedOriginal, SourcePage
from pipeline.intake.sniff import Kind, sniff_bytes

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OpenedOriginal", "SourcePage", "open_bytes", "open_original"]


def open_original(path: Path, name: str, limits: Limits | None = None) -> OpenedOriginal:
    """Opens the file for reading its pages; use it as a context manager.

    Raises `InputRefusedError` subclasses: wrong type, damaged, encrypted, no pages, too many pages, too big.
    """
    limits = limits or Limits()
    name = unicodedata.normalize("NFC", name)
    try:
        size = path.stat().st_size
        if size > limits.max_bytes:
            raise FileTooBigError(name, f"{size} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(name, type(error).__name__) from error
    return open_bytes(data, name, limits)


def open_bytes(data: bytes, name: str, limits: Limits | None = None) -> OpenedOriginal:
    """The same for bytes at hand (an upload, an object from the store)."""
    limits = limits or Limits()
    if len(data) > limits.max_bytes:
        raise FileTooBigError(name, f"{len(data)} bytes")
    kind = sniff_bytes(data[:8192], name)
    if kind is Kind.PDF:
        from pipeline.intake.pdf import PdfOriginal

        return PdfOriginal(name, data, limits)
    from pipeline.intake.raster import RasterOriginal

    return RasterOriginal(name, kind, data, limits)
