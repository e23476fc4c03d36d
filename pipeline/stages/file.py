"""The last step: what was signed is read back from the store, checked as a stranger would, and entered as filed.

Nothing is called filed before: the hash agrees, it begins with the file that passed the PDF/A gate, the pages are
counted, the attached record is the one that was signed for, and every signature verifies; the record's own signature,
too, which is made here. Then its papers become part of their owners' data stores.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pipeline.archive.gate import check_signed_archive
from pipeline.errors import HosoError
from pipeline.keeping.retention import keep
from pipeline.keys import filed_key
from pipeline.kho.feed import feed
from pipeline.signed_data import file_signature
from pipeline.stages import Progress, StageResult
from pipeline.stages.archive import DATA_NAME, begins_as_prepared, canonical_record
from pipeline.stages.sign import signed_output

if TYPE_CHECKING:
    from pipeline.record import Dossier
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools


class FilingCheckError(HosoError):
    """What lies in the store is not what was meant to be filed."""

    code = "filing_check_failed"
    message_vi = "Kiểm tra lần cuối trước khi lưu không đạt; hồ sơ chưa được lưu."
    remedy_vi = "Không cần quét lại; hãy báo quản trị viên, bản gốc vẫn an toàn trong kho."


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Checks the signed PDF as stored and enters the filing into the catalogue."""
    from signing.verdict import Outcome as Verdict
    from signing.verify import verify_pdf

    signed = signed_output(tools, dossier)
    if signed is None:
        raise FilingCheckError(dossier.id, "no signed PDF")
    pdf = tools.store.get(signed["key"])
    record = canonical_record(dossier)
    expected = sum(1 for page in dossier.pages if page.image_sha256)
    if hashlib.sha256(pdf).hexdigest() != signed["sha256"]:
        raise FilingCheckError(dossier.id, "hash")
    if not begins_as_prepared(tools, dossier, pdf):
        raise FilingCheckError(dossier.id, "it does not begin with the file that was checked before it was signed")
    check_signed_archive(pdf, expected, expected_attachments={DATA_NAME: record})
    verdict = verify_pdf(pdf, tools.trust())
    if verdict.outcome is not Verdict.VALID:
        raise FilingCheckError(dossier.id, "signature: " + ", ".join(reason.code for reason in verdict.reasons))
    data_key = filed_key(dossier.id, signed["sha256"], DATA_NAME)
    data = tools.store.put_new(data_key, record, "application/json")
    signatures = file_signature(tools, dossier, record, signed["sha256"], len(pdf))
    record_filing = tools.catalogue.record_filing
    filing = record_filing(dossier.id, "archive_pdf", signed["key"], signed["sha256"], len(pdf), level=signed["level"])
    record_filing(dossier.id, "data_json", data_key, data.sha256, data.size)
    for kind, made in signatures.items():
        record_filing(dossier.id, kind, made.key, made.sha256, made.size)
    feed(tools, dossier, filing)
    on_progress(Progress("file", 1, 1))
    files = {"archive_pdf": signed["key"], "data_json": data_key}
    files |= {kind: made.key for kind, made in signatures.items()}
    keep(tools, dossier, files.values())
    return StageResult(dossier.model_copy(update={"files": files}))
