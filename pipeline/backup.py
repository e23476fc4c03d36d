"""A copy of everything in one folder, and back: catalogue, every object of the store, and what of the home is not made.

`objects/` and `sums/` are a write-once folder store that later backups into the same folder only add to. Each backup
leaves `catalogue-TIME.jsonl.gz`, `objects-TIME.txt.gz` (sum, size and key of every object), `home-TIME.zip` (the
development PKI, the agency's procedures) and, last and in one step, `backup-TIME.json` with the sums of the three:
without it there is no backup. The catalogue is copied first: an object is stored before it is spoken of, so none can
be missing; the key ring (`ring-TIME.jsonl.gz`, wrapped keys) last: a key is there before anything is sealed under it.
Objects and columns are copied as they lie, sealed. The master of the vault, keys for signing and those of the store are
never in it: they have their own safekeeping, and a backup without the master cannot be read.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pipeline.errors import Exit, HosoError
from pipeline.record import Model
from pipeline.store.errors import NotFoundError
from pipeline.store.folder import FolderStore
from pipeline.vault.copies import load_ring, ring_lines
from pipeline.vault.ring import Ring
from pipeline.vault.settings import ring_url

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.settings import Settings
    from pipeline.store.protocol import ObjectStore
    from pipeline.tools import Tools

_FORMAT = "hoso-backup-1"
_IN_MEMORY = 16 << 20


class BackupUnusableError(HosoError):
    """A folder that holds no whole backup, or one whose parts were changed."""

    code = "backup_unusable"
    exit_code = Exit.REFUSED
    message_vi = "Thư mục sao lưu không dùng được: thiếu phần, hoặc nội dung đã bị đổi."
    remedy_vi = "Hãy chọn bản sao lưu khác trong cùng thư mục, hoặc một thư mục sao lưu khác."


class RestoreTargetError(HosoError):
    """Restoring never writes over what is there."""

    code = "restore_target_not_empty"
    exit_code = Exit.REFUSED
    message_vi = "Nơi khôi phục đã có dữ liệu; không ghi đè."
    remedy_vi = "Hãy đặt HOSO_HOME (và kho, cơ sở dữ liệu) ở nơi trống rồi khôi phục lại."


class Part(Model):
    """One file of a backup."""

    name: str
    sha256: str
    size: int


class BackupManifest(Model):
    """`backup-TIME.json`."""

    format: str = _FORMAT
    made_at: datetime
    catalogue: Part
    objects: Part
    home: Part
    ring: Part | None = None
    """Wrapped keys; a backup from before there was a vault has none."""
    object_count: int
    object_bytes: int
    added: int
    """Objects that this backup brought; the others were there from earlier ones."""


class RestoreReport(Model):
    """The answer of `hoso kho restore`."""

    made_at: datetime
    objects: int
    rows: dict[str, int]


def back_up(tools: Tools, target: Path, on_object: Callable[[int], None] = lambda _: None) -> BackupManifest:
    """Adds a backup to the folder; one that breaks off leaves no manifest. Raises `StoreError` and catalogue errors.

    An object that is damaged in the kho stops the backup: copying on would hide it.
    """
    now = tools.clock().astimezone(UTC)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    copies = FolderStore(target)
    catalogue = _write(target / f"catalogue-{stamp}.jsonl.gz", tools.catalogue.dump())
    lines: list[str] = []
    total = added = 0
    for key in tools.medium.keys(""):
        stat = tools.medium.stat(key)
        if stat is None:
            raise NotFoundError(key)
        if copies.stat(key) != stat:
            _copy(tools.medium, copies, key, stat.size, target)
            added += 1
        total += stat.size
        lines.append(f"{stat.sha256} {stat.size} {key}")
        on_object(len(lines))
    manifest = BackupManifest(
        made_at=now,
        catalogue=catalogue,
        objects=_write(target / f"objects-{stamp}.txt.gz", lines),
        home=_write_home(target / f"home-{stamp}.zip", tools.settings),
        ring=_write(target / f"ring-{stamp}.jsonl.gz", ring_lines(tools.vault.keeper.ring)),
        object_count=len(lines),
        object_bytes=total,
        added=added,
    )
    _whole(target / f"backup-{stamp}.json", manifest.model_dump_json(indent=1).encode())
    return manifest


def backups(folder: Path) -> list[Path]:
    """The manifests in a folder, the newest last."""
    return sorted(folder.glob("backup-*.json"))


def restore(
    folder: Path,
    settings: Settings,
    catalogue: Catalogue,
    store: ObjectStore,
    on_object: Callable[[int], None] = lambda _: None,
) -> RestoreReport:
    """Brings the newest backup of a folder into an empty catalogue and a store that holds nothing else.

    `store` is the medium: what lies in the backup is sealed already. Its ring joins the one here, if there is one.
    Objects first, then the catalogue in one transaction: killed anywhere, the same call goes on. Raises
    `BackupUnusableError`, `RestoreTargetError`, `StoreError` and catalogue errors.
    """
    found = backups(folder)
    if not found:
        raise BackupUnusableError(folder.name, "no backup-*.json")
    try:
        manifest = BackupManifest.model_validate_json(found[-1].read_bytes())
    except ValidationError as error:
        raise BackupUnusableError(found[-1].name, "not a manifest") from error
    for part in (manifest.catalogue, manifest.objects, manifest.home, manifest.ring):
        if part is not None:
            _checked(folder, part)
    copies = FolderStore(folder)
    wanted = {key: sha256 for sha256, _, key in _listed(folder / manifest.objects.name)}
    if any(key not in wanted for key in store.keys("")):
        raise RestoreTargetError(None, "the store holds other objects")
    for number, key in enumerate(wanted, start=1):
        stat = copies.stat(key)
        if stat is None or stat.sha256 != wanted[key]:
            raise BackupUnusableError(key, "object missing or changed")
        _copy(copies, store, key, stat.size, settings.home)
        on_object(number)
    _restore_home(folder / manifest.home.name, settings)
    if manifest.ring is not None:
        with closing(Ring(ring_url(settings))) as ring:
            load_ring(ring, _lines(folder / manifest.ring.name))
    rows = catalogue.load_dump(_lines(folder / manifest.catalogue.name))
    return RestoreReport(made_at=manifest.made_at, objects=len(wanted), rows=rows)


def _copy(source: ObjectStore, target: ObjectStore, key: str, size: int, scratch: Path) -> None:
    if size <= _IN_MEMORY:
        target.put_new(key, source.get(key))
        return
    part = scratch / ".object.part"
    try:
        source.fetch(key, part)
        target.put_new(key, part)
    finally:
        part.unlink(missing_ok=True)


def _write(path: Path, lines: Iterable[str]) -> Part:
    with _private(path) as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed:
        for line in lines:
            packed.write(line.encode() + b"\n")
    return _part(path)


def _write_home(path: Path, settings: Settings) -> Part:
    folders = {"pki": settings.pki, "procedures": settings.procedures_folder}
    with _private(path) as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, folder in folders.items():
            if folder is not None and folder.is_dir():
                for file in sorted(folder.rglob("*")):
                    if file.is_file():
                        archive.write(file, f"{name}/{file.relative_to(folder)}")
    return _part(path)


def _restore_home(path: Path, settings: Settings) -> None:
    """The development PKI goes back to its place; procedures lie beside, for the settings say where they belong.

    A name in the zip file that leads out of the home is brought back into it by `extract`; nothing is a link.
    """
    if settings.pki.exists():
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            made = Path(archive.extract(name, settings.home))
            made.chmod(0o600)
            made.parent.chmod(0o700)


def _part(path: Path) -> Part:
    with path.open("rb") as stream:
        return Part(name=path.name, sha256=hashlib.file_digest(stream, "sha256").hexdigest(), size=path.stat().st_size)


def _checked(folder: Path, part: Part) -> None:
    path = folder / part.name
    if Path(part.name).name != part.name or not path.is_file() or _part(path) != part:
        raise BackupUnusableError(part.name, "missing or changed")


def _private(path: Path) -> io.BufferedWriter:
    """A file for its owner only: it holds people's data."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb")


def _whole(path: Path, data: bytes) -> None:
    """The file appears with all of its bytes, or not at all."""
    part = path.with_suffix(".part")
    with _private(part) as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield line.rstrip("\n")


def _listed(path: Path) -> Iterator[tuple[str, int, str]]:
    for line in _lines(path):
        sha256, size, key = line.split(" ", 2)
        yield sha256, int(size), key
