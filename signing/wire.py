"""Verdicts as plain data, between the verifying child process and its parent, and for `--json`.

Times are ISO 8601 with their offset, outcomes and reasons their stable codes with both sentences. What `from_dict`
reads is what `to_dict` wrote; anything else is a KeyError or ValueError.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from signing.verdict import Outcome, PdfVerdict, Reason, SignatureVerdict

_TIMES = ("signed_at", "timestamp_at")


def to_dict(verdict: PdfVerdict) -> dict[str, Any]:
    """JSON-ready form of `verdict`."""
    data = asdict(verdict)
    for signature in data["signatures"]:
        for key in _TIMES:
            signature[key] = signature[key].isoformat() if signature[key] is not None else None
    return data


def from_dict(data: dict[str, Any]) -> PdfVerdict:
    """The verdict that `to_dict` wrote."""
    return PdfVerdict(
        outcome=Outcome(data["outcome"]),
        reasons=_reasons(data["reasons"]),
        signatures=tuple(_signature(entry) for entry in data["signatures"]),
        sha256=data["sha256"],
        size=data["size"],
    )


def _signature(data: dict[str, Any]) -> SignatureVerdict:
    times = {key: datetime.fromisoformat(data[key]) if data[key] is not None else None for key in _TIMES}
    return SignatureVerdict(
        **{**data, **times, "outcome": Outcome(data["outcome"]), "reasons": _reasons(data["reasons"])}
    )


def _reasons(entries: list[dict[str, str]]) -> tuple[Reason, ...]:
    return tuple(Reason(**entry) for entry in entries)
