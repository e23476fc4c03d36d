"""From paths that a clerk gave to a list of files, in the order a person would put them.

Folders are walked to the bottom and sorted naturally (Trang 2 before Trang 10); what nobody scanned is skipped.
Names are shown NFC and relative to the folder given, so that two files of the same name stay apart.
The same content twice is kept and marked: whether it is a mistake is the clerk's question, not ours to drop.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputRefusedError
from pipeline.intake.errors import NoFilesError, PathMissingError, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NOBODY_SCANNED = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"})
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to take in."""

    name: str
    """For people: NFC, with `/` between folders below the one that was given."""
    path: Path
    """For the machine: exactly as the file system spells it."""
    sha256: str
    """Of the content, 64 lower-case hexadecimal digits."""
    size: int
    """Bytes."""
    duplicate_of: str | None = None
    """Name of an earlier file with the same content, or None."""

    @property
    def duplicate_content(self) -> bool:
        """Whether an earlier file has the same content."""
        return self.duplicate_of is not None


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key in which numbers count as numbers: `p2` before `p10`. Spelling (NFC or NFD) makes no difference."""
    parts = re.split(r"(\d+)", unicodedata.normalize("NFC", name).casefold())
    return tuple((1, int(part), part) if part.isdecimal() else (0, 0, part) for part in parts if part)


def collect(paths: Sequence[Path], refused: list[InputRefusedError] | None = None) -> list[Incoming]:
    """The files at `paths`: files as given, folders walked. A file reached twice by path comes once.

    Raises `PathMissingError`, `NoFilesError` (also for no paths at all) and `UnreadableFileError`; with a list in
    `refused`, the bad ones are put there instead and the others go on, so that one file never stops a folder.
    """
    found: list[Incoming] = []
    reached: set[Path] = set()
    first: dict[str, str] = {}
    for path in paths:
        with _gathering(refused):
            for file, name in _files(path):
                real = file.resolve()
                if real in reached:
                    continue
                reached.add(real)
                with _gathering(refused):
                    sha256, size = _digest(file, name)
                    found.append(Incoming(name, file, sha256, size, first.get(sha256)))
                    first.setdefault(sha256, name)
    if not found and not refused:
        raise NoFilesError
    return found


@contextmanager
def _gathering(refused: list[InputRefusedError] | None) -> Iterator[None]:
    try:
        yield
    except InputRefusedError as error:
        if refused is None:
            raise
        refused.append(error)


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    shown = unicodedata.normalize("NFC", path.name or str(path))
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PathMissingError(shown) from error
    except (OSError, ValueError) as error:
        raise UnreadableFileError(shown, type(error).__name__) from error
    if not stat.S_ISDIR(mode):
        if not stat.S_ISREG(mode):
            raise UnreadableFileError(shown, "not a regular file")
        yield path, shown
        return
    inside = sorted(_walk(path, shown), key=lambda file: tuple(natural_key(part) for part in file.parts))
    if not inside:
        raise NoFilesError(shown)
    for file in inside:
        yield path / file, unicodedata.normalize("NFC", file.as_posix())


def _walk(folder: Path, shown: str) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise UnreadableFileError(shown, type(error).__name__) from error

    for here, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        for name in names:
            file = Path(here, name)
            if not name.startswith((".", "~$")) and name.lower() not in _NOBODY_SCANNED and file.is_file():
                yield file.relative_to(folder)


def _digest(file: Path, name: str) -> tuple[str, int]:
    sha256 = hashlib.sha256()
    size = 0
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                sha256.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise UnreadableFileError(name, type(error).__name__) from error
    return sha256.hexdigest(), size
