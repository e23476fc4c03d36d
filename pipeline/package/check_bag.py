"""Is the bag whole? RFC 8493, by our own reading of its manifests, and by the library `bagit` as a second judge.

Ours reads line by line and hashes in blocks; every name of a manifest is judged before a file is opened by it. SHA-256
or SHA-512 is asked for. Files outside the payload are tag files and must be in the tag manifest.
"""

from __future__ import annotations

import hashlib
import logging
import re
from typing import TYPE_CHECKING, Final

from pipeline.package.unpack import safe_name

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.package.report import Findings
    from pipeline.package.unpack import Tree

_MANIFEST: Final = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
_STRONG: Final = ("sha256", "sha512")
_LINE_LIMIT: Final = 4096
_TAG_LIMIT: Final = 64 << 20
_BLOCK: Final = 1 << 20


def check_bag(tree: Tree, findings: Findings) -> dict[str, str]:
    """Judges the bag; returns the SHA-256 of each payload file as it lies there, by its path in the bag."""
    payload = {name for name in tree.files if name.startswith("data/")}
    manifests = {name: match for name in tree.files if (match := _MANIFEST.fullmatch(name))}
    if "bagit.txt" not in tree.files or not any(not m[1] for m in manifests.values()) or not payload:
        findings.add("not_a_bag")
        return {}
    _check_declaration(tree, findings)
    if "fetch.txt" in tree.files:
        findings.add("bag_fetch", "fetch.txt")
    sums: dict[str, str] = {}
    for tags in (False, True):
        listed = {match[2]: name for name, match in manifests.items() if bool(match[1]) is tags}
        if not any(algorithm in listed for algorithm in _STRONG):
            if listed or not tags:
                findings.add("manifest_weak", ", ".join(sorted(listed.values())))
            continue
        wanted = payload if not tags else _tag_files(tree)
        for algorithm in _STRONG:
            if algorithm in listed:
                entries = _entries(tree, listed[algorithm], findings, payload=not tags)
                sums |= _compare(tree, entries, wanted, algorithm, findings)
    _check_oxum(tree, findings)
    return {name: digest for name, digest in sums.items() if name in payload}


def second_judge(folder: Path) -> str:
    """`valid`, or what `bagit` complains of. It logs what it does; nobody here needs that."""
    import bagit

    logger = logging.getLogger("bagit")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        bagit.Bag(str(folder)).validate(processes=1)
    except Exception as error:  # it raises its own errors, and others on malformed bags
        return f"{type(error).__name__}: {error}".replace(str(folder), "")[:300]
    finally:
        logger.setLevel(level)
    return "valid"


def _check_declaration(tree: Tree, findings: Findings) -> None:
    text = _text(tree, "bagit.txt", findings, limit=_LINE_LIMIT)
    lines = [line.strip() for line in text.splitlines()]
    version = re.fullmatch(r"BagIt-Version: (0\.9[5-7]|1\.0)", lines[0]) if lines else None
    if version is None or lines[1:] != ["Tag-File-Character-Encoding: UTF-8"]:
        findings.add("bag_malformed", "bagit.txt")


def _entries(tree: Tree, manifest: str, findings: Findings, *, payload: bool) -> dict[str, str]:
    """Path to digest; a line that breaks the format or names what it must not is a finding."""
    found: dict[str, str] = {}
    folded: set[str] = set()
    for number, line in enumerate(_text(tree, manifest, findings, limit=_TAG_LIMIT).splitlines(), start=1):
        if not line.strip():
            continue
        match = re.fullmatch(r"([0-9a-fA-F]{64}|[0-9a-fA-F]{128})[ \t]+\*?(\S.*)", line[:_LINE_LIMIT])
        path = match[2] if match else ""
        if match is None:
            findings.add("bag_malformed", manifest, f"line {number}")
        elif not safe_name(path) or path.startswith("data/") is not payload:
            findings.add("unsafe_path", manifest, f"line {number}: {path}")
        elif path.casefold() in folded:
            findings.add("duplicate_name", path, manifest)
        else:
            folded.add(path.casefold())
            found[path] = match[1].lower()
    return found


def _compare(
    tree: Tree, entries: dict[str, str], wanted: set[str], algorithm: str, findings: Findings
) -> dict[str, str]:
    """What is missing, added or changed; returns SHA-256 sums where that is the algorithm."""
    for name in sorted(set(entries) - set(tree.files)):
        findings.add("file_missing", name)
    for name in sorted(wanted - set(entries)):
        findings.add("file_unexpected", name)
    sums = {}
    for name in sorted(set(entries) & set(tree.files)):
        actual = _digest(tree.root / name, algorithm)
        if actual != entries[name]:
            findings.add("checksum_wrong", name)
        if algorithm == "sha256":
            sums[name] = actual
    return sums


def _tag_files(tree: Tree) -> set[str]:
    return {name for name in tree.files if not name.startswith(("data/", "tagmanifest-"))}


def _check_oxum(tree: Tree, findings: Findings) -> None:
    if "bag-info.txt" not in tree.files:
        return
    match = re.search(r"^Payload-Oxum: (\d{1,18})\.(\d{1,9})$", _text(tree, "bag-info.txt", findings), re.MULTILINE)
    sizes = [size for name, size in tree.files.items() if name.startswith("data/")]
    if match is not None and (int(match[1]), int(match[2])) != (sum(sizes), len(sizes)):
        findings.add("size_wrong", "bag-info.txt", f"said {match[1]}.{match[2]}, found {sum(sizes)}.{len(sizes)}")


def _text(tree: Tree, name: str, findings: Findings, limit: int = 1 << 20) -> str:
    if tree.files[name] > limit:
        findings.add("too_large", name)
        return ""
    try:
        return (tree.root / name).read_bytes().decode("utf-8")
    except (UnicodeDecodeError, OSError):
        findings.add("bag_malformed", name)
        return ""


def _digest(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
