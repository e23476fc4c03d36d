"""Errors that reach a person: what happened, to which file, what to do next.

Every door shows the same three things; machines get `code`, which never changes, people get Vietnamese.
The exit code of the command line belongs to the error's family, not to the place where it is caught.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line (the contract of `hoso digitize`)."""

    FILED = 0
    FAULT = 1
    INVALID = 2
    WAITS = 3
    REFUSED = 4
    HELD = 5


class HosoError(Exception):
    """Base: `code` for machines, `message_vi` and `remedy_vi` for people, `file` names the culprit."""

    code = "fault"
    exit_code: Exit = Exit.FAULT
    message_vi = "Có lỗi bên trong hệ thống."
    remedy_vi = "Hãy thử lại; nếu vẫn lỗi, gửi nhật ký cho quản trị viên."

    def __init__(self, file: str | None = None, detail: str = "") -> None:
        self.file = file
        self.detail = detail
        super().__init__(f"{self.code}: {file or ''} {detail}".strip())


class InputRefusedError(HosoError):
    """The input cannot become a page. The original, where there is one, is stored already."""

    code = "input_refused"
    exit_code = Exit.REFUSED
    message_vi = "Tệp này không dùng được."
    remedy_vi = "Hãy quét lại hoặc chọn tệp khác."


class HeldError(HosoError):
    """Signing, timestamp or store is out of reach; the work is kept and will be tried again."""

    code = "held"
    exit_code = Exit.HELD
    message_vi = "Chưa ký hoặc chưa lưu được; hồ sơ được giữ lại để thử lại."
    remedy_vi = "Không cần quét lại. Hệ thống sẽ tự thử lại; kiểm tra mạng, chữ ký số và kho."
