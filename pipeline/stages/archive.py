"""The record as a PDF/A-3u: page images, searchable words, the canonical JSON, and signed originals bit for bit.

Page N of the PDF is page N of the record. The PDF depends on the record and the pages alone, so that preparing it
again after a crash gives the same bytes; it is checked by our own gate before anyone may sign it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import rfc8785

from pipeline.archive.assemble import ArchivePage, Attachment, assemble
from pipeline.archive.gate import check_archive
from pipeline.keys import original_key, page_key, prepared_key
from pipeline.stages import Progress, StageResult
from pipeline.stages.read import read_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.record import Dossier
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools

STEP = "archive"
VERSION = "1"
DATA_NAME = "data.json"


def canonical_record(dossier: Dossier) -> bytes:
    """The record as RFC 8785 JSON: what is attached, signed and filed; not where it lies and how it got there."""
    return rfc8785.dumps(dossier.model_dump(mode="json", exclude={"status", "files", "events"}))


def prepare(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> bytes:
    """The unsigned archive PDF of the dossier as it stands."""
    usable = [page for page in dossier.pages if page.image_sha256]

    def pages() -> Iterator[ArchivePage]:
        for done, page in enumerate(usable, start=1):
            image = tools.store.get(page_key(page.image_sha256, page.media_type))
            read = None if page.blank else read_of(tools, dossier, page)
            yield ArchivePage(image, page.media_type, page.width, page.height, page.dpi, read)
            on_progress(Progress(STEP, done, len(usable)))

    attachments = [
        Attachment(DATA_NAME, canonical_record(dossier), "application/json", "Data", "Dữ liệu có cấu trúc của hồ sơ")
    ]
    attachments += [
        Attachment(
            f"original-{number}.pdf",
            tools.store.get(original_key(original.sha256)),
            original.media_type,
            "Source",
            original.name,
        )
        for number, original in enumerate(dossier.originals, start=1)
        if original.signed or original.born_digital
    ]
    title = dossier.procedure_name or "Hồ sơ"
    pdf = assemble(pages(), attachments=attachments, title=f"{title} – {dossier.id}", created=dossier.received_at)
    check_archive(pdf, len(usable), expected_attachments={a.name: a.data for a in attachments})
    return pdf


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Prepares the PDF and keeps it in the store until it is signed."""
    content = record_hash(dossier)
    if tools.catalogue.step_output(content, STEP, VERSION) is None:
        pdf = prepare(tools, dossier, on_progress)
        sha256 = hashlib.sha256(pdf).hexdigest()
        key = prepared_key(dossier.id, sha256)
        tools.store.put_new(key, pdf, "application/pdf")
        output = json.dumps({"key": key, "sha256": sha256}).encode()
        tools.catalogue.remember_step(content, STEP, VERSION, output, 0.0)
    return StageResult(dossier)


def record_hash(dossier: Dossier) -> str:
    """SHA-256 of the canonical record: what later steps are done once for."""
    return hashlib.sha256(canonical_record(dossier)).hexdigest()
