"""What can go wrong while signing or verifying; `retryable` tells a held job from a broken one."""

from __future__ import annotations


class SigningError(Exception):
    """Base of all signing errors: a stable code, Vietnamese text, and whether waiting can help."""

    code = "signing_failed"
    retryable = False
    message_vi = "Không ký được."
    remedy_vi = "Hãy kiểm tra chứng thư và khóa ký."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.message_vi)
        self.detail = detail


class KeyUnavailableError(SigningError):
    """The key store, token or its passphrase is not there."""

    code = "key_unavailable"
    message_vi = "Không mở được khóa ký."
    remedy_vi = "Hãy kiểm tra tệp khóa, mật khẩu hoặc thiết bị ký."


class TimestampUnavailableError(SigningError):
    """No timestamp authority gave a usable answer."""

    code = "timestamp_unavailable"
    retryable = True
    message_vi = "Không lấy được dấu thời gian."
    remedy_vi = "Hồ sơ được giữ lại; hệ thống sẽ tự thử lại."


class SelfCheckError(SigningError):
    """What was just signed does not verify; it must not leave."""

    code = "signature_self_check_failed"
    message_vi = "Chữ ký vừa tạo không qua được kiểm tra."
    remedy_vi = "Không sử dụng tệp này; hãy báo quản trị viên."
