"""Vietnamese words for the stable codes that doors show. Codes are for machines and never change; words may.

One table per code family, used by the command line and the web page alike, so that both speak the same way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.fields import FieldValue

STATUS = {
    "draft": "Đang nhận tệp",
    "received": "Đã tiếp nhận",
    "processing": "Đang xử lý",
    "waits_for_person": "Chờ người quyết định",
    "held": "Tạm giữ, sẽ thử lại",
    "filed": "Đã ký và lưu kho",
    "refused": "Có tệp không dùng được",
    "fault": "Lỗi hệ thống",
}
NEXT_STEP = {
    "waits_for_person": "Hãy xem các mục đánh dấu ? và ✗ rồi xác nhận hoặc sửa trên trang web (hoso up).",
    "held": "Không cần quét lại: mọi tệp đã được giữ. Hệ thống tự thử lại khi ký số, dấu thời gian và kho sẵn sàng; "
    "nếu kéo dài, hãy kiểm tra mạng, kho và dung lượng đĩa (hoso doctor).",
    "refused": "Hãy quét lại tệp bị từ chối rồi nộp lại cả hồ sơ; phần đọc được vẫn nằm trong bản ghi.",
    "fault": "Bản gốc vẫn an toàn. Hãy chạy lại lệnh này; nếu vẫn lỗi, gửi tệp nhật ký cho quản trị viên.",
}
HELD_CAUSE = {
    "network": "mạng",
    "signature": "chữ ký số",
    "timestamp": "dấu thời gian",
    "store": "kho",
    "disk": "đĩa",
}
STAGE = {
    "receive": "Tiếp nhận",
    "intake": "Mở tệp, xoay trang",
    "read": "Đọc chữ",
    "separate": "Tách giấy tờ",
    "extract": "Rút trường dữ liệu",
    "validate": "Kiểm tra",
    "archive": "Dựng PDF/A",
    "sign": "Ký số",
    "file": "Kiểm tra lại và lưu kho",
    "decide": "Người quyết định",
    "worker": "Bộ xử lý",
}
FILES = {
    "archive_pdf": "PDF đã ký",
    "preview_pdf": "PDF xem thử",
    "data_json": "Dữ liệu",
    "data_jws": "Chữ ký dữ liệu",
    "data_jws_tst": "Dấu thời gian",
    "text": "Văn bản",
}
SLIP = {
    "receipt": "Giấy tiếp nhận và hẹn trả kết quả",
    "supplement": "Phiếu yêu cầu bổ sung, hoàn thiện",
    "refusal": "Phiếu từ chối tiếp nhận",
}
SEVERITY = {"block": "Chặn", "confirm": "Cần xác nhận", "info": "Lưu ý"}
COMPONENT = {
    "present": "có",
    "missing": "thiếu",
    "unreadable": "không đọc được",
    "expired": "hết hạn",
    "unsigned": "chưa ký",
    "unsealed": "chưa đóng dấu",
    "wrong_person": "của người khác",
    "substituted": "đã có dữ liệu thay thế",
    "not_required": "không bắt buộc",
    "cannot_tell": "chưa xác định",
}
FIELD = {
    "read": "đã đọc",
    "blank": "để trống",
    "unreadable": "không đọc được",
    "doubtful": "cần xem lại",
    "confirmed": "người xác nhận",
}
SOURCE = {
    "qr": "mã QR",
    "mrz": "dòng MRZ",
    "label": "nhãn",
    "letterhead": "thể thức",
    "tagger": "mô hình",
    "person": "người",
}
REASON = {
    "handwriting": "chữ viết tay",
    "faint": "nét quá nhạt",
    "sources_disagree": "các nguồn không khớp",
    "below_threshold": "độ chắc chắn thấp",
    "format": "sai dạng",
    "lunar": "ngày âm lịch",
    "not_in_list": "không có trong danh mục",
    "unknown_choice": "không phải lựa chọn nào của mẫu",
    "ink_not_read": "có nét chữ, không đọc được",
    "faint_ink": "nét quá ít để chắc là chữ ký",
    "seal_faint": "dấu mờ hoặc hằn từ mặt sau",
    "seal_not_red": "dấu không phải mực đỏ, có thể là bản chụp",
    "contradicts": "mâu thuẫn với mục khác trên cùng giấy",
    "required_blank": "mục bắt buộc mà có vẻ để trống",
    "crossed_out": "bị gạch bỏ",
    "comb": "số ô và số chữ không khớp",
    "box": "ô đánh dấu không rõ",
    "ditto": "ghi như trên, mà phía trên không có",
    "decided_by_person": "người quyết định",
    "faded": "mực phai mờ",
    "torn": "giấy rách, thủng",
    "stamp": "dấu đè lên chữ",
    "missing": "phần giấy này không có trong bản quét",
}
OUTCOME = {"valid": "HỢP LỆ", "invalid": "KHÔNG HỢP LỆ", "indeterminate": "CHƯA XÁC ĐỊNH"}
PART = {
    "starting": "đang khởi động",
    "running": "đang chạy",
    "silent": "không trả lời",
    "waiting": "chờ khởi động lại",
    "stopped": "đã dừng",
}
LEDGER = {
    "filed_here": "đúng bản đã lưu trong kho này",
    "differs_from_filed": "khác bản đã lưu trong kho này",
    "unknown": "kho này không có tệp",
}


def shown(value: FieldValue) -> str:
    """A field's value for people: ISO dates the Vietnamese way, lists on one line, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, list):
        return " / ".join(value)
    text = str(value)
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        return "/".join(reversed(match.groups()))
    return text
