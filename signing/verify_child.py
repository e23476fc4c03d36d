"""The child of `signing.verify`: one order as its argument, one PDF on standard input, one JSON object as its answer.

It limits itself before it reads a byte of the file: address space, processor time, no core file, no child of its
own. Whatever goes wrong becomes `{"fault": CODE}`; the parent turns a silent death into a verdict too.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

from signing.trust import Trust, load
from signing.wire import to_dict


def main(argument: str) -> int:
    """Judge standard input as `argument` (JSON) says; returns the exit status."""
    order = json.loads(argument)
    _limit(order["memory_mb"], order["cpu_s"])
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        answer = _answer(order, sys.stdin.buffer.read())
    except MemoryError:
        answer = {"fault": "memory_limit"}
    except RecursionError:
        answer = {"fault": "verifier_failed"}
    except Exception:  # the parent must get an answer for any file
        answer = {"fault": "verifier_failed"}
    sys.stdout.write(json.dumps(answer))
    return 0


def _answer(order: dict[str, Any], data: bytes) -> dict[str, Any]:
    from signing.validation import list_facts, validate

    if order["task"] == "list":
        return to_dict(list_facts(data))
    trust = Trust(
        development=Path(order["development"]) if order["development"] else None,
        roots=Path(order["roots"]) if order["roots"] else None,
        revocation_max_age_days=order["revocation_max_age_days"],
        fetch=order["fetch"],
    )
    return to_dict(validate(data, load(trust), datetime.fromisoformat(order["now"])))


def _limit(memory_mb: int, cpu_s: int) -> None:
    memory = memory_mb * 1024 * 1024
    for kind, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
