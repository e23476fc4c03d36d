"""Signing in two halves: a hash goes out, a person confirms on a phone, and another process finishes the document.

`prepare` makes the PDF with room for the signature, and what is to be signed; `finish` takes the raw signature or the
whole CMS object that came back, and goes on as ordinary signing does: timestamp, validation data, document timestamp,
self-check. In between there is a `PreparedSignature`: a PDF and a session in JSON, which may be kept anywhere and hold
no secret. The steps are those of `signing.sequence`; a journal given to `finish` keeps a signature that has come from
being asked for twice, whatever happens after it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import suppress
from copy import copy
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.hashes import SHA256

from signing.awaited_key import PersonsKey
from signing.errors import (
    OtherKeyError,
    SessionExpiredError,
    SessionFinishedError,
    SessionUnreadableError,
    SignatureAwaitedError,
    SigningError,
)
from signing.handed_in import container_from
from signing.increments import Placeholder
from signing.keys import check_key
from signing.running import run_to_end
from signing.sequence import SigningJob
from signing.signer import SignedPdf, SignRequest
from signing.states import HashSent, MemoryJournal, Signed, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.keys import Signer
    from signing.signer import PdfSigner
    from signing.states import Journal

_FORMAT: Final = "hoso-signing-session"
_VERSION: Final = 1
_SIGNED: Final = "signed:0"
"""The journal's step that holds a signature, once it has come."""
DEFAULT_LIFE: Final = timedelta(hours=24)
"""How long a signature is waited for: a stamp's time must not be long past when the signature comes."""


@dataclass(frozen=True, slots=True)
class PreparedSignature:
    """A document that waits for its signature. Keep `pdf` and `session`; the rest can be read from them."""

    pdf: bytes
    """The document with empty room for the signature."""
    session: str
    """JSON: the format's name and version, and what `finish` needs. Opaque to others, and without secrets."""

    @property
    def id(self) -> str:
        """A name for the session that says nothing of the document."""
        return str(self._read("id"))

    @property
    def digest(self) -> bytes:
        """SHA-256 of the signed attributes: what a key signs that gives back a raw signature."""
        return hashlib.sha256(self.attributes).digest()

    @property
    def attributes(self) -> bytes:
        """The signed attributes themselves (DER of a SET), for services that hash by themselves."""
        return bytes.fromhex(self._read("attributes"))

    @property
    def document_digest(self) -> bytes:
        """SHA-256 of the document: what a service signs that gives back a whole CMS object."""
        return bytes.fromhex(self._read("document_digest"))

    @property
    def expires(self) -> datetime:
        """The session's end."""
        return datetime.fromisoformat(self._read("expires"))

    def _read(self, name: str) -> str:
        return str(_session(self)[name])


def prepare(
    signer: PdfSigner, pdf: bytes, request: SignRequest, *, life: timedelta = DEFAULT_LIFE
) -> PreparedSignature:
    """Make the document ready and say what is to be signed; raises a SigningError.

    Only the certificate of the key is used, so any kind of key will do; `AwaitedKey` is for those that never come
    here. The certificate is checked now, and with validation data wanted its chain and state too: nobody is asked to
    confirm a signature that could not be used.
    """
    now = signer.clock()
    awaiting = _awaiting(signer, request.role)
    check_key(awaiting.key, now)
    journal = MemoryJournal()
    with suppress(SignatureAwaitedError):
        run_to_end(_job(awaiting, pdf, request, journal).run())
    step, record = next((step, kept) for step, kept in journal.records.items() if step.startswith("hash_sent:"))
    sent = HashSent.decoded(record)
    prepared = pdf + sent.placeholder.revision
    session = {
        "format": _FORMAT,
        "version": _VERSION,
        "id": secrets.token_hex(16),
        "expires": (now + life).isoformat(),
        "size": len(pdf),
        "sha256": hashlib.sha256(prepared).hexdigest(),
        "certificate": _fingerprint(awaiting.key),
        "level": signer.level,
        "request": asdict(request) | {"signed_at": request.signed_at.isoformat()},
        "plan": journal.records["plan"].decode(),
        "step": step,
        "room": [sent.placeholder.start, sent.placeholder.end],
        "document_digest": sent.placeholder.digest.hex(),
        "attributes": sent.attributes.hex(),
    }
    return PreparedSignature(prepared, json.dumps(session, ensure_ascii=False, sort_keys=True))


