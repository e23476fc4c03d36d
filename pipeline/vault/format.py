"""A sealed object: a header of fixed length, then the content in pieces of 256 KiB, each with its own tag.

Header (141 bytes): magic and format version (8), id of the key that wraps (16), log2 of the piece's size (1), the data
key wrapped under that key (12 nonce, 32, 16 tag), then size and SHA-256 of the plain content (8, 32), sealed, because a
hash of a short text is as good as the text. The data key is random and used for one object. Pieces follow the STREAM
construction (Hoang et al., CRYPTO 2015): the nonce counts pieces and marks the last one, so that none can be left out,
swapped or cut off. The object's key in the store is bound to the wrapped data key and, through it, to every piece:
an object moved to another key does not open.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from pipeline.vault.errors import SealBrokenError
from pipeline.vault.primitives import KEY, NONCE, TAG, cipher, decrypt, encrypt, new_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from pipeline.vault.keeper import OpenKey

MAGIC = b"HOSOvlt\x01"
_FIXED = len(MAGIC) + 16 + 1
_WRAPPED = NONCE + KEY + TAG
_INFO = 8 + 32
HEADER = _FIXED + _WRAPPED + _INFO + TAG
"""Bytes before the first piece."""
PIECE_LOG2 = 18
_LARGEST_LOG2 = 26
_FIRST_NONCE = bytes(NONCE)


@dataclass(frozen=True, slots=True)
class Content:
    """What is inside, as its owner knows it."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sealing:
    """A data key at work on one object. `sealed` and `opened` are for one pass each."""

    header: bytes
    content: Content
    _box: AESGCM
    _bound: bytes
    _piece: int

    def sealed(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Sealed pieces, after the header. The pieces that come in may be of any length."""
        held = bytearray()
        number = 0
        for piece in pieces:
            held += piece
            while len(held) > self._piece:
                yield self._box.encrypt(_nonce(number, last=False), bytes(held[: self._piece]), self._bound)
                del held[: self._piece]
                number += 1
        yield self._box.encrypt(_nonce(number, last=True), bytes(held), self._bound)

    def opened(self, stream: BinaryIO, name: str) -> Iterator[bytes]:
        """Plain pieces of a stream that stands behind the header.

        Raises `SealBrokenError`, in the end also where the content is not what the header says.
        """
        state = hashlib.sha256()
        number = size = 0
        held = stream.read(self._piece + TAG)
        while True:
            following = stream.read(self._piece + TAG) if len(held) == self._piece + TAG else b""
            try:
                plain = self._box.decrypt(_nonce(number, last=not following), held, self._bound)
            except (InvalidTag, ValueError):
                raise SealBrokenError(name, f"piece {number}") from None
            state.update(plain)
            size += len(plain)
            yield plain
            if not following:
                break
            held = following
            number += 1
        if (size, state.hexdigest()) != (self.content.size, self.content.sha256):
            raise SealBrokenError(name, "not the content that the header names")


def is_object(start: bytes) -> bool:
    """Whether bytes begin as a sealed object does, whatever its version."""
    return start.startswith(MAGIC[:-1])


def key_id(header: bytes) -> str:
    """Which key wraps the data key. Raises `SealBrokenError`."""
    if len(header) < HEADER or not header.startswith(MAGIC):
        raise SealBrokenError(None, "header cut off, or of a newer version")
    return header[len(MAGIC) : len(MAGIC) + 16].hex()


def new_sealing(key: OpenKey, name: str, content: Content) -> Sealing:
    """A fresh data key for an object. `name` is its key in the store."""
    fixed = MAGIC + bytes.fromhex(key.id) + bytes([PIECE_LOG2])
    data_key = new_key()
    start = fixed + encrypt(key.box("object"), data_key, fixed + name.encode())
    info = struct.pack(">Q", content.size) + bytes.fromhex(content.sha256)
    header = start + cipher(data_key, "info").encrypt(_FIRST_NONCE, info, start + name.encode())
    return _sealing(data_key, header, name, content, PIECE_LOG2)


def open_sealing(key: OpenKey, name: str, header: bytes) -> Sealing:
    """The data key of a sealed object. Raises `SealBrokenError`."""
    header = header[:HEADER]
    fixed, start = header[:_FIXED], header[: _FIXED + _WRAPPED]
    data_key = decrypt(key.box("object"), start[_FIXED:], fixed + name.encode())
    try:
        info = cipher(data_key, "info").decrypt(_FIRST_NONCE, header[len(start) :], start + name.encode())
    except (InvalidTag, ValueError):
        raise SealBrokenError(name, "header") from None
    if fixed[-1] > _LARGEST_LOG2:
        raise SealBrokenError(name, "piece size")
    content = Content(struct.unpack(">Q", info[:8])[0], info[8:].hex())
    return _sealing(data_key, header, name, content, fixed[-1])


def plain_size(size: int) -> int:
    """Bytes of content in a sealed object of so many bytes, made with today's size of pieces."""
    body = size - HEADER
    return body - TAG * -(-body // ((1 << PIECE_LOG2) + TAG))


def _sealing(data_key: bytes, header: bytes, name: str, content: Content, log2: int) -> Sealing:
    bound = hashlib.sha256(header + name.encode()).digest()
    return Sealing(header, content, cipher(data_key, "content"), bound, 1 << log2)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(NONCE - 1, "big") + bytes([last])
