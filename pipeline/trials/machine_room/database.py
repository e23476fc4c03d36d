"""A PostgreSQL server of a trial's own: made anew, on a Unix socket, run by an ordinary user, safe against power cuts.

Nothing is tuned and nothing is switched off: what a killed server must survive is tried with the settings it has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from pipeline.trials.machine_room.processes import Service

USER: Final = "nobody"


class NotHereError(RuntimeError):
    """Something that a trial needs is not on this machine; the text says what."""


def programs() -> Path:
    """Where the server's programs are. Raises `NotHereError`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise NotHereError("no PostgreSQL server programs on this machine")
    return Path(on_path).resolve().parent


def make(folder: Path) -> None:
    """Makes an empty cluster in `folder`/data; `folder`/run will hold the socket. Raises `NotHereError`."""
    owner = _owner()
    for part in (folder, folder / "run"):
        part.mkdir(mode=0o755, exist_ok=True)
        if owner is not None:
            shutil.chown(part, owner)
    made = subprocess.run(
        [str(programs() / "initdb"), "-D", str(folder / "data"), "-U", "hoso", "-A", "trust", "-E", "UTF8"],
        check=False,
        cwd="/",
        user=owner,
        capture_output=True,
        timeout=120,
    )
    if made.returncode:
        raise NotHereError(f"initdb: {made.stderr.decode(errors='replace')[-500:]}")


def service(folder: Path, log: Path, *, port: int | None = None, host: str = "") -> Service:
    """The server over `folder`; on a Unix socket alone, or on `host` and `port` as well."""
    command = [str(programs() / "postgres"), "-D", str(folder / "data"), "-k", str(folder / "run")]
    command += ["-c", f"listen_addresses={host}", "-c", "max_connections=60"]
    command += ["-p", str(port)] if port else []
    return Service("database", command, log, user=_owner(), again_s=1.0)


def create(folder: Path, name: str = "hoso") -> bool:
    """Makes a database; False while the server does not answer."""
    command = [str(programs() / "createdb"), "-h", str(folder / "run"), "-U", "hoso", name]
    done = subprocess.run(command, check=False, cwd="/", user=_owner(), capture_output=True, timeout=30)
    return done.returncode == 0 or b"already exists" in done.stderr


def url(folder: Path, name: str = "hoso") -> str:
    """SQLAlchemy URL of a database of the server over `folder`."""
    return f"postgresql://hoso@/{name}?host={folder / 'run'}"


def _owner() -> str | None:
    # The server refuses to run as root.
    return USER if os.geteuid() == 0 else None
