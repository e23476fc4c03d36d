"""The record's own signature, made once for a filing: a JWS over the filed JSON that names the filed PDF, and its time.

The same key and timestamp authorities as the PDF's; what the ledger remembers first is what counts, so that a process
killed between signing and storing goes on with the same bytes. The public key is kept in the store under its own
name, for whoever verifies after the key was changed. A key that is with a person signs PDFs one by one: there another
role's key signs data (`data_role`, such as the agency's seal), or none, and the filing then has no `data_jws`.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import rfc8785

from pipeline.errors import HeldError, HosoError
from pipeline.keys import KEYS_FOLDER, filed_key, public_key_key
from pipeline.store.errors import KeyTakenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.record import Dossier
    from pipeline.store.protocol import ObjectStat
    from pipeline.tools import Tools
    from signing.errors import SigningError
    from signing.jws import FiledPair
    from signing.jws_verify import JwsVerdict
    from signing.keys import Signer

JWS_NAME = "data.jws"
TOKEN_NAME = "data.jws.tst"  # noqa: S105  # a file's name, no secret
SIGN_STEP = "sign-data"
STAMP_STEP = "timestamp-data"
VERSION = "1"
TOKEN_TYPE = "application/vnd.etsi.timestamp-token"  # noqa: S105  # a media type, no secret


@dataclass(frozen=True, slots=True)
class SignedData:
    """What was made: the JWS and, above level B-B, its timestamp token (RFC 3161, DER)."""

    jws: bytes
    token: bytes | None


class DataSignatureCheckError(HosoError):
    """The record's signature as it lies in the store does not verify."""

    code = "data_signature_check_failed"
    message_vi = "Chữ ký của dữ liệu không qua được kiểm tra; hồ sơ chưa được lưu."
    remedy_vi = "Không cần quét lại; hãy báo quản trị viên, bản gốc vẫn an toàn trong kho."


def file_signature(
    tools: Tools, dossier: Dossier, record: bytes, pdf_sha256: str, pdf_size: int
) -> dict[str, ObjectStat]:
    """Signs the record of a filing, stores the signature and its timestamp, reads both back and judges them.

    Returns what lies where by the names of `Dossier.files`; nothing where no key signs data. Raises `HeldError` where
    waiting can help, else `HosoError`.
    """
    from signing.jws import FiledPair
    from signing.verdict import Outcome

    pair = FiledPair(dossier.id, dossier.schema_version, pdf_sha256, pdf_size)
    made = sign_record(tools, record, pair)
    if made is None:
        return {}
    found = {"data_jws": tools.store.put_new(_key(pair, JWS_NAME), made.jws, "application/jose")}
    if made.token is not None:
        found["data_jws_tst"] = tools.store.put_new(_key(pair, TOKEN_NAME), made.token, TOKEN_TYPE)
    verdict = verify_stored(tools, record, pair)
    # Without a timestamp nothing proves the time, so a B-B filing stays open; harm may not.
    expected = {Outcome.VALID} if made.token is not None else {Outcome.VALID, Outcome.INDETERMINATE}
    if verdict.outcome not in expected:
        raise DataSignatureCheckError(dossier.id, ", ".join(reason.code for reason in verdict.reasons))
    return found


def sign_record(tools: Tools, record: bytes, pair: FiledPair) -> SignedData | None:
    """The signature over `record`, made now or remembered; None where no key signs data.

    Raises `HeldError` where waiting can help, `HosoError`.
    """
    from signing.errors import SigningError

    try:
        if data_key(tools) is None:
            return None
        jws = _once(tools, SIGN_STEP, _identity(record, pair), lambda: _signed(tools, record, pair))
        token = None
        if tools.settings.signing.level != "B-B":
            token = _once(tools, STAMP_STEP, hashlib.sha256(jws).hexdigest(), lambda: _stamped(tools, jws))
    except SigningError as error:
        raise _raised(pair.dossier, error) from error
    return SignedData(jws, token)


