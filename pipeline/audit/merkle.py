"""Merkle trees as RFC 6962 (2.1) has them: one hash stands for a list that only grows, short proofs stand for the list.

SHA-256; a leaf is hashed behind a zero byte, a node behind a one, so that neither can pass for the other. A tree of n
leaves splits at the largest power of two below n. Everything here works on leaf hashes and knows nothing of entries.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()
"""Root of no leaves."""


def leaf_hash(data: bytes) -> bytes:
    """32 bytes that stand for a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """32 bytes that stand for two nodes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in their order, in memory that grows with the logarithm of their number."""
    stack: list[bytes] = []
    for count, leaf in enumerate(leaves, start=1):
        stack.append(leaf)
        # As many full subtrees end here as the count has factors of two.
        rest = count
        while rest % 2 == 0:
            right = stack.pop()
            stack.append(node_hash(stack.pop(), right))
            rest //= 2
    if not stack:
        return EMPTY
    whole = stack.pop()
    while stack:
        whole = node_hash(stack.pop(), whole)
    return whole


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The path for leaf `index` (from 0) in the tree over all `leaves`; RFC 6962, 2.1.1. Raises `IndexError`."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root(leaves[:split])]


def root_of_proof(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that the path leads to from leaf `index` of `size`, or None for a path of the wrong length."""
    if not 0 <= index < size:
        return None
    at, last = index, size - 1
    found = leaf
    for sibling in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            found = node_hash(sibling, found)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = node_hash(found, sibling)
        at, last = at // 2, last // 2
    return found if last == 0 else None


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    power: int = 1 << ((count - 1).bit_length() - 1)
    return power
