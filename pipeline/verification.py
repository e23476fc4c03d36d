"""What can be said of a PDF from the outside, and what our own ledger adds.

Signatures answer "who, when, unchanged"; the ledger answers "is this the very file we filed", which a validator
cannot know: bytes added after the end, or the last revision cut off, still verify. So hash, size and level of what was
filed are compared, and a file that differs is told apart as shortened, extended or altered.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pipeline.audit.inclusion import Inclusion, inclusions
from pipeline.errors import InputRefusedError
from pipeline.inspected import inspect
from pipeline.record import Model
from pipeline.renewal import ARCHIVE_PDF, newest_filing
from pipeline.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.catalogue.rows import Filing
    from pipeline.tools import Tools
    from signing.verdict import Reason

OutcomeName = Literal["valid", "invalid", "indeterminate"]
Difference = Literal["shortened", "extended", "altered"]


class ReasonReport(Model):
    """A stable code with its sentences, and what a person can do about it, if anything."""

    code: str
    vi: str
    en: str
    remedy_vi: str = ""
    remedy_en: str = ""


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
    difference: Difference | None = None
    """How the file differs from what was filed: its end is missing, something follows, or its bytes are others."""
    dossier: str | None = None
    filed_at: datetime | None = None
    level: str | None = None
    """Signature level of what was filed."""
    size: int | None = None
    """Bytes of what was filed."""
    sha256: str | None = None
    """Of what was filed."""
    kind: str | None = None
    """What was filed: `archive_pdf`, `result_pdf`, `certified_copy`, `slip_receipt`, ..."""
    number: str = ""
    """Of a certified copy: its number and book."""
    renewed_sha256: str | None = None
    """Of the newer version of this file, where its archive timestamp was renewed: this one is right, but older."""
    proofs: tuple[Inclusion, ...] = ()
    """That the audit ledger knows the filing, checked; empty until it is sealed next."""


class VerifyReport(Model):
    """The answer of `hoso verify --json`."""

    file: str
    checked_at: datetime
    sha256: str
    size: int
    outcome: OutcomeName
    reasons: tuple[ReasonReport, ...]
    signatures: tuple[SignatureReport, ...]
    pdfa_claim: str | None
    attachments: dict[str, str]
    """Names of attached files to the SHA-256 of their bytes."""
    ledger: LedgerReport


CERTIFIED_COPY = "certified_copy"
"""Kind of the filing of a certified copy."""
_REMEDY = {
    "remedy_vi": "Không sử dụng tệp này; hãy lấy lại bản đã lưu trong kho.",
    "remedy_en": "Do not use this file; take the one that was filed from the store.",
}
_DIFFERS = ReasonReport(
    code="differs_from_filed",
    vi="Tệp này không trùng với bản đã lưu trong kho của hồ sơ mang cùng mã.",
    en="This file differs from the one that was filed for the dossier it names.",
    **_REMEDY,
)
_DIFFERENCES: dict[str, ReasonReport] = {
    "shortened": ReasonReport(
        code="shortened_after_filing",
        vi="Phần cuối của bản đã lưu đã bị cắt bỏ (mất chữ ký hoặc dấu thời gian ở cuối tệp).",
        en="The end of the filed version was cut off: a signature or timestamp is missing.",
        **_REMEDY,
    ),
    "extended": ReasonReport(
        code="extended_after_filing",
        vi="Có dữ liệu được nối thêm vào sau bản đã lưu.",
        en="Something was appended to the filed version.",
        **_REMEDY,
    ),
}


class FileMissingError(InputRefusedError):
    """There is no such file, or it cannot be opened."""

    code = "file_missing"
    message_vi = "Không mở được tệp cần kiểm tra."
    remedy_vi = "Hãy kiểm tra đường dẫn và quyền đọc tệp."


def verify(tools: Tools, path: Path, agencies: Sequence[str] | None = None) -> VerifyReport:
    """Judges a file. A broken or hostile PDF is a verdict with reasons; only a missing file is an error.

    With `agencies` only what these filed is known; of the rest the answer is that of another installation.
    """
    from signing.verify import verify_pdf

    try:
        verdict = verify_pdf(path, tools.trust())
        inspected = inspect(path)
        ledger = _ledger(tools, path, verdict.sha256, inspected.dossier)
        if agencies is not None and not _is_of(tools, ledger.dossier, agencies):
            ledger = LedgerReport(state="unknown")
    except OSError as error:
        raise FileMissingError(path.name, str(error)) from error
    reasons = tuple(_reason(reason) for reason in verdict.reasons)
    outcome: OutcomeName = verdict.outcome.value
    if ledger.state == "differs_from_filed":
        more = _DIFFERENCES.get(ledger.difference or "")
        outcome, reasons = "invalid", (_DIFFERS, *((more,) if more else ()), *reasons)
    return VerifyReport(
        file=path.name,
        checked_at=tools.clock(),
        sha256=verdict.sha256,
        size=verdict.size,
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
        pdfa_claim=inspected.pdfa_claim,
        attachments=inspected.attachments,
        ledger=ledger,
    )


def _is_of(tools: Tools, dossier_id: str | None, agencies: Sequence[str]) -> bool:
    dossier = tools.catalogue.load(dossier_id) if dossier_id else None
    return dossier is not None and dossier.agency in agencies


def _reason(reason: Reason) -> ReasonReport:
    return ReasonReport(
        code=reason.code, vi=reason.vi, en=reason.en, remedy_vi=reason.remedy_vi, remedy_en=reason.remedy_en
    )


def _ledger(tools: Tools, path: Path, sha256: str, dossier_id: str | None) -> LedgerReport:
    filing = tools.catalogue.filing_by_sha256(sha256)
    if filing is not None:
        newest = newest_filing(tools, filing.dossier)
        renewed = newest.sha256 if newest is not None and newest.sha256 != sha256 else None
        proofs = inclusions(tools.catalogue.ledger(), filing.dossier, sha256)
        more = {"renewed_sha256": renewed if filing.kind == ARCHIVE_PDF else None, "proofs": proofs}
        if filing.kind == CERTIFIED_COPY:
            from pipeline.steps.copies import number_of  # steps stand above verification

            more["number"] = number_of(tools, filing.dossier, sha256)
        return _known("filed_here", filing, **more)
    newest = newest_filing(tools, dossier_id) if dossier_id else None
    if newest is None:
        return LedgerReport(state="unknown", dossier=dossier_id)
    return _known("differs_from_filed", newest, difference=_difference(tools, path, newest))


def _known(state: Literal["filed_here", "differs_from_filed"], filing: Filing, **more: Any) -> LedgerReport:
    return LedgerReport(
        state=state,
        dossier=filing.dossier,
        filed_at=filing.filed_at,
        level=filing.level,
        size=filing.size,
        sha256=filing.sha256,
        kind=filing.kind,
        **more,
    )


def _difference(tools: Tools, path: Path, filing: Filing) -> Difference:
    """How the file differs from what was filed; where the store cannot say, its bytes are others."""
    size = path.stat().st_size
    if size > filing.size:
        with path.open("rb") as stream:
            begins = hashlib.sha256(stream.read(filing.size)).hexdigest() == filing.sha256
        return "extended" if begins else "altered"
    try:
        filed = tools.reading().get(filing.object_key)
    except StoreError:
        return "altered"
    return "shortened" if 0 < size < filing.size and filed.startswith(path.read_bytes()) else "altered"
