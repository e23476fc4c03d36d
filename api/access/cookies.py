"""The session's cookie: never readable by script, never sent from another site, never over the open network.

Over https it is `__Host-hoso`: the browser itself holds it to this host, the whole path and encrypted connections. A
browser on this very machine may use plain http (the embedded default), where that name cannot be set; there it is
`hoso_session`. The one is never taken for the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

SECURE: Final = "__Host-hoso"
LOCAL: Final = "hoso_session"
AWAY: Final = "hoso_away"
"""Of a browser that is at the identity provider."""
FORWARDED: Final = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def is_https(request: HTTPConnection) -> bool:
    """Whether the browser speaks https with us, or with the proxy in front of us that says so."""
    return request.url.scheme in {"https", "wss"}


def is_local(request: HTTPConnection) -> bool:
    """Whether a program on this machine asks for itself: no proxy that speaks for others."""
    address = request.client.host if request.client else ""
    return address in LOOPBACK and not FORWARDED & set(request.headers)


def session_of(request: HTTPConnection) -> str | None:
    """The session's id that the browser sent."""
    return request.cookies.get(SECURE if is_https(request) else LOCAL)


def from_here(request: HTTPConnection) -> bool:
    """Whether a page of ours sent it: said by the browser, not merely not denied (`api.guard` does that)."""
    if (origin := request.headers.get("origin")) is not None:
        return origin.partition("://")[2] == request.headers.get("host", "")
    return request.headers.get("sec-fetch-site") == "same-origin"


def give(request: HTTPConnection, response: Response, secret: str) -> None:
    """Hands the browser its session; it ends with the browser at the latest."""
    secure = is_https(request)
    response.set_cookie(SECURE if secure else LOCAL, secret, path="/", secure=secure, httponly=True, samesite="strict")


def take(request: HTTPConnection, response: Response) -> None:
    """Takes it from the browser."""
    secure = is_https(request)
    response.delete_cookie(SECURE if secure else LOCAL, path="/", secure=secure, httponly=True, samesite="strict")
