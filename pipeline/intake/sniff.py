"""The true type of a file, told by its first bytes; names and extensions are never asked.

What can become pages is listed in `Kind`; everything else is refused with what it really is and what to do.
Only the head of the file is read: an Office file is told from a bare zip by the member names that its head shows.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.intake.errors import (
    CompressedFileError,
    EmptyFileError,
    NotADocumentError,
    OfficeFileError,
    TextFileError,
    UnreadableFileError,
    WebPageError,
)

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 8192
_PDF_HEADER_WITHIN = 1024
"""Readers accept junk before `%PDF-` up to here (ISO 32000-1, Annex H, note 13)."""
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OFFICE_IN_ZIP = (
    (b"word/", "tệp Word (docx)"),
    (b"xl/", "tệp Excel (xlsx)"),
    (b"ppt/", "tệp PowerPoint (pptx)"),
    (b"opendocument.text", "tệp OpenDocument (odt)"),
    (b"opendocument.", "tệp OpenDocument"),
    (b"[Content_Types].xml", "tệp Office (docx, xlsx hoặc pptx)"),
)
_COMPRESSED = (
    (b"PK\x03\x04", "tệp nén zip"),
    (b"PK\x05\x06", "tệp nén zip rỗng"),
    (b"Rar!\x1a\x07", "tệp nén rar"),
    (b"7z\xbc\xaf\x27\x1c", "tệp nén 7z"),
    (b"\x1f\x8b", "tệp nén gz"),
)
_OTHERS = (
    (b"\x00\x00\x00\x0cjP  ", "ảnh JPEG 2000"),
    (b"AT&TFORM", "tệp DjVu"),
    (b"%!PS", "tệp PostScript"),
    (b"ID3", "tệp âm thanh"),
    (b"MZ", "chương trình Windows"),
    (b"\x7fELF", "chương trình"),
    (b"SQLite format 3", "cơ sở dữ liệu SQLite"),
)


class Kind(StrEnum):
    """Types that can become pages; the value is the media type."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIF = "image/heic"
    GIF = "image/gif"
    BMP = "image/bmp"


_SUPPORTED = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),
    (b"MM\x00+", Kind.TIFF),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
)


def sniff(path: Path, name: str) -> Kind:
    """The true type of the file. Raises `NotADocumentError` (or a subclass) and `UnreadableFileError`."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise UnreadableFileError(name, type(error).__name__) from error
    return sniff_bytes(head, name)


def sniff_bytes(head: bytes, name: str) -> Kind:
    """The same for the first bytes of a file (8 KiB are enough)."""
    if not head.strip(b"\x00"):
        raise EmptyFileError(name)
    for magic, kind in _SUPPORTED:
        if head.startswith(magic):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return Kind.HEIF
    if head.startswith(b"BM") and head[6:10] == b"\x00\x00\x00\x00":
        return Kind.BMP
    if b"%PDF-" in head[:_PDF_HEADER_WITHIN]:
        return Kind.PDF
    raise _refusal(head, name)


def _refusal(head: bytes, name: str) -> NotADocumentError:
    if head.startswith(b"PK\x03\x04"):
        for member, really in _OFFICE_IN_ZIP:
            if member in head:
                return OfficeFileError(name, really)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return OfficeFileError(name, "tệp Office đời cũ (doc, xls hoặc ppt)")
    if head.startswith(b"{\\rtf"):
        return OfficeFileError(name, "tệp RTF")
    for magic, really in _COMPRESSED:
        if head.startswith(magic):
            return CompressedFileError(name, really)
    if head[4:8] == b"ftyp":
        return NotADocumentError(name, "tệp video hoặc ảnh kiểu khác")
    for magic, really in _OTHERS:
        if head.startswith(magic):
            return NotADocumentError(name, really)
    text = _as_text(head)
    if text is None:
        return NotADocumentError(name)
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<body")) or "<html" in start or "mime-version:" in start:
        return WebPageError(name, "trang web")
    if start.startswith("<?xml"):
        return TextFileError(name, "tệp XML")
    return TextFileError(name, "tệp văn bản thuần")


def _as_text(head: bytes) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace")
    if b"\x00" in head:
        return None
    odd = sum(byte < 32 and byte not in b"\t\r\n\x0c\x1b" for byte in head)
    return None if odd > len(head) // 100 else head.decode("utf-8", errors="replace")
