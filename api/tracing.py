"""Every request has a name of its own: in its answer, in all log lines that it causes, and as a span of a trace.

A span is called by the route's template and carries neither path nor query, which hold search words and one-time links.
A `traceparent` of the caller is taken up, so that a portal's trace goes on in ours.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from api.metrics import template_of
from pipeline.telemetry.logging import bound

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pipeline.telemetry.spans import Spans

HEADER = b"x-request-id"


class Traced:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, spans: Spans) -> None:
        self._app = app
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request pass under its name."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Made here and never taken from the caller: log lines must not hold what strangers write.
        name = secrets.token_hex(8)
        parent = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"traceparent"), "")
        with bound(request=name), self._spans.span("http", parent, method=scope["method"]) as span:

            async def named(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (HEADER, name.encode())]
                    span.say(status=message["status"])
                await send(message)

            try:
                await self._app(scope, receive, named)
            finally:
                span.say(f"{scope['method']} {template_of(scope)}")
