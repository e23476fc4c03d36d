"""The embedded store: a folder on a local disk, for one machine and for tests.

Layout: `objects/KEY` holds the bytes, so that people can open and copy them; `sums/KEY/SHA256-SIZE` is an empty file
that names what belongs there; `tmp/` holds what is being written, each file locked by its writer.
The sum is written before the object, and the object appears in one step (`os.link`, which never replaces): killed
anywhere, the key holds either nothing or complete bytes whose sum is known. A sum without its object means nothing;
where a crash left two sums, the bytes decide. Whoever owns the folder can delete from it, and the store says so.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import uuid
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Never

from pipeline.store.errors import (
    CorruptError,
    KeyTakenError,
    NotFoundError,
    StoreUnreachableError,
    VerbUnsupportedError,
)
from pipeline.store.hashing import PIECE, digest, opened, pieces
from pipeline.store.keys import check_key, check_prefix, masked
from pipeline.store.protocol import Capabilities, ObjectStat, Proof, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    from pipeline.store.protocol import RetentionMode

_SUM = re.compile(r"([0-9a-f]{64})-([0-9]+)", re.ASCII)


class FolderStore:
    """An `ObjectStore` in a folder. Safe for several threads and processes of one machine at once."""

    def __init__(self, root: Path) -> None:
        """Makes the folder (mode 0700) where it is missing and clears what dead writers left in `tmp/`.

        Raises `StoreUnreachableError` where the folder cannot be made or used.
        """
        self._root = root.absolute()
        self._objects = self._root / "objects"
        self._sums = self._root / "sums"
        self._tmp = self._root / "tmp"
        with _typed(str(root.name)):
            for folder in (self._root, self._objects, self._sums, self._tmp):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._clear_stale()

    def capabilities(self) -> Capabilities:
        """A folder is write-once by contract only."""
        return Capabilities(
            kind="folder",
            immutable=False,
            conditional_put=True,
            versioning=False,
            note_vi="Kho thư mục: không chống xóa. Người có quyền trên máy có thể xóa hoặc sửa tệp; phần mềm chỉ phát "
            "hiện được nhờ mã SHA-256. Hãy sao lưu thư mục này, hoặc dùng kho S3 có Object Lock khi vận hành thật.",
            proofs=(
                Proof("conditional_put", True, "link(2) never replaces a name"),
                *(
                    Proof(name, False, "a folder has none")
                    for name in ("versioning", "retention", "legal_hold", "separate_keys", "encryption")
                ),
            ),
        )

    def put_new(self, key: str, source: bytes | Path, media_type: str = "application/octet-stream") -> ObjectStat:
        """See `ObjectStore.put_new`. The media type is not kept: the key's suffix says it.

        Raises `KeyTakenError` also where the key would be both an object and a folder of objects.
        """
        del media_type
        check_key(key)
        path = self._objects / key
        with _typed(key):
            if path.exists():
                return self._agreed(key, *digest(source))
            with self._temporary() as (stream, written):
                with opened(source) as incoming:
                    sha256, size = _copy(pieces(incoming, source.name if isinstance(source, Path) else ""), stream)
                return self._publish(key, written, sha256, size)

    def get(self, key: str) -> bytes:
        """See `ObjectStore.get`."""
        expected = self._known(key)
        with _typed(key):
            data = (self._objects / key).read_bytes()
        if hashlib.sha256(data).hexdigest() != expected.sha256:
            raise CorruptError(masked(key))
        return data

    def start(self, key: str, size: int) -> bytes:
        """See `ObjectStore.start`."""
        self._known(key)
        with _typed(key), (self._objects / key).open("rb") as stored:
            return stored.read(size)

    def fetch(self, key: str, target: Path) -> ObjectStat:
        """See `ObjectStore.fetch`. The target appears only once its bytes were found to be right."""
        expected = self._known(key)
        part = target.with_name(f".{uuid.uuid4().hex}.part")
        with _typed(key):
            try:
                with (self._objects / key).open("rb") as stored, part.open("xb") as stream:
                    sha256, _ = _copy(iter(partial(stored.read, PIECE), b""), stream)
                if sha256 != expected.sha256:
                    raise CorruptError(masked(key))
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
        return expected

    def stat(self, key: str) -> ObjectStat | None:
        """See `ObjectStore.stat`. Raises `CorruptError` where bytes lie there whose sum is lost or has another size."""
        check_key(key)
        path = self._objects / key
        with _typed(key):
            if not path.is_file():
                self._present(key)
                return None
            size = path.stat().st_size
            sums = self._sums_of(key)
            known = [sha256 for sha256, length in sums if length == size]
            if len(known) > 1:
                actual, _ = digest(path)
                known = [sha256 for sha256 in known if sha256 == actual]
        if not known:
            raise CorruptError(masked(key), f"{size} bytes, sums known: {len(sums)}")
        return ObjectStat(key, size, known[0])

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See `ObjectStore.keys`. One folder at a time is held in memory."""
        check_prefix(prefix)
        folder, _, start = prefix.rpartition("/")
        with _typed(prefix):
            self._present(prefix)
            yield from self._walk(self._objects / folder, f"{folder}/" if folder else "", start)

    def presign(self, key: str, expires: timedelta) -> Never:
        """See `ObjectStore.presign`: a folder has no addresses."""
        del expires
        self._cannot(key, "presign")

    def retain(self, key: str, until: datetime, mode: RetentionMode) -> Never:
        """See `ObjectStore.retain`: whoever owns the folder may delete."""
        del until, mode
        self._cannot(key, "retain")

    def retention(self, key: str) -> Never:
        """See `ObjectStore.retention`."""
        self._cannot(key, "retention")

    def hold(self, key: str, *, on: bool) -> Never:
        """See `ObjectStore.hold`."""
        del on
        self._cannot(key, "hold")

    def held(self, key: str) -> Never:
        """See `ObjectStore.held`."""
        self._cannot(key, "held")

    def versions(self, key: str) -> list[Version]:
        """See `ObjectStore.versions`: there is one, or none."""
        check_key(key)
        with _typed(key):
            self._present(key)
            with suppress(FileNotFoundError, NotADirectoryError):
                found = (self._objects / key).stat()
                if not (self._objects / key).is_dir():
                    return [Version("", found.st_size, datetime.fromtimestamp(found.st_mtime, UTC), latest=True)]
        return []

    def delete(self, key: str) -> int:
        """See `ObjectStore.delete`. Nothing here forbids it: whoever calls asks the catalogue's retention first."""
        check_key(key)
        path = self._objects / key
        with _typed(key):
            self._present(key)
            # The object goes first: a sum without its object means nothing, the other way round it is damage.
            there = path.is_file()
            if there:
                path.unlink()
                _sync_folder(path.parent)
            if not path.is_dir():
                for _, mark in self._marks(key):
                    mark.unlink(missing_ok=True)
        return int(there)

    def abort_stale(self, before: datetime) -> int:
        """See `ObjectStore.abort_stale`: what a dead writer left is known by its lock, whatever its age."""
        del before
        with _typed("tmp"):
            return self._clear_stale()

    def _cannot(self, key: str, verb: str) -> Never:
        check_key(key)
        raise VerbUnsupportedError(masked(key), f"a folder cannot {verb}")

    def _walk(self, folder: Path, above: str, start: str) -> Iterator[str]:
        if not folder.is_dir():
            return
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_dir()) for entry in entries if entry.name.startswith(start)]
        # A folder sorts as its keys do, with the slash: `a-b` comes before `a/c`.
        for name, is_folder in sorted(found, key=lambda item: item[0] + "/" if item[1] else item[0]):
            if is_folder:
                yield from self._walk(folder / name, f"{above}{name}/", "")
            else:
                yield above + name

    def _present(self, key: str) -> None:
        """An unmounted share must not look like an empty store."""
        if not self._objects.is_dir():
            raise StoreUnreachableError(masked(key), "the store's folder is gone")

    def _known(self, key: str) -> ObjectStat:
        found = self.stat(key)
        if found is None:
            raise NotFoundError(masked(key))
        return found

    def _agreed(self, key: str, sha256: str, size: int) -> ObjectStat:
        """What lies under the key, if it is this content."""
        found = self.stat(key)
        if found is None or (found.sha256, found.size) != (sha256, size):
            raise KeyTakenError(masked(key))
        return found

    def _publish(self, key: str, written: Path, sha256: str, size: int) -> ObjectStat:
        path = self._objects / key
        belonging = self._sums / key
        mark = belonging / f"{sha256}-{size}"
        try:
            _make_folders(belonging, self._sums)
            _make_folders(path.parent, self._objects)
        except (FileExistsError, NotADirectoryError) as error:
            raise KeyTakenError(masked(key), "a key cannot also be a folder of keys") from error
        mark.touch(mode=0o400)
        _sync_folder(belonging)
        try:
            os.link(written, path)
        except FileExistsError:
            try:
                agreed = self._agreed(key, sha256, size)
            except KeyTakenError:
                mark.unlink(missing_ok=True)
                raise
        else:
            agreed = ObjectStat(key, size, sha256)
        # Another process may have linked the bytes and died before its own sync: whoever reports success makes sure.
        _sync_folder(path.parent)
        for other in belonging.iterdir():
            if other != mark:
                other.unlink(missing_ok=True)
        return agreed

    def _sums_of(self, key: str) -> list[tuple[str, int]]:
        return [belonging for belonging, _ in self._marks(key)]

    def _marks(self, key: str) -> list[tuple[tuple[str, int], Path]]:
        folder = self._sums / key
        with suppress(FileNotFoundError, NotADirectoryError):
            matches = (_SUM.fullmatch(name) for name in os.listdir(folder))  # noqa: PTH208 - names only
            return [((match[1], int(match[2])), folder / match[0]) for match in matches if match]
        return []

    @contextmanager
    def _temporary(self) -> Iterator[tuple[BinaryIO, Path]]:
        """A locked file in `tmp/`, gone afterwards. The lock dies with its process, which marks the file as stale."""
        while True:
            path = self._tmp / uuid.uuid4().hex
            stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o440), "w+b")
            fcntl.flock(stream, fcntl.LOCK_EX)
            # A cleaner may have come between creation and lock; then the name is gone and a new one is needed.
            if os.fstat(stream.fileno()).st_nlink:
                break
            stream.close()
        try:
            yield stream, path
        finally:
            # Closing flushes, which fails again on a full disk; what counts was flushed by the writer.
            with suppress(OSError):
                stream.close()
            path.unlink(missing_ok=True)

    def _clear_stale(self) -> int:
        cleared = 0
        for path in self._tmp.iterdir():
            with suppress(FileNotFoundError), path.open("rb") as stream, suppress(BlockingIOError):
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
                cleared += 1
        return cleared


def _copy(incoming: Iterable[bytes], stream: BinaryIO) -> tuple[str, int]:
    """Writes the pieces durably; returns the SHA-256 and size of what was written."""
    state = hashlib.sha256()
    size = 0
    for piece in incoming:
        stream.write(piece)
        state.update(piece)
        size += len(piece)
    stream.flush()
    os.fsync(stream.fileno())
    return state.hexdigest(), size


def _make_folders(path: Path, top: Path) -> None:
    """Makes the folders between `top` and `path`, each synced into its parent."""
    missing = []
    while path != top and not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _typed(key: str) -> Iterator[None]:
    """Every failure of the file system (full, read-only, gone, over quota) is the store out of reach: held."""
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise StoreUnreachableError(masked(key), name) from error
