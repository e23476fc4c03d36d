"""Starts the process that reads pages, as the first thing a command does: loading it takes longer than all the rest.

Nothing heavy is imported here. What to load is said later, by a task, when the settings have been read; until then the
child imports what nearly every reader needs. `Spare` holds such a child until a `models.served.ServedReader` takes it;
a child that nobody takes, or that was told another task, is ended. Every child dies at the end of its input.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_SECONDS = 60.0
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 20)}
"""Page images and working memory go back to the system when they are freed: 150 MB less at the peak (glibc)."""
_PIPE = 1 << 20
"""Bytes in a pipe (the most that Linux grants anybody): a page of 25 MB is handed over in 25 turns, not in 400."""


def reading_task(factory: str, options: Mapping[str, Any], *, seconds: float = PAGE_SECONDS) -> str:
    """What a child is told: `factory` is `module:function`, called with `options`; `seconds` limit one call."""
    return json.dumps({"factory": factory, "options": dict(options), "seconds": seconds}, sort_keys=True)


def start_child(*, early: bool = False) -> subprocess.Popen[bytes]:
    """A child that waits for its task; an `early` one imports what nearly every reader needs meanwhile."""
    code = f"from models.serving import main; main(early={early})"
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C is for the parent, which ends its children in its own time.
        start_new_session=True,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        if child.stdin is not None:
            fcntl.fcntl(child.stdin, fcntl.F_SETPIPE_SZ, _PIPE)
    return child


def tell(child: subprocess.Popen[bytes], *parts: bytes | memoryview) -> None:
    """Sends messages: eight bytes of length, then as many bytes. Raises `OSError`, `EOFError` where nobody listens."""
    if child.stdin is None:
        raise EOFError("no pipe")
    for part in parts:
        child.stdin.write(len(part).to_bytes(8, "little"))
        child.stdin.write(part)
        child.stdin.flush()


def end_child(child: subprocess.Popen[bytes]) -> None:
    """Kills the process and waits for it; twice is allowed."""
    child.kill()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    child.wait()


class Spare:
    """A child started ahead of its reader, for the time of a `with` block. For one thread."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = start_child(early=True)
        self._task = ""

    @property
    def pid(self) -> int | None:
        """Process id; None once it was taken or ended."""
        return self._child.pid if self._child else None

    def begin(self, task: str) -> None:
        """Lets the child load its reader; what is told a second time is not heard."""
        if self._child is not None and not self._task:
            self._task = task
            with contextlib.suppress(OSError):
                tell(self._child, task.encode())

    def take(self, task: str) -> subprocess.Popen[bytes] | None:
        """The child, told this very task and from now on the caller's; None where there is none such."""
        self.begin(task)
        if self._task != task:
            return None
        child, self._child = self._child, None
        return child

    def close(self) -> None:
        """Ends the child, unless it was taken."""
        child, self._child = self._child, None
        if child is not None:
            end_child(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
