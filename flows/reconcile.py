"""Repairs what dead processes left behind: leases of workers that are gone, Prefect runs that never end.

The catalogue says where each dossier stands, so little is to be done: a dossier without a living lease is in the queue
by itself, and its attempts are counted in its events. A worker of this machine whose process is gone gives its leases
back at once; one of another machine is waited for until its leases end. Prefect's runs are pictures: those whose
dossier or worker nobody has are marked as crashed, so that its pages tell the truth. Margins are wide, and wrongly
taking a live worker for dead does no harm: its next step finds the lease lost, and finishing is idempotent.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flows.keeper import here
from flows.session import session
from pipeline.errors import HosoError
from pipeline.record import Model
from pipeline.upkeep import tidy

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.catalogue.workers import WorkerRow
    from pipeline.composition import House

FLOWS = ("digitize", "backlog")
_FORGET = 10
"""Silent times after which a worker is no longer listed."""
_MOST_RUNS = 200
_LOG = logging.getLogger("hoso.flows")


class Reconciled(Model):
    """What one look repaired."""

    silent: int = 0
    """Workers not heard of for too long."""
    forgotten: int = 0
    zombies: int = 0
    """Prefect runs that nobody runs, now marked as crashed."""
    prefect: bool = False
    """Whether a Prefect server answered."""


def reconcile(house: House, prefect_url: str | None) -> Reconciled:
    """Looks once, for all workers. Raises catalogue errors."""
    flows = house.settings.flows
    queue = house.catalogue.queue()
    now = house.tools.clock()
    workers = queue.workers()
    silent = [one for one in workers if _silent_for(one, now) > flows.silent_seconds]
    gone = [one.name for one in silent if _silent_for(one, now) > _FORGET * flows.silent_seconds]
    if gone:
        queue.forget(gone)
    zombies = 0
    if prefect_url is not None:
        living = {one.name for one in workers} - {one.name for one in silent}
        zombies = _crash_zombies(house, prefect_url, living, now - timedelta(seconds=flows.zombie_seconds))
    return Reconciled(silent=len(silent), forgotten=len(gone), zombies=zombies, prefect=prefect_url is not None)


def tidy_here(house: House) -> list[str]:
    """What only this machine can know: leases of its workers whose process is gone end now; returns their names.

    Old drafts and scratch files of this home are removed as well.
    """
    queue = house.catalogue.queue()
    machine = here()
    dead = [one.name for one in queue.workers() if one.host == machine and not _runs(one)]
    for name in dead:
        freed = queue.free_leases_of(name)
        _LOG.warning("worker %s is gone; %d dossiers are given back", name, freed)
    if dead:
        queue.forget(dead)
    tidy(house.settings)
    return dead


def _silent_for(worker: WorkerRow, now: datetime) -> float:
    return (now - worker.beat_at).total_seconds()


def _runs(worker: WorkerRow) -> bool:
    """Whether its process runs; a number that was given to another process since does not count."""
    import psutil

    try:
        process = psutil.Process(worker.pid)
        began = process.create_time()
        return process.status() != psutil.STATUS_ZOMBIE and began <= worker.since.timestamp() + 60
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _crash_zombies(house: House, url: str, living: set[str], before: datetime) -> int:
    try:
        with session(url):
            return _marked(house, living, before)
    except HosoError:
        raise
    except Exception as error:
        # The server went away: its runs are looked at when it is back.
        _LOG.warning("Prefect's runs were not looked at: %s", type(error).__name__)
        return 0


def _marked(house: House, living: set[str], before: datetime) -> int:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas import filters as f
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_filter=f.FlowFilter(name=f.FlowFilterName(any_=list(FLOWS))),
            flow_run_filter=f.FlowRunFilter(
                state=f.FlowRunFilterState(type=f.FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])),
                start_time=f.FlowRunFilterStartTime.model_validate({"before_": before}),
            ),
            limit=_MOST_RUNS,
        )
        zombies = [run for run in runs if _nobodys(house, run, living)]
        for run in zombies:
            client.set_flow_run_state(run.id, Crashed(message="nobody runs this any more"), force=True)
    return len(zombies)


def _nobodys(house: House, run: Any, living: set[str]) -> bool:
    parameters = run.parameters or {}
    if "worker" in parameters:
        return parameters["worker"] not in living
    dossier_id = str(parameters.get("dossier_id", ""))
    return not house.catalogue.queue().in_hand(dossier_id)
