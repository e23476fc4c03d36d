"""Judges a PDF from outside: in a child process with a time and a memory limit, for PDFs are programs of a kind.

The parent never parses the file. A child that runs too long, eats too much or dies gives an indeterminate verdict
with that reason: what cannot be judged is not called forged. The moment of judging is handed over, so that a moved
clock moves the verdict. Nothing is fetched from the network unless `trust.fetch` says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from signing.reasons import reason
from signing.trust import Trust, refresh
from signing.verdict import Outcome, PdfVerdict
from signing.wire import from_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.verdict import SignatureVerdict

DEFAULT_MEMORY_MB: Final = 2048
_PACKAGE_ROOT: Final = Path(__file__).resolve().parent.parent


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
    with _stream(source) as stream:
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
        "memory_mb": memory_mb,
        "cpu_s": int(timeout_s) + 1,
    }
    with _stream(source) as stream:
        answer, fault = _ask_child(order, stream, timeout_s)
    if answer is not None:
        return from_dict(answer)
    digest, size = _identity(source)
    return PdfVerdict(Outcome.INDETERMINATE, (reason(fault),), (), digest, size)


def _ask_child(order: dict[str, Any], stream: BinaryIO, timeout_s: float) -> tuple[dict[str, Any] | None, str]:
    """(answer, "") or (None, reason code)."""
    environment = {**os.environ, "PYTHONPATH": str(_PACKAGE_ROOT)}
    command = [sys.executable, "-P", "-X", "utf8", "-m", "signing.verify_child", json.dumps(order)]
    with subprocess.Popen(
        command,
        stdin=stream,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    ) as child:
        try:
            output, _ = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return None, "time_limit"
    try:
        answer = json.loads(output)
        if child.returncode == 0 and "fault" not in answer:
            return answer, ""
        return None, str(answer["fault"])
    except (ValueError, KeyError, TypeError):
        return None, "verifier_failed"


@contextmanager
def _stream(source: bytes | Path) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as stream:
        stream.write(source)
        stream.seek(0)
        yield stream


def _identity(source: bytes | Path) -> tuple[str, int]:
    with _stream(source) as stream:
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
