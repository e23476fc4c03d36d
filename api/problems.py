"""Errors over HTTP: RFC 9457 problem documents with our stable code, the file's name and what to do next.

The status says whose turn it is: 4xx the caller's, 503 ours, later (`held`), 500 ours. Nothing of a traceback or of an
unexpected exception's text leaves the process; both are in the log, masked.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from api.failures import Failure, failure_of
from pipeline.errors import Exit, HosoError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("hoso.api")
_STATUS = {
    "not_found": 404,
    "method_not_allowed": 405,
    "request_invalid": 422,
    "dossier_unknown": 404,
    "phone_ticket_spent": 404,
    "screen_closed": 404,
    "slip_unknown": 404,
    "visit_over": 404,
    "citizen_not_now": 409,
    "card_unknown": 422,
    "card_garbled": 422,
    "backlog_full": 429,
    "dossier_not_found": 404,
    "page_unknown": 404,
    "review_item_unknown": 404,
    "quality_not_switched": 404,
    "quality_outlier_unknown": 404,
    "quality_batch_unknown": 404,
    "review_nothing_to_undo": 409,
    "field_unknown": 404,
    "owner_unknown": 404,
    "paper_unknown": 404,
    "share_unknown": 404,
    "share_refused": 409,
    "merge_refused": 409,
    "held_paper_not_usable": 409,
    "search_refused": 422,
    "move_not_allowed": 409,
    "move_reason_missing": 422,
    "result_unsigned": 409,
    "step_refused": 409,
    "copy_unknown": 404,
    "copy_pages": 409,
    "copy_not_compared": 409,
    "step_changed": 409,
    "step_reason_missing": 422,
    "step_taken": 409,
    "step_not_digitised": 409,
    "step_result_missing": 409,
    "step_result_unusable": 422,
    "step_result_unknown": 404,
    "step_own_work": 409,
    "step_assignee": 422,
    "step_extension_day": 422,
    "not_filed": 404,
    "procedure_unknown": 422,
    "decision_invalid": 409,
    "keeping_unknown": 404,
    "keeping_forbids": 409,
    "keeping_request_state": 409,
    "key_on_hold": 409,
    "key_destroyed": 410,
    "presign_sealed": 409,
    "dossier_changed": 409,
    "dossier_busy": 409,
    "pages_changed": 409,
    "pages_filed": 409,
    "pages_not_ready": 409,
    "draft_started": 409,
    "dossier_not_stopped": 409,
    "no_signature_awaited": 409,
    "file_too_big": 413,
    "upload_too_large": 413,
    "foreign_origin": 403,
    "sign_in_needed": 401,
    "key_refused": 401,
    "sign_in_refused": 401,
    "not_allowed": 403,
    "password_change_needed": 403,
    "provider_refused": 403,
    "https_needed": 403,
    "too_many_requests": 429,
}
_BY_EXIT = {Exit.REFUSED: 422, Exit.HELD: 503}


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:hoso:problem:dossier_unknown",
                    "title": "Không có hồ sơ nào mang mã này.",
                    "status": 404,
                    "detail": "",
                    "code": "dossier_unknown",
                    "file": "hs-261121-abcdefgh",
                    "remedy": "Hãy kiểm tra lại mã hồ sơ trên giấy tiếp nhận.",
                }
            ]
        }
    )

    type: str
    """`urn:hoso:problem:CODE`."""
    title: str
    """Vietnamese, for people."""
    status: int
    detail: str = ""
    code: str
    """Stable, for machines."""
    file: str | None = None
    """Which file or dossier is meant."""
    remedy: str = ""
    """Vietnamese: what to do next."""


class UploadTooLargeError(HosoError):
    """More bytes than this door takes."""

    code = "upload_too_large"
    exit_code = Exit.REFUSED
    message_vi = "Tệp tải lên quá lớn."
    remedy_vi = "Hãy tách thành nhiều tệp nhỏ hơn, hoặc quét lại ở 300 dpi."


class BusyError(HosoError):
    """Another process works on the dossier right now."""

    code = "dossier_busy"
    message_vi = "Hồ sơ đang được xử lý."
    remedy_vi = "Hãy đợi vài giây rồi thử lại."


class NotFiledError(HosoError):
    """The dossier has no signed PDF yet."""

    code = "not_filed"
    message_vi = "Hồ sơ chưa có PDF đã ký."
    remedy_vi = "Hãy đợi xử lý xong, hoặc quyết định các mục còn nghi ngờ."


class ForeignOriginError(HosoError):
    """A web page from elsewhere tried to act through this browser."""

    code = "foreign_origin"
    message_vi = "Yêu cầu đến từ trang web khác nên bị từ chối."
    remedy_vi = "Hãy mở đúng địa chỉ của hệ thống rồi thao tác lại."


class AddressUnknownError(HosoError):
    """Nothing of ours has that address."""

    code = "not_found"
    message_vi = "Không có địa chỉ này."
    remedy_vi = "Hãy kiểm tra lại địa chỉ, hoặc về trang đầu."


class MethodWrongError(HosoError):
    """The address is there, but not for this method."""

    code = "method_not_allowed"
    message_vi = "Không dùng được phương thức này."
    remedy_vi = "Hãy quay lại trang trước rồi thao tác lại."


class RequestInvalidError(HosoError):
    """The request lacks something, or has it in a wrong form; `detail` says where."""

    code = "request_invalid"
    message_vi = "Yêu cầu không đúng dạng."
    remedy_vi = "Hãy sửa các mục được nêu."


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented error answers of a route, for OpenAPI."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def status_of(failure: Failure) -> int:
    """The HTTP status of a failure."""
    by_exit = {int(exit_code): status for exit_code, status in _BY_EXIT.items()}
    return _STATUS.get(failure.code) or by_exit.get(failure.exit_code, 500)


def problem_response(failure: Failure, status: int) -> JSONResponse:
    """The problem document."""
    problem = Problem(
        type=f"urn:hoso:problem:{failure.code}",
        title=failure.title,
        status=status,
        detail=failure.detail,
        code=failure.code,
        file=failure.file,
        remedy=failure.remedy,
    )
    return JSONResponse(problem.model_dump(), status, media_type=MEDIA_TYPE)


def http_failure(error: BaseException) -> Failure:
    """What the framework refuses by itself: no such address, no such method, or its own phrase."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrase = HTTPStatus(status).phrase
    known = {404: AddressUnknownError, 405: MethodWrongError}.get(status)
    if known is not None:
        return failure_of(known(detail=phrase))
    return Failure(phrase.lower().replace(" ", "_"), phrase, None, RequestInvalidError.remedy_vi, phrase, 1)


def invalid_failure(error: BaseException) -> Failure:
    """A request that is not right in form."""
    items = error.errors() if isinstance(error, RequestValidationError) else []
    # Only where and what: the values may be people's data.
    places = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in jsonable_encoder(items))
    return failure_of(RequestInvalidError(detail=places))


def retry_header(error: BaseException | None) -> dict[str, str]:
    """`Retry-After` in seconds, for an error that says how long."""
    seconds = getattr(error, "seconds", None)
    return {"Retry-After": str(seconds)} if isinstance(seconds, int) else {}


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document, and puts the schema into OpenAPI."""

    async def on_error(_request: Request, error: Exception) -> Response:
        failure = failure_of(error)
        status = status_of(failure)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("%s", failure.code, exc_info=error)
        response = problem_response(failure, status)
        response.headers.update(retry_header(error))
        return response

    async def on_http(_request: Request, error: Exception) -> Response:
        failure = http_failure(error)
        return problem_response(failure, getattr(error, "status_code", 500))

    async def on_invalid(_request: Request, error: Exception) -> Response:
        return problem_response(invalid_failure(error), 422)

    app.add_exception_handler(HosoError, on_error)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_error)
