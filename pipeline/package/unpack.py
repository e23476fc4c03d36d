"""A package from anywhere, made safe to look at: a plain tree of plain files, under limits, in a folder of our own.

A zip file is unpacked entry by entry: names are judged before anything is written, bytes are counted while they come
out, whatever its directory claims, and nothing of its permissions, links or times is taken over. A folder is walked
without following links and checked where it lies. What is refused is a finding, never an exception.
"""

from __future__ import annotations

import os
import stat
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.package.report import Findings

_BLOCK: Final = 1 << 20
_NAME_LIMIT: Final = 255
_DEPTH_LIMIT: Final = 16
_RESERVED: Final = frozenset('<>:"|?*\\')


@dataclass(frozen=True, slots=True)
class Limits:
    """What is looked at. A dossier of 300 pages with its originals and images has some 1 GB in 650 files."""

    files: int = 20_000
    bytes: int = 16 << 30
    ratio: int = 200
    """How many times larger than its packed form an entry may be, above a megabyte."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A package's files: POSIX paths inside the bag to their sizes, in order."""

    root: Path
    form: Literal["folder", "zip"]
    files: dict[str, int]


class _StopError(Exception):
    """No use to go on; the finding is recorded."""


def safe_name(path: str) -> bool:
    """Whether a path inside a package is a relative one of plain names that every system can hold."""
    if not path or len(path) > 1000 or path.startswith("/") or "\\" in path or "\0" in path:
        return False
    parts = path.split("/")
    return len(parts) <= _DEPTH_LIMIT and all(_safe_part(part) for part in parts)


def _safe_part(part: str) -> bool:
    if part in {"", ".", ".."} or len(part.encode("utf-8", "replace")) > _NAME_LIMIT or part[-1] in ". ":
        return False
    return not any(letter in _RESERVED or unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co"} for letter in part)


def open_package(source: Path, scratch: Path, findings: Findings, limits: Limits) -> Tree | None:
    """The package's files, or None where there is nothing to go on with; why is in `findings`.

    `scratch` is an empty folder of ours, for what a zip file holds.
    """
    try:
        if source.is_dir():
            return _walk(source, findings, limits)
        return _unzip(source, scratch, findings, limits)
    except _StopError:
        return None


def _walk(folder: Path, findings: Findings, limits: Limits) -> Tree:
    files: dict[str, int] = {}
    total = 0
    waiting = [""]
    while waiting:
        here = waiting.pop()
        with os.scandir(folder / here) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                name = f"{here}/{entry.name}" if here else entry.name
                shown = name.encode("utf-8", "replace").decode()
                if not safe_name(shown) or shown != name:
                    findings.add("unsafe_path", shown)
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(name)
                elif not entry.is_file(follow_symlinks=False):
                    findings.add("link_inside", name)
                else:
                    files[name] = entry.stat(follow_symlinks=False).st_size
                    total += files[name]
                    _within(len(files), total, findings, limits)
    return Tree(folder, "folder", dict(sorted(files.items())))


def _unzip(source: Path, scratch: Path, findings: Findings, limits: Limits) -> Tree:
    try:
        with zipfile.ZipFile(source) as archive:
            entries = _entries(archive, findings, limits)
            files: dict[str, int] = {}
            total = 0
            for name, info in entries:
                target = scratch / name
                target.parent.mkdir(parents=True, exist_ok=True)
                files[name] = _extract(archive, info, target, limits.bytes - total, findings)
                total += files[name]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        findings.add("package_damaged", source.name, f"{type(error).__name__}: {error}")
        raise _StopError from error
    except RuntimeError as error:  # a password is asked for
        findings.add("zip_encrypted", source.name)
        raise _StopError from error
    return _one_folder(Tree(scratch, "zip", dict(sorted(files.items()))))


def _entries(archive: zipfile.ZipFile, findings: Findings, limits: Limits) -> list[tuple[str, zipfile.ZipInfo]]:
    """The plain files of the archive under their names; stops where a name or kind is not to be trusted."""
    found: list[tuple[str, zipfile.ZipInfo]] = []
    seen: set[str] = set()
    total = 0
    for info in archive.infolist():
        name = info.orig_filename if "\0" in info.orig_filename else info.filename
        kind = stat.S_IFMT(info.external_attr >> 16)
        folded = unicodedata.normalize("NFC", name.rstrip("/")).casefold()
        if not safe_name(name.rstrip("/")):
            findings.add("unsafe_path", name.encode("utf-8", "replace").decode())
        elif kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            findings.add("link_inside", name)
        elif folded in seen:
            findings.add("duplicate_name", name)
        elif info.flag_bits & 1:
            findings.add("zip_encrypted", name)
        elif not info.is_dir():
            found.append((name, info))
            total += info.file_size
            _within(len(found), total, findings, limits)
            _in_proportion(info, findings, limits)
        seen.add(folded)
    if findings.reasons:
        raise _StopError
    return found


def _in_proportion(info: zipfile.ZipInfo, findings: Findings, limits: Limits) -> None:
    if info.file_size > 1 << 20 and info.file_size > limits.ratio * max(info.compress_size, 1):
        findings.add("zip_bomb", info.filename, f"{info.compress_size} to {info.file_size} bytes")
        raise _StopError


def _within(files: int, total: int, findings: Findings, limits: Limits) -> None:
    if files > limits.files:
        findings.add("too_many_files", detail=f"more than {limits.files}")
        raise _StopError
    if total > limits.bytes:
        findings.add("too_large", detail=f"more than {limits.bytes >> 20} MB")
        raise _StopError


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, room: int, findings: Findings) -> int:
    """Writes one entry; its bytes are counted as they come, since the directory may lie."""
    size = 0
    with archive.open(info) as packed, target.open("xb") as out:
        while block := packed.read(_BLOCK):
            size += len(block)
            if size > info.file_size or size > room:
                findings.add("zip_bomb", info.filename, "more bytes than it declares")
                raise _StopError
            out.write(block)
    return size


def _one_folder(tree: Tree) -> Tree:
    """A zip file usually holds one folder with the bag in it."""
    tops = {name.partition("/")[0] for name in tree.files}
    if len(tops) != 1 or "bagit.txt" in tree.files:
        return tree
    top = tops.pop()
    inner = {name.partition("/")[2]: size for name, size in tree.files.items()}
    return Tree(tree.root / top, tree.form, inner) if all(inner) else tree
