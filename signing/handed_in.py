"""Signatures that were made elsewhere and are handed in: what comes back from a phone, a service or another program.

Two kinds come back: a raw signature over the signed attributes, or a whole CMS object that the service made over the
document's hash. Both come as bytes, base64 or PEM; elliptic raw signatures as DER or as `r` and `s` side by side
(IEEE P1363). Each is checked to be this key's over this document before anything is made of it, and the error says
which of the two is wrong, as far as that can be told.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signing import containers
from signing.certificates import is_signed_by, to_asn1
from signing.errors import OtherDocumentError, OtherKeyError, WrongSignatureError
from signing.increments import DIGEST

if TYPE_CHECKING:
    from cryptography import x509

    from signing.keys import Signer
    from signing.states import HashSent

_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
"""DER of the object identifier that a CMS object begins with (RFC 5652, 5.1)."""
_LARGEST: Final = 1 << 20
_BROKEN: Final = (ValueError, KeyError, TypeError, IndexError, OverflowError)
"""What asn1crypto and pyHanko raise on malformed objects."""


def container_from(key: Signer, sent: HashSent, value: bytes) -> bytes:
    """The CMS object (DER) of a signature handed in for `sent`, with the chain of `key` in it.

    Raises OtherDocumentError, OtherKeyError, or WrongSignatureError where neither can be told.
    """
    value = _unarmoured(value)
    if len(value) > _LARGEST:
        raise WrongSignatureError("too large for a signature")
    if _SIGNED_DATA in value[:24]:
        return _checked_container(key, sent, value)
    value = _der(key.certificate, value)
    if not is_signed_by(key.certificate, value, sent.attributes, DIGEST):
        raise _why_not(key.certificate, value)
    return containers.container_of(key, sent.attributes, value)


def _unarmoured(value: bytes) -> bytes:
    text = re.sub(rb"-----(BEGIN|END) [A-Z0-9 ]+-----", b"", value)
    try:
        return base64.b64decode(b"".join(text.split()), validate=True) or value
    except binascii.Error:
        return value


def _der(certificate: x509.Certificate, value: bytes) -> bytes:
    public = certificate.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        half = (public.curve.key_size + 7) // 8
        if len(value) == 2 * half:
            return encode_dss_signature(int.from_bytes(value[:half]), int.from_bytes(value[half:]))
    return value


def _why_not(certificate: x509.Certificate, value: bytes) -> WrongSignatureError:
    """An RSA signature tells whether its key is the right one, and so that its hash is another; others do not."""
    public = certificate.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        try:
            public.recover_data_from_signature(value, PKCS1v15(), None)
        except (InvalidSignature, ValueError):
            return WrongSignatureError("not a signature of this key: another key's, or damaged")
        return OtherDocumentError("a signature of this key, but over another hash")
    return WrongSignatureError("not a signature of this key over this document")


def _checked_container(key: Signer, sent: HashSent, value: bytes) -> bytes:
    """A CMS object that came back whole (ETSI EN 319 122-1, 5.1 and 5.2; EN 319 142-1, 6.3), completed by the chain."""
    from asn1crypto import cms
    from pyhanko.sign.general import check_ess_certid, extract_signer_info, find_unique_cms_attribute
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    own = to_asn1(key.certificate)
    digest = sent.placeholder.digest
    try:
        loaded = cms.ContentInfo.load(value, strict=False)
        signed = loaded["content"]
        signer = extract_signer_info(signed)
        attributes = signer["signed_attrs"]
        covered = find_unique_cms_attribute(attributes, "message_digest").native
        named = find_unique_cms_attribute(attributes, "signing_certificate_v2")["certs"][0]
        ours = check_ess_certid(own, named) and _names(signer, own)
        intact, valid = (
            validate_sig_integrity(signer, own, "data", digest) if ours and covered == digest else (True, True)
        )
        container = _with_chain(key, signed, loaded)
    except _BROKEN as error:
        raise WrongSignatureError(f"not a CAdES signature: {type(error).__name__}: {error}") from error
    if covered != digest:
        raise OtherDocumentError("the CMS object is over the hash of another document")
    if not ours:
        raise OtherKeyError("the CMS object names another certificate as the signer's")
    if not (intact and valid):
        raise WrongSignatureError("the signature in the CMS object is wrong")
    return container


def _names(signer: Any, certificate: Any) -> bool:
    """Whether a SignerInfo is by the holder of `certificate`."""
    sid = signer["sid"].chosen
    if signer["sid"].name == "issuer_and_serial_number":
        return bool(sid["issuer"] == certificate.issuer and sid["serial_number"].native == certificate.serial_number)
    return bool(sid.native == certificate.key_identifier)


def _with_chain(key: Signer, signed: Any, loaded: Any) -> bytes:
    """The object with the certificates above its signer in it: they are no part of what is signed."""
    from asn1crypto import cms

    if signed["encap_content_info"]["content"].native is not None:
        raise ValueError("the document is inside the CMS object")
    held = {choice.chosen.dump() for choice in signed["certificates"]} if signed["certificates"] else set()
    missing = [c for c in (to_asn1(c) for c in (key.certificate, *key.chain)) if c.dump() not in held]
    if missing:
        added = [cms.CertificateChoices(name="certificate", value=c) for c in missing]
        signed["certificates"] = cms.CertificateSet([*(signed["certificates"] or []), *added])
        loaded = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    der: bytes = loaded.dump()
    return der
