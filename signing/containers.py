"""CMS objects of signatures: what a key signs, the object made of it, and a timestamp put into it afterwards.

The signed attributes are fixed before the key is asked and kept, so that asking again asks for the same signature.
What a key gives back is checked with its certificate before anything is made of it. A signature timestamp is an
unsigned attribute (RFC 3161, appendix A): it goes into a signature that exists, and leaves it as it is.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from signing.certificates import is_signed_by, to_asn1
from signing.errors import WrongSignatureError
from signing.increments import DIGEST

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from signing.keys import Signer


async def signed_attributes(key: Signer, digest: bytes, at: datetime) -> bytes:
    """What `key` has to sign for a document of this SHA-256 (DER of a SET of attributes)."""
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    attributes = await key.cms_signer().signed_attrs(
        digest, DIGEST, attr_settings=PdfCMSSignedAttributes(signing_time=at), use_pades=True
    )
    der: bytes = attributes.dump()
    return der


async def signed_container(key: Signer, attributes: bytes) -> bytes:
    """Ask `key` for its signature; raises what the key raises, and WrongSignatureError."""
    value = await key.cms_signer().async_sign_raw(attributes, DIGEST)
    return container_of(key, attributes, value)


def container_of(key: Signer, attributes: bytes, value: bytes) -> bytes:
    """The CMS object (DER) around a raw signature `value` over `attributes`; raises WrongSignatureError."""
    from asn1crypto import algos, cms

    if not is_signed_by(key.certificate, value, attributes, DIGEST):
        raise WrongSignatureError("the key's answer is no signature of its certificate over this document")
    signer = key.cms_signer()
    own = to_asn1(key.certificate)
    digest = algos.DigestAlgorithm({"algorithm": DIGEST})
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": own.issuer, "serial_number": own.serial_number}
                    )
                }
            ),
            "digest_algorithm": digest,
            "signature_algorithm": signer.get_signature_mechanism_for_digest(DIGEST),
            "signed_attrs": cms.CMSAttributes.load(attributes),
            "signature": value,
        }
    )
    certificates = [own, *(to_asn1(c) for c in key.chain if c != key.certificate)]
    content = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": cms.DigestAlgorithms((digest,)),
            "encap_content_info": {"content_type": "data"},
            "certificates": [cms.CertificateChoices(name="certificate", value=c) for c in certificates],
            "signer_infos": [info],
        }
    )
    der: bytes = cms.ContentInfo({"content_type": "signed_data", "content": content}).dump()
    return der


def imprint_of(container: bytes) -> bytes:
    """SHA-256 of the signature value: what a signature timestamp is asked for."""
    return hashlib.sha256(_signer_info(_loaded(container))["signature"].native).digest()


def with_timestamp(container: bytes, token: Any) -> bytes:
    """`container` with a timestamp token (asn1crypto ContentInfo) beside its signature."""
    from asn1crypto import cms
    from pyhanko.sign.general import simple_cms_attribute

    loaded = _loaded(container)
    _signer_info(loaded)["unsigned_attrs"] = cms.CMSAttributes(
        [simple_cms_attribute("signature_time_stamp_token", token)]
    )
    der: bytes = loaded.dump()
    return der


def certificates_of(container: bytes) -> list[tuple[Any, list[Any]]]:
    """(signer's certificate, others that came with it) of a signature and of the timestamps in it; of asn1crypto."""
    from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, extract_tst_data_iter

    signed = _loaded(container)["content"]
    found = extract_certs_for_validation(signed)
    pairs = [(found.signer_cert, list(found.other_certs))]
    for token in extract_tst_data_iter(_signer_info(_loaded(container)), signed=False):
        stamp = extract_certs_for_validation(token)
        pairs.append((stamp.signer_cert, list(stamp.other_certs)))
    return pairs


def size_without_timestamp(certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]) -> int:
    """Bytes that are enough for a CMS object without a timestamp."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return 2048 + sum(len(c.public_bytes(Encoding.DER)) for c in {certificate, *chain})


def _loaded(container: bytes) -> Any:
    from asn1crypto import cms

    return cms.ContentInfo.load(container)


def _signer_info(container: Any) -> Any:
    return container["content"]["signer_infos"][0]
