"""Store errors: out of reach (held, tried again) is told apart from wrong (never tried again)."""

from __future__ import annotations

from pipeline.errors import Exit, HeldError, HosoError


class StoreError(HosoError):
    """Base of store errors."""

    code = "store_failed"
    message_vi = "Kho lưu trữ báo lỗi."


class StoreUnreachableError(StoreError, HeldError):
    """The store does not answer, or its disk is full."""

    code = "store_unreachable"
    exit_code = Exit.HELD
    message_vi = "Không kết nối được kho lưu trữ, hoặc kho đã đầy."
    remedy_vi = "Hồ sơ được giữ lại; hãy kiểm tra kho và dung lượng đĩa, hệ thống sẽ tự thử lại."


class NotFoundError(StoreError):
    """No such object."""

    code = "object_not_found"
    message_vi = "Không tìm thấy đối tượng trong kho."


class KeyTakenError(StoreError):
    """Other content already lies under this key; write-once forbids replacing it."""

    code = "object_key_taken"
    message_vi = "Khóa này đã chứa nội dung khác; kho không cho ghi đè."


class CorruptError(StoreError):
    """The stored bytes do not match their SHA-256."""

    code = "object_corrupt"
    message_vi = "Nội dung trong kho không khớp mã kiểm tra SHA-256."
    remedy_vi = "Hãy khôi phục đối tượng này từ bản sao lưu."
