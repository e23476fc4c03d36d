"""What stands before every route: who may speak to us through a browser, and what a page of ours may load.

A web page from elsewhere must not act through a clerk's browser: requests that change something must come from our own
pages, and the Host must be ours where the door is bound to this machine (DNS rebinding). Who may do what is the gate's
(`api.access.gate`); a form or JSON that no route of ours needs is turned away before anybody reads it into memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.failures import failure_of
from api.problems import ForeignOriginError, UploadTooLargeError, problem_response, status_of

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

HSTS = {b"strict-transport-security": b"max-age=31536000; includeSubDomains"}
"""Only where the browser speaks https with us: then it never speaks anything else with this host again."""
MOST_FORM_BYTES = 4 << 20
"""Of a form without files, and of JSON: the longest list of decisions is far below."""


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
        error = ForeignOriginError() if self._foreign(scope) else _too_large(scope)
        if error is not None:
            failure = failure_of(error)
            await problem_response(failure, status_of(failure))(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message, https=scope["scheme"] == "https")
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


def _too_large(scope: Scope) -> UploadTooLargeError | None:
    """Forms and JSON are read whole before a route sees them, so they say their size and are small; files stream."""
    headers = dict(scope["headers"])
    if not headers.get(b"content-type", b"").startswith((b"application/json", b"application/x-www-form-urlencoded")):
        return None
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) <= MOST_FORM_BYTES:
        return None
    chunked = b"transfer-encoding" in headers
    return UploadTooLargeError(None, f"more than {MOST_FORM_BYTES} bytes") if length or chunked else None


def _add_headers(message: MutableMapping[str, Any], *, https: bool) -> None:
    wanted = HEADERS | HSTS if https else HEADERS
    present = {name.lower() for name, _ in message["headers"]}
    message["headers"] = [*message["headers"], *((n, v) for n, v in wanted.items() if n not in present)]
