"""Catalogue errors: out of reach (held, tried again) is told apart from a conflict and from a fault."""

from __future__ import annotations

from pipeline.errors import Exit, HeldError, HosoError


class CatalogueError(HosoError):
    """Base of catalogue errors."""

    code = "catalogue_failed"
    message_vi = "Cơ sở dữ liệu hồ sơ báo lỗi."


class CatalogueUnreachableError(CatalogueError, HeldError):
    """The database does not answer, stays locked, or its disk is full or read-only."""

    code = "catalogue_unreachable"
    exit_code = Exit.HELD
    message_vi = "Không dùng được cơ sở dữ liệu hồ sơ: mất kết nối, đang bị khóa, hoặc đĩa đã đầy."
    remedy_vi = "Hồ sơ được giữ lại; hãy kiểm tra cơ sở dữ liệu và dung lượng đĩa, hệ thống sẽ tự thử lại."


class CatalogueOptionsError(CatalogueError):
    """The database URL cannot be used, or its driver is not installed."""

    code = "catalogue_options_invalid"
    message_vi = "Cấu hình cơ sở dữ liệu không đúng."
    remedy_vi = "Hãy sửa địa chỉ cơ sở dữ liệu trong cấu hình rồi chạy lại."


class CatalogueNewerError(CatalogueError):
    """A later version of the software has used this database; this one must not touch it."""

    code = "catalogue_newer"
    message_vi = "Cơ sở dữ liệu này đã được một phiên bản mới hơn của phần mềm sử dụng."
    remedy_vi = "Hãy chạy phiên bản mới hơn, hoặc phục hồi bản sao lưu của phiên bản này vào một chỗ trống."


class DossierNotFoundError(CatalogueError):
    """No dossier has this id."""

    code = "dossier_not_found"
    message_vi = "Không tìm thấy hồ sơ."
    remedy_vi = "Hãy kiểm tra lại mã hồ sơ."


class DossierExistsError(CatalogueError):
    """A dossier with this id or code is there already."""

    code = "dossier_exists"
    message_vi = "Hồ sơ này đã có."
    remedy_vi = "Hãy mở hồ sơ đã có, hoặc tạo hồ sơ với mã khác."


class ConflictError(CatalogueError):
    """Somebody else saved the dossier in between; nothing was written."""

    code = "dossier_changed"
    message_vi = "Hồ sơ vừa được người khác hoặc tiến trình khác cập nhật."
    remedy_vi = "Hãy tải lại hồ sơ rồi làm lại thao tác."


class LeaseLostError(CatalogueError, HeldError):
    """The lease ran out or was taken over: this worker must stop working on the dossier."""

    code = "lease_lost"
    exit_code = Exit.HELD
    message_vi = "Hồ sơ đang do tiến trình khác xử lý."
    remedy_vi = "Không cần làm gì; tiến trình kia sẽ xử lý tiếp."


class FilingConflictError(CatalogueError):
    """Something else is on record under this object key; the record of what was filed is never changed."""

    code = "filing_conflict"
    message_vi = "Sổ lưu trữ đã ghi nội dung khác cho khóa này."


class RecordUnreadableError(CatalogueError):
    """What lies in the database is not a dossier of a known schema."""

    code = "record_unreadable"
    message_vi = "Không đọc được bản ghi hồ sơ trong cơ sở dữ liệu."
    remedy_vi = "Hãy cập nhật phần mềm; nếu vẫn lỗi, khôi phục cơ sở dữ liệu từ bản sao lưu."


class CatalogueCorruptError(CatalogueError):
    """The file is not a database, or a damaged one."""

    code = "catalogue_corrupt"
    message_vi = "Tệp cơ sở dữ liệu hồ sơ bị hỏng."
    remedy_vi = "Hãy khôi phục cơ sở dữ liệu từ bản sao lưu; bản gốc và hồ sơ đã lưu vẫn còn trong kho."


class CatalogueNotEmptyError(CatalogueError):
    """A catalogue that holds something already is not written over."""

    code = "catalogue_not_empty"
    exit_code = Exit.REFUSED
    message_vi = "Cơ sở dữ liệu đích đã có hồ sơ; không ghi đè."
    remedy_vi = "Hãy khôi phục vào một nơi trống (HOSO_HOME hoặc HOSO_CATALOGUE_URL mới)."


class DumpUnreadableError(CatalogueError):
    """What should be a copy of a catalogue is none, or is newer than this software."""

    code = "catalogue_dump_unreadable"
    exit_code = Exit.REFUSED
    message_vi = "Bản sao cơ sở dữ liệu không đọc được hoặc do phiên bản mới hơn ghi."
    remedy_vi = "Hãy chọn bản sao lưu khác, hoặc cập nhật phần mềm rồi khôi phục lại."
