"""Why a file or a page cannot be taken in. One class per situation, because each asks something else of the clerk.

Codes are stable and reach machines; messages and remedies are Vietnamese and reach people.
`file` is the name people know, NFC; a page error also carries the 1-based page, and never stops the other pages.
All of them leave with exit code 4 (refused): the original bytes are kept by the caller, nothing was guessed.
"""

from __future__ import annotations

from pipeline.errors import InputRefusedError

_SAVE_AS_PDF = "Hãy mở tệp bằng chương trình gốc, lưu (hoặc in) thành PDF rồi nộp lại."
_SCAN_AGAIN = "Hãy quét lại tài liệu rồi nộp tệp mới."


class PathMissingError(InputRefusedError):
    """Nothing lies at the path that was given."""

    code = "path_missing"
    message_vi = "Không tìm thấy tệp hoặc thư mục này."
    remedy_vi = "Hãy kiểm tra lại đường dẫn."


class NoFilesError(InputRefusedError):
    """A folder holds no file that could be a paper."""

    code = "no_files"
    message_vi = "Thư mục này không có tệp tài liệu nào."
    remedy_vi = "Hãy đưa các tệp PDF hoặc ảnh quét vào thư mục."


class UnreadableFileError(InputRefusedError):
    """The operating system does not let us read it, or it is no regular file."""

    code = "file_unreadable"
    message_vi = "Không đọc được tệp này từ đĩa."
    remedy_vi = "Hãy kiểm tra quyền truy cập và ổ đĩa, rồi thử lại."


class FileTooBigError(InputRefusedError):
    """More bytes than `Limits.max_bytes`."""

    code = "file_too_big"
    message_vi = "Tệp này quá lớn."
    remedy_vi = "Hãy tách thành nhiều tệp nhỏ hơn, hoặc quét lại ở 300 dpi."


class NotADocumentError(InputRefusedError):
    """The content is no supported document. `really` says in Vietnamese what it is, where that can be told."""

    code = "type_unknown"
    message_vi = "Nội dung tệp không phải là PDF hay ảnh mà hệ thống biết."
    remedy_vi = "Hãy lưu tài liệu dưới dạng PDF, TIFF, JPEG hoặc PNG rồi nộp lại."

    def __init__(self, file: str | None = None, really: str = "") -> None:
        super().__init__(file, really)
        self.really = really
        if really:
            self.message_vi = f"Tệp này thực chất là {really}, không phải tài liệu quét."


class EmptyFileError(NotADocumentError):
    """Zero bytes, or zeros only."""

    code = "file_empty"
    message_vi = "Tệp này rỗng."
    remedy_vi = "Hãy sao chép lại tệp hoặc quét lại tài liệu."


class WebPageError(NotADocumentError):
    """A web page, often an error page saved under a document's name."""

    code = "type_web_page"
    remedy_vi = "Đường tải có thể đã hỏng: hãy tải lại tài liệu gốc, hoặc in trang web thành PDF."


class OfficeFileError(NotADocumentError):
    """Word, Excel, PowerPoint, OpenDocument or RTF."""

    code = "type_office"
    remedy_vi = "Lưu tài liệu dưới dạng PDF (Tệp > Lưu thành > PDF) rồi nộp lại."


class CompressedFileError(NotADocumentError):
    """A zip, rar, 7z or gz archive; what lies inside must be chosen by a person."""

    code = "type_compressed"
    remedy_vi = "Hãy giải nén rồi nộp các tệp PDF hoặc ảnh bên trong."


class TextFileError(NotADocumentError):
    """Plain text, XML, JSON and their like."""

    code = "type_text"
    remedy_vi = _SAVE_AS_PDF


class EncryptedPdfError(InputRefusedError):
    """The PDF opens only with a password."""

    code = "pdf_encrypted"
    message_vi = "Tệp PDF này có mật khẩu mở."
    remedy_vi = "Hãy mở bằng mật khẩu, lưu lại bản không có mật khẩu rồi nộp bản đó."


class PdfPortfolioError(InputRefusedError):
    """A PDF that is a wrapper round other files; its own page only says so."""

    code = "pdf_portfolio"
    message_vi = "Tệp PDF này là một gói chứa nhiều tệp khác, không phải tài liệu."
    remedy_vi = "Hãy mở gói bằng Adobe Reader, lưu từng tệp bên trong rồi nộp các tệp đó."


class DynamicFormError(InputRefusedError):
    """A dynamic (XFA) form: its pages exist only inside the program that fills it in."""

    code = "pdf_dynamic_form"
    message_vi = "Tệp PDF này là biểu mẫu động (XFA); nội dung chỉ hiện trong Adobe Reader."
    remedy_vi = "Hãy mở bằng Adobe Reader, in ra PDF (Microsoft Print to PDF) rồi nộp bản in."


class DamagedFileError(InputRefusedError):
    """The file is of the right type, but cut short or broken."""

    code = "file_damaged"
    message_vi = "Tệp này bị hỏng hoặc bị cắt cụt."
    remedy_vi = "Hãy sao chép lại tệp gốc, hoặc quét lại tài liệu."


class NoPagesError(InputRefusedError):
    """A sound file without a single page."""

    code = "no_pages"
    message_vi = "Tệp này không có trang nào."
    remedy_vi = _SCAN_AGAIN


class TooManyPagesError(InputRefusedError):
    """More pages than `Limits.max_pages`."""

    code = "too_many_pages"
    message_vi = "Tệp này có quá nhiều trang."
    remedy_vi = "Hãy tách thành nhiều tệp, mỗi hồ sơ một tệp."


class PageError(InputRefusedError):
    """Base of errors of one page: `page` is 1-based; the other pages of the file may be good."""

    code = "page_refused"
    message_vi = "Một trang trong tệp không dùng được."

    def __init__(self, file: str | None, page: int, detail: str = "") -> None:
        super().__init__(file, f"page {page}: {detail}" if detail else f"page {page}")
        self.page = page
        self.message_vi = f"Trang {page}: {self.message_vi}"


class PageTooLargeError(PageError):
    """More pixels than the limits allow; refused from the header, before a single pixel is decoded."""

    code = "page_too_large"
    message_vi = "ảnh có kích thước quá lớn."
    remedy_vi = "Hãy quét ở 300 dpi rồi nộp lại."


class PageDamagedError(PageError):
    """The page's image or content is cut short or broken."""

    code = "page_damaged"
    message_vi = "nội dung bị hỏng hoặc bị cắt cụt."
    remedy_vi = "Hãy quét lại trang này."


class PageUnsupportedError(PageError):
    """A sound image in a coding that cannot be decoded here."""

    code = "page_unsupported"
    message_vi = "kiểu mã hóa ảnh này chưa được hỗ trợ."
    remedy_vi = "Hãy lưu lại thành PDF, PNG hoặc JPEG thông thường."
