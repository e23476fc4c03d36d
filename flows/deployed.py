"""The flows as Prefect's process worker runs them: named by this module, with nothing but settings.

Importing this module imports Prefect; nothing else of ours imports it. Parameters are an id, a stage and a number:
no personal data reaches Prefect's database.
"""

from __future__ import annotations

from typing import Any

from prefect import flow

from flows.runner import worker_name
from flows.session import prepare
from pipeline.settings import load_settings
from pipeline.stages import STAGES


@flow(name="digitize", flow_run_name="{dossier_id}", persist_result=False, validate_parameters=False)
def digitize(dossier_id: str, start: str = STAGES[0]) -> dict[str, Any]:
    """Takes one dossier along, from where it stands; `start` is the flow's own parameter and is not needed here.

    Returns its id and status. A dossier that somebody else has in hand is left to them.
    """
    from flows.worker import Worker
    from pipeline.composition import build_house

    del start
    settings = load_settings()
    prepare(settings)
    with build_house(settings) as house:
        Worker(house, None, name=worker_name()).work_on(dossier_id)
        dossier = house.conductor.dossier(dossier_id)
        return {"dossier": dossier.id, "status": dossier.status.value}


@flow(name="backlog", flow_run_name="{worker}", persist_result=False, validate_parameters=False)
def backlog(worker: str = "", most: int = 500) -> dict[str, Any]:
    """Works off the queue, the desk first, until nothing is due or `most` dossiers were begun. Returns the counts."""
    from flows.worker import Worker
    from pipeline.composition import build_house

    settings = load_settings()
    prepare(settings)
    with build_house(settings) as house:
        return Worker(house, None, name=worker or worker_name()).work_all(most)
