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


class RevocationUnavailableError(SigningError):
    """The state of the signer's or authority's certificate cannot be had; B-LT and B-LTA must embed it."""

    code = "revocation_unavailable"
    retryable = True
    message_vi = "Không lấy được thông tin thu hồi chứng thư."
    remedy_vi = "Hồ sơ được giữ lại; hệ thống sẽ tự thử lại."


class CertificateRefusedError(SigningError):
    """The signer's certificate is revoked, or leads to no trusted root."""

    code = "certificate_refused"
    message_vi = "Chứng thư ký không dùng được."
    remedy_vi = "Hãy kiểm tra hạn dùng, tình trạng thu hồi và chứng thư gốc đã khai báo."


class PdfNotSignableError(SigningError):
    """The PDF is broken, encrypted, or certified against further signatures."""

    code = "pdf_not_signable"
    message_vi = "Không ký được tệp PDF này."
    remedy_vi = "Hãy kiểm tra tệp: có thể tệp hỏng, bị khóa, hoặc đã cấm ký thêm."


class StampRefusedError(SigningError):
    """The stamp's text holds a personal number, a letter its font lacks, or does not fit."""

    code = "stamp_refused"
    message_vi = "Không tạo được dấu hiển thị trên trang."
    remedy_vi = "Hãy kiểm tra tên cơ quan và mã hồ sơ ghi trên dấu."
