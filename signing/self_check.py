"""The signer's judgement of its own output, before anybody else sees it; raises SelfCheckError.

A long-term file is judged whole, by the code that judges other people's files: chains, revocation data and times out
of the file alone. A file of level B-B or B-T cannot be more than open to such a judge, so there only harm is looked
for, with another parser (qpdf) than the one that wrote: every signature intact, by the key it should be by, of the
wanted level, each over its whole revision. That the certificate is in force and not revoked was found out before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from signing.certificates import is_signed_by
from signing.errors import SelfCheckError
from signing.increments import DIGEST
from signing.reasons import reason
from signing.verdict import Outcome, PdfVerdict, SignatureVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.trust import TrustMaterial

_PADES: Final = "/ETSI.CAdES.detached"


@dataclass(frozen=True, slots=True)
class Made:
    """A signature that was made: its field, and the SHA-256 (hexadecimal) of the certificate it should be by."""

    field: str
    certificate: str


def self_checked(  # noqa: PLR0917 - one caller; all six are needed
    pdf: bytes, data: bytes, made: Sequence[Made], level: str, material: TrustMaterial, now: datetime
) -> PdfVerdict:
    """The verdict on `data`, which is `pdf` with the signatures `made`."""
    if not data.startswith(pdf):
        raise SelfCheckError("what was signed before is not there any more")
    names = [signature.field for signature in made]
    values = _values(data, names, archived=level == "B-LTA")
    _check_coverage(data, len(pdf), [value.byte_range for value in values], level)
    if level in {"B-LT", "B-LTA"}:
        return _judged(data, names, level, material, now)
    return _looked_at(data, made, values, level)


def _judged(data: bytes, names: list[str], level: str, material: TrustMaterial, now: datetime) -> PdfVerdict:
    from signing.validation import validate

    # nothing is fetched: what is in the file and at hand has to be enough
    verdict = validate(data, replace(material, fetch=False), now)
    found = {s.field: s for s in verdict.signatures}
    expected = {Outcome.VALID} if level == "B-LTA" else {Outcome.VALID, Outcome.INDETERMINATE}
    for name in names:
        mine = found.get(name)
        if mine is None:
            raise SelfCheckError("the signature that was made is not in the file")
        codes = {r.code for r in mine.reasons}
        if mine.outcome not in expected or mine.level != level or "intact" not in codes:
            raise SelfCheckError(
                f"wanted {level}, made {mine.level or 'no PAdES'}: {mine.outcome} ({', '.join(sorted(codes))})"
            )
    return verdict


def _looked_at(data: bytes, made: Sequence[Made], values: Sequence[_Value], level: str) -> PdfVerdict:
    signatures = []
    for signature, value in zip(made, values, strict=True):
        if value.filter != _PADES:
            raise SelfCheckError("the signature is no PAdES")
        first, size, start, length = value.byte_range
        digest = hashlib.new(DIGEST, data[first : first + size])
        digest.update(data[start : start + length])
        try:
            certificate, stamped_at = _intact(value.contents, digest.digest(), level)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SelfCheckError(f"the signature cannot be read: {type(error).__name__}: {error}") from error
        if certificate.fingerprint(SHA256()).hex() != signature.certificate:
            raise SelfCheckError("the signature is by another certificate")
        claimed = _moment(value.claimed)
        signatures.append(
            _verdict(signature.field, certificate, level, (claimed, stamped_at), whole=start + length == len(data))
        )
    sha256 = hashlib.sha256(data).hexdigest()
    return PdfVerdict(Outcome.INDETERMINATE, (), tuple(signatures), sha256, len(data))


def _intact(contents: bytes, digest: bytes, level: str) -> tuple[x509.Certificate, datetime | None]:
    """Signer and timestamp of a CMS object that is right about `digest` in every part; else raises."""
    from asn1crypto import cms

    signed = cms.ContentInfo.load(contents)["content"]
    (info,) = signed["signer_infos"]
    attributes = {a["type"].native: a["values"][0] for a in info["signed_attrs"]}
    if attributes["message_digest"].native != digest:
        raise SelfCheckError("the signature is for another content")
    serial = info["sid"].chosen["serial_number"].native
    certificates = [x509.load_der_x509_certificate(c.chosen.dump()) for c in signed["certificates"]]
    certificate = next(c for c in certificates if c.serial_number == serial)
    # what was signed is the attributes as a SET, whose tag the CMS object replaces (RFC 5652, 5.4)
    if not is_signed_by(certificate, info["signature"].native, info["signed_attrs"].untag().dump(), DIGEST):
        raise SelfCheckError("the signature value is wrong")
    named = attributes["signing_certificate_v2"]["certs"][0]["cert_hash"].native
    if named != certificate.fingerprint(SHA256()):
        raise SelfCheckError("the signature names another certificate")
    if level == "B-B":
        return certificate, None
    (token,) = (a["values"][0] for a in info["unsigned_attrs"] if a["type"].native == "signature_time_stamp_token")
    stamp = token["content"]["encap_content_info"]["content"].parsed
    if stamp["message_imprint"]["hashed_message"].native != hashlib.sha256(info["signature"].native).digest():
        raise SelfCheckError("the timestamp is another signature's")
    return certificate, stamp["gen_time"].native


def _verdict(
    field: str,
    certificate: x509.Certificate,
    level: str,
    times: tuple[datetime | None, datetime | None],
    *,
    whole: bool,
) -> SignatureVerdict:
    """`times`: claimed, and of the timestamp."""
    from signing.devpki import MARK

    development = any(a.value == MARK for a in certificate.subject)
    codes = ["intact", "covers_whole_file" if whole else "covers_revision"]
    codes += [*(["no_timestamp"] if times[1] is None else []), *(["development_pki"] if development else [])]
    public = type(certificate.public_key()).__name__
    return SignatureVerdict(
        field=field,
        kind="signature",
        outcome=Outcome.INDETERMINATE,
        reasons=tuple(reason(code) for code in codes),
        signer=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        signed_at=times[0],
        timestamp_at=times[1],
        level=level,
        algorithm=f"{DIGEST}With{'RSA' if 'RSA' in public else 'ECDSA'}",
        covers_whole_file=whole,
        development=development,
    )


@dataclass(frozen=True, slots=True)
class _Value:
    """A signature dictionary."""

    filter: str
    byte_range: tuple[int, int, int, int]
    contents: bytes
    claimed: str


def _values(data: bytes, names: Sequence[str], *, archived: bool) -> list[_Value]:
    """The signature dictionaries of the fields `names` and, where `archived`, of the newest document timestamp."""
    import pikepdf

    found: dict[str, _Value] = {}
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            for field in pdf.Root.AcroForm.Fields:
                value = field.get("/V")
                if isinstance(value, pikepdf.Dictionary) and "/ByteRange" in value:
                    first, size, start, length = (int(number) for number in value.ByteRange)
                    found[str(field.get("/T", ""))] = _Value(
                        str(value.get("/SubFilter")),
                        (first, size, start, length),
                        bytes(value.Contents),
                        str(value.get("/M", "")),
                    )
    except (pikepdf.PdfError, AttributeError, TypeError, ValueError) as error:
        raise SelfCheckError(f"the file cannot be read: {error}") from error
    stamps = [value for value in found.values() if value.filter == "/ETSI.RFC3161"]
    newest = sorted(stamps, key=lambda value: sum(value.byte_range[2:]))[-1:] if archived else []
    if any(name not in found for name in names) or len(newest) != archived:
        raise SelfCheckError("the signature that was made is not in the file")
    return [*(found[name] for name in names), *newest]


def _check_coverage(data: bytes, begin: int, ranges: Sequence[tuple[int, int, int, int]], level: str) -> None:
    """Each signature covers all that was there when it was made, but for its own value."""
    ends = [start + length for _, _, start, length in ranges]
    gaps = [data[first + size : start] for first, size, start, _ in ranges]
    regular = all(first == 0 and size > begin for first, size, _, _ in ranges)
    filled = all(g[:1] == b"<" and g[-1:] == b">" for g in gaps)
    closed = all(data[:end].rstrip(b"\r\n").endswith(b"%%EOF") for end in ends)
    if not (regular and filled and closed) or ends != sorted(ends):
        raise SelfCheckError("a signature does not cover its revision")
    if level != "B-LT" and ends[-1] != len(data):  # B-LT ends with its validation data
        raise SelfCheckError("the last signature does not cover the whole file")


def _moment(text: str) -> datetime | None:
    """A PDF date with its offset (ISO 32000-1, 7.9.4), as the signature's dictionary has it."""
    try:
        return datetime.strptime(text.removeprefix("D:").replace("'", "").replace("Z", "+0000")[:19], "%Y%m%d%H%M%S%z")
    except ValueError:
        return None


def _name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()
