"""For Prefect's stock process worker: deployments of our flows, which run from a fresh process with settings alone.

`prefect worker start --type process --pool hoso` then runs them: each run is a process that builds its house from the
environment, so it costs the models' start (some seconds) each time; our own `hoso worker` loads them once and is the
better choice wherever it can run. Flows are named by their module, so the worker needs the package and no folder.
Runs take no lane's place: they claim dossiers under the same leases as every worker.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flows.session import session

if TYPE_CHECKING:
    from pipeline.settings import Settings


def register(settings: Settings, url: str, pool: str, every: float = 0.0) -> list[str]:
    """Makes the work pool and both deployments, or brings them up to date; returns their names.

    `every` seconds a run of the backlog is scheduled, where the server schedules; 0: none is.
    """
    with session(url):
        return _registered(settings, pool, every)


def _registered(settings: Settings, pool: str, every: float) -> list[str]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.types.entrypoint import EntrypointType

    from flows.deployed import backlog, digitize

    with get_client(sync_client=True) as client, contextlib.suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    names = []
    variables: dict[str, Any] = {"env": {"HOSO_HOME": str(settings.home)}}
    for flow, schedule in ((digitize, 0.0), (backlog, every)):
        deployment: Any = flow.to_deployment(
            name="hoso",
            work_pool_name=pool,
            job_variables=variables,
            entrypoint_type=EntrypointType.MODULE_PATH,
            interval=timedelta(seconds=schedule) if schedule else None,
            concurrency_limit=None,
        )
        deployment.apply()
        names.append(f"{flow.name}/hoso")
    return names
