"""The flow of one dossier: one task per stage, nothing decided here.

`build_flow` closes over a conductor, so that the flow's only parameters are an id and a stage: no personal data
reaches Prefect's database, and no global holds a house. Stages are coarse because each task costs Prefect about
25 ms. Held is an outcome, not a failure: whoever queues dossiers tries again later. What may pass by itself (a disk or
database that stumbles) is retried here, a few times, soon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pipeline.stages import STAGES, Outcome, silent

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import State, TaskRun
    from prefect.tasks import Task

    from pipeline.record import Dossier
    from pipeline.stages import OnProgress

RETRIES = 2
RETRY_SECONDS = 1.0


class Stages(Protocol):
    """What is needed of a conductor to take a dossier along."""

    def run_stage(self, dossier_id: str, stage: str, on_progress: OnProgress) -> Outcome:
        """Runs one stage."""

    def dossier(self, dossier_id: str) -> Dossier:
        """The dossier as it stands."""

    def next_stage(self, dossier_id: str) -> str:
        """Where to take it up."""


def build_flow(
    conductor: Stages, on_progress: OnProgress = silent, *, retry_seconds: float = RETRY_SECONDS
) -> Flow[[str, str], dict[str, Any]]:
    """The flow `digitize(dossier_id, start)`; it returns the dossier as JSON values.

    Raises what a stage raises, after the retries. Importing Prefect takes two seconds; it happens here.
    """
    from prefect import flow, task

    @task(
        name="stage",
        task_run_name="{stage}",
        retries=RETRIES,
        retry_delay_seconds=retry_seconds,
        retry_condition_fn=worth_retrying,
        persist_result=False,
    )
    def run_stage(dossier_id: str, stage: str) -> str:
        return conductor.run_stage(dossier_id, stage, on_progress).value

    @flow(name="digitize", flow_run_name="{dossier_id}", persist_result=False, validate_parameters=False)
    def digitize(dossier_id: str, start: str = STAGES[0]) -> dict[str, Any]:
        for stage in STAGES[STAGES.index(start) :]:
            if run_stage(dossier_id, stage) != Outcome.CONTINUE:
                break
        return conductor.dossier(dossier_id).model_dump(mode="json")

    return digitize


def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed stage may pass by itself: the machine stumbled, not the dossier."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, BaseException) and transient(error)


def transient(error: BaseException) -> bool:
    """Whether an error may pass by itself: a disk or a database stumbled."""
    cause = error.__cause__
    names = {kind.__name__ for kind in type(cause).__mro__}
    return isinstance(cause, OSError) or "OperationalError" in names
