"""What can go wrong with keeping and destroying: refusals that name their rule, and things nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import Exit, HosoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.keeping.records import Ground


class KeepingRulesError(HosoError):
    """A file of rules cannot be used."""

    code = "keeping_rules_invalid"
    message_vi = "Tệp quy định thời hạn lưu trữ không đúng."
    remedy_vi = "Hãy sửa tệp HOSO_KEEPING__RULES rồi chạy lại."


class KeepingForbidsError(HosoError):
    """A rule of retention or a legal hold forbids the destruction. `grounds` are all of them."""

    code = "keeping_forbids"
    exit_code = Exit.REFUSED
    message_vi = "Không được hủy: còn thời hạn lưu trữ hoặc đang bị phong tỏa."
    remedy_vi = "Hết thời hạn hoặc gỡ phong tỏa rồi mới hủy được."

    def __init__(self, file: str | None, grounds: Sequence[Ground]) -> None:
        said = "; ".join(ground.line() for ground in grounds)
        super().__init__(file, said)
        self.grounds = tuple(grounds)
        self.remedy_vi = f"Căn cứ: {said}. Hết thời hạn hoặc gỡ phong tỏa rồi mới hủy được."


class KeepingUnknownError(HosoError):
    """No such record, hold or request, or one of another agency."""

    code = "keeping_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không tìm thấy hồ sơ, lệnh phong tỏa hoặc yêu cầu này."
    remedy_vi = "Hãy kiểm tra mã rồi thử lại (hoso keep list, hoso keep requests)."


class RequestStateError(HosoError):
    """The request was answered already, or is of another kind."""

    code = "keeping_request_state"
    exit_code = Exit.REFUSED
    message_vi = "Yêu cầu này đã được trả lời hoặc không thuộc loại việc này."
    remedy_vi = "Hãy xem trạng thái yêu cầu bằng hoso keep requests."


class ReasonNeededError(HosoError):
    """An act of this kind needs a reason."""

    code = "keeping_reason_needed"
    exit_code = Exit.REFUSED
    message_vi = "Việc này phải có lý do."
    remedy_vi = "Hãy ghi rõ lý do, căn cứ hoặc số văn bản."
