"""The stages of a dossier's way, one module each, in the order of `STAGES`.

A stage takes the dossier as it stands and gives it back changed, with an outcome; it keeps no state of its own.
Callers: `pipeline.conductor`, in whatever process a worker runs. A stage may be called again at any time with the
same dossier and must then give the same result without doing its work twice (the step ledger remembers).
A stage raises `HosoError`s only; `HeldError` means "keep everything and try again", anything else is a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.record import Dossier, PageRecord

STAGES: tuple[str, ...] = ("intake", "read", "separate", "extract", "validate", "archive", "sign", "file")


class Outcome(StrEnum):
    """What comes after a stage."""

    CONTINUE = "continue"
    WAITS = "waits"
    """A person must decide before the next stage."""
    REFUSED = "refused"
    """An input cannot be used; what could be read is in the record."""
    HELD = "held"
    """Something outside is out of reach; the stage will be run again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: `done` of `total` pages or papers."""

    stage: str
    done: int
    total: int
    message: str = ""
    page: PageRecord | None = None
    """The page that this step brought: derived, provisional until the stage has ended."""
    engine: str = ""
    """The reader whose words of that page the ledger has."""


@dataclass(frozen=True, slots=True)
class StageResult:
    """The dossier after the stage, and what comes next."""

    dossier: Dossier
    outcome: Outcome = Outcome.CONTINUE


def silent(_progress: Progress) -> None:
    """A listener for those who do not care."""


if TYPE_CHECKING:
    OnProgress = Callable[[Progress], None]
