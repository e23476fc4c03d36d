"""The prepared PDF gets its signatures, each once: every state is kept in the ledger under the prepared file's hash.

Killed or held anywhere, the stage goes on from what is kept: a signature that was made is never made again, and the
prepared PDF waits in the store. Before the first signature of a file a preflight finds out whether it could come
through. Key, timestamp or revocation data out of reach means held, never a lower level in silence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import HeldError, HosoError
from pipeline.keys import filed_key
from pipeline.signing_plan import MAIN_ROLE, Signature, load_plan
from pipeline.stages import Progress, StageResult, archive

if TYPE_CHECKING:
    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.record import Dossier
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools
    from signing.errors import SigningError
    from signing.signer import SignedPdf, SignRequest

STEP = "sign"
VERSION = "1"


@dataclass(frozen=True, slots=True)
class LedgerJournal:
    """The states of one prepared file in the step ledger (a `signing.states.Journal`)."""

    catalogue: Catalogue
    prepared: str
    """SHA-256 of the prepared PDF."""

    def get(self, step: str) -> bytes | None:
        """The record of a step, or None."""
        return self.catalogue.step_output(self.prepared, f"{STEP}:{step}", VERSION)

    def put(self, step: str, record: bytes) -> bytes:
        """Keeps a record unless there is one; returns the one that counts."""
        return self.catalogue.remember_step(self.prepared, f"{STEP}:{step}", VERSION, record, 0.0)


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Signs what `archive` prepared and stores the signed PDF under its own hash."""
    from signing.errors import SigningError

    prepared = tools.catalogue.step_output(archive.record_hash(dossier), archive.STEP, archive.VERSION)
    if prepared is None:
        # Held by an older version of the software, whose archive files this one makes otherwise.
        archive.run(tools, dossier, on_progress)
        prepared = tools.catalogue.step_output(archive.record_hash(dossier), archive.STEP, archive.VERSION)
    if prepared is None:
        raise HosoError(dossier.id, "nothing was prepared to be signed")
    made = json.loads(prepared)
    if tools.catalogue.step_output(made["sha256"], STEP, VERSION) is not None:
        return StageResult(dossier)
    try:
        signed = _signed(tools, dossier, LedgerJournal(tools.catalogue, made["sha256"]), made["key"])
    except SigningError as error:
        raise told(dossier.id, error) from error
    key = filed_key(dossier.id, signed.sha256, "archive.pdf")
    tools.store.put_new(key, signed.data, "application/pdf")
    output = json.dumps({"key": key, "sha256": signed.sha256, "size": signed.size, "level": signed.level})
    tools.catalogue.remember_step(made["sha256"], STEP, VERSION, output.encode(), 0.0)
    on_progress(Progress(STEP, 1, 1))
    return StageResult(dossier)


def _signed(tools: Tools, dossier: Dossier, journal: LedgerJournal, key: str) -> SignedPdf:
    signer = tools.signer()
    requests = requests_of(tools, dossier, journal)
    if journal.get("signed:0") is None:
        # nothing is signed yet: better to wait as a whole than to stop in the middle
        signer.preflight([request.role for request in requests]).require()
    return signer.sign(tools.store.get(key), *requests, journal=journal)


def requests_of(tools: Tools, dossier: Dossier, journal: LedgerJournal) -> list[SignRequest]:
    """The signatures of the dossier's file; those with which it was begun, whatever the plan says by now."""
    from signing.signer import SignRequest

    planned = [s.model_dump(mode="json") for s in load_plan(tools.settings).of(dossier)]
    kept = json.loads(journal.put("requests", json.dumps(planned).encode()))
    now = tools.clock()
    return [
        SignRequest(
            reason=signature.reason,
            agency=tools.settings.agency,
            dossier_code=dossier.id,
            signed_at=now,
            appearance=signature.appearance,
            copy_kind=signature.copy_kind,
            role="" if signature.role == MAIN_ROLE else signature.role,
        )
        for signature in map(Signature.model_validate, kept)
    ]


def told(dossier_id: str, error: SigningError) -> HosoError:
    """The signer's error as one of ours; a key that cannot be opened is for somebody to plug in: held, not broken."""
    from signing.errors import KeyUnavailableError

    family = HeldError if error.retryable or isinstance(error, KeyUnavailableError) else HosoError
    raised = family(dossier_id, error.detail)
    raised.code, raised.message_vi, raised.remedy_vi = error.code, error.message_vi, error.remedy_vi
    return raised


def signed_output(tools: Tools, dossier: Dossier) -> dict[str, str] | None:
    """Where the signed PDF of the dossier as it stands lies, or None."""
    prepared = tools.catalogue.step_output(archive.record_hash(dossier), archive.STEP, archive.VERSION)
    if prepared is None:
        return None
    signed = tools.catalogue.step_output(json.loads(prepared)["sha256"], STEP, VERSION)
    return None if signed is None else dict(json.loads(signed))
