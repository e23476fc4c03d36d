"""The heart of the package: the signed PDF, the record, the record's signature and the originals belong together.

The PDF is judged as `hoso verify` judges any; the JWS with its timestamp as a stranger would, with the revocation data
of the PDF's own store at hand, since both were made with one key. The record is read as JSON, by names, so that a
record of a later version can be checked as well.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import rfc8785

from pipeline import verification
from pipeline.package import layout
from pipeline.package.pdf_evidence import evidence_of
from pipeline.package.report import DataSignatureReport
from pipeline.verification import ReasonReport

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.package.report import Findings
    from pipeline.package.unpack import Tree
    from pipeline.tools import Tools
    from pipeline.verification import VerifyReport
    from signing.jws_verify import JwsVerdict, NamedPdf

_MAX_RECORD = 256 << 20
_BLOCK = 1 << 20
_DATA = f"{layout.representation(layout.ARCHIVE)}/data"


class RecordCheck:
    """Judges the archive representation; what it found stays readable."""

    def __init__(self, tools: Tools, tree: Tree, sums: dict[str, str], findings: Findings) -> None:
        self._tools = tools
        self._tree = tree
        self._sums = sums
        self._findings = findings
        self.record: dict[str, Any] = {}
        self.pdf: VerifyReport | None = None
        self.data: DataSignatureReport | None = None

    def run(self, *, quick: bool) -> None:
        """All checks of this module, or all but the signatures; see `record`, `pdf` and `data` afterwards."""
        pdf, data = self._path(layout.PDF_NAME), self._path(layout.DATA_NAME)
        for path, name in ((pdf, layout.PDF_NAME), (data, layout.DATA_NAME)):
            if path is None:
                self._findings.add("record_missing", f"{_DATA}/{name}")
        if quick:
            self._findings.add("signatures_unjudged")
        elif pdf is not None:
            self._check_pdf(pdf)
        if data is None or data.stat().st_size > _MAX_RECORD:
            return
        content = data.read_bytes()
        self._check_record(content)
        if self.pdf is not None:
            attached = self.pdf.attachments.get(layout.DATA_NAME)
            if attached != hashlib.sha256(content).hexdigest():
                self._findings.add("record_not_attached", f"{_DATA}/{layout.DATA_NAME}")
        if not quick:
            self._check_signature(content, pdf)
        self._check_originals()

    def _path(self, name: str) -> Path | None:
        inside = f"{layout.PAYLOAD}/{_DATA}/{name}"
        return self._tree.root / inside if inside in self._tree.files else None

    def _check_pdf(self, pdf: Path) -> None:
        self.pdf = verification.verify(self._tools, pdf)
        codes = ", ".join(r.code for s in self.pdf.signatures for r in s.reasons)
        if self.pdf.ledger.state == "differs_from_filed":
            self._findings.add("ledger_differs", f"{_DATA}/{layout.PDF_NAME}")
        elif self.pdf.outcome == "invalid":
            self._findings.add("pdf_not_as_filed", f"{_DATA}/{layout.PDF_NAME}", codes)
        elif self.pdf.outcome == "indeterminate":
            self._findings.add("pdf_unclear", f"{_DATA}/{layout.PDF_NAME}", codes)

    def _check_record(self, content: bytes) -> None:
        name = f"{_DATA}/{layout.DATA_NAME}"
        try:
            record = json.loads(content)
            canonical = rfc8785.dumps(record) == content
        except (ValueError, RecursionError):
            record, canonical = None, False
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            self._findings.add("record_unreadable", name)
            return
        self.record = record
        if not canonical:
            self._findings.add("record_not_canonical", name)

    def _check_signature(self, content: bytes, pdf: Path | None) -> None:
        from signing.jws_verify import NO_EVIDENCE, stated, verify_detached
        from signing.trust import load, refresh

        jws_path, token_path = self._path(layout.JWS_NAME), self._path(layout.TOKEN_NAME)
        if jws_path is None:
            self._findings.add("data_unsigned", f"{_DATA}/{layout.JWS_NAME}")
            return
        jws = jws_path.read_bytes()[: 1 << 20]
        now = datetime.now(UTC)
        trust = self._tools.trust()
        refresh(trust, now)
        verdict = verify_detached(
            jws,
            content,
            load(trust),
            now,
            token=token_path.read_bytes()[: 2 << 20] if token_path is not None else None,
            pdf=_named(pdf, stated(jws)) if pdf is not None else None,
            evidence=evidence_of(pdf) if pdf is not None else NO_EVIDENCE,
        )
        self.data = _report(verdict)
        self._check_additions({reason.code for reason in verdict.reasons})
        codes = ", ".join(reason.code for reason in verdict.reasons)
        if verdict.outcome == "invalid" or (verdict.dossier and verdict.dossier != self.record.get("id")):
            self._findings.add("data_not_as_signed", f"{_DATA}/{layout.JWS_NAME}", codes)
        elif verdict.outcome == "indeterminate":
            self._findings.add("data_unclear", f"{_DATA}/{layout.JWS_NAME}", codes)

    def _check_additions(self, codes: set[str]) -> None:
        """What follows the filed PDF must be renewed timestamps: signed revisions, up to the last byte."""
        if "pdf_renewed" not in codes or self.pdf is None:
            return
        ended = any(s.kind == "timestamp" and s.covers_whole_file for s in self.pdf.signatures)
        if not ended or "trailing_data" in {reason.code for reason in self.pdf.reasons}:
            self._findings.add("pdf_not_as_filed", f"{_DATA}/{layout.PDF_NAME}", "trailing_data")

    def _check_originals(self) -> None:
        """What came in is there bit for bit, and nothing besides; page images are those of the record."""
        parts = (
            (layout.ORIGINALS, "originals", "sha256", "original_unknown"),
            (layout.IMAGES, "pages", "image_sha256", "page_unknown"),
        )
        for representation, listed, key, unknown in parts:
            folder = PurePosixPath(layout.PAYLOAD, layout.representation(representation), "data")
            there = {n: s for n, s in self._sums.items() if PurePosixPath(n).parent == folder}
            named = self.record.get(listed)
            wanted = {e[key] for e in named if isinstance(e, dict) and e.get(key)} if isinstance(named, list) else set()
            for name, digest in there.items():
                if digest not in wanted:
                    self._findings.add(unknown, name)
            if representation == layout.ORIGINALS:
                for digest in sorted(wanted - set(there.values()), key=str):
                    self._findings.add("original_missing", str(folder), f"sha256 {digest}")


def _named(pdf: Path, said: JwsVerdict | None) -> NamedPdf:
    """The PDF's digest, and that of its beginning, which is all that renewed timestamps leave as it was."""
    from signing.jws_verify import NamedPdf

    whole, beginning = hashlib.sha256(), None
    left = said.pdf_size if said is not None else -1
    with pdf.open("rb") as stream:
        while block := stream.read(_BLOCK if not 0 < left < _BLOCK else left):
            whole.update(block)
            left -= len(block)
            if left == 0:
                beginning = whole.copy().hexdigest()
    return NamedPdf(whole.hexdigest(), pdf.stat().st_size, beginning)


def _report(verdict: JwsVerdict) -> DataSignatureReport:
    return DataSignatureReport(
        outcome=verdict.outcome.value,
        reasons=tuple(ReasonReport(code=r.code, vi=r.vi, en=r.en) for r in verdict.reasons),
        signer=verdict.signer,
        issuer=verdict.issuer,
        algorithm=verdict.algorithm,
        kid=verdict.kid,
        signed_at=verdict.signed_at,
        timestamp_at=verdict.timestamp_at,
        development=verdict.development,
    )
