"""The book as a running service uses it: always the last good one, and a new one soon after a file changed.

Files are looked at when the book is asked for, at most every second: names, sizes and times first, contents only where
those changed; no thread watches. A folder that has become wrong leaves the book as it was, with the problems on it and
in the log. What was good is kept beside the data of the installation, already checked, so that the next process starts
at once, and starts at all while somebody is repairing a file. Safe in several threads.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pipeline.procedures.book import ProcedureBook, ProcedureFileError
from pipeline.procedures.files import Library
from pipeline.procedures.loading import PACKAGED, files_of
from pipeline.procedures.paper import DocumentSchema
from pipeline.procedures.schema import Head, Procedure

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)
_FORM = 1
"""Of the kept file; another number is not read."""


class Shelf:
    """Gives the current book: `shelf()`."""

    def __init__(
        self, folder: Path | None = None, kept: Path | None = None, *, clock: Callable[[], float] = time.monotonic,
        every: float = 1.0,
    ) -> None:  # fmt: skip
        """`folder` lies on top of the packaged one; `kept` is the file for what was good; `every` is in seconds."""
        self._folder = folder
        self._kept = kept
        self._clock = clock
        self._every = every
        self._lock = threading.Lock()
        self._book: ProcedureBook | None = None
        self._looked = float("-inf")
        self._stamp: tuple[object, ...] = ()

    def __call__(self) -> ProcedureBook:
        """The book. Raises `ProcedureFileError` only where files are wrong and no good book was ever kept."""
        with self._lock:
            now = self._clock()
            if self._book is not None and now - self._looked < self._every:
                return self._book
            self._looked = now
            stamp = self._stamp_of()
            if self._book is None or stamp != self._stamp:
                self._book = self._renewed(self._book)
                self._stamp = stamp
            return self._book

    def _stamp_of(self) -> tuple[object, ...]:
        """What tells that a file may have changed. The packaged files change with the program only."""
        if self._folder is None:
            return ()
        found: list[object] = []
        try:
            for path in files_of(self._folder):
                about = path.stat()
                found.append((str(path), about.st_mtime_ns, about.st_size, about.st_ino))
        except OSError as error:
            found.append(str(error))
        return tuple(found)

    def _renewed(self, before: ProcedureBook | None) -> ProcedureBook:
        key = self._key()
        kept = self._read()
        if kept is not None and kept.get("key") == key and (made := _unpacked(kept)) is not None:
            return made
        try:
            book = ProcedureBook.load(self._folder)
        except ProcedureFileError as error:
            for problem in error.problems:
                LOG.warning("procedure_file: %s", problem)
            last = before or (_unpacked(kept) if kept is not None and kept.get("folder") == str(self._folder) else None)
            if last is None:
                raise
            LOG.warning("procedure_file: the last good version stays in use")
            return last.with_problems(error.problems)
        if before is not None:
            LOG.info("procedure files changed: %d procedures", len(book.list()))
        self._write(book, key)
        return book

    def _key(self) -> str:
        """Hash of every file that the book is made of, this program's code for it included."""
        told = hashlib.sha256()
        code = sorted(PACKAGED.parent.glob("*.py"))
        for path in [*code, *files_of(PACKAGED), *(files_of(self._folder) if self._folder else ())]:
            told.update(f"\0{path.parent.name}/{path.name}\0".encode())
            with contextlib.suppress(OSError):
                told.update(path.read_bytes())
        return told.hexdigest()

    def _read(self) -> dict[str, Any] | None:
        if self._kept is None:
            return None
        try:
            data = json.loads(self._kept.read_bytes())
        except (OSError, ValueError):
            return None
        return data if isinstance(data, dict) and data.get("form") == _FORM else None

    def _write(self, book: ProcedureBook, key: str) -> None:
        """Whole or not at all; a home that cannot be written only costs the next start its speed."""
        if self._kept is None:
            return
        data = json.dumps(_packed(book, key, str(self._folder)), ensure_ascii=False).encode()
        try:
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._kept.parent, delete=False) as out:
                out.write(data)
            Path(out.name).replace(self._kept)
        except OSError as error:
            LOG.warning("procedures were not kept: %s", error)


def _packed(book: ProcedureBook, key: str, folder: str) -> dict[str, Any]:
    """A book as JSON; a paper of the library is written once, and named where a procedure takes it unchanged."""
    shared = {id(paper): name for name, paper in book.papers.items()}

    def one(procedure: Procedure) -> dict[str, Any]:
        data = procedure.model_dump(mode="json", exclude={"documents"}, exclude_defaults=True)
        data["documents"] = [
            shared.get(id(document)) or document.model_dump(mode="json", exclude_defaults=True)
            for document in procedure.documents
        ]
        return data | {"_own": book.is_own(procedure)}

    papers = {name: paper.model_dump(mode="json", exclude_defaults=True) for name, paper in book.papers.items()}
    made = {"form": _FORM, "key": key, "folder": folder, "papers": papers}
    return made | {"procedures": [one(procedure) for procedure in book.list()]}


def _unpacked(kept: dict[str, Any]) -> ProcedureBook | None:
    """The book of a kept file; None where the file is not one. What it says was checked when it was written."""
    try:
        papers = {name: DocumentSchema.model_validate(data) for name, data in kept["papers"].items()}
        own: list[Procedure] = []
        packaged: list[Procedure] = []
        for data in kept["procedures"]:
            documents = tuple(
                papers[one] if isinstance(one, str) else DocumentSchema.model_validate(one) for one in data["documents"]
            )
            head = Head.model_validate({name: said for name, said in data.items() if name not in {"documents", "_own"}})
            procedure = Procedure.model_construct(**dict(head), documents=documents)
            (own if data["_own"] else packaged).append(procedure)
        return ProcedureBook(packaged, Library({}, {}, papers), own=own)
    except (ValidationError, KeyError, TypeError, AttributeError):
        return None
