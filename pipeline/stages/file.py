"""The last step: what was signed is read back from the store, checked as a stranger would, and entered as filed.

Nothing is called filed before: the hash agrees, the pages are counted, the PDF/A gate passes, the attached record is
the one that was signed for, and every signature verifies.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pipeline.archive.inspect import attachments, page_count, pdfa_claim
from pipeline.errors import HosoError
from pipeline.keys import filed_key
from pipeline.stages import Progress, StageResult
from pipeline.stages.archive import DATA_NAME, canonical_record
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
    problems = []
    if hashlib.sha256(pdf).hexdigest() != signed["sha256"]:
        problems.append("hash")
    if page_count(pdf) != expected:
        problems.append("pages")
    if pdfa_claim(pdf) != "3U":
        problems.append("PDF/A claim")
    if attachments(pdf).get(DATA_NAME) != record:
        problems.append("attached record")
    verdict = verify_pdf(pdf, tools.trust())
    if verdict.outcome is not Verdict.VALID:
        problems.append("signature: " + ", ".join(reason.code for reason in verdict.reasons))
    if problems:
        raise FilingCheckError(dossier.id, "; ".join(problems))
    data_key = filed_key(dossier.id, signed["sha256"], DATA_NAME)
    stat = tools.store.put_new(data_key, record, "application/json")
    tools.catalogue.record_filing(
        dossier.id,
        kind="archive_pdf",
        key=signed["key"],
        sha256=signed["sha256"],
        size=len(pdf),
        level=signed["level"],
        filed_at=tools.clock(),
    )
    tools.catalogue.record_filing(
        dossier.id,
        kind="data_json",
        key=data_key,
        sha256=stat.sha256,
        size=stat.size,
        level="",
        filed_at=tools.clock(),
    )
    on_progress(Progress("file", 1, 1))
    return StageResult(dossier.model_copy(update={"files": {"archive_pdf": signed["key"], "data_json": data_key}}))
