"""After a switch: dossiers that wait for a person are validated anew, and the kind's values asked about, or not.

Dossiers on their way meet the switch before their next stage (`pipeline.conductor`); filed ones stay as they are. A
dossier that somebody works on is left for the next time; each switch is done with when none is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.quality.switching import switched

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.tools import Tools


def ask_open_dossiers(tools: Tools, validate: Callable[[str], bool]) -> int:
    """Has waiting dossiers validated where a switch concerns them; returns how many.

    `validate` does it under a lease and answers False where somebody else has the dossier.
    """
    door = tools.catalogue.quality()
    done = 0
    for agency, number in door.to_ask():
        left = 0
        for name in door.waiting(agency):
            dossier = tools.catalogue.load(name)
            if dossier is None or switched(tools, dossier) == dossier:
                continue
            if validate(name):
                done += 1
            else:
                left += 1
        if not left:
            door.asked(agency, number)
    return done
