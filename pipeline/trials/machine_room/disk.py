"""A disk of a trial's own, so that it can be full without harm to anybody: an ext4 file system in a sparse file.

Only root can mount one; elsewhere the trial's folder lies on the machine's disk and cannot be filled.
"""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def mount(image: Path, folder: Path, megabytes: int) -> str:
    """Mounts a new file system of this size at `folder`; the reason in words where that cannot be done, else empty."""
    if os.geteuid() != 0:
        return "only root can mount a disk of its own"
    with image.open("wb") as stream:
        stream.truncate(megabytes << 20)
    for command in (["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(folder)]):
        try:
            done = subprocess.run(command, check=False, capture_output=True, timeout=60)
        except OSError as error:
            return f"{command[0]}: {type(error).__name__}"
        if done.returncode:
            return f"{command[0]}: {done.stderr.decode(errors='replace').strip()}"
    folder.chmod(0o755)
    return ""


def undo(folder: Path) -> list[list[str]]:
    """Commands that take the disk away, whatever still holds it."""
    return [["umount", str(folder)], ["umount", "-l", str(folder)]]


@contextmanager
def full(folder: Path) -> Iterator[int]:
    """For the time of a `with` block there is no room left below `folder`; yields the bytes that were taken."""
    ballast = folder / ".ballast"
    taken = 0
    try:
        with ballast.open("wb") as stream:
            # What is freed in between is taken, too: programs delete their half-written files.
            for _ in range(5):
                room = os.statvfs(folder)
                free = room.f_bavail * room.f_frsize
                if free < 1 << 16:
                    break
                try:
                    os.posix_fallocate(stream.fileno(), taken, free)
                    taken += free
                except OSError:
                    taken = os.fstat(stream.fileno()).st_size
                time.sleep(0.05)
        yield taken
    finally:
        ballast.unlink(missing_ok=True)
