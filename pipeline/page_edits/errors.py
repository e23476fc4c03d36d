"""Why pages cannot be changed: typed, in words for a clerk."""

from __future__ import annotations

from pipeline.errors import Exit, HosoError


class PageEditError(HosoError):
    """What was asked for names no page that is here, or would change nothing."""

    code = "page_edit_invalid"
    exit_code = Exit.REFUSED
    message_vi = "Thao tác trang này không thực hiện được."
    remedy_vi = "Hãy chọn lại trang rồi thử lại."


class LastPageError(PageEditError):
    """A dossier keeps at least one page."""

    code = "page_edit_last_page"
    message_vi = "Hồ sơ phải còn ít nhất một trang."
    remedy_vi = "Hãy để lại ít nhất một trang, hoặc từ chối cả hồ sơ."


class PagesChangedError(HosoError):
    """Somebody else changed the pages since they were shown."""

    code = "pages_changed"
    message_vi = "Trang của hồ sơ vừa được người khác thay đổi."
    remedy_vi = "Màn hình sẽ tải lại; hãy xem rồi thao tác lại."


class PagesFiledError(HosoError):
    """A filed dossier is signed: its pages never change again."""

    code = "pages_filed"
    exit_code = Exit.REFUSED
    message_vi = "Hồ sơ đã ký và lưu kho nên không sửa trang được nữa."
    remedy_vi = "Hãy lập hồ sơ bổ sung với các trang đúng."


class PagesBusyError(HosoError):
    """The dossier is being signed at this moment."""

    code = "dossier_busy"
    message_vi = "Hồ sơ đang được ký và lưu."
    remedy_vi = "Hãy đợi vài giây rồi thử lại."


class PagesNotReadyError(HosoError):
    """The pages are not there yet."""

    code = "pages_not_ready"
    message_vi = "Các trang của hồ sơ chưa được mở xong."
    remedy_vi = "Hãy đợi các trang hiện ra rồi thao tác."
