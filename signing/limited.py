"""Work on files from outside, in a child process that limits itself before it reads a byte of them.

The parent gives one order as an argument and the file on standard input, and gets one JSON object, or the reason why
there is none: too long, too much memory, dead. Address space, processor time and core files are limited; the child
reads and computes, and starts nothing.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_MEMORY_MB: Final = 2048
_PACKAGE_ROOT: Final = Path(__file__).resolve().parent.parent


def ask_child(
    module: str,
    order: dict[str, Any],
    stream: BinaryIO,
    timeout_s: float,
    *,
    memory_mb: int = DEFAULT_MEMORY_MB,
) -> tuple[dict[str, Any] | None, str]:
    """(answer, "") of the child `module`, or (None, reason code): time_limit, memory_limit, verifier_failed."""
    limits = {"memory_mb": memory_mb, "cpu_s": int(timeout_s) + 1}
    environment = {**os.environ, "PYTHONPATH": str(_PACKAGE_ROOT)}
    command = [sys.executable, "-P", "-X", "utf8", "-m", module, json.dumps(order | limits)]
    with subprocess.Popen(
        command,
        stdin=stream,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    ) as child:
        try:
            output, _ = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return None, "time_limit"
    try:
        answer = json.loads(output)
        if child.returncode == 0 and "fault" not in answer:
            return answer, ""
        return None, str(answer["fault"])
    except (ValueError, KeyError, TypeError):
        return None, "verifier_failed"


def serve(argument: str, work: Callable[[dict[str, Any], bytes], dict[str, Any]]) -> int:
    """The child's side: limits itself, does `work` on standard input as `argument` (JSON) says, and answers.

    Whatever goes wrong becomes `{"fault": CODE}`; the parent turns a silent death into a reason too.
    """
    order = json.loads(argument)
    memory = order["memory_mb"] * 1024 * 1024
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, order["cpu_s"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        answer = work(order, sys.stdin.buffer.read())
    except MemoryError:
        answer = {"fault": "memory_limit"}
    except Exception:  # the parent must get an answer for any file
        answer = {"fault": "verifier_failed"}
    sys.stdout.write(json.dumps(answer))
    return 0
