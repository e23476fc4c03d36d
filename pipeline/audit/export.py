"""The ledger as a file, and its check by an auditor who has nothing but that file.

A first line names the format; then one line an entry, byte for byte as it was hashed, and one line a seal: the tree's
size and root at a moment, with the RFC 3161 token over them. Checked are: every line, its number, its chain to the line
before, and the root of every seal over the entries up to its size. A seal's token says when that state existed at the
latest; who vouches for it is for `signing` to judge, so the token's bytes are handed on.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from pipeline.audit.entries import FIRST, Entry
from pipeline.audit.merkle import leaf_hash, root
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMAT = "hoso-ledger-1"


class Seal(Model):
    """The ledger's state at a moment."""

    size: int
    """Entries under the root."""
    root: str
    at: datetime
    token: bytes | None
    """TimeStampToken (DER) over `sealed_bytes`."""


def sealed_bytes(size: int, root_hex: str) -> bytes:
    """What a seal's token stands for."""
    return f"{FORMAT}\n{size}\n{root_hex}\n".encode("ascii")


class LedgerFault(Model):
    """What is wrong, and at which line of the file (from 1)."""

    line: int
    code: Literal["not_a_ledger", "unreadable", "altered", "gap", "chain_broken", "root_differs", "seal_of_nothing"]


class LedgerCheck(Model):
    """The answer of `hoso ledger check`."""

    entries: int
    seals: int
    sealed: int
    """Entries that a seal covers; those after it were added since."""
    root: str
    faults: tuple[LedgerFault, ...]


def export_lines(entries: Iterable[bytes], seals: Iterable[Seal]) -> Iterator[bytes]:
    """Lines without their newline; a seal follows the last entry that it covers."""
    yield json.dumps({"format": FORMAT}).encode()
    waiting = sorted(seals, key=lambda seal: (seal.size, seal.at))
    for before, entry in enumerate(entries):
        while waiting and waiting[0].size <= before:
            yield _seal_line(waiting.pop(0))
        yield entry
    for seal in waiting:
        yield _seal_line(seal)


def check_lines(lines: Iterable[bytes]) -> tuple[LedgerCheck, list[Seal]]:
    """What holds and what does not, and the seals whose roots agree, for their tokens to be judged."""
    faults: list[LedgerFault] = []
    leaves: list[bytes] = []
    good: list[Seal] = []
    seals = 0
    previous = FIRST
    for number, line in enumerate(lines, start=1):
        if number == 1:
            if not _is_head(line):
                faults.append(LedgerFault(line=1, code="not_a_ledger"))
            continue
        if (seal := _as_seal(line)) is not None:
            seals += 1
            code = _seal_fault(seal, leaves)
            if code is None:
                good.append(seal)
            else:
                faults.append(LedgerFault(line=number, code=code))
            continue
        try:
            entry = Entry.model_validate_json(line)
        except ValidationError:
            faults.append(LedgerFault(line=number, code="unreadable"))
            continue
        if entry.line() != line:
            faults.append(LedgerFault(line=number, code="altered"))
        if entry.seq != len(leaves) + 1:
            faults.append(LedgerFault(line=number, code="gap"))
        if entry.prev != previous:
            faults.append(LedgerFault(line=number, code="chain_broken"))
        leaf = leaf_hash(line)
        leaves.append(leaf)
        previous = leaf.hex()
    sealed = max((seal.size for seal in good), default=0)
    check = LedgerCheck(entries=len(leaves), seals=seals, sealed=sealed, root=root(leaves).hex(), faults=tuple(faults))
    return check, good


def _is_head(line: bytes) -> bool:
    try:
        return bool(json.loads(line)["format"] == FORMAT)
    except (ValueError, KeyError, TypeError):
        return False


def _seal_line(seal: Seal) -> bytes:
    token = None if seal.token is None else base64.b64encode(seal.token).decode("ascii")
    shown = {"size": seal.size, "root": seal.root, "at": seal.at.isoformat(), "token": token}
    return json.dumps({"seal": shown}).encode()


def _as_seal(line: bytes) -> Seal | None:
    try:
        found = json.loads(line)["seal"]
        token = None if found["token"] is None else base64.b64decode(found["token"], validate=True)
        return Seal(size=found["size"], root=found["root"], at=datetime.fromisoformat(found["at"]), token=token)
    except (ValueError, KeyError, TypeError):
        return None


def _seal_fault(seal: Seal, leaves: list[bytes]) -> Literal["root_differs", "seal_of_nothing"] | None:
    if not 0 < seal.size <= len(leaves):
        return "seal_of_nothing"
    return None if root(leaves[: seal.size]).hex() == seal.root else "root_differs"
