"""The page for whoever opens a package in years: what lies where, and how to check it without this product.

Vietnamese first, English after it. Commands are those of programs that everybody has: sha256sum, openssl, any PDF
reader that shows signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.package import layout

if TYPE_CHECKING:
    from pipeline.package.contents import Contents


def readme(contents: Contents) -> str:
    """documentation/DOC-TRUOC.txt."""
    rows = "\n".join(f"  representations/{name}/  {layout.TITLES[name]}" for name in contents.representations)
    data = f"{layout.representation(layout.ARCHIVE)}/data"
    return f"""GÓI TIN HỒ SƠ {contents.dossier.id}
{contents.dossier.procedure_name or "Hồ sơ"}
Cơ quan: {contents.agency} ({contents.agency_code})

Trong gói
  METS.xml                            mục lục của gói, mỗi tệp kèm SHA-256
  {layout.EAD}        mô tả hồ sơ và tài liệu (EAD3)
  {layout.PREMIS}  lịch sử: tiếp nhận, số hóa, kiểm tra, ký, lưu (PREMIS 3)
{rows}

Tự kiểm tra, không cần phần mềm Hồ Sơ Số
  1. Tệp đủ và nguyên vẹn: ở thư mục chứa bagit.txt, chạy
       sha256sum -c manifest-sha256.txt
       sha256sum -c tagmanifest-sha256.txt
  2. PDF đã ký: mở {data}/{layout.PDF_NAME} bằng phần mềm đọc PDF có kiểm tra chữ ký số.
  3. Dữ liệu {layout.DATA_NAME}: chữ ký tách rời {layout.JWS_NAME} (JWS, RFC 7515, phụ lục F) kiểm tra được bằng mọi
     thư viện JOSE; chứng thư người ký ở phần đầu x5c; phần đầu "hoso" ghi SHA-256 của PDF.
  4. Dấu thời gian của chữ ký dữ liệu: ở thư mục {data}, chạy
       openssl ts -verify -data {layout.JWS_NAME} -in {layout.TOKEN_NAME} -token_in -CAfile ROOT.pem

English
  This is a BagIt bag that holds an E-ARK CSIP information package. Check completeness with `sha256sum -c`, the signed
  PDF with any PDF validator, data.json with any JOSE library (data.jws is detached, RFC 7515 Appendix F), and the
  time of that signature with `openssl ts -verify`. Whom to trust is yours to say: no root certificate is in this
  package.
"""
