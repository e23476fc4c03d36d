"""What can be wrong about coming in, by name. None of these says whether an account exists."""

from __future__ import annotations

from pipeline.errors import Exit, HosoError


class SignInNeededError(HosoError):
    """Nobody has signed in here, or the session has ended."""

    code = "sign_in_needed"
    exit_code = Exit.REFUSED
    message_vi = "Cần đăng nhập để tiếp tục."
    remedy_vi = "Hãy đăng nhập; máy khác thì gửi khóa API trong tiêu đề Authorization."


class KeyRefusedError(HosoError):
    """A key that was never given, was revoked, or has ended."""

    code = "key_refused"
    exit_code = Exit.REFUSED
    message_vi = "Khóa API không dùng được."
    remedy_vi = "Hãy xin quản trị viên khóa mới (hoso access key add)."


class NotAllowedError(HosoError):
    """Signed in, without the right."""

    code = "not_allowed"
    exit_code = Exit.REFUSED
    message_vi = "Tài khoản này không có quyền làm việc đó."
    remedy_vi = "Hãy dùng tài khoản có quyền, hoặc đề nghị quản trị viên cấp vai trò."


class PasswordChangeNeededError(HosoError):
    """The password was made by the system: another one first."""

    code = "password_change_needed"
    exit_code = Exit.REFUSED
    message_vi = "Mật khẩu hiện tại chỉ dùng được một lần."
    remedy_vi = "Hãy đặt mật khẩu mới trước khi làm việc."


class TooManyRequestsError(HosoError):
    """More than the rate allows."""

    code = "too_many_requests"
    exit_code = Exit.HELD
    message_vi = "Quá nhiều yêu cầu trong thời gian ngắn."
    remedy_vi = "Hãy đợi vài giây rồi thử lại."

    def __init__(self, seconds: float) -> None:
        super().__init__(None, f"retry after {seconds:.0f} s")
        self.seconds = max(1, round(seconds + 0.5))
        self.remedy_vi = f"Hãy đợi {self.seconds} giây rồi thử lại."


class WrongPasswordError(HosoError):
    """Account or password is wrong; which of them is not said."""

    code = "sign_in_refused"
    exit_code = Exit.REFUSED
    message_vi = "Tên đăng nhập hoặc mật khẩu không đúng."
    remedy_vi = "Hãy gõ lại; nếu quên mật khẩu, đề nghị quản trị viên cấp lại."


class WeakPasswordError(HosoError):
    """A new password that is too easy to guess; `reason` is a stable code."""

    code = "password_weak"
    exit_code = Exit.REFUSED
    message_vi = "Mật khẩu mới chưa dùng được."
    remedy_vi = "Hãy chọn một câu dài mà chỉ mình biết."

    def __init__(self, reason: str, least: int) -> None:
        super().__init__(None, reason)
        self.reason = reason
        self.remedy_vi = {
            "too_short": f"Mật khẩu cần ít nhất {least} ký tự; một câu dễ nhớ là tốt nhất.",
            "too_long": "Mật khẩu dài nhất 256 ký tự.",
            "too_common": "Mật khẩu này quá phổ biến hoặc chỉ lặp lại vài ký tự; hãy chọn câu khác.",
            "names_something": "Mật khẩu không được chứa tên đăng nhập, họ tên hay tên hệ thống.",
        }[reason]


class AccountError(HosoError):
    """An account or key cannot be made or changed like this."""

    code = "account_invalid"
    exit_code = Exit.REFUSED
    message_vi = "Không tạo hoặc thay đổi được tài khoản."
    remedy_vi = "Hãy xem tên đăng nhập, vai trò và mã cơ quan; lệnh: hoso access list."


class ProviderError(HosoError):
    """The identity provider is out of reach, or what it gave does not hold. Nobody comes in."""

    code = "provider_refused"
    exit_code = Exit.REFUSED
    message_vi = "Không đăng nhập được qua hệ thống định danh."
    remedy_vi = "Hãy thử đăng nhập lại; nếu vẫn lỗi, báo quản trị viên."


class PlainHttpError(HosoError):
    """Passwords and sessions do not go over a network in the clear."""

    code = "https_needed"
    exit_code = Exit.REFUSED
    message_vi = "Chỉ đăng nhập được qua https, hoặc trên chính máy này."
    remedy_vi = "Hãy mở địa chỉ https của hệ thống; quản trị viên xem docs/access.md."
