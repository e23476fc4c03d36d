"""Writes a filed dossier's package: staged in a folder beside its place, then moved there whole, or zipped.

Nothing half-made ever lies under the final name, and nothing is overwritten. Files are streamed from the store, never
held in memory. A zip file is written without compression (PDF and pictures have their own) and with the day of filing
as every entry's time, so that one dossier packed twice at the same moment is the same bytes.
"""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.clock import local
from pipeline.package import formats, layout
from pipeline.package.bag import write_tag_files
from pipeline.package.contents import gather
from pipeline.package.ead import ead_document
from pipeline.package.errors import PackageExistsError, PackageNotWrittenError
from pipeline.package.mets import Listed, representation_mets, root_mets
from pipeline.package.premis import premis_document
from pipeline.package.readme import readme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pipeline.package.contents import Contents
    from pipeline.record import Dossier
    from pipeline.tools import Tools

_FILE_MODE = (stat.S_IFREG | 0o644) << 16
_BLOCK = 1 << 20


def make_package(
    tools: Tools,
    dossier: Dossier,
    out: Path,
    *,
    zipped: bool = False,
    images: bool = False,
    packed_at: datetime | None = None,
) -> Path:
    """Writes `OUT/ID` or `OUT/ID.zip` and returns its path. `images` adds the page images as a third representation.

    Raises `NotFiledYetError`, `PackageExistsError`, `PackageNotWrittenError` and the store's errors.
    """
    target = out / (f"{dossier.id}.zip" if zipped else dossier.id)
    if target.exists():
        raise PackageExistsError(str(target))
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _staged(out) as stage:
            bag = stage / dossier.id
            contents = _write_bag(tools, dossier, bag, packed_at or tools.clock(), images=images)
            if not zipped:
                bag.rename(target)
                return target
            packed = stage / "package.zip"
            _zip(bag, packed, contents.filed_at)
            packed.rename(target)
    except OSError as error:
        raise PackageNotWrittenError(str(out), str(error)) from error
    return target


@contextmanager
def _staged(out: Path) -> Iterator[Path]:
    """A scratch folder on the same file system as the result, gone at the end."""
    with tempfile.TemporaryDirectory(dir=out, prefix=".hoso-") as folder:
        yield Path(folder)


def _write_bag(tools: Tools, dossier: Dossier, bag: Path, packed_at: datetime, *, images: bool) -> Contents:
    package = bag / layout.PAYLOAD
    package.mkdir(parents=True)
    contents = gather(tools, dossier, package, packed_at, images=images)
    sums = {f"{layout.PAYLOAD}/{file.path}": file.sha256 for file in contents.files}

    def put(path: str, data: bytes, media_type: str, created: datetime) -> Listed:
        listed = Listed.of_bytes(path, data, media_type, created)
        target = package / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        sums[f"{layout.PAYLOAD}/{path}"] = listed.sha256
        return listed

    filed, xml = contents.filed_at, formats.XML.media_type
    descriptive = put(layout.EAD, ead_document(contents), xml, filed)
    preservation = put(layout.PREMIS, premis_document(contents), xml, packed_at)
    documentation = [put(layout.README, readme(contents).encode(), formats.TEXT.media_type, filed)]
    source = resources.files("pipeline.package") / "schemas"
    schemas = [put(f"schemas/{name}", (source / name).read_bytes(), xml, filed) for name in layout.SCHEMAS]
    inner = [
        put(f"{layout.representation(name)}/{layout.ROOT_METS}", representation_mets(contents, name), xml, filed)
        for name in contents.representations
    ]
    root = root_mets(
        contents,
        descriptive=descriptive,
        preservation=preservation,
        documentation=documentation,
        schemas=schemas,
        representations=inner,
    )
    put(layout.ROOT_METS, root, xml, packed_at)
    write_tag_files(bag, contents, sums)
    return contents


def _zip(bag: Path, target: Path, moment: datetime) -> None:
    when = local(moment).timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for path in sorted(path for path in bag.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{bag.name}/{path.relative_to(bag).as_posix()}", when)
            entry.external_attr = _FILE_MODE
            entry.create_system = 3  # Unix, wherever it is made
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=entry.file_size > 1 << 31) as sink:
                shutil.copyfileobj(source, sink, _BLOCK)
