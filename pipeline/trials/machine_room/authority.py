"""`python -m pipeline.trials.machine_room.authority PKI PORT`: the development timestamp authority as its own process.

It stands in for an authority on the network that can be killed and stopped by itself. Its certificate is the
development PKI's, so a signer that trusts that one trusts it.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path


def main(pki: Path, port: int) -> int:
    """Answers until SIGTERM."""
    from signing.devpki import DevelopmentPki
    from signing.tsa import TimestampAuthority, serve

    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    authority = TimestampAuthority(DevelopmentPki.ensure(pki).key("tsa"))
    with serve(authority.respond, port=port):
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
