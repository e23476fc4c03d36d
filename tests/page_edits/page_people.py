"""People who change pages, and a worker's way through the stages up to the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.access.principal import Principal
from pipeline.access.roles import Role, rights_of
from pipeline.stages import STAGES, Outcome

if TYPE_CHECKING:
    from pipeline.composition import House
    from pipeline.record import Dossier

HOA = Principal("u-hoa", "Nguyễn Thị Hoa", "H01.02", rights_of([Role.DESK_OFFICER]))
LAN = Principal("u-lan", "Trần Thị Lan", "H01.02", rights_of([Role.VERIFIER]))
CHECKED = STAGES[: STAGES.index("validate") + 1]


def through(house: House, dossier_id: str) -> Dossier:
    """What a worker does with a dossier, without filing it."""
    start = house.conductor.next_stage(dossier_id)
    for stage in CHECKED[CHECKED.index(start) if start in CHECKED else len(CHECKED) :]:
        if house.conductor.run_stage(dossier_id, stage) is not Outcome.CONTINUE:
            break
    return house.conductor.dossier(dossier_id)
