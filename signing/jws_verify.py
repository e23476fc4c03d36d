"""The verdict on a detached JWS: format, integrity, which PDF it names, whom it leads to, and when it existed.

The key is taken from the JWS's own x5c and from nowhere else, and its algorithm from the certificate, so that neither
`alg` nor a foreign key can steer the check. A timestamp token beside the JWS proves its time; certificates are judged
as of then, with revocation data at hand or out of the signed PDF, which has the same signer. Sizes are limited before
anything is parsed; every fault becomes a reason, never an exception.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from signing.certificate_trust import Evidence, judge_certificate
from signing.devpki import MARK
from signing.jws import (
    ALGORITHMS,
    CLAIMS,
    CRITICAL,
    MAX_HEADER,
    MAX_PAYLOAD,
    DataSignatureError,
    algorithm_of,
    signature_holds,
    thumbprint,
)
from signing.jws_reasons import jws_outcome, jws_reason
from signing.tokens import read_token
from signing.verdict import Outcome

if TYPE_CHECKING:
    from cryptography import x509

    from signing.trust import TrustMaterial
    from signing.verdict import Reason

_MAX_CERTIFICATES: Final = 10
_MAX_SIGNATURE: Final = 4096
NO_EVIDENCE: Final = Evidence()


@dataclass(frozen=True, slots=True)
class NamedPdf:
    """The PDF at hand, to be compared with the one that is named. Digests in hex."""

    sha256: str
    size: int
    prefix_sha256: str | None = None
    """Of its first `stated(jws).pdf_size` bytes, where it is longer than that."""


@dataclass(frozen=True, slots=True)
class JwsVerdict:
    """What can be said of signed data."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    signer: str = ""
    issuer: str = ""
    algorithm: str = ""
    kid: str = ""
    signed_at: datetime | None = None
    """Claimed."""
    timestamp_at: datetime | None = None
    """Proved, where the reasons say `timestamped`."""
    development: bool = False
    dossier: str = ""
    pdf_sha256: str = ""
    pdf_size: int = 0


@dataclass(frozen=True, slots=True)
class _Parsed:
    header: dict[str, Any]
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...]
    signed_at: datetime
    claims: dict[str, Any]


class _RefusedError(Exception):
    """The JWS breaks its format; carries the reason's code."""


def verify_detached(
    jws: bytes,
    payload: bytes,
    material: TrustMaterial,
    now: datetime,
    *,
    token: bytes | None = None,
    pdf: NamedPdf | None = None,
    evidence: Evidence = NO_EVIDENCE,
) -> JwsVerdict:
    """Judge a detached JWS over `payload` at `now` (aware)."""
    try:
        parsed = _parse(jws)
    except _RefusedError as error:
        return JwsVerdict(Outcome.INVALID, (jws_reason(str(error)),))
    verdict = _described(parsed)
    codes = _integrity_codes(jws, payload, parsed)
    if pdf is not None:
        codes += _pdf_codes(parsed.claims["pdf"], pdf)
    if "data_intact" in codes:
        at, more = _trust_codes(jws, parsed, material, now, token=token, evidence=evidence)
        codes += more
        verdict = replace(verdict, timestamp_at=at)
    if verdict.development:
        codes.append("development_pki")
    return replace(verdict, outcome=jws_outcome(codes), reasons=tuple(jws_reason(code) for code in codes))


def stated(jws: bytes) -> JwsVerdict | None:
    """What a JWS says of itself, unproved and not judged; None where it is none."""
    try:
        return _described(_parse(jws))
    except _RefusedError:
        return None


def _parse(jws: bytes) -> _Parsed:
    if len(jws) > MAX_HEADER + _MAX_SIGNATURE:
        raise _RefusedError("jws_malformed")
    parts = jws.split(b".")
    if len(parts) != 3 or parts[1] or not parts[0]:
        raise _RefusedError("jws_malformed")
    header = _json_object(_decode(parts[0]))
    _check_algorithm(header.get("alg"))
    _check_critical(header)
    _decode(parts[2])
    certificates = _certificates(header.get("x5c"))
    name = thumbprint(certificates[0])
    if header.get("x5t#S256") != name or header.get("kid", name) != name:
        raise _RefusedError("jws_certificate_mismatch")
    try:
        algorithm, _ = algorithm_of(certificates[0])
    except DataSignatureError:
        raise _RefusedError("jws_algorithm_refused") from None
    if header["alg"] != algorithm:
        raise _RefusedError("jws_algorithm_refused")
    return _Parsed(header, certificates[0], certificates[1:], _moment(header), _claims(header.get(CLAIMS)))


def _check_algorithm(algorithm: Any) -> None:
    if isinstance(algorithm, str) and algorithm.lower() == "none":
        raise _RefusedError("jws_unsigned")
    if algorithm not in ALGORITHMS:
        raise _RefusedError("jws_algorithm_refused")


def _check_critical(header: dict[str, Any]) -> None:
    """RFC 7515, 4.1.11: a list without repetitions, of names that are there and that are understood."""
    if "crit" not in header:
        return
    critical = header["crit"]
    if not isinstance(critical, list) or not critical or not all(isinstance(name, str) for name in critical):
        raise _RefusedError("jws_malformed")
    if any(name not in CRITICAL for name in critical):
        raise _RefusedError("jws_crit_unknown")
    if len(set(critical)) != len(critical) or any(name not in header for name in critical):
        raise _RefusedError("jws_malformed")


