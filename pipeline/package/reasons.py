"""What a check of a package can say, in Vietnamese and English, and what each thing weighs.

`invalid` needs proof that the package is not what was handed over: a file is gone, added or changed, a description
disagrees with what lies there, a name leads outside. What cannot be told here (too large, locked, an unknown signer)
leaves the verdict open. Reasons of the PDF's signatures and of the signed data keep their own codes.
"""

from __future__ import annotations

from typing import Final

_INVALID: Final[dict[str, tuple[str, str]]] = {
    "unsafe_path": ("Gói có tên tệp trỏ ra ngoài gói hoặc chứa ký tự không an toàn.",
                    "A name in the package leads outside it or holds unsafe characters."),
    "link_inside": ("Gói có liên kết hoặc tệp đặc biệt thay cho tệp thường.",
                    "The package holds a link or a special file instead of a plain one."),
    "duplicate_name": ("Gói có hai mục trùng tên.", "Two entries of the package have the same name."),
    "zip_bomb": ("Tệp nén nở ra bất thường khi giải nén.", "The zip file grows out of all proportion when unpacked."),
    "package_damaged": ("Tệp nén bị hỏng hoặc bị cắt cụt.", "The zip file is damaged or cut short."),
    "not_a_bag": ("Gói không phải là túi BagIt (thiếu bagit.txt, bảng kê hoặc thư mục data).",
                  "The package is no BagIt bag (bagit.txt, a manifest or the data folder is missing)."),
    "bag_malformed": ("Bảng kê của túi BagIt sai quy cách.", "The bag's manifest or tag file breaks the format."),
    "bag_fetch": ("Túi tham chiếu tệp ở nơi khác (fetch.txt), không được chấp nhận.",
                  "The bag points to files elsewhere (fetch.txt), which is not accepted."),
    "file_missing": ("Thiếu tệp có trong bảng kê.", "A file of the manifest is missing."),
    "file_unexpected": ("Có tệp không nằm trong bảng kê.", "A file is not in the manifest."),
    "checksum_wrong": ("Nội dung tệp khác với bảng kê.", "A file's content differs from the manifest."),
    "size_wrong": ("Tổng dung lượng hoặc số tệp khác với khai báo.",
                   "The total size or number of files is not as said."),
    "xml_unreadable": ("Tệp XML không đọc được hoặc có thành phần bị cấm.",
                       "An XML file cannot be read or holds something forbidden."),
    "xml_not_valid": ("Tệp XML không theo lược đồ.", "An XML file is not valid against its schema."),
    "mets_missing": ("Thiếu METS.xml.", "METS.xml is missing."),
    "mets_file_missing": ("METS liệt kê tệp không có trong gói.", "METS lists a file that is not there."),
    "mets_differs": ("Dung lượng hoặc SHA-256 trong METS khác với tệp.",
                     "Size or SHA-256 in METS differ from the file."),
    "mets_unlisted": ("Có tệp không được METS liệt kê.", "A file is not listed in METS."),
    "premis_missing": ("Thiếu PREMIS.xml hoặc METS không trỏ tới nó.",
                       "PREMIS.xml is missing or METS does not name it."),
    "premis_differs": ("PREMIS khác với tệp (SHA-256, dung lượng).", "PREMIS disagrees with a file (SHA-256, size)."),
    "premis_unlisted": ("PREMIS không mô tả một tệp của gói, hoặc mô tả tệp không có.",
                        "PREMIS does not describe a file, or describes one that is not there."),
    "premis_event_differs": ("Sự kiện trong PREMIS không khớp với hồ sơ hoặc chữ ký.",
                             "An event in PREMIS disagrees with the record or the signature."),
    "premis_link_broken": ("PREMIS tham chiếu sự kiện, tác nhân hoặc tệp không tồn tại.",
                           "PREMIS refers to an event, agent or file that is not there."),
    "record_missing": ("Thiếu PDF lưu trữ hoặc data.json.", "The archive PDF or data.json is missing."),
    "record_unreadable": ("data.json không phải bản ghi hồ sơ.", "data.json is not a dossier's record."),
    "record_not_canonical": ("data.json không ở dạng chuẩn tắc RFC 8785.",
                             "data.json is not in canonical form (RFC 8785)."),
    "record_not_attached": ("data.json khác với dữ liệu đính trong PDF đã ký.",
                            "data.json differs from the data inside the signed PDF."),
    "record_not_described": ("Mã hồ sơ trong gói không thống nhất.", "The dossier's id is not the same everywhere."),
    "original_missing": ("Thiếu tệp gốc mà bản ghi nêu.", "An original that the record names is missing."),
    "original_unknown": ("Có tệp gốc mà bản ghi không nêu.", "There is an original that the record does not name."),
    "page_unknown": ("Có ảnh trang mà bản ghi không nêu.", "There is a page image that the record does not name."),
    "pdf_not_as_filed": ("Chữ ký của PDF lưu trữ không hợp lệ.", "The archive PDF's signature is invalid."),
    "data_not_as_signed": ("Chữ ký của dữ liệu không hợp lệ.", "The data's signature is invalid."),
    "ledger_differs": ("Sổ kho ở đây ghi một PDF khác cho hồ sơ này.",
                       "The ledger here has another PDF for this dossier."),
}  # fmt: skip

_OPEN: Final[dict[str, tuple[str, str]]] = {
    "too_large": ("Gói lớn hơn giới hạn kiểm tra ở đây.", "The package is larger than what is checked here."),
    "too_many_files": ("Gói có quá nhiều tệp.", "The package has too many files."),
    "zip_encrypted": ("Tệp nén bị khóa mật khẩu.", "The zip file is locked with a password."),
    "manifest_weak": ("Bảng kê không có SHA-256 hoặc SHA-512.", "The manifest has neither SHA-256 nor SHA-512."),
    "profile_unknown": ("Gói theo quy cách khác; chỉ kiểm tra được bảng kê.",
                        "The package follows another profile; only its manifest can be checked."),
    "data_unsigned": ("Dữ liệu không có chữ ký riêng (data.jws); chỉ có chữ ký của PDF.",
                      "The data have no signature of their own (data.jws), only the PDF's."),
    "pdf_unclear": ("Chữ ký của PDF lưu trữ chưa kết luận được.",
                    "The archive PDF's signature cannot be judged fully."),
    "data_unclear": ("Chữ ký của dữ liệu chưa kết luận được.", "The data's signature cannot be judged fully."),
    "signatures_unjudged": ("Kiểm tra nhanh: chưa xét các chữ ký.", "A quick check: signatures were not judged."),
    "check_failed": ("Bộ kiểm tra không xử lý được gói này.", "The checker could not handle this package."),
}  # fmt: skip

INVALID_CODES: Final = frozenset(_INVALID)
OPEN_CODES: Final = frozenset(_OPEN)


def sentences(code: str) -> tuple[str, str]:
    """Vietnamese and English; KeyError for a code that is not in the tables."""
    return _INVALID[code] if code in _INVALID else _OPEN[code]
