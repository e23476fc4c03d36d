"""Puts acts on citizens' data stores back: the same rows as when they were done, words made again from what is sealed.

A rebuilt catalogue has the same owners, papers, versions, shares and moves. Where an owner's key was destroyed, the
sealed values come back sealed, and are found by nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.catalogue import owners_rows as acts
from pipeline.kho import sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.journal import Act
    from pipeline.replayers import Replayer
    from pipeline.tools import Tools


def replay(tools: Tools, act: Act) -> bool:
    """Puts one act back; whether it was missing."""
    return tools.catalogue.owners().replay(act, sealed.tokens(tools.vault, act))


REPLAYERS: Mapping[str, Replayer] = dict.fromkeys(acts.KINDS, replay)