def _decode(part: bytes) -> bytes:
    """BASE64URL without padding, and nothing but the one way to write it."""
    try:
        data = base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _RefusedError("jws_malformed") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=") != part:
        raise _RefusedError("jws_malformed")
    return data


def _json_object(data: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name occurs twice")
        return found

    try:
        header = json.loads(data.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise _RefusedError("jws_malformed") from None
    if not isinstance(header, dict):
        raise _RefusedError("jws_malformed")
    return header


def _certificates(entries: Any) -> tuple[x509.Certificate, ...]:
    from cryptography import x509

    if not isinstance(entries, list) or not 1 <= len(entries) <= _MAX_CERTIFICATES:
        raise _RefusedError("jws_header_incomplete")
    found = []
    for entry in entries:
        try:
            certificate = x509.load_der_x509_certificate(base64.b64decode(entry, validate=True))
            certificate.public_key()  # broken keys show here, not in the middle of the check
        except Exception:  # the library has many kinds of error for malformed certificates
            raise _RefusedError("jws_header_incomplete") from None
        found.append(certificate)
    return tuple(found)


def _moment(header: dict[str, Any]) -> datetime:
    """The claimed time: `iat`, or the older sigT, which must be critical (ETSI TS 119 182-1, 5.1.11 and 5.2.1)."""
    issued, text = header.get("iat"), header.get("sigT")
    try:
        if isinstance(issued, int) and not isinstance(issued, bool):
            return datetime.fromtimestamp(issued, UTC)
        if "sigT" in header.get("crit", ()):
            return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        pass
    raise _RefusedError("jws_header_incomplete")


def _claims(claims: Any) -> dict[str, Any]:
    """The `hoso` header parameter, of the shape that `FiledPair.claims` gives it."""
    match claims:
        case {
            "dossier": str(),
            "schema": int(),
            "data": {"sha256": str(), "size": int()},
            "pdf": {"sha256": str(), "size": int()},
        }:
            return dict(claims)
    raise _RefusedError("jws_header_incomplete")


def _described(parsed: _Parsed) -> JwsVerdict:
    return JwsVerdict(
        outcome=Outcome.INDETERMINATE,
        reasons=(),
        signer=_common_name(parsed.certificate.subject),
        issuer=_common_name(parsed.certificate.issuer),
        algorithm=parsed.header["alg"],
        kid=thumbprint(parsed.certificate),
        signed_at=parsed.signed_at,
        development=any(a.value == MARK for n in (parsed.certificate.subject, parsed.certificate.issuer) for a in n),
        dossier=parsed.claims["dossier"],
        pdf_sha256=parsed.claims["pdf"]["sha256"],
        pdf_size=parsed.claims["pdf"]["size"],
    )


def _integrity_codes(jws: bytes, payload: bytes, parsed: _Parsed) -> list[str]:
    claimed = parsed.claims["data"]
    same = claimed["size"] == len(payload) and claimed["sha256"] == hashlib.sha256(payload).hexdigest()
    if not same or len(payload) * 4 // 3 > MAX_PAYLOAD:
        return ["data_altered"]
    return ["data_intact"] if signature_holds(jws, payload, parsed.certificate) else ["signature_value_wrong"]


def _pdf_codes(claimed: dict[str, Any], pdf: NamedPdf) -> list[str]:
    if pdf.sha256 == claimed["sha256"] and pdf.size == claimed["size"]:
        return []
    if pdf.size > claimed["size"] and pdf.prefix_sha256 == claimed["sha256"]:
        return ["pdf_renewed"]
    return ["pdf_differs"]


def _trust_codes(
    jws: bytes, parsed: _Parsed, material: TrustMaterial, now: datetime, *, token: bytes | None, evidence: Evidence
) -> tuple[datetime | None, list[str]]:
    """The moment of the timestamp, and reasons about time and trust. Without proof of time all is judged at `now`."""
    stamped_at, codes = None, ["no_timestamp"]
    if token is not None:
        facts = read_token(token, jws)
        if facts is None:
            codes = ["timestamp_wrong"]
        else:
            stamped_at = facts.at
            known = replace(evidence, certificates=(*evidence.certificates, *facts.others))
            found = judge_certificate(facts.certificate, material, now, now, known, usage=frozenset())
            codes = ["timestamped"] if found == "chain_trusted" else ["timestamp_untrusted"]
    proved = stamped_at if codes == ["timestamped"] and stamped_at is not None else None
    if proved is None:
        codes.append("proof_of_time_missing")
    signer, *others = (_asn1(one) for one in (parsed.certificate, *parsed.others))
    known = replace(evidence, certificates=(*evidence.certificates, *others))
    found = judge_certificate(signer, material, proved or now, now, known)
    if found == "certificate_not_yet_valid" and proved is None:
        # only a proved time is proof of harm; the clock of this machine may be wrong
        found = "chain_broken"
    return stamped_at, [found, *codes]


def _asn1(certificate: x509.Certificate) -> Any:
    from asn1crypto import x509 as asn1_x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _common_name(name: Any) -> str:
    import unicodedata

    texts = {a.oid.dotted_string: str(a.value) for a in name}
    found = texts.get("2.5.4.3") or texts.get("2.5.4.11") or texts.get("2.5.4.10") or name.rfc4514_string()
    return unicodedata.normalize("NFC", found)
