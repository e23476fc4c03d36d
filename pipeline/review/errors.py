"""What goes wrong at the workbench, told to the clerk. Codes are stable."""

from __future__ import annotations

from pipeline.errors import Exit, HosoError


class UnknownItemError(HosoError):
    """No item has this id, or it is another agency's."""

    code = "review_item_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không có mục kiểm này."
    remedy_vi = "Hãy lấy mục tiếp theo."


class NothingToUndoError(HosoError):
    """Nothing was done that can be taken back."""

    code = "review_nothing_to_undo"
    exit_code = Exit.REFUSED
    message_vi = "Không còn thao tác nào để lùi lại."
    remedy_vi = "Hồ sơ đã đi tiếp thì sửa ở trang hồ sơ hoặc hỏi người phụ trách."


class EmptyAnswerError(HosoError):
    """An answer without a value."""

    code = "review_empty"
    exit_code = Exit.REFUSED
    message_vi = "Mục này chưa có nội dung."
    remedy_vi = "Hãy gõ nội dung, hoặc chọn “để trống”, “không đọc được”."
