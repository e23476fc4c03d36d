"""What an archive file holds, read back from its bytes: pages, claim, attachments, text. Used by verification.

Nothing here trusts the file: what cannot be opened raises `ArchiveUnreadableError`, and a claim is only a claim.
Works on signed files too; the text is what pdfium copies out, not what we believe to have written.
"""

from __future__ import annotations

import unicodedata
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf

from pipeline.archive.errors import ArchiveUnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ACCESS = pikepdf.AccessMode.stream
"""Read as needed: a mapped file counts as memory."""
_PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"


def page_count(pdf: bytes | Path) -> int:
    """Pages of the file."""
    with opened_archive(pdf) as opened:
        return len(opened.pages)


def pdfa_claim(pdf: bytes | Path) -> str | None:
    """What the file claims to be (`3U`, `2B`, ...), or None where it claims nothing."""
    with opened_archive(pdf) as opened:
        return claim_of(opened)


def attachments(pdf: bytes | Path) -> dict[str, bytes]:
    """Embedded files by name, bit for bit."""
    with opened_archive(pdf) as opened:
        return {name: spec.get_file().read_bytes() for name, spec in opened.attachments.items()}


def extract_text(pdf: bytes) -> str:
    """The text as a reader copies it out: NFC, one line per line, pages parted by a form feed."""
    import pypdfium2

    from pipeline.intake.pdfium import PDFIUM_LOCK

    with PDFIUM_LOCK:
        try:
            with pypdfium2.PdfDocument(pdf) as document:
                return "\f".join(_page_text(page) for page in document)
        except pypdfium2.PdfiumError as error:
            raise ArchiveUnreadableError(detail=str(error)) from error


def _page_text(page: object) -> str:
    textpage = page.get_textpage()  # type: ignore[attr-defined]
    # pdfium writes U+FFFE for a hyphen at the end of a line, and swallows the line's end.
    text = textpage.get_text_range().replace("\r\n", "\n").replace("\ufffe", "-\n")
    textpage.close()
    page.close()  # type: ignore[attr-defined]
    return unicodedata.normalize("NFC", "\n".join(line.rstrip() for line in text.split("\n")))


def claim_of(opened: pikepdf.Pdf) -> str | None:
    """What an opened file claims to be."""
    with opened.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        part = metadata.get(_PDFAID + "part")
        return f"{part}{metadata.get(_PDFAID + 'conformance', '')}".upper() if part else None


@contextmanager
def opened_archive(pdf: bytes | Path) -> Iterator[pikepdf.Pdf]:
    """The file, open. Whatever is wrong with it, then or inside the block, is an `ArchiveUnreadableError`."""
    try:
        source = BytesIO(pdf) if isinstance(pdf, bytes) else pdf
        with pikepdf.open(source, suppress_warnings=True, access_mode=_ACCESS) as opened:
            yield opened
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RuntimeError) as error:
        raise ArchiveUnreadableError(detail=f"{type(error).__name__}: {error}") from error
