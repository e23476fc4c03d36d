"""Puts acts of the five steps, and on certified copies, back into a catalogue made anew: the same rows as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.steps.copies import COPIED
from pipeline.steps.copies import replay as replay_copy
from pipeline.steps.doing import DONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.journal import Act
    from pipeline.replayers import Replayer
    from pipeline.tools import Tools


def replay(tools: Tools, act: Act) -> bool:
    """Puts one act back; whether it was missing."""
    return tools.catalogue.steps().replay(act)


REPLAYERS: Mapping[str, Replayer] = {DONE: replay, COPIED: replay_copy}
