"""What a house needs done by the clock: the kho read back in slices, timestamps renewed, the ledger sealed, tidying up.

Each verb takes what its last run left (`before`) and gives back what its next one needs to know, small enough for a
row of the catalogue: counts, codes, where it got to. Who runs them and when is not known here. Each may be cut off
anywhere and run again.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pipeline import fixity, renewal
from pipeline.audit.sealing import seal
from pipeline.kho.outbox import relay
from pipeline.overview import cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pipeline.settings import Settings
    from pipeline.tools import Tools

_NAMED = 20
"""Faults that are named; the others are counted."""
_TOLD = 50
"""Events that are sent before the worker looks at its queue again."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a duty ended."""

    ok: bool
    result: dict[str, Any] = field(default_factory=dict)
    again: bool = False
    """Whether there is more to do at once."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done every so often, by one worker for all."""

    name: str
    every: timedelta
    run: Callable[[Tools, Mapping[str, Any]], Done]


def duties(settings: Settings) -> tuple[Duty, ...]:
    """The duties of these settings."""
    flows = settings.flows
    return (
        Duty("seal", timedelta(minutes=settings.ledger.seal_minutes), seal_ledger),
        Duty("fixity", timedelta(minutes=flows.fixity_minutes), read_back),
        Duty("renew", timedelta(hours=flows.renew_hours), renew),
        Duty("outbox", timedelta(seconds=settings.kho.outbox.every_s), tell),
        Duty("multipart", timedelta(hours=flows.multipart_hours), abort_uploads),
        Duty("sweep", timedelta(hours=24), sweep),
        Duty("count", timedelta(seconds=settings.overview.every_s), count),
    )


def count(tools: Tools, before: Mapping[str, Any]) -> Done:
    """Brings the rows of the overview up to date."""
    del before
    return Done(ok=True, result={"counted": cases.refresh(tools).counted})


def read_back(tools: Tools, before: Mapping[str, Any]) -> Done:
    """Hashes the next slice of the kho again; what is missing or altered is named with its key.

    A store out of reach is no verdict: the slice is read again. After the last dossier the round begins anew.
    """
    after = str(before.get("after", ""))
    ids = tools.catalogue.queue().dossiers_after(after, tools.settings.flows.fixity_dossiers)
    objects = size = unreachable = 0
    faults: list[dict[str, str]] = []
    for dossier_id in ids:
        dossier = tools.catalogue.load(dossier_id)
        for expected in fixity.expected_of(tools, dossier) if dossier is not None else ():
            read, fault = fixity.judged(tools.store, expected)
            objects += 1
            size += read
            if fault is fixity.ObjectFault.OUT_OF_REACH:
                unreachable += 1
            elif fault is not None:
                faults.append({"dossier": dossier_id, "key": expected.key, "fault": fault.value})
    ended = len(ids) < tools.settings.flows.fixity_dossiers
    known = [] if not after else list(before.get("faults", ()))
    found = known + [fault for fault in faults if fault not in known]
    round_ended = tools.clock().isoformat() if ended and not unreachable else before.get("round_ended")
    result = {
        "after": after if unreachable else "" if ended else ids[-1],
        "objects": objects,
        "bytes": size,
        "unreachable": unreachable,
        "faulty": len(faults) if not after else int(before.get("faulty", 0)) + len(faults),
        "faults": found[:_NAMED],
        "round_ended": round_ended,
    }
    return Done(ok=not found and not unreachable, result=result)


def renew(tools: Tools, _before: Mapping[str, Any]) -> Done:
    """Renews archive timestamps that end soon. Damaged or held ones make it end badly."""
    report = renewal.renew_all(tools)
    counts = {str(state): number for state, number in report.counts.items()}
    return Done(ok=not counts.get("damaged") and not counts.get("held"), result={"counts": counts})


def seal_ledger(tools: Tools, _before: Mapping[str, Any]) -> Done:
    """Seals what is new in the audit ledger. Raises `SealHeldError` and store errors."""
    report = seal(tools)
    return Done(ok=True, result={"size": report.size, "new": report.new})


def tell(tools: Tools, _before: Mapping[str, Any]) -> Done:
    """Tells downstream systems what is due. Raises `RecipientsError`; ends badly where something was given up."""
    told = relay(tools, _TOLD)
    return Done(ok=not told.dead, result=told.model_dump(), again=told.sent == _TOLD)


def abort_uploads(tools: Tools, _before: Mapping[str, Any]) -> Done:
    """Aborts uploads that were cut off inside the object store."""
    return Done(ok=True, result={"aborted": tools.maintenance().abort_stale(tools.clock() - timedelta(days=1))})


def sweep(tools: Tools, _before: Mapping[str, Any]) -> Done:
    """Ends the keys of contents that a cut-off receipt left and that no dossier took up within a week."""
    return Done(ok=True, result={"ended": tools.vault.sweep(tools.clock() - timedelta(days=7))})


def tidy(settings: Settings) -> dict[str, int]:
    """Removes uploads that nobody started and scratch files of processes that are gone; returns how many of each."""
    oldest = time.time() - 3600 * settings.flows.draft_hours
    uploads = settings.work / "uploads"
    counts = {"drafts": 0, "scratch": 0}
    for path in _entries(uploads):
        if _touched(path) < oldest:
            shutil.rmtree(path, ignore_errors=True)
            counts["drafts"] += 1
    for path in _entries(settings.work):
        if path != uploads and _touched(path) < oldest:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            counts["scratch"] += 1
    return counts


def _entries(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.iterdir()) if folder.is_dir() else ()


def _touched(path: Path) -> float:
    """When the newest thing in it changed; now, where it goes away meanwhile."""
    try:
        inner = [file.lstat().st_mtime for file in path.iterdir()] if path.is_dir() else []
        return max([path.lstat().st_mtime, *inner])
    except OSError:
        return time.time()
