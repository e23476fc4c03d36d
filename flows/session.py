"""Prefect's client inside our process, quiet: no telemetry, nothing on the terminal, no heartbeat thread.

Prefect reads its environment when it is first imported, so `prepare` comes before that; an address that is known
only later is given by `session`, for the time of a `with` block. Heartbeats are off because the catalogue's lease says
which worker is alive, and because joining the heartbeat thread costs a second per dossier.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.settings import Settings


def prepare(settings: Settings) -> None:
    """Sets the variables that Prefect reads at its import. Call it once, at the start of a process."""
    os.environ.update(
        {
            "PREFECT_HOME": str(settings.home / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_LOGGING_TO_API_ENABLED": "false",
            # A server that is gone is done without: no waiting for it to come back.
            "PREFECT_CLIENT_MAX_RETRIES": "1",
            "PREFECT_LOGGING_SETTINGS_PATH": str(Path(__file__).with_name("prefect_logging.yaml")),
        }
    )
    # Prefect's client would send loopback requests to a proxy that the machine is told to use for the world.
    for name in ("NO_PROXY", "no_proxy"):
        known = os.environ.get(name, "")
        if "127.0.0.1" not in known:
            os.environ[name] = ",".join(part for part in (known, "127.0.0.1", "localhost") if part)


@contextlib.contextmanager
def session(url: str) -> Iterator[None]:
    """Flows called inside speak to this server."""
    from prefect.context import SettingsContext, get_settings_context

    outer = get_settings_context()
    settings = outer.settings.model_copy(
        update={
            "api": outer.settings.api.model_copy(update={"url": url}),
            "flows": outer.settings.flows.model_copy(update={"heartbeat_frequency": None}),
        }
    )
    with SettingsContext(profile=outer.profile, settings=settings):
        yield
