"""Large streams on their way into a PDF, kept on disk: a bare PDF file that the archive file is then made from.

A PDF library keeps every stream that it is handed in memory until it saves; one that it finds in a file it leaves
there. So images and originals are first written, one after another, as numbered objects of a file that holds nothing
else. The file is opened, gets its pages, and is saved as another: one page in memory at a time, whatever their number.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Self

import pikepdf

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_ROOT = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
_PAGES = b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"


class Spool:
    """Write with `add`, then `open` once. Use it as a context manager; the file is the caller's to remove."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._file.write(b"%PDF-1.7\n")
        self._places: list[int] = []
        for always in (_ROOT, _PAGES):
            self._places.append(self._file.tell())
            self._file.write(always)

    def add(self, data: bytes | Path) -> int:
        """Writes a stream, or a file as one, as it is; returns its object number. `OSError` where the disk is full."""
        number = len(self._places) + 1
        self._places.append(self._file.tell())
        length = len(data) if isinstance(data, bytes) else data.stat().st_size
        self._file.write(b"%d 0 obj\n<< /Length %d >>\nstream\n" % (number, length))
        if isinstance(data, bytes):
            self._file.write(data)
        else:
            with data.open("rb") as source:
                shutil.copyfileobj(source, self._file)
        self._file.write(b"\nendstream\nendobj\n")
        return number

    def open(self) -> pikepdf.Pdf:
        """Ends the file and opens it; its streams are read only when the PDF is saved."""
        start = self._file.tell()
        count = len(self._places) + 1
        self._file.write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        self._file.writelines(b"%010d 00000 n \n" % place for place in self._places)
        self._file.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start))
        self._file.close()
        return pikepdf.open(self._path, access_mode=pikepdf.AccessMode.stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
