"""Judges a PDF from outside: in a child process with a time and a memory limit, for PDFs are programs of a kind.

The parent never parses the file. A child that runs too long, eats too much or dies gives an indeterminate verdict
with that reason: what cannot be judged is not called forged. The moment of judging is handed over, so that a moved
clock moves the verdict. Nothing is fetched from the network unless `trust.fetch` says so.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from signing.limited import DEFAULT_MEMORY_MB, ask_child
from signing.reasons import reason
from signing.trust import Trust, refresh
from signing.verdict import Outcome, PdfVerdict
from signing.wire import from_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.verdict import SignatureVerdict


def verify_pdf(
    source: bytes | Path,
    trust: Trust,
    timeout_s: float = 30,
    *,
    memory_mb: int = DEFAULT_MEMORY_MB,
    now: datetime | None = None,
) -> PdfVerdict:
    """Judge every signature of `source` (a whole file or its path) at `now` (aware; default: the clock).

    Returns a verdict for any bytes whatever, within `timeout_s` seconds; raises OSError where a path can't be read.
    """
    moment = now or datetime.now(UTC)
    refresh(trust, moment)
    return _judged("verify", source, trust, moment, timeout_s, memory_mb)


def list_signatures(
    source: bytes | Path, timeout_s: float = 15, *, memory_mb: int = DEFAULT_MEMORY_MB
) -> tuple[SignatureVerdict, ...]:
    """Who signed `source`, and whether the signed bytes are intact: no trust, no comparison of revisions.

    Outcomes are `invalid` or `indeterminate` only. An unreadable file has no signatures here; `verify_pdf` says why.
    """
    with opened(source) as stream:
        # a signature's byte range is patched into the file as it stands, so it is never compressed
        if not _holds(stream, b"/ByteRange"):
            return ()
    return _judged("list", source, Trust(), datetime.now(UTC), timeout_s, memory_mb).signatures


def _judged(  # noqa: PLR0917 - one caller each, all six are needed
    task: str, source: bytes | Path, trust: Trust, now: datetime, timeout_s: float, memory_mb: int
) -> PdfVerdict:
    order = {
        "task": task,
        "development": str(trust.development) if trust.development else None,
        "roots": str(trust.roots) if trust.roots else None,
        "revocation_max_age_days": trust.revocation_max_age_days,
        "fetch": trust.fetch,
        "now": now.isoformat(),
    }
    with opened(source) as stream:
        answer, fault = ask_child("signing.verify_child", order, stream, timeout_s, memory_mb=memory_mb)
    if answer is not None:
        return from_dict(answer)
    digest, size = _identity(source)
    return PdfVerdict(Outcome.INDETERMINATE, (reason(fault),), (), digest, size)


@contextmanager
def opened(source: bytes | Path) -> Iterator[BinaryIO]:
    """A file of its own, to be given to a child; raises OSError where a path can't be read."""
    if isinstance(source, Path):
        if not source.is_file():  # a pipe or a device may never end
            raise FileNotFoundError(source)
        with source.open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as stream:
        stream.write(source)
        stream.seek(0)
        yield stream


def _identity(source: bytes | Path) -> tuple[str, int]:
    with opened(source) as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
        return digest.hexdigest(), stream.tell()


def _holds(stream: BinaryIO, needle: bytes) -> bool:
    tail = b""
    while block := stream.read(1 << 20):
        if needle in tail + block:
            return True
        tail = block[-len(needle) :]
    return False
