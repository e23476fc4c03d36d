"""Small PDFs and requests for the signing tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf

from signing.signer import SignRequest

if TYPE_CHECKING:
    from signing.verdict import PdfVerdict

VIETNAM = timezone(timedelta(hours=7))


def make_pdf(pages: int = 2, *, rotate: int = 0, attachment: bytes | None = b'{"a": 1}') -> bytes:
    """A small PDF with text-free vector pages and one attachment."""
    pdf = pikepdf.new()
    for number in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[-1]
        page.Contents = pdf.make_stream(b"0.2 g 100 %d 200 50 re f" % (100 + 60 * number))
        if rotate:
            page.Rotate = rotate
    if attachment is not None:
        pdf.attachments["data.json"] = pikepdf.AttachedFileSpec(pdf, attachment, filename="data.json")
    out = BytesIO()
    pdf.save(out, deterministic_id=True, compress_streams=False)
    return out.getvalue()


def make_request(**changes: object) -> SignRequest:
    values: dict[str, object] = {
        "reason": "Số hóa giấy tờ",
        "agency": "Ủy ban nhân dân xã Đăk Blô",
        "dossier_code": "H49.1-261121-0001",
        "signed_at": datetime.now(VIETNAM),
    }
    return SignRequest(**(values | changes))  # type: ignore[arg-type]


def codes(verdict: PdfVerdict, field: int = 0) -> set[str]:
    return {reason.code for reason in verdict.signatures[field].reasons}
