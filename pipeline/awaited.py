"""Signatures that dossiers wait for: whose, over which hash, and how one comes in.

Where a signer's key is with a person (`HOSO_SIGNING__AWAITED__CERTIFICATE`), the stage `sign` sends the hash out and
the dossier is held. Whoever talks to the signing service - a program of the agency, a clerk with two windows - takes
the hash from here and hands the signature in; the dossier then goes on. With a remote service (`gather`) a person has
all that wait signed at once (`confirm`). A signature is checked before it is kept, and kept before anything is made of
it, so that nobody is asked twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.errors import HeldError, HosoError, InputRefusedError
from pipeline.record import Model, Status
from pipeline.signing_plan import MAIN_ROLE
from pipeline.stages import archive, sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.record import Dossier
    from pipeline.tools import Tools
    from signing.sequence import SigningJob

_PAGE = 200
_AWAITED = "signature_awaited"
"""Code of `signing.errors.SignatureAwaitedError`: others are held for other reasons, and need no key opened here."""


class SignatureRefusedError(InputRefusedError):
    """What was handed in is not the signature that is waited for; code and words are the signing room's."""

    code = "signature_refused"
    message_vi = "Chữ ký nhận được không dùng được."
    remedy_vi = "Hãy kiểm tra mã hồ sơ và nạp đúng chữ ký."


class NothingAwaitedError(InputRefusedError):
    """The dossier waits for no signature."""

    code = "no_signature_awaited"
    message_vi = "Hồ sơ này không chờ chữ ký nào."
    remedy_vi = "Hãy xem danh sách chờ ký bằng lệnh: hoso sign waiting."


class AwaitedSignature(Model):
    """A hash that is out."""

    dossier: str
    role: str
    """Of the signing plan."""
    number: int
    """Place of the signature in its file, from 1."""
    signer: str
    """Subject of the certificate (RFC 4514)."""
    serial: str
    """Serial number of the certificate, hexadecimal."""
    digest: str
    """SHA-256, hexadecimal: what the key signs for a service that gives back a raw signature."""
    attributes: str
    """What `digest` is of (DER, base64), for services that hash by themselves."""
    document_digest: str
    """SHA-256, hexadecimal: what is given to a service that gives back a whole CMS object (CAdES)."""


def awaited(tools: Tools, dossier: Dossier) -> AwaitedSignature | None:
    """The signature that the dossier waits for now."""
    from signing.errors import SigningError

    try:
        job, roles = _job(tools, dossier)
        out = job.waiting() if job is not None else None
    except SigningError:
        return None
    if out is None:
        return None
    index, key, sent = out
    facts = key.facts()
    return AwaitedSignature(
        dossier=dossier.id,
        role=roles[index] or MAIN_ROLE,
        number=index + 1,
        signer=facts.subject,
        serial=facts.serial,
        digest=hashlib.sha256(sent.attributes).hexdigest(),
        attributes=base64.b64encode(sent.attributes).decode(),
        document_digest=sent.placeholder.digest.hex(),
    )


def all_awaited(tools: Tools, agencies: Sequence[str] | None = None) -> Iterator[AwaitedSignature]:
    """Of all held dossiers, or of these agencies', the newest first."""
    offset = 0
    while page := tools.catalogue.list_dossiers(Status.HELD, limit=_PAGE, offset=offset, agencies=agencies):
        offset += len(page)
        for row in page:
            dossier = tools.catalogue.load(row.id)
            if dossier is None or dossier.held is None or dossier.held.code != _AWAITED:
                continue
            if (out := awaited(tools, dossier)) is not None:
                yield out


def hand_in(tools: Tools, dossier: Dossier, value: bytes) -> None:
    """Keep a signature (raw or CMS; bytes, base64 or PEM) for the dossier; the caller then runs it from `sign` on.

    Raises NothingAwaitedError, or SignatureRefusedError with the signing room's code and words.
    """
    from signing.errors import SessionFinishedError, SigningError
    from signing.states import SigningStateError

    try:
        job, _ = _job(tools, dossier)
        if job is None:
            raise NothingAwaitedError(dossier.id)
        job.hand_in(value)
    except (SessionFinishedError, SigningStateError) as error:
        raise NothingAwaitedError(dossier.id, error.detail) from error
    except SigningError as error:
        raised = SignatureRefusedError(dossier.id, error.detail)
        raised.code, raised.message_vi, raised.remedy_vi = error.code, error.message_vi, error.remedy_vi
        raise raised from error


def confirm(tools: Tools, role: str = MAIN_ROLE, code: str | None = None) -> list[str]:
    """Have all hashes of `role` signed by the service behind its key, with one authorisation for as many as it allows.

    `code` is a one-time password, where the service asks for one. Returns the dossiers whose signature came; the
    caller then runs them from `sign` on. Raises NothingAwaitedError where the key is no service's or nothing waits,
    HeldError with the signing room's code where the service does not sign.
    """
    from signing.awaited_key import PersonsKey
    from signing.errors import SigningError
    from signing.running import run_to_end

    waiting = [each for each in all_awaited(tools) if each.role == role]
    key = tools.signer().key_of("" if role == MAIN_ROLE else role)
    remote = key.remote if isinstance(key, PersonsKey) else None
    if remote is None or not waiting:
        raise NothingAwaitedError(role, "no service signs in this role" if remote is None else "nothing waits")
    if code is not None:
        remote = replace(remote, source=replace(remote.source, one_time_password=lambda: code))
    try:
        values = run_to_end(remote.sign_many([base64.b64decode(each.attributes) for each in waiting], "sha256"))
    except SigningError as error:
        raised = HeldError(role, error.detail)
        raised.code, raised.message_vi, raised.remedy_vi = error.code, error.message_vi, error.remedy_vi
        raise raised from error
    came = []
    for each, value in zip(waiting, values, strict=True):
        dossier = tools.catalogue.load(each.dossier)
        with suppress(NothingAwaitedError):  # handed in by somebody else meanwhile
            if dossier is not None:
                hand_in(tools, dossier, value)
                came.append(each.dossier)
    return came


def _job(tools: Tools, dossier: Dossier) -> tuple[SigningJob | None, list[str]]:
    """The dossier's signing job as it was left, and the roles of its signatures; None where none was begun."""
    from signing.sequence import SigningJob

    prepared = tools.catalogue.step_output(archive.record_hash(dossier), archive.STEP, archive.VERSION)
    if prepared is None or dossier.status is Status.FILED:
        return None, []
    made = json.loads(prepared)
    journal = sign.LedgerJournal(tools.catalogue, made["sha256"])
    if journal.get("plan") is None:
        return None, []
    try:
        requests = sign.requests_of(tools, dossier, journal)
    except HosoError:
        return None, []  # the plan is broken: `sign` says so
    # the file itself is not needed: its plan and its hash are kept
    job = SigningJob(tools.signer(), b"", requests, journal, lambda _state, _index: None)
    return job, [request.role for request in requests]
