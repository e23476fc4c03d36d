"""What keeps a package from being made or looked at; a package that was looked at and is bad is a verdict, not this."""

from __future__ import annotations

from pipeline.errors import Exit, HosoError, InputRefusedError


class NotFiledYetError(HosoError):
    """Only what was signed and filed can be handed over."""

    code = "not_filed"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ chưa được ký và lưu nên chưa đóng gói được."
    remedy_vi = "Hãy đợi xử lý xong, hoặc quyết định các mục còn nghi ngờ, rồi đóng gói lại."


class PackageExistsError(InputRefusedError):
    """There is something under the package's name already; nothing is ever overwritten."""

    code = "package_exists"
    message_vi = "Ở nơi nhận đã có gói tin của hồ sơ này."
    remedy_vi = "Hãy chọn thư mục khác, hoặc chuyển gói cũ đi nơi khác."


class PackageNotWrittenError(HosoError):
    """The folder cannot be written, or the disk is full."""

    code = "package_not_written"
    message_vi = "Không ghi được gói tin vào thư mục đã chọn."
    remedy_vi = "Hãy kiểm tra quyền ghi và dung lượng đĩa; hồ sơ vẫn an toàn trong kho."


class PackageFaultError(HosoError):
    """The kho and the catalogue do not agree about what was filed."""

    code = "package_fault"
    message_vi = "Thông tin lưu kho của hồ sơ không khớp; chưa đóng gói được."
    remedy_vi = "Hãy báo quản trị viên chạy kiểm tra kho; tệp gốc vẫn an toàn."


class PackageMissingError(InputRefusedError):
    """There is no such folder or zip file."""

    code = "package_missing"
    message_vi = "Không mở được gói tin cần kiểm tra."
    remedy_vi = "Hãy kiểm tra đường dẫn: một thư mục, hoặc một tệp .zip."
