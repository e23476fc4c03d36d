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


class KeyRefusedError(StoreError):
    """No object may be named like this."""

    code = "object_key_refused"
    message_vi = "Khóa lưu trữ không hợp lệ."
    remedy_vi = "Khóa chỉ gồm chữ cái không dấu, chữ số và ._=+-/; không chứa số định danh cá nhân."


class SourceUnreadableError(StoreError):
    """The file to be stored cannot be read; the store itself is well."""

    code = "store_source_unreadable"
    message_vi = "Không đọc được tệp cần lưu vào kho."
    remedy_vi = "Hãy kiểm tra tệp còn đó và tài khoản chạy phần mềm được quyền đọc."


class StoreAccessError(StoreUnreachableError):
    """The store answers, but does not let us in: keys, rights or bucket are wrong."""

    code = "store_access_denied"
    message_vi = "Kho lưu trữ từ chối truy cập."
    remedy_vi = "Hồ sơ được giữ lại; hãy kiểm tra khóa truy cập, quyền và tên bucket trong cấu hình kho."


class KeyDutyError(StoreError):
    """The key with which the store was opened is not for this; a defect or a setting, never tried again."""

    code = "store_key_duty"
    message_vi = "Khóa kho đang dùng không được quyền làm việc này."
    remedy_vi = "Hãy kiểm tra ba tệp khóa (ghi, đọc, bảo trì) trong cấu hình kho."


class VerbUnsupportedError(StoreError):
    """The medium cannot honour this."""

    code = "store_verb_unsupported"
    message_vi = "Kho lưu trữ này không làm được việc đó."
    remedy_vi = "Hãy dùng kho S3 có Object Lock; lệnh hoso doctor cho biết kho làm được gì."


class RetainedError(StoreError):
    """Retention forbids the deletion, or the change."""

    code = "object_retained"
    message_vi = "Đối tượng còn trong thời hạn lưu giữ, không được hủy."
    remedy_vi = "Chỉ hủy được sau khi hết thời hạn lưu giữ."


class ObjectHeldError(StoreError):
    """A legal hold forbids the deletion."""

    code = "object_held"
    message_vi = "Đối tượng đang bị phong tỏa theo yêu cầu pháp lý, không được hủy."
    remedy_vi = "Người có thẩm quyền phải gỡ phong tỏa trước."


class StoreOptionsError(StoreError):
    """The settings do not describe a store."""

    code = "store_options_invalid"
    message_vi = "Cấu hình kho lưu trữ không đúng."
    remedy_vi = "Hãy sửa mục kho lưu trữ trong cấu hình rồi chạy lại."