def verify_stored(tools: Tools, record: bytes, pair: FiledPair) -> JwsVerdict:
    """What a stranger would say of the two files as they lie in the store now."""
    from signing.jws_verify import NamedPdf, verify_detached
    from signing.trust import load, refresh

    now = datetime.now(UTC)
    trust = tools.trust()
    refresh(trust, now)
    jws = tools.store.get(_key(pair, JWS_NAME))
    token_key = _key(pair, TOKEN_NAME)
    token = tools.store.get(token_key) if tools.store.stat(token_key) is not None else None
    pdf = NamedPdf(pair.pdf_sha256, pair.pdf_size)
    return verify_detached(jws, record, load(trust), now, token=token, pdf=pdf)


def published_keys(tools: Tools) -> dict[str, Any]:
    """A JWK set (RFC 7517) of the key that signs now and of all that ever signed a record here, newest last."""
    from signing.errors import SigningError
    from signing.jws import jwk

    found: dict[str, dict[str, Any]] = {}
    for key in tools.store.keys(f"{KEYS_FOLDER}/"):
        entry = json.loads(tools.store.get(key))
        found[entry["kid"]] = entry
    with suppress(SigningError):  # a token that is not plugged in: what was signed can still be verified
        signer = data_key(tools)
        if signer is not None:
            current = jwk(signer.certificate, signer.chain)
            found.pop(current["kid"], None)
            found[current["kid"]] = current
    return {"keys": list(found.values())}


def data_key(tools: Tools) -> Signer | None:
    """The key that signs records: the signer's own, or that of the role that is named; None where a person has it."""
    key = tools.signer().key_of(tools.settings.signing.data_role)
    return None if key.facts().kind == "awaited" else key


def _signed(tools: Tools, record: bytes, pair: FiledPair) -> bytes:
    from signing.errors import KeyUnavailableError
    from signing.jws import jwk, sign_detached
    from signing.keys import check_key

    key = data_key(tools)
    if key is None:
        raise KeyUnavailableError("no key signs data here")
    check_key(key, tools.clock())
    own = jwk(key.certificate, key.chain)
    # The thumbprint itself may begin with a sign that no key of the store may begin with.
    name = public_key_key(hashlib.sha256(own["kid"].encode()).hexdigest())
    with suppress(KeyTakenError):  # the same certificate, kept before with another chain
        tools.store.put_new(name, rfc8785.dumps(own), "application/jwk+json")
    return sign_detached(record, pair, key, tools.clock())


def _stamped(tools: Tools, jws: bytes) -> bytes:
    """A token of an authority that a stranger will trust: one of another kind is passed over, not filed."""
    from signing.certificate_trust import Evidence, judge_certificate
    from signing.tokens import accepted_token, read_token
    from signing.trust import load, refresh

    now = datetime.now(UTC)
    trust = tools.trust()
    refresh(trust, now)
    material = load(trust)

    def objection(token: bytes) -> str | None:
        facts = read_token(token, jws)
        if facts is None:
            return "timestamp_wrong"
        evidence = Evidence(certificates=facts.others)
        code = judge_certificate(facts.certificate, material, now, now, evidence, usage=frozenset())
        return None if code == "chain_trusted" else code

    return accepted_token(jws, tools.signer().authorities, objection)


def _once(tools: Tools, step: str, content: str, make: Callable[[], bytes]) -> bytes:
    """What the ledger has; else made now, and remembered before anything else happens with it."""
    known = tools.catalogue.step_output(content, step, VERSION)
    if known is not None:
        return known
    started = time.perf_counter()
    made = make()
    return tools.catalogue.remember_step(content, step, VERSION, made, round(time.perf_counter() - started, 3))


def _key(pair: FiledPair, name: str) -> str:
    return filed_key(pair.dossier, pair.pdf_sha256, name)


def _identity(record: bytes, pair: FiledPair) -> str:
    return hashlib.sha256(f"{hashlib.sha256(record).hexdigest()} {pair.pdf_sha256} {pair.dossier}".encode()).hexdigest()


def _raised(dossier_id: str, error: SigningError) -> HosoError:
    from signing.errors import KeyUnavailableError

    family = HeldError if error.retryable or isinstance(error, KeyUnavailableError) else HosoError
    raised = family(dossier_id, str(error))
    raised.code, raised.message_vi, raised.remedy_vi = error.code, error.message_vi, error.remedy_vi
    return raised
