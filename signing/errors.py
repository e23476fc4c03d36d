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


class KeySecretWrongError(KeyUnavailableError):
    """The passphrase or PIN is wrong, missing or locked. Never tried again by itself: tokens lock after a few."""

    code = "key_secret_wrong"
    message_vi = "Mật khẩu hoặc mã PIN của khóa ký không đúng."
    remedy_vi = "Hãy sửa tệp mật khẩu hoặc mã PIN trước khi thử lại: thử sai nhiều lần sẽ khóa thiết bị."


class KeyMismatchError(KeyUnavailableError):
    """The private key is another certificate's."""

    code = "key_mismatch"
    message_vi = "Khóa bí mật không khớp với chứng thư."
    remedy_vi = "Hãy chọn đúng chứng thư của khóa này."


class CertificateExpiredError(KeyUnavailableError):
    """The signer's certificate has ended."""

    code = "signer_certificate_expired"
    message_vi = "Chứng thư ký đã hết hạn."
    remedy_vi = "Hãy gia hạn hoặc thay chứng thư ký."


class CertificateNotYetValidError(KeyUnavailableError):
    """The signer's certificate has not begun."""

    code = "signer_certificate_not_yet_valid"
    message_vi = "Chứng thư ký chưa đến ngày có hiệu lực."
    remedy_vi = "Hãy kiểm tra đồng hồ của máy và ngày bắt đầu của chứng thư."


class KeyUsageWrongError(KeyUnavailableError):
    """The certificate is for something else than signing documents."""

    code = "signer_key_usage_wrong"
    message_vi = "Chứng thư này không dùng để ký tài liệu."
    remedy_vi = "Hãy chọn chứng thư có mục đích chữ ký số."


class SigningRefusedError(KeyUnavailableError):
    """The service, or the person asked by it, did not authorise the signature."""

    code = "signing_refused"
    message_vi = "Dịch vụ ký số hoặc người ký không cho phép ký."
    remedy_vi = "Hãy kiểm tra mã truy cập, mã PIN và xác nhận của người ký rồi ký lại."


class KeyLostError(KeyUnavailableError):
    """The token is out of reach: pulled out, or its session is lost and could not be opened again."""

    code = "key_lost"
    retryable = True
    message_vi = "Mất kết nối với thiết bị ký."
    remedy_vi = "Hãy cắm lại thiết bị ký; hồ sơ được giữ lại và hệ thống sẽ tự thử lại."


class SigningServiceUnavailableError(KeyUnavailableError):
    """The remote signing service does not answer, answers too late, or says that it cannot now."""

    code = "signing_service_unavailable"
    retryable = True
    message_vi = "Không kết nối được dịch vụ ký số từ xa."
    remedy_vi = "Hồ sơ được giữ lại; hệ thống sẽ tự thử lại."


class SignatureAwaitedError(KeyUnavailableError):
    """The hash is out; the signature has not come back yet."""

    code = "signature_awaited"
    retryable = True
    message_vi = "Đang chờ người ký xác nhận."
    remedy_vi = "Hãy xác nhận trên điện thoại hoặc nạp chữ ký đã nhận được; hồ sơ được giữ lại."


class WrongSignatureError(SigningError):
    """What came back is no signature of this key over this document."""

    code = "signature_wrong"
    message_vi = "Chữ ký nhận được không đúng."
    remedy_vi = "Không sử dụng chữ ký này; hãy ký lại và báo dịch vụ ký số nếu còn xảy ra."


class OtherDocumentError(WrongSignatureError):
    """The signature is for another document than the one it was handed in for."""

    code = "signature_for_another_document"
    message_vi = "Chữ ký này thuộc về tài liệu khác."
    remedy_vi = "Hãy kiểm tra mã phiên ký và nạp đúng chữ ký."


class OtherKeyError(WrongSignatureError):
    """The signature is by another key than the one the document was prepared for."""

    code = "signature_by_another_key"
    message_vi = "Chữ ký này do một khóa khác tạo ra."
    remedy_vi = "Hãy ký bằng đúng chứng thư đã chọn khi chuẩn bị tài liệu."


class SessionUnreadableError(SigningError):
    """A kept signing session, or the prepared PDF beside it, is damaged, foreign or of another version."""

    code = "session_unreadable"
    message_vi = "Phiên ký đã lưu không đọc được."
    remedy_vi = "Hãy chuẩn bị ký lại tài liệu này."


class SessionExpiredError(SigningError):
    """The signature came after the session's end."""

    code = "session_expired"
    message_vi = "Phiên ký đã hết hạn."
    remedy_vi = "Hãy chuẩn bị ký lại tài liệu này."


class SessionFinishedError(SigningError):
    """The session was finished before; its signed file is kept and must not be made twice."""

    code = "session_finished"
    message_vi = "Phiên ký này đã hoàn tất."
    remedy_vi = "Không cần làm gì: tài liệu đã được ký trước đó."
