"""CMS objects of signatures: what a key signs, the object made of it, and a timestamp put into it afterwards.

The signed attributes are fixed before the key is asked and kept, so that asking again asks for the same signature.
What a key gives back is checked with its certificate before anything is made of it. A signature timestamp is an
unsigned attribute (RFC 3161, appendix A): it goes into a signature that exists, and leaves it as it is.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.serialization import Encoding

from signing import der
from signing.certificates import is_signed_by
from signing.errors import WrongSignatureError
from signing.increments import DIGEST

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from signing.keys import Signer

_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_DATA: Final = "1.2.840.113549.1.7.1"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_TIMESTAMP_TOKEN: Final = "1.2.840.113549.1.9.16.2.14"  # noqa: S105 - an object identifier
_MARK: Final = hashlib.sha256(b"the place of a document's digest").digest()


async def signed_attributes(key: Signer, digest: bytes, at: datetime, kept: dict[bytes, bytes]) -> bytes:
    """What `key` has to sign for a document of this SHA-256 (DER of a SET of attributes).

    `kept`: what a batch keeps from one document to the next, by certificate.
    """
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    own = key.certificate.public_bytes(Encoding.DER)
    template = kept.get(own)
    if template is None:
        # the digest is all that differs between documents, and it decides nothing in the order of the set
        attributes = await key.cms_signer().signed_attrs(
            _MARK, DIGEST, attr_settings=PdfCMSSignedAttributes(signing_time=at), use_pades=True
        )
        template = bytes(attributes.dump())
        if template.count(_MARK) != 1:
            raise WrongSignatureError("the signed attributes do not hold the digest once")
        kept[own] = template
    return template.replace(_MARK, digest)


async def signed_container(key: Signer, attributes: bytes) -> bytes:
    """Ask `key` for its signature; raises what the key raises, and WrongSignatureError."""
    value = await key.cms_signer().async_sign_raw(attributes, DIGEST)
    return container_of(key, attributes, value)


def container_of(key: Signer, attributes: bytes, value: bytes) -> bytes:
    """The CMS object (DER) around a raw signature `value` over `attributes`; raises WrongSignatureError."""
    if not is_signed_by(key.certificate, value, attributes, DIGEST):
        raise WrongSignatureError("the key's answer is no signature of its certificate over this document")
    own = key.certificate
    algorithm = der.sequence(der.oid(_SHA256))
    mechanism: bytes = key.cms_signer().get_signature_mechanism_for_digest(DIGEST).dump()
    info = der.sequence(
        der.integer(1),
        der.sequence(own.issuer.public_bytes(), der.integer(own.serial_number)),
        algorithm,
        der.explicit(0, der.content_of(attributes)),
        mechanism,
        der.octets(value),
    )
    certificates = {c.public_bytes(Encoding.DER) for c in (own, *key.chain)}
    content = der.sequence(
        der.integer(1),
        der.set_of([algorithm]),
        der.sequence(der.oid(_DATA)),
        der.explicit(0, *sorted(certificates)),
        der.set_of([info]),
    )
    return der.sequence(der.oid(_SIGNED_DATA), der.explicit(0, content))


def imprint_of(container: bytes) -> bytes:
    """SHA-256 of the signature value: what a signature timestamp is asked for."""
    return hashlib.sha256(_signer_info(_loaded(container))["signature"].native).digest()


def with_timestamp(container: bytes, token: bytes) -> bytes:
    """`container`, of `container_of`, with a timestamp token (DER) beside its signature."""
    content = der.content_of(der.content_of(container)[len(der.oid(_SIGNED_DATA)) :])
    *head, infos = _children(der.content_of(content))
    unsigned = der.explicit(1, der.attribute(der.oid(_TIMESTAMP_TOKEN), token))
    info = der.sequence(der.content_of(der.content_of(infos)), unsigned)
    signed_data = der.sequence(*head, der.set_of([info]))
    return der.sequence(der.oid(_SIGNED_DATA), der.explicit(0, signed_data))


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


def _children(content: bytes) -> list[bytes]:
    """The encoded values that stand one after the other in `content`."""
    from asn1crypto import parser

    found = []
    while content:
        *_, head, body, _ = parser.parse(content)
        size = len(head) + len(body)
        found.append(content[:size])
        content = content[size:]
    return found


def size_without_timestamp(certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]) -> int:
    """Bytes that are enough for a CMS object without a timestamp."""
    return 2048 + sum(len(c.public_bytes(Encoding.DER)) for c in {certificate, *chain})


def _loaded(container: bytes) -> Any:
    from asn1crypto import cms

    return cms.ContentInfo.load(container)


def _signer_info(container: Any) -> Any:
    return container["content"]["signer_infos"][0]
