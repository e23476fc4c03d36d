"""Child processes that never outlive their parent, and sockets that never race for a port.

A parent binds the port itself and hands the listening socket down: a taken port is an error before anything starts,
and callers that come while the child starts (or restarts) wait in the socket's queue instead of being refused.
On Linux the kernel kills the child when its parent is gone, even by kill -9; elsewhere the group is stopped at exit.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from pipeline.errors import HosoError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_PR_SET_PDEATHSIG = 1
PARENT_VARIABLE = "HOSO_PARENT_PID"


class PortTakenError(HosoError):
    """Another program listens where we must."""

    code = "port_taken"
    message_vi = "Cổng mạng đã có chương trình khác dùng."
    remedy_vi = "Hãy dừng chương trình kia, hoặc đặt cổng khác bằng HOSO_API__PORT (0: tự chọn cổng trống)."


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes a free one. Raises `PortTakenError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # Otherwise a restart within a minute would find its own closed connections holding the port.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}:
            raise PortTakenError(f"{host}:{port}", str(error)) from error
        raise
    listener.listen(128)
    return listener


def url_of(listener: socket.socket) -> str:
    """`http://host:port` of a listening socket, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def die_with_parent() -> None:
    """Called first thing in a child: asks the kernel to kill it when the parent's starting thread ends.

    The parent may have died before the request was made: its recorded pid tells. Without a recorded pid the process
    was started by hand and stays.
    """
    expected = os.environ.get(PARENT_VARIABLE, "")
    if not expected or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(expected):
        os._exit(1)


def spawn(
    command: Sequence[str], *, log: Path, env: Mapping[str, str], sockets: Sequence[socket.socket] = ()
) -> subprocess.Popen[bytes]:
    """Starts a child in a process group of its own, its output appended to `log`.

    Call it from a thread that lives as long as the child should: the kernel's promise is tied to that thread.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        return subprocess.Popen(
            list(command),
            env={**os.environ, **env, PARENT_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            pass_fds=[s.fileno() for s in sockets],
            start_new_session=True,
        )


def stop(children: Sequence[subprocess.Popen[bytes]], *, grace: float = 3.0) -> None:
    """Ends children and their groups: SIGTERM to all at once, SIGKILL to what is left after `grace` seconds."""
    for child in children:
        _signal_group(child, signal.SIGTERM)
    until = time.monotonic() + grace
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, until - time.monotonic()))
    for child in children:
        # Also where the leader is gone: a grandchild may have stayed in the group.
        _signal_group(child, signal.SIGKILL)
        child.wait()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)
