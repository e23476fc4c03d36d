"""What a signed PDF holds, before anybody asks whom to believe: fields, names, times, algorithm, level, integrity.

The level is read from what is there, never from what a signature claims: PAdES sub-filter and signing-certificate
attribute (B-B), a timestamp that belongs to the signature (B-T), certificates and revocation data in the DSS (B-LT),
a document timestamp over them (B-LTA); ETSI EN 319 142-1, 6. Files that pyHanko's strict mode refuses are read
all the same: many honest ones are of that kind.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from signing.devpki import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_PADES: Final = "/ETSI.CAdES.detached"
_SIGNATURES: Final = frozenset({_PADES, "/adbe.pkcs7.detached"})
_TIMESTAMP: Final = "/ETSI.RFC3161"
_OLD_DIGESTS: Final = frozenset({"md5", "sha1"})
_MIN_RSA_BITS: Final = 2048

UNREADABLE: Final = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    IndexError,
    OSError,
    RecursionError,
    NotImplementedError,
    OverflowError,
)
"""What pyHanko, asn1crypto and cryptography raise on malformed input beside their own errors."""


@dataclass(frozen=True, slots=True)
class Token:
    """A signature timestamp inside a signature."""

    at: datetime
    matches: bool
    """The imprint is this signature's and the token's own signature is right."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One filled signature field."""

    field: str
    kind: str
    embedded: Any
    """pyHanko's EmbeddedPdfSignature; None where it can't be read."""
    fault: str
    """Reason code where `embedded` is None."""
    signer: str = ""
    issuer: str = ""
    claimed_at: datetime | None = None
    token: Token | None = None
    algorithm: str = ""
    old_algorithm: bool = False
    known_algorithm: bool = True
    """Whether the signature's algorithm can be computed here; otherwise `value_right` says nothing."""
    digest_right: bool = False
    value_right: bool = False
    level: str = ""
    development: bool = False
    revision: int = -1
    certificate: Any = None
    """asn1crypto certificate of the signer."""

    @property
    def intact(self) -> bool:
        """Neither the signed bytes nor the signature was touched."""
        return self.digest_right and self.value_right and self.known_algorithm


