"""The record as a PDF/A-3u: page images, searchable words, the canonical JSON, and signed originals bit for bit.

Page N of the PDF is page N of the record. The PDF depends on the record, the pages and the profile alone, so that
preparing it again after a crash gives the same bytes; it is checked by our own gate before anyone may sign it.
A page's image is the scanner's own coding wherever the original still gives it (`_natives`). The file grows on disk:
memory holds one page and, while its pages are laid, one original.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import rfc8785

from pipeline.archive.assemble import ArchivePage, Attachment, write_archive
from pipeline.archive.gate import check_archive
from pipeline.archive.places import LINKS_NAME, links
from pipeline.archive.profiles import load_profile
from pipeline.archive.telling import about, chapters
from pipeline.errors import InputRefusedError
from pipeline.intake.open import open_original
from pipeline.keys import original_key, page_key, prepared_key
from pipeline.stages import Progress, StageResult
from pipeline.stages.read import read_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.archive.places import Geometry
    from pipeline.archive.profiles import Profile
    from pipeline.intake.native import NativeImage
    from pipeline.intake.pages import OpenedOriginal
    from pipeline.record import Dossier, OriginalRecord, PageRecord
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools

STEP = "archive"
VERSION = "2"
DATA_NAME = "data.json"


def canonical_record(dossier: Dossier) -> bytes:
    """The record as RFC 8785 JSON: what is attached, signed and filed; not where it lies and how it got there."""
    return rfc8785.dumps(dossier.model_dump(mode="json", exclude={"status", "files", "events", "held"}))


def prepare(tools: Tools, dossier: Dossier, on_progress: OnProgress, profile: str | None = None) -> bytes:
    """The unsigned archive PDF of the dossier as it stands. `profile`: another than the settings name."""
    tools.settings.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tools.settings.work) as folder:
        target = Path(folder) / "archive.pdf"
        prepare_file(tools, dossier, target, on_progress, profile)
        return target.read_bytes()


def prepare_file(
    tools: Tools, dossier: Dossier, target: Path, on_progress: OnProgress, profile: str | None = None
) -> None:
    """The same, written to `target`, whatever its size. Raises `ArchiveProfileError`, `ArchiveRefusedError`."""
    settings = tools.settings.archive
    chosen = load_profile(profile or settings.profile, settings.profiles)
    usable = [page for page in dossier.pages if page.image_sha256]
    places = chapters(dossier, {page.number: at for at, page in enumerate(usable, start=1)})
    record = canonical_record(dossier)
    expected: dict[str, bytes | str] = {DATA_NAME: record}
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        embedded = _originals(tools, dossier, Path(folder), expected)

        def attached(geometries: Sequence[Geometry]) -> list[Attachment]:
            where = links(places, geometries)
            expected[LINKS_NAME] = where
            return [
                Attachment(DATA_NAME, record, "application/json", "Data", "Dữ liệu có cấu trúc của hồ sơ"),
                Attachment(LINKS_NAME, where, "application/json", "Supplement", "Vị trí của dữ liệu trên các trang"),
                *embedded,
            ]

        write_archive(
            target,
            _pages(tools, dossier, usable, chosen, Path(folder), on_progress=on_progress),
            about=about(dossier, tools.settings.agency),
            profile=chosen,
            attachments=attached,
            chapters=places,
        )
    check_archive(target, len(usable), expected_attachments=expected)


def _originals(tools: Tools, dossier: Dossier, folder: Path, expected: dict[str, bytes | str]) -> list[Attachment]:
    """What must stay bit for bit: originals that are signed or were never on paper."""
    kept = []
    for number, original in enumerate(dossier.originals, start=1):
        if not (original.signed or original.born_digital):
            continue
        path = folder / f"original-{number}"
        tools.store.fetch(original_key(original.sha256), path)
        name = f"original-{number}.pdf"
        kept.append(Attachment(name, path, original.media_type, "Source", original.name))
        expected[name] = original.sha256
    return kept


def _pages(
    tools: Tools, dossier: Dossier, usable: list[PageRecord], profile: Profile, folder: Path, *, on_progress: OnProgress
) -> Iterator[ArchivePage]:
    natives = _natives(tools, dossier, usable, folder)
    for done, (page, native) in enumerate(natives, start=1):
        # The page's own image is looked at only where the scanner's coding may not be good enough.
        needed = native is None or profile.originals != "keep" or native.colours == 4
        image = tools.store.get(page_key(page.image_sha256, page.media_type)) if needed else b""
        read = None if page.blank else read_of(tools, dossier, page)
        yield ArchivePage(image, page.media_type, page.width, page.height, page.dpi, read, native, page.turned)
        on_progress(Progress(STEP, done, len(usable)))


def _natives(
    tools: Tools, dossier: Dossier, usable: list[PageRecord], folder: Path
) -> Iterator[tuple[PageRecord, NativeImage | None]]:
    """Every page with the coded image that it came as; originals are opened one after another."""
    names = [original.name for original in dossier.originals]
    by_name = {one.name: one for one in dossier.originals if names.count(one.name) == 1}
    opened: OpenedOriginal | None = None
    known: str | None = None
    path = folder / "source"
    try:
        for page in usable:
            # A page that came from another dossier has its original there; here only its image counts.
            original = by_name.get(page.file) if page.origin is None else None
            source = page.file if page.origin is None else None
            if source != known:
                known = source
                if opened is not None:
                    opened.close()
                    opened = None
                if original is not None:
                    opened = _opened(tools, original, path)
            native = opened.native(page.file_page) if opened is not None else None
            yield page, native if native is not None and _is_that_page(native, page) else None
    finally:
        if opened is not None:
            opened.close()


def _opened(tools: Tools, original: OriginalRecord, path: Path) -> OpenedOriginal | None:
    """The original, or None where only its page images are here."""
    if tools.store.stat(original_key(original.sha256)) is None:
        return None
    tools.store.fetch(original_key(original.sha256), path)
    try:
        return open_original(path, original.name)
    except InputRefusedError:
        return None


def _is_that_page(native: NativeImage, page: PageRecord) -> bool:
    """Whether the coded image, laid as the page was turned, has the page's pixels; a fax has fewer rows or columns."""
    size = native.width, native.height
    if native.placing.turned(page.turned).quarter_turns % 2:
        size = size[::-1]
    same = size[0] == page.width, size[1] == page.height
    return all(same) or (any(same) and size[0] <= page.width and size[1] <= page.height)


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Prepares the PDF and keeps it in the store until it is signed."""
    content = record_hash(dossier)
    if tools.catalogue.step_output(content, STEP, VERSION) is None:
        tools.settings.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=tools.settings.work) as folder:
            target = Path(folder) / "archive.pdf"
            prepare_file(tools, dossier, target, on_progress)
            with target.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            key = prepared_key(dossier.id, sha256)
            tools.store.put_new(key, target, "application/pdf")
            size = target.stat().st_size
        output = json.dumps({"key": key, "sha256": sha256, "size": size}).encode()
        tools.catalogue.remember_step(content, STEP, VERSION, output, 0.0)
    return StageResult(dossier)


def begins_as_prepared(tools: Tools, dossier: Dossier, signed: bytes) -> bool:
    """Whether a signed file begins with the very file that the gate let through; signing may only append."""
    output = tools.catalogue.step_output(record_hash(dossier), STEP, VERSION)
    if output is None:
        return False
    made = json.loads(output)
    return bool(hashlib.sha256(memoryview(signed)[: made["size"]]).hexdigest() == made["sha256"])


def record_hash(dossier: Dossier) -> str:
    """SHA-256 of the canonical record: what later steps are done once for."""
    return hashlib.sha256(canonical_record(dossier)).hexdigest()
