"""Work that a server does again and again beside answering: one step in a thread, a pause, the next step.

It lives exactly as long as the server. A step that fails is written down and the next one comes all the same: what it
looks for is in the catalogue and does not go away. Several servers may run the same work; steps see to that themselves.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from pipeline.errors import HosoError

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from fastapi import FastAPI


def repeated(
    step: Callable[[], Any], seconds: float, log: logging.Logger
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """A lifespan for a router: `step` with a pause of `seconds` after each, errors into `log`."""

    async def again() -> None:
        while True:
            try:
                await run_in_threadpool(step)
            except HosoError as error:
                log.warning("a step was not done: %s", error.code)
            except Exception:
                log.exception("a step failed")
            await asyncio.sleep(seconds)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(again())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return running
