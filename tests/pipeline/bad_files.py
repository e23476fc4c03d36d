"""Bad files by name, made on the spot: what a scanner, a mail program or a stranger really hands over."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _page(pdf: pikepdf.Pdf) -> None:
    pdf.add_blank_page(page_size=(595, 842))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def web_page(path: Path) -> None:
    path.write_text(f"<!DOCTYPE html>\n<html><head><title>404</title></head><body>{path.name}</body></html>")


def truncated_pdf(path: Path) -> None:
    noise = Image.effect_noise((1200, 1600), 60).convert("RGB")
    noise.save(path, "PDF", resolution=200)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def truncated_tiff(path: Path) -> None:
    Image.effect_noise((1200, 1600), 60).save(path, "TIFF", compression="raw")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def encrypted_pdf(path: Path) -> None:
    with pikepdf.new() as pdf:
        _page(pdf)
        pdf.save(path, encryption=pikepdf.Encryption(user="mật khẩu", owner="chủ"))


def no_pages_pdf(path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.save(path)


def bomb_png(path: Path) -> None:
    """A few kilobytes that say they are 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def bomb_pdf(path: Path) -> None:
    """A page whose image is declared with 3.6 billion pixels."""
    with pikepdf.new() as pdf:
        _page(pdf)
        image = pikepdf.Stream(
            pdf,
            zlib.compress(bytes(1 << 20)),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=60_000,
            Height=60_000,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.FlateDecode,
        )
        page = pdf.pages[0]
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=pdf.make_indirect(image)))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
        pdf.save(path)


def huge_image(path: Path) -> None:
    """20,000 pixels a side, honest but no scan of a paper."""
    Image.new("1", (20_000, 20_000), 1).save(path, "TIFF", compression="group4")


def word_file(path: Path) -> None:
    import zipfile

    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    path.write_bytes(buffer.getvalue())


NFD_NAME = unicodedata.normalize("NFD", "giấy tờ hỏng.pdf")

BAD: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "empty": ("rỗng.pdf", empty, "file_empty"),
    "web page": ("tải về.pdf", web_page, "type_web_page"),
    "truncated pdf": ("cụt.pdf", truncated_pdf, "file_damaged"),
    "truncated tiff": ("cụt.tif", truncated_tiff, "page_damaged"),
    "encrypted": ("khóa.pdf", encrypted_pdf, "pdf_encrypted"),
    "no pages": ("không trang.pdf", no_pages_pdf, "no_pages"),
    "bomb png": ("bom.png", bomb_png, "page_too_large"),
    "bomb pdf": ("bom.pdf", bomb_pdf, "page_too_large"),
    "huge image": ("to.tif", huge_image, "page_too_large"),
    "word file": ("đơn.pdf", word_file, "type_office"),
    "nfd name": (NFD_NAME, web_page, "type_web_page"),
}
"""Name of the case: file name, what makes it, the code that it must end with."""
