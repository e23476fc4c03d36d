"""The prepared PDF gets its signature, once: the ledger remembers by the prepared file's hash.

No key or no timestamp means held, never a lower level in silence; the prepared PDF waits in the store.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.errors import HeldError, HosoError
from pipeline.keys import filed_key
from pipeline.stages import Progress, StageResult, archive

if TYPE_CHECKING:
    from pipeline.record import Dossier
    from pipeline.stages import OnProgress
    from pipeline.tools import Tools
    from signing.signer import Appearance

STEP = "sign"
VERSION = "1"


def run(tools: Tools, dossier: Dossier, on_progress: OnProgress) -> StageResult:
    """Signs what `archive` prepared and stores the signed PDF under its own hash."""
    from signing.errors import KeyUnavailableError, SigningError
    from signing.signer import SignRequest

    prepared = tools.catalogue.step_output(archive.record_hash(dossier), archive.STEP, archive.VERSION)
    if prepared is None:
        raise HosoError(dossier.id, "nothing was prepared to be signed")
    made = json.loads(prepared)
    if tools.catalogue.step_output(made["sha256"], STEP, VERSION) is not None:
        return StageResult(dossier)
    request = SignRequest(
        reason="Số hóa hồ sơ",
        agency=tools.settings.agency,
        dossier_code=dossier.id,
        signed_at=tools.clock(),
        appearance=_appearance(tools, dossier),
    )
    try:
        signed = tools.signer().sign(tools.store.get(made["key"]), request)
    except SigningError as error:
        family = HeldError if error.retryable or isinstance(error, KeyUnavailableError) else HosoError
        raised = family(dossier.id, str(error))
        raised.code, raised.message_vi, raised.remedy_vi = error.code, error.message_vi, error.remedy_vi
        raise raised from error
    key = filed_key(dossier.id, signed.sha256, "archive.pdf")
    tools.store.put_new(key, signed.data, "application/pdf")
    output = json.dumps({"key": key, "sha256": signed.sha256, "size": signed.size, "level": signed.level})
    tools.catalogue.remember_step(made["sha256"], STEP, VERSION, output.encode(), 0.0)
    on_progress(Progress(STEP, 1, 1))
    return StageResult(dossier)


def _appearance(tools: Tools, dossier: Dossier) -> Appearance:
    """No stamp where nothing came from paper: "converted from paper" would be untrue of an electronic original."""
    electronic = all(original.signed or original.born_digital for original in dossier.originals if not original.error)
    return "invisible" if electronic else tools.settings.signing.appearance


def signed_output(tools: Tools, dossier: Dossier) -> dict[str, str] | None:
    """Where the signed PDF of the dossier as it stands lies, or None."""
    prepared = tools.catalogue.step_output(archive.record_hash(dossier), archive.STEP, archive.VERSION)
    if prepared is None:
        return None
    signed = tools.catalogue.step_output(json.loads(prepared)["sha256"], STEP, VERSION)
    return None if signed is None else dict(json.loads(signed))
