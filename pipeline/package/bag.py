"""BagIt 1.0 (RFC 8493) written: manifests, bag-info and the tag manifest, sorted, so that the same is the same bytes.

The library `bagit` would move a folder's files about under the process's working directory, which threads share, and
put the day's date in; it is used where it is at its best, as a second judge of what came from elsewhere.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING, Final

from pipeline.clock import local
from pipeline.package import layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.package.contents import Contents

BAGIT_TXT: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
INFO: Final = "bag-info.txt"
_BLOCK: Final = 1 << 20


def write_tag_files(bag: Path, contents: Contents, known: Mapping[str, str]) -> None:
    """Completes the bag over `bag/data`. `known` are SHA-256 sums of payload files by their path in the bag."""
    payload = sorted(path for path in (bag / layout.PAYLOAD).rglob("*") if path.is_file())
    size = 0
    lines = []
    for path in payload:
        name = path.relative_to(bag).as_posix()
        size += path.stat().st_size
        lines.append(f"{known.get(name) or file_sha256(path)}  {name}\n")
    tags = {
        "bagit.txt": BAGIT_TXT,
        INFO: _info(contents, f"{size}.{len(payload)}").encode(),
        MANIFEST: "".join(sorted(lines, key=lambda line: line.partition("  ")[2])).encode(),
    }
    tags[TAG_MANIFEST] = "".join(
        f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(tags.items())
    ).encode()
    for name, data in tags.items():
        (bag / name).write_bytes(data)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _info(contents: Contents, oxum: str) -> str:
    entries = {
        "Source-Organization": contents.agency,
        "External-Identifier": contents.dossier.id,
        "Internal-Sender-Identifier": contents.object_id,
        "External-Description": contents.dossier.procedure_name or "Hồ sơ",
        "Bagging-Date": local(contents.packed_at).date().isoformat(),
        "Bag-Software-Agent": f"hoso {contents.software}",
        "Payload-Oxum": oxum,
    }
    return "".join(f"{key}: {_one_line(value)}\n" for key, value in entries.items() if value)


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
