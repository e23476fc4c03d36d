"""How a refusal is said: to machines as a problem document, to people as a page, or as the way to the sign-in.

Paths under `/api/` and the figures are for machines; everything else is looked at by people. Both are told in the
language that a browser has chosen, as far as there are words; programs choose none and are told in Vietnamese.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from api.failures import failure_of
from api.problems import http_failure, invalid_failure, problem_response, retry_header, status_of
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
        failure = web.failure(request, failure_of(error))
        status = status_of(failure)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("%s", failure.code, exc_info=error)
        if request.url.path.startswith(_FOR_MACHINES):
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

    async def on_refused(request: Request, error: Exception) -> Response:
        invalid = isinstance(error, RequestValidationError)
        failure = web.failure(request, invalid_failure(error) if invalid else http_failure(error))
        status = getattr(error, "status_code", HTTPStatus.UNPROCESSABLE_ENTITY)
        if request.url.path.startswith(_FOR_MACHINES):
            return problem_response(failure, status)
        return web.page(request, "error.html", status, failure=failure)

    app.add_exception_handler(HosoError, on_error)
    app.add_exception_handler(Exception, on_error)
    app.add_exception_handler(HTTPException, on_refused)
    app.add_exception_handler(RequestValidationError, on_refused)
