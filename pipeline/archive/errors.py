"""Why an archive PDF is not made, or not let through. Both are our fault or the file's, never the clerk's scan."""

from __future__ import annotations

from pipeline.errors import HosoError


class ArchiveRefusedError(HosoError):
    """The gate found the file not fit for signing; `detail` names every reason."""

    code = "archive_refused"
    message_vi = "Bản lưu trữ PDF/A không đạt kiểm tra nên chưa được ký."
    remedy_vi = "Không cần quét lại; hãy gửi nhật ký cho quản trị viên."


class ArchivePageError(HosoError):
    """A page image given to the archive is neither a whole JPEG nor a whole PNG."""

    code = "archive_page_broken"
    message_vi = "Một ảnh trang không đưa được vào bản lưu trữ."
    remedy_vi = "Hãy thử lại; nếu vẫn lỗi, gửi nhật ký cho quản trị viên."


class ArchiveUnreadableError(HosoError):
    """The file cannot be opened as a PDF."""

    code = "archive_unreadable"
    message_vi = "Không mở được tệp này như một tệp PDF."
    remedy_vi = "Hãy kiểm tra lại tệp, hoặc lấy bản lưu trong kho."
