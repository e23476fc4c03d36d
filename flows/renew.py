"""The flow that renews archive timestamps in time: one task per dossier, nothing decided here.

Which dossiers, which are due and what is done is `pipeline.renewal`; a flow adds a schedule, retries and a place to
look. Its parameters are a time and a switch, its task's an id, so that no personal data reaches Prefect's database.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flows.digitize import RETRIES, RETRY_SECONDS, worth_retrying
from pipeline import renewal

if TYPE_CHECKING:
    from prefect import Flow

    from pipeline.tools import Tools


def build_renewal_flow(tools: Tools, *, retry_seconds: float = RETRY_SECONDS) -> Flow[[str, bool], dict[str, int]]:
    """The flow `renew(before, dry_run)`; `before` is ISO 8601 or "" for the usual margin.

    Returns how many dossiers came out how. Importing Prefect takes two seconds; it happens here.
    """
    from prefect import flow, task

    @task(
        name="renew",
        task_run_name="{dossier_id}",
        retries=RETRIES,
        retry_delay_seconds=retry_seconds,
        retry_condition_fn=worth_retrying,
        persist_result=False,
    )
    def renew_one(dossier_id: str, before: str, dry_run: bool) -> str:  # noqa: FBT001 - Prefect names parameters
        found = renewal.renew_dossier(tools, dossier_id, datetime.fromisoformat(before), dry_run=dry_run)
        return found.state

    @flow(name="renew", persist_result=False, validate_parameters=False)
    def renew(before: str = "", dry_run: bool = False) -> dict[str, int]:  # noqa: FBT001, FBT002 - as above
        limit = before or (tools.clock() + renewal.MARGIN).isoformat()
        counts: dict[str, int] = {}
        for dossier_id in renewal.filed_dossiers(tools):
            state = renew_one(dossier_id, limit, dry_run)
            counts[state] = counts.get(state, 0) + 1
        return counts

    return renew
