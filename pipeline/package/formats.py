"""File formats by PRONOM, the register that archives use; only what was seen in the file is claimed.

A format without an entry there (a JWS, a timestamp token) has its name and media type. Versions of PDF and JPEG are
read from the first bytes; what they do not tell is left open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

HEAD = 1024
"""Bytes of a file's beginning that are looked at."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format's name, version, PRONOM id and media type; empty where not known."""

    name: str
    version: str
    pronom: str
    media_type: str


PDFA_3U: Final = Format("Acrobat PDF/A - Portable Document Format", "3u", "fmt/481", "application/pdf")
JSON: Final = Format("JSON Data Interchange Format", "", "fmt/817", "application/json")
XML: Final = Format("Extensible Markup Language", "1.0", "fmt/101", "application/xml")
XSD: Final = Format("XML Schema Definition", "", "x-fmt/280", "application/xml")
TEXT: Final = Format("Plain Text File", "", "x-fmt/111", "text/plain")
JWS: Final = Format("JSON Web Signature (RFC 7515)", "", "", "application/jose")
TOKEN: Final = Format("Timestamp token (RFC 3161)", "", "", "application/vnd.etsi.timestamp-token")
UNKNOWN: Final = Format("Unknown", "", "", "application/octet-stream")

_PDF: Final = {
    "1.0": "fmt/14", "1.1": "fmt/15", "1.2": "fmt/16", "1.3": "fmt/17", "1.4": "fmt/18", "1.5": "fmt/19",
    "1.6": "fmt/20", "1.7": "fmt/276", "2.0": "fmt/1129",
}  # fmt: skip
_JFIF: Final = {"1.00": "fmt/42", "1.01": "fmt/43", "1.02": "fmt/44"}
_PLAIN: Final = {
    "image/png": Format("Portable Network Graphics", "", "fmt/11", "image/png"),
    "image/tiff": Format("Tagged Image File Format", "", "fmt/353", "image/tiff"),
    "image/bmp": Format("Windows Bitmap", "", "fmt/119", "image/bmp"),
    "image/gif": Format("Graphics Interchange Format", "89a", "fmt/4", "image/gif"),
    "image/webp": Format("WebP", "", "fmt/567", "image/webp"),
    "image/heic": Format("High Efficiency Image File Format", "", "fmt/1101", "image/heic"),
    "image/heif": Format("High Efficiency Image File Format", "", "fmt/1101", "image/heif"),
    "image/jp2": Format("JP2 (JPEG 2000 part 1)", "", "x-fmt/392", "image/jp2"),
}


def format_of(media_type: str, head: bytes) -> Format:
    """The format of a file of this media type that begins with `head`."""
    if media_type == "application/pdf":
        return _pdf(head)
    if media_type == "image/jpeg":
        return _jpeg(head)
    known = _PLAIN.get(media_type)
    if known is not None:
        return known
    return Format(UNKNOWN.name, "", "", media_type or UNKNOWN.media_type)


def extension(media_type: str) -> str:
    """A file name's ending for a media type."""
    endings = {
        "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif", "image/bmp": "bmp",
        "image/gif": "gif", "image/webp": "webp", "image/heic": "heic", "image/heif": "heif", "image/jp2": "jp2",
    }  # fmt: skip
    return endings.get(media_type, "bin")


def _pdf(head: bytes) -> Format:
    found = re.search(rb"%PDF-([12]\.\d)", head)
    version = found[1].decode("ascii") if found else ""
    return Format("Acrobat PDF - Portable Document Format", version, _PDF.get(version, ""), "application/pdf")


def _jpeg(head: bytes) -> Format:
    """APP0 right after SOI: `JFIF`, a zero, the version's two bytes."""
    if head[6:11] == b"JFIF\0" and len(head) > 12:
        version = f"{head[11]}.{head[12]:02d}"
        if version in _JFIF:
            return Format("JPEG File Interchange Format", version, _JFIF[version], "image/jpeg")
    if head[6:11] == b"Exif\0":
        return Format("Exchangeable Image File Format (Compressed)", "", "", "image/jpeg")
    return Format("Raw JPEG Stream", "", "fmt/41", "image/jpeg")
