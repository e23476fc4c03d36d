"""What a person can do about a reason, in Vietnamese and English; a reason that asks nothing of anybody has none.

Proved harm has one answer: do not use the file, ask for the original. What cannot be told has the thing that is
missing: a root, a list, a newer copy. Nobody is told to trust a file against a verdict.
"""

from __future__ import annotations

from typing import Final

_ORIGINAL: Final = (
    "Không sử dụng tệp này; hãy xin lại bản gốc từ cơ quan phát hành.",
    "Do not use this file; ask the issuing body for the original.",
)
_AS_ISSUED: Final = (
    "Hãy xin lại tệp đúng như khi phát hành, không in lại hay lưu lại bằng phần mềm khác.",
    "Ask for the file exactly as it was issued, neither printed again nor saved by another program.",
)
_LISTS: Final = (
    "Hãy đặt danh sách thu hồi (.crl) mới của tổ chức cấp chứng thư vào thư mục chứng thư tin cậy rồi kiểm tra lại.",
    "Put the authority's current revocation list (.crl) into the folder of trusted certificates and check again.",
)
_ARCHIVED: Final = (
    "Hãy hỏi cơ quan phát hành hoặc lưu trữ một bản có dấu thời gian lưu trữ (mức B-LTA).",
    "Ask the issuing body or the archive for a copy with an archive timestamp (level B-LTA).",
)
_ELSEWHERE: Final = (
    "Hãy xin lại tệp; nếu vẫn vậy, gửi tệp cho quản trị viên để kiểm tra bằng phần mềm khác.",
    "Ask for the file again; if it stays so, have an administrator check it with another program.",
)

REMEDIES: Final[dict[str, tuple[str, str]]] = {
    "no_signature": (
        "Nếu giấy tờ này phải có chữ ký số, hãy xin lại bản điện tử có ký; bản in hoặc bản quét không mang chữ ký số.",
        "If this paper has to be signed, ask for the signed electronic copy: prints and scans carry no signature.",
    ),
    "unreadable_pdf": _ELSEWHERE,
    "encrypted_pdf": (
        "Hãy xin lại tệp không đặt mật khẩu.",
        "Ask for the file without a password.",
    ),
    "hybrid_references": _AS_ISSUED,
    "trailing_data": _AS_ISSUED,
    "time_limit": _ELSEWHERE,
    "memory_limit": _ELSEWHERE,
    "verifier_failed": _ELSEWHERE,
    "content_altered": _ORIGINAL,
    "signature_value_wrong": _ORIGINAL,
    "signature_unreadable": _ELSEWHERE,
    "signature_type_unsupported": _ELSEWHERE,
    "algorithm_unsupported": _ELSEWHERE,
    "coverage_unclear": _AS_ISSUED,
    "content_changed_after_signing": _ORIGINAL,
    "annotation_changed_after_signing": _ORIGINAL,
    "attachment_changed_after_signing": _ORIGINAL,
    "changed_after_signing": _AS_ISSUED,
    "certification_violated": _ORIGINAL,
    "algorithm_old": (
        "Chữ ký kiểu cũ không còn đủ làm bằng chứng; hãy đối chiếu với cơ quan phát hành hoặc xin bản ký lại.",
        "An old kind of signature is not proof enough any more; compare with the issuing body or ask for a new one.",
    ),
    "chain_unknown": (
        (
            "Hãy đặt chứng thư gốc của tổ chức cấp (ví dụ của Ban Cơ yếu Chính phủ), lấy từ nguồn chính thức, vào"
            " thư mục chứng thư tin cậy (signing.trust_folder) rồi kiểm tra lại."
        ),
        (
            "Put the authority's root certificate, from an official source, into the folder of trusted certificates"
            " (signing.trust_folder) and check again."
        ),
    ),
    "chain_broken": _ELSEWHERE,
    "key_usage_wrong": _ORIGINAL,
    "certificate_expired": _ARCHIVED,
    "expired_without_archive": _ARCHIVED,
    "archive_timestamp_unproved": _ARCHIVED,
    "proof_of_time_missing": _ARCHIVED,
    "certificate_not_yet_valid": _ORIGINAL,
    "revoked": _ORIGINAL,
    "revoked_time_unknown": (
        "Hãy hỏi cơ quan phát hành: chứng thư của người ký đã bị thu hồi.",
        "Ask the issuing body: the signer's certificate was revoked.",
    ),
    "revocation_unknown": _LISTS,
    "timestamp_wrong": _ORIGINAL,
    "timestamp_untrusted": (
        "Hãy đặt chứng thư gốc của nguồn cấp dấu thời gian vào thư mục chứng thư tin cậy.",
        "Put the root certificate of the timestamp authority into the folder of trusted certificates.",
    ),
    "development_pki": (
        "Chỉ dùng để thử nghiệm; hãy cấu hình khóa ký thật trước khi dùng cho công việc.",
        "For trials only: set up a real key before it is used for work.",
    ),
    "development_root_unknown": (
        "Hãy kiểm tra trên chính máy đã ký, với cùng HOSO_HOME; chữ ký phát triển không dùng được ở nơi khác.",
        "Check it on the installation that signed it, with the same HOSO_HOME: elsewhere such a signature is no use.",
    ),
}
"""Reason codes to (Vietnamese, English)."""
