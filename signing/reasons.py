"""Every reason a verdict can give, once, in Vietnamese and English. Codes are stable; sentences may improve.

A reason tells what was seen; whether it makes the verdict worse is decided in `signing.policy`. The wording
keeps apart what is proved ("was altered") from what is not known ("cannot tell"). What a person can do about it
stands in `signing.remedies`.
"""

from __future__ import annotations

from typing import Final

from signing.remedies import REMEDIES
from signing.verdict import Reason

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    # about the file
    "no_signature": ("Tệp không có chữ ký số.", "The file has no digital signature."),
    "unreadable_pdf": ("Không đọc được tệp như một tệp PDF.", "The file cannot be read as a PDF."),
    "encrypted_pdf": ("Tệp PDF bị mã hóa.", "The PDF is encrypted."),
    "hybrid_references": (
        "Tệp có hai bảng tham chiếu; phần mềm khác nhau có thể hiển thị khác nhau.",
        "The file has two reference tables: programs may show it differently.",
    ),
    "trailing_data": ("Có dữ liệu thừa sau phần kết thúc tệp.", "There is data after the end of the last revision."),
    "time_limit": ("Quá thời gian kiểm tra cho phép.", "Checking took longer than allowed."),
    "memory_limit": ("Quá bộ nhớ kiểm tra cho phép.", "Checking needed more memory than allowed."),
    "verifier_failed": ("Bộ kiểm tra không xử lý được tệp này.", "The verifier could not handle this file."),
    # about the signed bytes
    "intact": ("Nội dung đã ký còn nguyên vẹn.", "The signed content is intact."),
    "content_altered": ("Nội dung đã ký bị thay đổi.", "The signed content was altered."),
    "signature_value_wrong": (
        "Giá trị chữ ký không khớp với chứng thư.",
        "The signature value does not match the certificate.",
    ),
    "signature_unreadable": ("Không đọc được dữ liệu chữ ký.", "The signature's data cannot be read."),
    "signature_type_unsupported": ("Kiểu chữ ký không được hỗ trợ.", "The kind of signature is not supported."),
    "covers_whole_file": ("Chữ ký bao phủ toàn bộ tệp.", "The signature covers the whole file."),
    "covers_revision": (
        "Chữ ký bao phủ một phiên bản; sau đó chỉ có bổ sung được phép (chữ ký, dấu thời gian).",
        "The signature covers a revision; only allowed additions (signatures, timestamps) follow.",
    ),
    "coverage_unclear": (
        "Vùng dữ liệu được ký không theo quy cách; không rõ phần nào được ký.",
        "The signed byte range is not a regular one: it is unclear what was signed.",
    ),
    "content_changed_after_signing": (
        "Nội dung trang bị thay đổi sau khi ký.",
        "Page content was changed after signing.",
    ),
    "annotation_changed_after_signing": (
        "Có chú thích hoặc hình phủ được thêm hay sửa sau khi ký.",
        "Annotations were added or changed after signing.",
    ),
    "attachment_changed_after_signing": (
        "Tệp đính kèm bị thêm, sửa hoặc xóa sau khi ký.",
        "Attachments were added, changed or removed after signing.",
    ),
    "changed_after_signing": (
        "Tệp có thay đổi sau khi ký mà không xác định được là vô hại.",
        "The file was changed after signing in a way that cannot be told to be harmless.",
    ),
    "certification_violated": (
        "Thay đổi sau khi ký vượt quá mức người ký cho phép.",
        "A change after signing goes beyond what the signer allowed.",
    ),
    # about the algorithm
    "algorithm_old": (
        "Thuật toán ký đã lỗi thời (SHA-1 hoặc khóa ngắn).",
        "The signature algorithm is outdated (SHA-1 or a short key).",
    ),
    "algorithm_unsupported": (
        "Thuật toán của chữ ký không được hỗ trợ nên không tính được chữ ký đúng hay sai.",
        "The signature's algorithm is not supported: whether its value is right cannot be computed.",
    ),
    # about the certificate
    "chain_trusted": ("Chứng thư thuộc chuỗi tin cậy.", "The certificate leads to a trusted root."),
    "chain_unknown": (
        "Không có chứng thư gốc tin cậy cho chuỗi chứng thư này.",
        "No trusted root is known for this certificate.",
    ),
    "chain_broken": ("Chuỗi chứng thư không hợp lệ.", "The certificate chain does not validate."),
    "key_usage_wrong": (
        "Chứng thư không được dùng để ký văn bản.",
        "The certificate is not meant for signing documents.",
    ),
    "certificate_expired": (
        "Chứng thư đã hết hạn và không có bằng chứng chữ ký có trước lúc hết hạn.",
        "The certificate has expired and nothing proves that the signature is older.",
    ),
    "expired_without_archive": (
        "Chứng thư nay đã hết hạn và không có dấu thời gian lưu trữ chứng minh tình trạng chứng thư lúc ký.",
        "The certificate has expired by now; no archive timestamp proves its state at the time of signing.",
    ),
    "certificate_expired_now": ("Chứng thư nay đã hết hạn.", "The certificate has expired by now."),
    "certificate_not_yet_valid": (
        "Chứng thư chưa có hiệu lực vào thời điểm ký.",
        "The certificate was not valid yet at the time of signing.",
    ),
    "revoked": ("Chứng thư đã bị thu hồi trước khi ký.", "The certificate was revoked before signing."),
    "revoked_time_unknown": (
        "Chứng thư đã bị thu hồi; không chứng minh được chữ ký có trước lúc thu hồi.",
        "The certificate is revoked; nothing proves that the signature is older than that.",
    ),
    "revocation_unknown": (
        "Không có thông tin thu hồi còn hiệu lực cho chứng thư.",
        "No current revocation information is at hand for the certificate.",
    ),
    "proof_of_time_missing": (
        "Không đủ bằng chứng về thời điểm ký.",
        "The proof of the time of signing is not sufficient.",
    ),
    # about time
    "timestamped": ("Có dấu thời gian tin cậy.", "There is a trusted timestamp."),
    "timestamp_untrusted": (
        "Có dấu thời gian nhưng không kiểm chứng được nguồn cấp.",
        "There is a timestamp, but its authority cannot be verified.",
    ),
    "timestamp_wrong": ("Dấu thời gian không khớp với chữ ký.", "The timestamp does not belong to this signature."),
    "no_timestamp": (
        "Không có dấu thời gian; thời điểm ký chỉ do người ký khai.",
        "There is no timestamp: the time of signing is only claimed.",
    ),
    "archive_timestamp_unproved": (
        "Chuỗi dấu thời gian lưu trữ không kiểm chứng được.",
        "The chain of archive timestamps cannot be verified.",
    ),
    # about origin
    "development_pki": (
        "Chữ ký của hạ tầng khóa phát triển: không có giá trị pháp lý.",
        "Signed with a development PKI: without legal value.",
    ),
    "development_root_unknown": (
        "Hạ tầng khóa phát triển đã ký tệp này không phải của máy này nên không kiểm chứng được.",
        "The development PKI that signed this file is not the one of this installation, so it cannot be verified.",
    ),
}

CODES: Final = frozenset(_TEXTS)


def reason(code: str) -> Reason:
    """The reason of `code`; KeyError for a code that is not in the table."""
    vietnamese, english = _TEXTS[code]
    return Reason(code, vietnamese, english, *REMEDIES.get(code, ("", "")))
