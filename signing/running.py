"""Runs one coroutine to its end from code that is not asynchronous, whoever calls.

pyHanko's own interface is asynchronous; callers here are stages and command lines, sometimes inside somebody's
event loop, where `asyncio.run` is refused: the job then gets a thread of its own.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

_T = TypeVar("_T")


def run_to_end(job: Coroutine[Any, Any, _T]) -> _T:
    """The result of `job`; raises what it raises."""
    results: list[_T] = []
    faults: list[BaseException] = []

    async def kept() -> None:
        # a task that ends with the signed file has it printed, unseen, whenever asyncio looks at its signal handler:
        # a third of the time of a signature
        results.append(await job)

    def work() -> None:
        try:
            asyncio.run(kept())
        except BaseException as error:  # carried to the waiting thread
            faults.append(error)

    if not _loop_is_running():
        asyncio.run(kept())
        return results[0]
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return results[0]


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
