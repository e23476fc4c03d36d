"""`python -m pipeline.trials.machine_room.janitor ORDER`: cleans up after a harness, however that one ended.

It reads its standard input, the other end of which the harness holds: the end of the file means that the harness is
gone or done. It ignores the terminal's signals, so that Ctrl-C reaches the harness alone. Past the deadline it kills
the harness first. ORDER is JSON: token, folder, deadline in seconds, harness (pid), undo (commands).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from pipeline.trials.machine_room.processes import clear


def main(order_text: str) -> int:
    """Waits, then cleans; 0 where the harness ended in time."""
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, signal.SIG_IGN)
    order = json.loads(order_text)
    until = time.monotonic() + float(order["deadline"])
    late = False
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], max(0.0, until - time.monotonic()))
        if ready and not os.read(sys.stdin.fileno(), 4096):
            break
        if time.monotonic() >= until:
            late = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(order["harness"]), signal.SIGKILL)
            break
    clear(str(order["token"]), Path(order["folder"]))
    for command in order["undo"]:
        with contextlib.suppress(subprocess.TimeoutExpired, OSError):
            subprocess.run(command, check=False, capture_output=True, timeout=20)
    return int(late)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
