"""The true type of a file, whatever it is called, and refusals that say what it really is."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from pipeline.errors import Exit
from pipeline.intake.errors import (
    CompressedFileError,
    EmptyFileError,
    NotADocumentError,
    OfficeFileError,
    TextFileError,
    UnreadableFileError,
    WebPageError,
)
from pipeline.intake.sniff import Kind, sniff, sniff_bytes


def zipped(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 50)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("JPEG", Kind.JPEG), ("PNG", Kind.PNG), ("TIFF", Kind.TIFF), ("WEBP", Kind.WEBP), ("GIF", Kind.GIF),
     ("BMP", Kind.BMP), ("PDF", Kind.PDF)],
)  # fmt: skip
def test_supported_types_by_content(tmp_path, make_sheet, make_coded, kind, expected):
    file = tmp_path / "wrong.docx"
    file.write_bytes(make_coded(make_sheet(64, 64), kind))
    assert sniff(file, "wrong.docx") is expected


def test_pdf_after_junk():
    assert sniff_bytes(b"\r\n\r\njunk %PDF-1.4\n", "a.pdf") is Kind.PDF


REFUSED = {
    "empty": (b"", EmptyFileError, "rỗng"),
    "zeros": (bytes(5000), EmptyFileError, "rỗng"),
    "web page": (b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>404</body></html>", WebPageError, "trang web"),
    "web page, old": (b"<HTML><HEAD><TITLE>Not found</TITLE>", WebPageError, "trang web"),
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), OfficeFileError, "Word"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), OfficeFileError, "Excel"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), OfficeFileError, "Office đời cũ"),
    "rtf": (rb"{\rtf1\ansi Xin ch\'e0o}", OfficeFileError, "RTF"),
    "zip": (zipped("quét/trang1.jpg"), CompressedFileError, "zip"),
    "rar": (b"Rar!\x1a\x07\x01\x00" + bytes(50), CompressedFileError, "rar"),
    "text": ("Xin chào, đây là văn bản.".encode(), TextFileError, "văn bản thuần"),
    "xml": (b'<?xml version="1.0"?><hoSo/>', TextFileError, "XML"),
    "jpeg 2000": (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(40), NotADocumentError, "JPEG 2000"),
    "film": (b"\x00\x00\x00\x20ftypisom" + bytes(40), NotADocumentError, "video"),
    "noise": (bytes(range(256)) * 4, NotADocumentError, "không phải là PDF"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_what_it_really_is(case):
    head, error, word = REFUSED[case]
    with pytest.raises(error) as caught:
        sniff_bytes(head, "Giấy khai sinh.pdf")
    assert word in caught.value.message_vi
    assert caught.value.file == "Giấy khai sinh.pdf"
    assert caught.value.exit_code is Exit.REFUSED
    assert caught.value.remedy_vi


def test_codes_tell_the_situations_apart():
    codes = {error.code for _, error, _ in REFUSED.values()}
    assert len(codes) == 6


def test_unreadable_path(tmp_path):
    with pytest.raises(UnreadableFileError):
        sniff(tmp_path, "thư mục")
