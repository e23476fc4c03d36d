"""How a refusal is said: to machines as a problem document, to people as a page, or as the way to the sign-in.

Paths under `/api/` and the figures are for machines; everything else is looked at by people.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi.responses import RedirectResponse

from api.failures import failure_of
from api.problems import problem_response, retry_header, status_of
from pipeline.access.errors import PasswordChangeNeededError, SignInNeededError
from pipeline.errors import HosoError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from starlette.responses import Response

    from api.web import Web

_LOG = logging.getLogger("hoso.api")
_FOR_MACHINES = ("/api/", "/metrics", "/texts/")


def install(app: FastAPI, web: Web) -> None:
    """Makes every error of ours an answer of the right kind."""

    async def on_error(request: Request, error: Exception) -> Response:
        failure = failure_of(error)
        status = status_of(failure)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("%s", failure.code, exc_info=error)
        if request.url.path.startswith(_FOR_MACHINES) or not isinstance(error, HosoError):
            answer: Response = problem_response(failure, status)
            answer.headers.update(retry_header(error))
            if status == HTTPStatus.UNAUTHORIZED:
                answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        if isinstance(error, SignInNeededError):
            back = request.url.path if request.method == "GET" else "/"
            return RedirectResponse("/dang-nhap" + (f"?ve={quote(back)}" if back != "/" else ""), 303)
        if isinstance(error, PasswordChangeNeededError):
            return RedirectResponse("/tai-khoan", 303)
        return web.error(request, error)

    app.add_exception_handler(HosoError, on_error)
