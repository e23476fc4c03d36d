"""Signatures of the steps: on results, one step after the other, and on the slips that citizens get.

A signature is made before its act is entered, under the number of the act and what is signed: whoever tries again, or
at the same moment, gets the very bytes that were made first (the step ledger keeps every state of a signing job). What
comes back has been judged by the signer itself; what is filed is judged once more as a stranger would.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pipeline.keys import filed_key
from pipeline.signing_plan import MAIN_ROLE
from pipeline.slips.content import TITLES
from pipeline.slips.issue import compose
from pipeline.slips.sheet import slip_pdf
from pipeline.stages.sign import LedgerJournal, told
from pipeline.steps.errors import ResultUnusableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pipeline.access.principal import Principal
    from pipeline.record import Dossier
    from pipeline.slips.content import SlipForm
    from pipeline.steps.place import Version
    from pipeline.tools import Tools
    from signing.signer import CopyKind, SignedPdf

_SLIP, _VERSION = "slip", "1"
_USELESS = frozenset({"unreadable_pdf", "encrypted_pdf", "hybrid_references", "trailing_data"})
_LIMITS = frozenset({"time_limit", "memory_limit", "verifier_failed"})


def agency_name(tools: Tools, code: str) -> str:
    """As stamps and slips say it."""
    return tools.settings.access.agencies.get(code) or tools.settings.agency


def signed(
    tools: Tools,
    dossier: Dossier,
    pdf: bytes,
    roles: Sequence[str],
    *,
    reason: str,
    attempt: str,
    copy_kind: CopyKind | None = None,
) -> SignedPdf:
    """The PDF with a signature for each role, in order. The same `attempt` gives the same bytes.

    With a `copy_kind` the first signature bears the stamp of a copy.
    Raises `HosoError` (`HeldError` where waiting can help).
    """
    from signing.errors import SigningError
    from signing.signer import SignRequest

    sha256 = hashlib.sha256(pdf).hexdigest()
    said = json.dumps([dossier.id, sha256, attempt, list(roles), reason])
    journal = LedgerJournal(tools.catalogue, hashlib.sha256(said.encode()).hexdigest())
    now = tools.clock()
    requests = [
        SignRequest(
            reason=reason,
            agency=agency_name(tools, dossier.agency),
            dossier_code=dossier.id,
            signed_at=now,
            role="" if role == MAIN_ROLE else role,
            appearance="nd30_copy" if copy_kind and number == 0 else "invisible",
            copy_kind=copy_kind or "SAO Y",
        )
        for number, role in enumerate(roles)
    ]
    try:
        return tools.signer().sign(pdf, *requests, journal=journal)
    except SigningError as error:
        raise told(dossier.id, error) from error


def signed_result(
    tools: Tools, dossier: Dossier, version: Version, roles: Sequence[str], *, reason: str, attempt: str
) -> SignedPdf:
    """A version of a result with the signatures of a step."""
    return signed(tools, dossier, tools.store.get(version.key), roles, reason=reason, attempt=attempt)


def check_result(tools: Tools, dossier_id: str, pdf: bytes) -> None:
    """Looks at a PDF that somebody attaches, in a child process. Raises `ResultUnusableError`.

    Signatures that it bears already must be intact: what signs on top of them would vouch for them.
    """
    from signing.verdict import Outcome
    from signing.verify import verify_pdf

    if not pdf.startswith(b"%PDF-"):
        raise ResultUnusableError(dossier_id, "no PDF")
    verdict = verify_pdf(pdf, tools.trust())
    codes = {reason.code for reason in verdict.reasons}
    broken = any(one.outcome is Outcome.INVALID for one in verdict.signatures)
    if broken or codes & (_USELESS | _LIMITS):
        raise ResultUnusableError(dossier_id, " ".join(sorted(codes)))


def signed_slip(
    tools: Tools,
    who: Principal,
    dossier: Dossier,
    form: SlipForm,
    *,
    note: str,
    due: date | None,
    roles: Sequence[str],
    attempt: str,
) -> tuple[str, SignedPdf]:
    """Where the signed form was stored, and the form. Raises `SlipRefusedError` and what `signed` raises."""
    said = json.dumps([dossier.id, form.value, note, due.isoformat() if due else "", who.name, attempt])
    known = hashlib.sha256(said.encode()).hexdigest()
    prepared = tools.catalogue.step_output(known, _SLIP, _VERSION)
    if prepared is None:
        slip = compose(tools, dossier, form, officer=who.name, reasons=[note] if note else [], due=due)
        prepared = tools.catalogue.remember_step(known, _SLIP, _VERSION, slip_pdf(slip), 0.0)
    made = signed(tools, dossier, prepared, roles, reason=TITLES[form].capitalize(), attempt=attempt)
    key = filed_key(dossier.id, made.sha256, f"{form.value}.pdf")
    tools.store.put_new(key, made.data, "application/pdf")
    return key, made
