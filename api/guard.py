"""What stands before every route: who may speak to us through a browser, and what a page of ours may load.

There is no sign-in: the door is bound to this machine. So a web page from elsewhere must not act through a clerk's
browser: requests that change something must come from our own pages, and the Host must be ours (DNS rebinding).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.failures import failure_of
from api.problems import ForeignOriginError, problem_response, status_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOCAL = {"127.0.0.1", "localhost", "::1"}
_SAFE = {"GET", "HEAD", "OPTIONS"}
HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}


class Guard:
    """ASGI middleware; it looks at headers only and never touches a body."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        """`host` is where the door is bound: a loopback address allows loopback names only."""
        self._app = app
        self._local_only = host in _LOCAL

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request pass, with our headers on the answer, or refuses it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._foreign(scope):
            failure = failure_of(ForeignOriginError())
            await problem_response(failure, status_of(failure))(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message)
            await send(message)

        await self._app(scope, receive, guarded)

    def _foreign(self, scope: Scope) -> bool:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = urlsplit(f"//{headers.get(b'host', '')}")
        if self._local_only and host.hostname not in _LOCAL:
            return True
        if scope["method"] in _SAFE:
            return False
        origin = headers.get(b"origin")
        if origin is not None:
            return bool(urlsplit(origin).netloc != host.netloc)
        return headers.get(b"sec-fetch-site", "none") not in {"none", "same-origin"}


def _add_headers(message: MutableMapping[str, Any]) -> None:
    present = {name.lower() for name, _ in message["headers"]}
    message["headers"] = [*message["headers"], *((n, v) for n, v in HEADERS.items() if n not in present)]
