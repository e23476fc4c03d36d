"""The Prefect server as our child: only what a dossier's way needs, on a socket handed down, dying with its parent.

Our catalogue is the record, so Prefect keeps flow runs and their states and nothing else: its event, scheduling and
clean-up services cost a second of SQLite locks per dossier and would keep what nobody reads.
`python -m flows.prefect_child FD` serves; `... --template` makes the empty database once, so that the first start
copies a file instead of running a hundred migrations.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import socket
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from flows.child import die_with_parent

_SERVICES_OFF = (
    "SCHEDULER",
    "LATE_RUNS",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
    "FOREMAN",
    "TRIGGERS",
    "EVENT_PERSISTER",
    "EVENT_LOGGER",
    "TASK_RUN_RECORDER",
    "REPOSSESSOR",
)


def environment(home: Path) -> dict[str, str]:
    """Variables of the server: no telemetry, no user interface, its database under `home`."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
        "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
        **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _SERVICES_OFF},
    }


def template() -> Path:
    """Where the empty database of this Prefect version lies, beside the installed packages."""
    return Path(sys.prefix) / "share" / "hoso" / f"prefect-{version('prefect')}.db"


def _serve(descriptor: int) -> None:
    database = Path(os.environ["PREFECT_HOME"]) / "prefect.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    if template().exists() and not database.exists():
        _copy_whole(template(), database)
    # The server makes a million objects that live as long as it does; looking for garbage among them is in vain.
    gc.disable()
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app()
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


def _make_template() -> None:
    if template().exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(Path(folder)))
        from prefect.server.database import provide_database_interface

        asyncio.run(provide_database_interface().create_db())
        template().parent.mkdir(parents=True, exist_ok=True)
        _copy_whole(Path(folder) / "prefect.db", template())


def _copy_whole(source: Path, target: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as stream:
        stream.write(source.read_bytes())
    shutil.move(stream.name, target)


if __name__ == "__main__":
    if sys.argv[1:] == ["--template"]:
        _make_template()
    else:
        die_with_parent()
        _serve(int(sys.argv[1]))
