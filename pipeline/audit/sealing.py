"""Seals: the ledger's root with a timestamp over it, and a copy of what is new in the store, apart from the catalogue.

Whoever holds a seal can prove that the entries under it existed then, and that none was changed or left out since. Each
seal leaves a segment `ledger/SIZE-ROOT.jsonl` with the entries after the one before; a lost catalogue gets its ledger
back from these, all but what came after the last one. Sealing an unchanged ledger does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.audit.entries import Entry
from pipeline.audit.export import Seal, check_lines, export_lines, sealed_bytes
from pipeline.errors import HeldError, HosoError
from pipeline.keeping.retention import keep_object
from pipeline.record import Model
from pipeline.store.errors import KeyTakenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.store.protocol import ObjectStore
    from pipeline.tools import Tools

PREFIX = "ledger/"


class SegmentError(HosoError):
    """What the store has of the ledger does not hold together."""

    code = "ledger_segments_broken"
    message_vi = "Các đoạn nhật ký trong kho không khớp nhau; chưa khôi phục nhật ký."
    remedy_vi = "Hãy khôi phục kho từ bản sao lưu, hoặc giao cho kiểm toán viên xem các đoạn ledger/ trong kho."


class SealHeldError(HeldError):
    """No timestamp, or no store, just now: nothing is lost, the next seal covers the same entries."""

    code = "ledger_seal_held"
    message_vi = "Chưa niêm phong được nhật ký: dấu thời gian hoặc kho chưa với tới."
    remedy_vi = "Không cần làm gì; hệ thống sẽ tự niêm phong lại."


class SealReport(Model):
    """The answer of `hoso ledger seal`."""

    size: int
    root: str
    at: datetime
    new: int
    """Entries since the seal before; 0 where nothing was sealed."""


def seal(tools: Tools) -> SealReport:
    """Seals what is new. Raises `SealHeldError` where no timestamp can be had, `StoreError` and catalogue errors."""
    from signing.errors import SigningError
    from signing.tokens import accepted_token, read_token

    ledger = tools.catalogue.ledger()
    before = max((known.size for known in ledger.seals()), default=0)
    size, root = ledger.state()
    now = tools.clock().astimezone(UTC)
    if size == before:
        return SealReport(size=size, root=root, at=now, new=0)
    sealed = sealed_bytes(size, root)

    def objection(token: bytes) -> str | None:
        return None if read_token(token, sealed) is not None else "its token does not stand for the ledger"

    try:
        token = accepted_token(sealed, tools.signer().authorities, objection)
    except SigningError as error:
        raise SealHeldError(None, error.code) from error
    made = Seal(size=size, root=root, at=now, token=token)
    segment = b"".join(line + b"\n" for line in export_lines(ledger.lines(before, size), [made]))
    # Two workers may seal at once: the same entries under two tokens are two good seals of one segment.
    key = f"{PREFIX}{size:010d}-{root}.jsonl"
    try:
        tools.store.put_new(key, segment, "application/jsonl")
    except KeyTakenError:
        return SealReport(size=size, root=root, at=now, new=0)
    keep_object(tools, key)
    ledger.add_seal(made)
    return SealReport(size=size, root=root, at=now, new=size - before)


def bring_back(tools: Tools) -> int:
    """Fills an empty ledger from the segments in the store; returns how many entries. Raises `SegmentError`."""
    entries, seals = _segments(tools.store)
    return tools.catalogue.ledger().bring_back(entries, seals)


def _segments(store: ObjectStore) -> tuple[list[Entry], list[Seal]]:
    lines: list[bytes] = []
    for key in store.keys(PREFIX):
        own = store.get(key).splitlines()
        lines += own if not lines else own[1:]
    if not lines:
        return [], []
    check, seals = check_lines(lines)
    if check.faults:
        raise SegmentError(None, f"line {check.faults[0].line}: {check.faults[0].code}")
    return [Entry.model_validate_json(line) for line in _entry_lines(lines)], seals


def _entry_lines(lines: list[bytes]) -> Iterator[bytes]:
    return (line for line in lines[1:] if not line.startswith(b'{"seal"'))


@dataclass(slots=True)
class Sealer:
    """Seals from time to time, when its owner has nothing better to do."""

    tools: Tools
    every: timedelta
    monotonic: Callable[[], float]
    _next: float = field(default=0.0, init=False)

    def look(self) -> SealReport | None:
        """Seals where it is time to, else None. Raises what `seal` raises, and tries again at the next time."""
        now = self.monotonic()
        if now < self._next:
            return None
        self._next = now + self.every.total_seconds()
        return seal(self.tools)