def finish(
    signer: PdfSigner, prepared: PreparedSignature, signature: bytes | None, *, journal: Journal | None = None
) -> SignedPdf:
    """Put the signature that came back into its document and bring that to the signer's level.

    `signature`: raw (PKCS#1 v1.5; DER or `r` and `s` for ECDSA) over `digest`, or a CMS object over `document_digest`;
    bytes, base64 or PEM. None goes on with the one that `journal` has from an earlier call, and gives back the same
    file where that was finished.

    Raises SessionFinishedError where `journal` says so and a signature comes all the same; OtherDocumentError,
    OtherKeyError, WrongSignatureError, SessionExpiredError, SessionUnreadableError, or what `PdfSigner.sign` raises:
    where that is retryable the signature is in `journal` and need not come again.
    """
    session = _session(prepared)
    kept = journal if journal is not None else MemoryJournal()
    request, pdf, sent = _restored(session, prepared.pdf)
    awaiting = _awaiting(signer, request.role)
    if _fingerprint(awaiting.key) != session["certificate"]:
        raise OtherKeyError("the document was prepared for another certificate")
    if signer.level != session["level"]:
        raise SessionUnreadableError(f"prepared for {session['level']}, to be finished as {signer.level}")
    if signature is not None and kept.get("verified") is not None:
        raise SessionFinishedError("this document has been signed before")
    if kept.get(_SIGNED) is None:  # a signature that came in time is finished whenever that can be done
        if signer.clock() > prepared.expires:
            raise SessionExpiredError(f"the session ended at {prepared.expires.isoformat()}")
        if signature is None:
            raise SignatureAwaitedError("the signature has not come yet")
        container = container_from(awaiting.key, sent, signature)
        kept.put("plan", session["plan"].encode())
        kept.put(session["step"], sent.encoded())
        kept.put(_SIGNED, Signed(container, _fingerprint(awaiting.key)).encoded())
    return awaiting.sign(pdf, replace(request, role=""), journal=kept)


def sign_batch(signer: PdfSigner, jobs: Sequence[tuple[bytes, SignRequest]]) -> list[SignedPdf | SigningError]:
    """Sign several documents with as few authorisations as the key allows: a remote service is asked for all at once.

    All are signed in the role of the first. The result has a signed file or an error for each of `jobs`, in their
    order. What concerns the key concerns all of them, and is raised.
    """
    role = jobs[0][1].role if jobs else ""
    awaiting = _awaiting(signer, role)
    waiting: list[PreparedSignature | SigningError] = []
    for pdf, request in jobs:
        try:
            waiting.append(prepare(awaiting, pdf, replace(request, role="")))
        except SigningError as error:
            waiting.append(error)
    ready = [each for each in waiting if isinstance(each, PreparedSignature)]
    signatures = iter(run_to_end(_raw(signer.key_of(role), [each.attributes for each in ready])) if ready else ())
    results: list[SignedPdf | SigningError] = []
    for each in waiting:
        if isinstance(each, SigningError):
            results.append(each)
            continue
        try:
            results.append(finish(awaiting, each, next(signatures)))
        except SigningError as error:
            results.append(error)
    return results


async def _raw(key: Signer, attributes: Sequence[bytes]) -> list[bytes]:
    from signing.csc_key import RemoteKey

    behind = key.remote if isinstance(key, PersonsKey) else key
    if isinstance(behind, RemoteKey):
        return await behind.sign_many(attributes, "sha256")
    cms = key.cms_signer()
    return [await cms.async_sign_raw(each, "sha256") for each in attributes]


def _awaiting(signer: PdfSigner, role: str) -> PdfSigner:
    """The signer with nothing but the certificate of its key; what it learnt of authorities and chains is shared."""
    key = signer.key_of(role)
    if isinstance(key, PersonsKey) and key is signer.key:
        return signer
    awaiting = copy(signer)
    awaiting.key = PersonsKey.instead_of(key)
    return awaiting


def _fingerprint(key: Signer) -> str:
    return key.certificate.fingerprint(SHA256()).hex()


def _job(signer: PdfSigner, pdf: bytes, request: SignRequest, journal: Journal) -> SigningJob:
    def unwatched(_state: State, _index: int) -> None:
        """Nobody follows."""

    return SigningJob(signer, pdf, (replace(request, role=""),), journal, unwatched)


def _session(prepared: PreparedSignature) -> dict[str, Any]:
    """The session's content; SessionUnreadableError where it is not ours or of another version."""
    try:
        session: dict[str, Any] = json.loads(prepared.session)
        if session["format"] != _FORMAT or session["version"] != _VERSION:
            raise SessionUnreadableError(f"a session of format {session['format']}, version {session['version']}")
    except (ValueError, KeyError, TypeError) as error:
        raise SessionUnreadableError(f"{type(error).__name__}: {error}") from error
    return session


def _restored(session: dict[str, Any], prepared: bytes) -> tuple[SignRequest, bytes, HashSent]:
    """Request, document and what was to be signed; SessionUnreadableError where the PDF is another one."""
    if hashlib.sha256(prepared).hexdigest() != session.get("sha256"):
        raise SessionUnreadableError("the prepared PDF is not the one of this session")
    try:
        size = int(session["size"])
        start, end = session["room"]
        placeholder = Placeholder(prepared[size:], start, end, bytes.fromhex(session["document_digest"]))
        at = datetime.fromisoformat(session["request"]["signed_at"])
        request = SignRequest(**(session["request"] | {"signed_at": at}))
        return request, prepared[:size], HashSent(placeholder, bytes.fromhex(session["attributes"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SessionUnreadableError(f"{type(error).__name__}: {error}") from error
