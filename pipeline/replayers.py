"""What puts each kind of act back into the catalogue: one table, filled from the areas' own.

An area has a mapping `REPLAYERS` from kind to a function `(tools, act) -> bool`: True where something was missing and
is there now. A replayer may meet its act again at any time and must find its work done; what it raises is reported and
stops no other. Kinds that two areas claim stop the start.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.journal import Act
    from pipeline.tools import Tools

    Replayer = Callable[[Tools, Act], bool]

AREAS: Final[tuple[str, ...]] = (
    "pipeline.access.people",
    "pipeline.citizen.giving",
    "pipeline.kho.replay",
    "pipeline.keeping.acts",
    "pipeline.quality.acts",
    "pipeline.page_edits.taking",
    "pipeline.steps.replay",
    "pipeline.vault.destruction",
)
"""Modules with a mapping `REPLAYERS`; each area adds one line."""


def replayers(areas: tuple[str, ...] = AREAS) -> Mapping[str, Replayer]:
    """Every kind with its replayer. Raises `ValueError` where two areas claim a kind."""
    found: dict[str, Replayer] = {}
    for area in areas:
        for kind, replayer in importlib.import_module(area).REPLAYERS.items():
            if kind in found:
                raise ValueError(f"two areas replay acts of kind {kind}")
            found[kind] = replayer
    return found