def open_pdf(data: bytes) -> Any:
    """A pyHanko reader; raises pyHanko's PdfError or one of UNREADABLE."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    return PdfFileReader(BytesIO(data), strict=False)


def read_facts(reader: Any) -> tuple[Facts, ...]:
    """All filled signature fields, in the order in which they were signed."""
    found = [_facts(reader, name, field) for name, field in _filled_fields(reader)]
    found.sort(key=lambda facts: facts.revision)
    stamps = [f.revision for f in found if f.kind == "timestamp" and f.intact]
    store = _has_validation_data(reader)
    return tuple(_with_level(f, store=store, last_stamp=max(stamps, default=-1)) for f in found)


def _filled_fields(reader: Any) -> Iterator[tuple[str, Any]]:
    from pyhanko.sign.fields import enumerate_sig_fields

    for name, _, field in enumerate_sig_fields(reader, filled_status=True):
        yield name, field


def _facts(reader: Any, name: str, field: Any) -> Facts:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    try:
        subfilter = str(field.get_object()["/V"].get("/SubFilter"))
    except (PdfError, *UNREADABLE):
        return Facts(name, "signature", None, "signature_unreadable")
    kind = "timestamp" if subfilter == _TIMESTAMP else "signature"
    if subfilter not in _SIGNATURES and kind != "timestamp":
        return Facts(name, kind, None, "signature_type_unsupported")
    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
        if kind == "signature" and embedded.signed_data["encap_content_info"]["content"].native is not None:
            # EN 319 142-1, 5.3: nothing inside; programs differ on which of two contents such a signature covers
            return Facts(name, kind, None, "signature_type_unsupported")
        return _read(embedded, name, kind)
    except (PdfError, *UNREADABLE):
        return Facts(name, kind, None, "signature_unreadable")


def _read(embedded: Any, name: str, kind: str) -> Facts:
    certificate = embedded.signer_cert
    signer_info = embedded.signer_info
    digest = signer_info["digest_algorithm"]["algorithm"].native
    digest_right, value_right = _integrity(embedded, kind)
    key = certificate.public_key
    if kind == "timestamp":
        claimed = embedded.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    else:
        claimed = _aware(embedded.self_reported_timestamp)
    return Facts(
        field=name,
        kind=kind,
        embedded=embedded,
        fault="",
        signer=_common_name(certificate.subject),
        issuer=_common_name(certificate.issuer),
        claimed_at=claimed,
        token=_token(signer_info),
        algorithm=f"{digest}With{ {'rsa': 'RSA', 'ec': 'ECDSA', 'dsa': 'DSA'}.get(key.algorithm, key.algorithm) }",
        old_algorithm=digest in _OLD_DIGESTS or (key.algorithm == "rsa" and key.bit_size < _MIN_RSA_BITS),
        known_algorithm="." not in signer_info["signature_algorithm"]["algorithm"].native,  # an OID without a name
        digest_right=digest_right,
        value_right=value_right,
        development=MARK in _texts(certificate.subject) or MARK in _texts(certificate.issuer),
        revision=embedded.signed_revision,
        certificate=certificate,
    )


def _integrity(embedded: Any, kind: str) -> tuple[bool, bool]:
    """(the signed bytes' digest is right, the signature over that digest is right)."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    certificate, info = embedded.signer_cert, embedded.signer_info
    if kind == "signature":
        right, valid = validate_sig_integrity(info, certificate, "data", embedded.compute_digest())
        return bool(right), bool(valid)
    content = embedded.signed_data["encap_content_info"]["content"]
    imprint = content.parsed["message_imprint"]["hashed_message"].native
    own = hashlib.new(info["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    right, valid = validate_sig_integrity(info, certificate, "tst_info", own)
    return bool(imprint == embedded.compute_digest()), bool(right and valid)


def _token(signer_info: Any) -> Token | None:
    from pyhanko.sign.general import extract_signer_info
    from pyhanko.sign.validation.generic_cms import (
        extract_certs_for_validation,
        extract_tst_data_iter,
        validate_sig_integrity,
    )

    found: Token | None = None
    for signed in extract_tst_data_iter(signer_info, signed=False):
        content = signed["encap_content_info"]["content"]
        info = content.parsed
        try:
            imprint = info["message_imprint"]
            name = imprint["hash_algorithm"]["algorithm"].native
            matches = hashlib.new(name, signer_info["signature"].native).digest() == imprint["hashed_message"].native
            own = extract_signer_info(signed)
            digest = hashlib.new(own["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
            certificate = extract_certs_for_validation(signed).signer_cert
            right, valid = validate_sig_integrity(own, certificate, "tst_info", digest)
            matches = bool(matches and right and valid)
        except UNREADABLE:
            matches = False
        found = Token(info["gen_time"].native, matches)
        if matches:
            break
    return found


def _with_level(facts: Facts, *, store: bool, last_stamp: int) -> Facts:
    from dataclasses import replace

    if facts.embedded is None or facts.kind == "timestamp" or not facts.intact:
        return facts
    info = facts.embedded.signer_info
    named = {a["type"].native for a in info["signed_attrs"]}
    if facts.embedded.sig_object.get("/SubFilter") != _PADES or not named & {
        "signing_certificate_v2",
        "signing_certificate",
    }:
        return facts
    archived = last_stamp > facts.revision
    has_time = (facts.token is not None and facts.token.matches) or archived
    level = "B-B"
    if has_time:
        level = "B-T"
        if store:
            level = "B-LTA" if archived else "B-LT"
    return replace(facts, level=level)


def _has_validation_data(reader: Any) -> bool:
    """Certificates and revocation data in the DSS: an "LT" file without them is none."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    try:
        store = DocumentSecurityStore.read_dss(reader)
        return bool(store.certs) and bool(store.crls or store.ocsps)
    except (PdfError, *UNREADABLE):  # NoDSSFoundError is a ValueError
        return False


def _common_name(name: Any) -> str:
    native = name.native
    for key in ("common_name", "organizational_unit_name", "organization_name"):
        if key in native:
            return _flat(native[key])
    return str(name.human_friendly)


def _texts(name: Any) -> set[str]:
    return {_flat(value) for value in name.native.values()}


def _flat(value: Any) -> str:
    import unicodedata

    text = value if isinstance(value, str) else ", ".join(str(v) for v in value)
    return unicodedata.normalize("NFC", text)


def _aware(moment: datetime | None) -> datetime | None:
    """A time without a zone, as old programs write it, is taken as Vietnamese time."""
    from datetime import timedelta, timezone

    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=timezone(timedelta(hours=7)))
