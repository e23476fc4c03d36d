"""Is everything still there, bit for bit? What the catalogue speaks of is read back from the store and hashed again.

Originals, page images and filed objects are expected; each is sound, missing, altered, or out of reach just now (which
is no verdict on it). Objects that nobody speaks of are counted, never touched: a receipt that was cut off leaves some.
One object after another, streamed to a scratch file where it is large, so that memory does not grow with the kho.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.keys import original_key, page_key
from pipeline.record import Model
from pipeline.store.errors import CorruptError, NotFoundError, StoreError
from pipeline.vault.errors import KeyDestroyedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.record import Dossier
    from pipeline.store.protocol import ObjectStore
    from pipeline.tools import Tools

_IN_MEMORY = 16 << 20
"""Bytes; larger objects go through a scratch file."""
_PAGE = 500


class ObjectFault(StrEnum):
    """What is wrong with an object."""

    MISSING = "missing"
    ALTERED = "altered"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True, slots=True)
class Expected:
    """An object that must be in the store."""

    key: str
    sha256: str
    size: int | None
    """None where the catalogue does not know it."""
    dossier: str
    kind: str
    """`original`, `page`, or the kind of a filing."""


class FaultReport(Model):
    """One object that is not as it should be."""

    dossier: str
    kind: str
    key: str
    fault: ObjectFault


class FixityReport(Model):
    """The answer of `hoso kho check`."""

    dossiers: int
    objects: int
    """Looked at; an object that several dossiers share counts once."""
    bytes: int
    sound: int
    faults: tuple[FaultReport, ...]
    unclaimed: int | None
    """Objects that nothing in the catalogue speaks of; None where the store did not list them."""

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, altered or out of reach."""
        return not self.faults


def expected_of(tools: Tools, dossier: Dossier) -> Iterator[Expected]:
    """The objects that a dossier needs, as the catalogue has them."""
    for original in dossier.originals:
        if original.sha256:
            yield Expected(original_key(original.sha256), original.sha256, original.size, dossier.id, "original")
    for page in dossier.pages:
        if page.image_sha256:
            key = page_key(page.image_sha256, page.media_type)
            yield Expected(key, page.image_sha256, None, dossier.id, "page")
    for filing in tools.catalogue.filings_of(dossier.id):
        yield Expected(filing.object_key, filing.sha256, filing.size, dossier.id, filing.kind)


def all_dossiers(tools: Tools) -> Iterator[Dossier]:
    """Every dossier that can be opened once, the newest first; those that arrive meanwhile may be left out."""
    seen: set[str] = set()
    offset = 0
    while found := tools.catalogue.list_dossiers(limit=_PAGE, offset=offset):
        offset += len(found)
        for summary in found:
            if summary.id in seen:
                continue
            seen.add(summary.id)
            try:
                dossier = tools.catalogue.load(summary.id)
            except KeyDestroyedError:
                continue
            if dossier is not None:
                yield dossier


def check(tools: Tools, on_object: Callable[[int], None] = lambda _: None) -> FixityReport:
    """Reads back and hashes everything expected; `on_object` is told how many were looked at so far.

    Raises catalogue errors only: what the store answers becomes part of the report.
    """
    faults: list[FaultReport] = []
    looked: set[str] = set()
    dossiers = total = 0
    for dossier in all_dossiers(tools):
        dossiers += 1
        for expected in expected_of(tools, dossier):
            if expected.key in looked:
                continue
            looked.add(expected.key)
            size, fault = judged(tools.store, expected, tools.settings.work)
            total += size
            if fault is not None:
                faults.append(FaultReport(dossier=expected.dossier, kind=expected.kind, key=expected.key, fault=fault))
            on_object(len(looked))
    return FixityReport(
        dossiers=dossiers,
        objects=len(looked),
        bytes=total,
        sound=len(looked) - len(faults),
        faults=tuple(faults),
        unclaimed=_unclaimed(tools.store, looked),
    )


def judged(store: ObjectStore, expected: Expected, scratch: Path | None = None) -> tuple[int, ObjectFault | None]:
    """The bytes read of one object, and what is wrong with it, if anything; `scratch` takes large ones for a moment."""
    try:
        known = store.stat(expected.key)
        if known is None:
            return 0, ObjectFault.MISSING
        sha256 = _digest(store, expected.key, known.size, scratch)
    except NotFoundError:
        return 0, ObjectFault.MISSING
    except CorruptError:
        return 0, ObjectFault.ALTERED
    except StoreError:
        return 0, ObjectFault.OUT_OF_REACH
    same = sha256 == expected.sha256 and expected.size in {None, known.size}
    return known.size, None if same else ObjectFault.ALTERED


def _digest(store: ObjectStore, key: str, size: int, scratch: Path | None) -> str:
    if size <= _IN_MEMORY:
        return hashlib.sha256(store.get(key)).hexdigest()
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fixity-", dir=scratch) as folder:
        target = Path(folder) / "object"
        store.fetch(key, target)
        with target.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def _unclaimed(store: ObjectStore, claimed: set[str]) -> int | None:
    try:
        return sum(key not in claimed for prefix in ("originals/", "pages/", "filed/") for key in store.keys(prefix))
    except StoreError:
        return None
