"""What stages work with: the catalogue, the store and the heavy parts, built when first asked for.

Frozen, made once by the composition root and passed down; a stage takes from it what it needs and nothing else.
The clock is here so that stages never ask the machine what time it is; tests give their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.telemetry.spans import NoSpans

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from extractors.fields import FieldExtractor
    from models.reading import PageReader
    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.procedures.book import ProcedureBook
    from pipeline.settings import Settings
    from pipeline.store.protocol import ObjectStore
    from pipeline.telemetry.spans import Spans
    from pipeline.vault.vault import Vault
    from signing.signer import PdfSigner
    from signing.trust import Trust


@dataclass(frozen=True, slots=True)
class Tools:
    """Services and factories of one house. Factories give the same object at each call."""

    settings: Settings
    catalogue: Catalogue
    store: ObjectStore
    """Opened with the filing key: takes what is new, deletes nothing."""
    clock: Callable[[], datetime]
    """Aware; in the zone of the desk, so that `.date()` is the legal day."""
    reader: Callable[[], PageReader]
    procedures: Callable[[], ProcedureBook]
    """The last good book: another one soon after an agency's file changed. Ask once for one piece of work."""
    extractors: Callable[[], tuple[FieldExtractor, ...]]
    signer: Callable[[], PdfSigner]
    trust: Callable[[], Trust]
    reading: Callable[[], ObjectStore]
    """The store with the reading key, where one is set: for what only reads known objects. Else `store`."""
    maintenance: Callable[[], ObjectStore]
    """The store with the maintenance key: deletion, legal holds, uploads left behind. Else `store`."""
    vault: Vault
    """Seals what is personal; the store and the catalogue use it by themselves."""
    medium: ObjectStore
    """The store's objects as they lie there, sealed: for copies, never for reading."""
    spans: Spans = field(default_factory=NoSpans)
    """Traces of what is done."""
