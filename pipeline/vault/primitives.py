"""The few primitives that everything here is made of: AES-256-GCM, HKDF-SHA-256, HMAC-SHA-256, from `cryptography`.

One key has one use: a subkey is derived from it by HKDF with a label that says the use (RFC 5869). Nonces of 96 bits
are random where a key seals many things (under 2^32 by a wide margin), counted where a key seals one object.
Sums are compared in constant time by the library; Python promises nothing of how long keys stay in memory.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.vault.errors import SealBrokenError

KEY = 32
"""Bytes of a key."""
NONCE = 12
TAG = 16


def new_key() -> bytes:
    """A key of 256 random bits."""
    return os.urandom(KEY)


def subkey(key: bytes, label: str) -> bytes:
    """The key for one use."""
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=b"hoso vault 1 " + label.encode()).derive(key)


def cipher(key: bytes, label: str) -> AESGCM:
    """AES-256-GCM under the key for one use."""
    return AESGCM(subkey(key, label))


def encrypt(box: AESGCM, plain: bytes, bound: bytes) -> bytes:
    """A random nonce, ciphertext and tag; `bound` must be the same at `decrypt`."""
    nonce = os.urandom(NONCE)
    return nonce + box.encrypt(nonce, plain, bound)


def decrypt(box: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    """What `encrypt` was given. Raises `SealBrokenError`."""
    try:
        return box.decrypt(sealed[:NONCE], sealed[NONCE:], bound)
    except (InvalidTag, ValueError):
        raise SealBrokenError(None, "authentication failed") from None


def keyed_hash(key: bytes, data: bytes) -> str:
    """HMAC-SHA-256 in lower-case hexadecimal."""
    return hmac.new(key, data, sha256).hexdigest()
