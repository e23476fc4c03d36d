"""DER by hand (ITU-T X.690), for the few structures that are made for every document of a batch.

asn1crypto builds objects around every value, which costs more than signing does. What is made here is plain
concatenation: tag, length, content. Reading stays with asn1crypto and cryptography.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

SEQUENCE: Final = 0x30
SET: Final = 0x31
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
OBJECT: Final = 0x06
GENERALIZED_TIME: Final = 0x18


def tlv(tag: int, *parts: bytes) -> bytes:
    """One value: tag, definite length, content."""
    size = sum(map(len, parts))
    if size < 0x80:
        head = bytes((tag, size))
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        head = bytes((tag, 0x80 | len(digits))) + digits
    return b"".join((head, *parts))


def explicit(number: int, *parts: bytes) -> bytes:
    """A constructed value with the context tag [number]."""
    return tlv(0xA0 | number, *parts)


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return tlv(SEQUENCE, *parts)


def set_of(parts: Iterable[bytes]) -> bytes:
    """SET OF, sorted as DER wants it (X.690, 11.6)."""
    return tlv(SET, *sorted(parts))


def integer(value: int) -> bytes:
    """INTEGER, not negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(OCTET_STRING, value)


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    first, second, *rest = (int(number) for number in dotted.split("."))
    content = bytearray()
    for number in (first * 40 + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        content += bytes(reversed(digits))
    return tlv(OBJECT, bytes(content))


def generalized_time(moment: datetime) -> bytes:
    """GeneralizedTime of an aware moment in UTC, to the second."""
    from datetime import UTC

    return tlv(GENERALIZED_TIME, f"{moment.astimezone(UTC):%Y%m%d%H%M%SZ}".encode())


def attribute(kind: bytes, value: bytes) -> bytes:
    """A CMS attribute with one value (RFC 5652, 5.3); `kind` is an encoded OID."""
    return sequence(kind, tlv(SET, value))


def content_of(value: bytes) -> bytes:
    """The content of one encoded value, without tag and length."""
    length = value[1]
    return value[2:] if length < 0x80 else value[2 + (length & 0x7F) :]
