"""Files on their way in: streamed to disk, counted and hashed as they come, kept until the dossier is started.

A draft is a folder under HOME/work/uploads with a small description; it becomes a dossier when it is started, and
both ids then mean the same dossier. On disk files have chance names: what people call them is in the description.
Nothing here holds more than a chunk in memory. Drafts that nobody started are removed after a day.
"""

from __future__ import annotations

import errno
import hashlib
import re
import secrets
import shutil
import time
import unicodedata
from typing import TYPE_CHECKING

from pydantic import BaseModel

from api.problems import UploadTooLargeError
from pipeline.conductor import UnknownDossierError
from pipeline.errors import HosoError
from pipeline.keys import new_dossier_id
from pipeline.pressure import NoRoomError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from datetime import datetime
    from pathlib import Path

_ID = re.compile(r"hs-\d{6}-[0-9a-z]{8}")
_DAY = 24 * 3600
MOST_FILES = 1000


class DraftStartedError(HosoError):
    """The dossier has been started; its files are what they are."""

    code = "draft_started"
    message_vi = "Hồ sơ đã bắt đầu xử lý, không thêm tệp được nữa."
    remedy_vi = "Hãy tạo hồ sơ mới với đầy đủ các tệp."


class UploadedFile(BaseModel):
    """A file as it was received."""

    name: str
    size: int
    sha256: str


class StoredFile(UploadedFile):
    """The same, with where it lies."""

    stored: str


class Draft(BaseModel):
    """What has been uploaded for a dossier so far."""

    id: str
    procedure: str | None = None
    agency: str = ""
    """Whose desk it is at; empty: the installation's own."""
    files: list[StoredFile] = []
    dossier_id: str | None = None
    """The dossier that this draft became."""
    known: bool = False
    """Whether the very same files had come before: the dossier is the one that they became then."""


class Drafts:
    """All drafts of one home."""

    def __init__(self, folder: Path, most_bytes: int, keep_free: int = 0) -> None:
        """`most_bytes` is the limit of one file and of all files of one draft; `keep_free` bytes stay free on disk."""
        self._folder = folder
        self._keep_free = keep_free
        self.most_bytes = most_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._forget_old()

    def create(self, procedure: str | None, now: datetime, agency: str = "") -> Draft:
        """A new, empty draft. Raises `NoRoomError`."""
        self._room()
        draft = Draft(id=new_dossier_id(now), procedure=procedure, agency=agency)
        self._path(draft.id).mkdir()
        self._save(draft)
        return draft

    def find(self, draft_id: str) -> Draft | None:
        """The draft with this id, or None."""
        if not _ID.fullmatch(draft_id):
            return None
        try:
            return Draft.model_validate_json((self._path(draft_id) / "draft.json").read_bytes())
        except OSError:
            return None

    def open(self, draft_id: str) -> Draft:
        """A draft that still takes files. Raises `UnknownDossierError`, `DraftStartedError`."""
        draft = self.find(draft_id)
        if draft is None:
            raise UnknownDossierError(draft_id)
        if draft.dossier_id is not None:
            raise DraftStartedError(draft_id)
        return draft

    def choose(self, draft_id: str, procedure: str) -> None:
        """Another procedure. Raises `DraftStartedError`."""
        self._save(self.open(draft_id).model_copy(update={"procedure": procedure}))

    def remove(self, draft_id: str, sha256: str) -> None:
        """Takes out what has this content. Raises `DraftStartedError`."""
        draft = self.open(draft_id)
        self._save(draft.model_copy(update={"files": [file for file in draft.files if file.sha256 != sha256]}))
        for file in draft.files:
            if file.sha256 == sha256:
                (self._path(draft_id) / file.stored).unlink(missing_ok=True)

    async def add(self, draft_id: str, name: str, chunks: AsyncIterator[bytes], *, once: bool = False) -> UploadedFile:
        """Streams one file to disk; with `once` a file whose content is there already is not added again.

        Raises `UploadTooLargeError`; what had come is then removed.
        """
        draft = self.open(draft_id)
        self._room()
        name = clean_name(name, len(draft.files) + 1)
        room = self.most_bytes - sum(file.size for file in draft.files)
        if len(draft.files) >= MOST_FILES:
            raise UploadTooLargeError(name, f"more than {MOST_FILES} files")
        target = self._path(draft_id) / secrets.token_hex(8)
        digest = hashlib.sha256()
        size = 0
        try:
            with target.open("wb") as stream:
                async for chunk in counted(chunks, room, name):
                    size += len(chunk)
                    digest.update(chunk)
                    # A chunk is small: the page cache takes it without blocking the loop for long.
                    stream.write(chunk)
            file = StoredFile(name=name, size=size, sha256=digest.hexdigest(), stored=target.name)
            # Read again and saved without an await in between: two uploads at once must not lose each other.
            now = self.open(draft_id)
            if once and (known := next((one for one in now.files if one.sha256 == file.sha256), None)):
                target.unlink()
                return UploadedFile(name=known.name, size=size, sha256=file.sha256)
            self._save(now.model_copy(update={"files": [*now.files, file]}))
        except BaseException as error:
            target.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise NoRoomError(name, "disk full") from error
            raise
        return UploadedFile(name=name, size=size, sha256=file.sha256)

    def paths(self, draft: Draft) -> dict[Path, str]:
        """Where its files lie, each with its name for people, in the order of their arrival."""
        return {self._path(draft.id) / file.stored: file.name for file in draft.files}

    def started(self, draft: Draft, dossier_id: str, *, known: bool = False) -> None:
        """The draft became a dossier: its files are in the store now and are removed here."""
        self._save(draft.model_copy(update={"dossier_id": dossier_id, "known": known}))
        for path in self.paths(draft):
            path.unlink(missing_ok=True)

    def _room(self) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < self._keep_free:
            raise NoRoomError(None, f"{free >> 20} MB free")

    def _path(self, draft_id: str) -> Path:
        return self._folder / draft_id

    def _save(self, draft: Draft) -> None:
        path = self._path(draft.id) / "draft.json"
        whole = path.with_suffix(".new")
        whole.write_text(draft.model_dump_json(), encoding="utf-8")
        whole.replace(path)

    def _forget_old(self) -> None:
        for path in self._folder.iterdir():
            if path.is_dir() and time.time() - path.stat().st_mtime > _DAY:
                shutil.rmtree(path, ignore_errors=True)


async def counted(chunks: AsyncIterator[bytes], most: int, name: str | None = None) -> AsyncGenerator[bytes, None]:
    """The chunks, until they are more than `most` bytes. Raises `UploadTooLargeError`."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise UploadTooLargeError(name, f"more than {most} bytes")
        yield chunk


def clean_name(name: str, number: int) -> str:
    """A file's name for people: NFC, no folders, no control characters, never empty."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    last = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    return last[-200:] or f"tep-{number}"
