"""What can go wrong while reading. Each error has a stable code and says, in Vietnamese, what to do next."""

from __future__ import annotations


class ReadingError(Exception):
    """Base of all reading errors."""

    code = "reading_failed"
    message_vi = "Không đọc được trang."
    remedy_vi = "Hãy quét lại trang này; nếu vẫn lỗi, báo cho quản trị viên."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.message_vi)
        self.detail = detail


class InstallationError(ReadingError):
    """The reader itself is not as it should be: no page is to blame, and none can be read until it is mended."""

    code = "reader_broken"
    message_vi = "Bộ đọc chưa được cài đặt đúng."
    remedy_vi = "Hãy cài lại môi trường (make setup)."


class AlphabetError(InstallationError):
    """The recogniser cannot write every Vietnamese letter; it must not be used."""

    code = "alphabet_incomplete"
    message_vi = "Bộ nhận dạng thiếu chữ tiếng Việt nên không được phép chạy."
    remedy_vi = "Hãy cài lại bộ nhận dạng đúng phiên bản trong tệp khóa (make setup)."


class WeightsError(InstallationError):
    """A weights file is missing or its checksum differs."""

    code = "weights_broken"
    message_vi = "Tệp trọng số của mô hình bị thiếu hoặc sai mã kiểm tra."
    remedy_vi = "Hãy cài lại môi trường (make setup)."


class EngineMissingError(InstallationError):
    """An optional engine was asked for, and its package is not installed; `detail` says what to install."""

    code = "engine_missing"
    message_vi = "Bộ đọc được chọn chưa được cài đặt."
    remedy_vi = "Hãy cài gói còn thiếu (pip install 'hoso[paddle]') hoặc chọn bộ dò dòng mặc định (ppocr)."


class TimeLimitError(ReadingError):
    """A page took longer than a page may; its reading was ended and nothing of it was kept."""

    code = "reading_time_limit"
    message_vi = "Trang này đọc quá lâu nên đã bị dừng; các trang khác vẫn được đọc."
    remedy_vi = "Hãy quét lại trang này; nếu vẫn lỗi, nhập tay và báo cho quản trị viên."


class ReaderDiedError(ReadingError):
    """The process that read a page came to an end on its own."""

    code = "reader_died"
    message_vi = "Chương trình đọc bị dừng đột ngột ở trang này; các trang khác vẫn được đọc."
    remedy_vi = "Hãy quét lại trang này; nếu vẫn lỗi, nhập tay và báo cho quản trị viên."
