"""What can be said of a PDF from the outside, and what our own ledger adds.

Signatures answer "who, when, unchanged"; the ledger answers "is this the very file we filed", which a validator
cannot know: bytes added after the end, or the last revision cut off, still verify.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pipeline.archive.inspect import attachments, pdfa_claim
from pipeline.errors import InputRefusedError
from pipeline.record import Model
from pipeline.stages.archive import DATA_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.tools import Tools
    from signing.verdict import Reason

OutcomeName = Literal["valid", "invalid", "indeterminate"]


class ReasonReport(Model):
    """A stable code with its sentences."""

    code: str
    vi: str
    en: str


class SignatureReport(Model):
    """One signature or timestamp."""

    field: str
    kind: str
    outcome: OutcomeName
    reasons: tuple[ReasonReport, ...]
    signer: str
    issuer: str
    signed_at: datetime | None
    timestamp_at: datetime | None
    level: str
    algorithm: str
    covers_whole_file: bool
    development: bool


class LedgerReport(Model):
    """What this installation knows of the file."""

    state: Literal["filed_here", "differs_from_filed", "unknown"]
    dossier: str | None = None
    filed_at: datetime | None = None
    level: str | None = None


class VerifyReport(Model):
    """The answer of `hoso verify --json`."""

    file: str
    sha256: str
    size: int
    outcome: OutcomeName
    reasons: tuple[ReasonReport, ...]
    signatures: tuple[SignatureReport, ...]
    pdfa_claim: str | None
    attachments: dict[str, str]
    """Names of attached files to the SHA-256 of their bytes."""
    ledger: LedgerReport


_DIFFERS = ReasonReport(
    code="differs_from_filed",
    vi="Tệp này không trùng với bản đã lưu trong kho của hồ sơ mang cùng mã.",
    en="This file differs from the one that was filed for the dossier it names.",
)


class FileMissingError(InputRefusedError):
    """There is no such file, or it cannot be opened."""

    code = "file_missing"
    message_vi = "Không mở được tệp cần kiểm tra."
    remedy_vi = "Hãy kiểm tra đường dẫn và quyền đọc tệp."


def verify(tools: Tools, path: Path) -> VerifyReport:
    """Judges a file. A broken or hostile PDF is a verdict with reasons; only a missing file is an error."""
    from signing.verify import verify_pdf

    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileMissingError(path.name, str(error)) from error
    verdict = verify_pdf(data, tools.trust())
    try:
        attached = attachments(data)
        claim = pdfa_claim(data)
    except Exception:
        # A PDF too broken to be opened has no attachments and claims nothing; the verdict above says why.
        attached, claim = {}, None
    sha256 = hashlib.sha256(data).hexdigest()
    ledger = _ledger(tools, sha256, attached.get(DATA_NAME))
    reasons = tuple(_reason(reason) for reason in verdict.reasons)
    outcome: OutcomeName = verdict.outcome.value
    if ledger.state == "differs_from_filed":
        outcome, reasons = "invalid", (_DIFFERS, *reasons)
    return VerifyReport(
        file=path.name,
        sha256=sha256,
        size=len(data),
        outcome=outcome,
        reasons=reasons,
        signatures=tuple(
            SignatureReport(
                field=s.field,
                kind=s.kind,
                outcome=s.outcome.value,
                reasons=tuple(_reason(reason) for reason in s.reasons),
                signer=s.signer,
                issuer=s.issuer,
                signed_at=s.signed_at,
                timestamp_at=s.timestamp_at,
                level=s.level,
                algorithm=s.algorithm,
                covers_whole_file=s.covers_whole_file,
                development=s.development,
            )
            for s in verdict.signatures
        ),
        pdfa_claim=claim,
        attachments={name: hashlib.sha256(content).hexdigest() for name, content in attached.items()},
        ledger=ledger,
    )


def _reason(reason: Reason) -> ReasonReport:
    return ReasonReport(code=reason.code, vi=reason.vi, en=reason.en)


def _ledger(tools: Tools, sha256: str, record: bytes | None) -> LedgerReport:
    filing = tools.catalogue.filing_by_sha256(sha256)
    if filing is not None:
        return LedgerReport(state="filed_here", dossier=filing.dossier, filed_at=filing.filed_at, level=filing.level)
    dossier_id = _dossier_of(record)
    if dossier_id and any(f.kind == "archive_pdf" for f in tools.catalogue.filings_of(dossier_id)):
        return LedgerReport(state="differs_from_filed", dossier=dossier_id)
    return LedgerReport(state="unknown", dossier=dossier_id)


def _dossier_of(record: bytes | None) -> str | None:
    if record is None:
        return None
    try:
        content = json.loads(record)
    except ValueError:
        return None
    found = content.get("id") if isinstance(content, dict) else None
    return found if isinstance(found, str) else None
