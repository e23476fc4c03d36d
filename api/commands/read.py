"""`hoso read`: files to text and nothing else; no dossier, no catalogue, nothing stored.

Pages are read on all cores and come out in order. A file that cannot be used is named on stderr, the others go on.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from typing import TYPE_CHECKING

from api.commands.common import open_settings
from api.failures import failure_of
from api.screens import console, failure_screen
from pipeline.errors import Exit, InputRefusedError
from pipeline.parallel import ordered_map
from pipeline.reader import build_reader, reader_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from models.child_start import Spare
    from models.errors import ReadingError
    from models.formats import Format
    from models.reading import PageReader, ReadPage
    from pipeline.intake.pages import SourcePage


def run(files: Sequence[Path], form: Format, *, spare: Spare | None = None) -> int:
    """Reads and prints; 0, or 4 where a file or a page could not be used. Pages are read by the `spare` process."""
    settings = open_settings()
    if spare is not None:
        spare.begin(reader_task(settings))
    refused: list[InputRefusedError] = []
    sources = _pages(files, refused)
    first = next(sources, None)
    if first is not None:
        # Loading models takes seconds; files that are all unusable are refused without waiting for it.
        with contextlib.closing(build_reader(settings, spare)) as reader:
            work = _Read(reader, refused)
            _write(ordered_map(work, itertools.chain([first], sources), settings.cores), form)
    for error in refused:
        console(sys.stderr).print(failure_screen(failure_of(error)))
    return Exit.REFUSED if refused else 0


def _write(pages: Iterable[ReadPage], form: Format) -> None:
    from models.formats import write_pages

    if form != "text":
        sys.stdout.write(write_pages(list(pages), form) + "\n")
        return
    for position, page in enumerate(pages):
        # Page by page, so that a long file can be followed while it is read.
        sys.stdout.write(("\f" if position else "") + write_pages([page], form))
        sys.stdout.flush()


class _Read:
    """Reads one source page, upright; called from several threads. A page that is given up comes out empty."""

    def __init__(self, reader: PageReader, refused: list[InputRefusedError]) -> None:
        self._reader = reader
        self._refused = refused

    def __call__(self, item: tuple[str, SourcePage]) -> ReadPage:
        from models.errors import InstallationError, ReadingError
        from models.reading import ReadPage
        from pipeline.intake.images import decode_plain, upright

        name, source = item
        image = decode_plain(source.image)
        try:
            if turns := self._reader.turn(image).quarter_turns:
                image = decode_plain(upright(source, turns).image)
            return self._reader.read(image)
        except InstallationError:
            raise
        except ReadingError as error:
            self._refused.append(_PageUnreadError(f"{name} (trang {source.number})", error))
            return ReadPage(image.shape[1], image.shape[0], (), 0.0, self._reader.name)


class _PageUnreadError(InputRefusedError):
    """A page that was given up, told like a file that cannot be used."""

    def __init__(self, file: str, error: ReadingError) -> None:
        self.code = error.code
        self.message_vi = error.message_vi
        self.remedy_vi = error.remedy_vi
        super().__init__(file, error.detail)


def _pages(files: Sequence[Path], refused: list[InputRefusedError]) -> Iterator[tuple[str, SourcePage]]:
    from pipeline.intake.collect import collect

    for path in files:
        try:
            found = collect([path])
        except InputRefusedError as error:
            refused.append(error)
            continue
        for incoming in found:
            yield from _pages_of(incoming.path, incoming.name, refused)


def _pages_of(path: Path, name: str, refused: list[InputRefusedError]) -> Iterator[tuple[str, SourcePage]]:
    from pipeline.intake.open import open_original

    try:
        with open_original(path, name) as opened:
            for number in range(1, opened.page_count + 1):
                try:
                    page = opened.page(number)
                except InputRefusedError as error:
                    refused.append(error)
                    continue
                yield name, page
    except InputRefusedError as error:
        refused.append(error)
