"""Small pictures of scanned pages: made once from the stored image, kept in the step ledger, sealed like its words.

They lie as the page was scanned; whoever shows them turns them. A page of 300 dpi becomes a JPEG of a few kilobytes in
which papers can be told apart and hardly anything can be read.
"""

from __future__ import annotations

import time
from io import BytesIO
from typing import TYPE_CHECKING

from pipeline.conductor import UnknownPageError
from pipeline.keys import page_key

if TYPE_CHECKING:
    from pipeline.record import PageRecord
    from pipeline.tools import Tools

SIDE = 260
"""Pixels of the longer side."""
_STEP, _VERSION = "thumbnail", "1"
_QUALITY = 70


def thumbnail(tools: Tools, dossier_id: str, page: PageRecord) -> bytes:
    """JPEG. Raises `UnknownPageError` for a page without an image, `StoreError`."""
    if not page.image_sha256:
        raise UnknownPageError(dossier_id, f"page {page.number}")
    kept = tools.catalogue.step_output(page.image_sha256, _STEP, _VERSION)
    if kept is not None:
        return kept
    started = time.perf_counter()
    made = small(tools.reading().get(page_key(page.image_sha256, page.media_type)))
    return tools.catalogue.remember_step(page.image_sha256, _STEP, _VERSION, made, time.perf_counter() - started)


def image(tools: Tools, dossier_id: str, page: PageRecord) -> tuple[bytes, str]:
    """The stored image and its media type. Raises as `thumbnail`."""
    if not page.image_sha256:
        raise UnknownPageError(dossier_id, f"page {page.number}")
    return tools.reading().get(page_key(page.image_sha256, page.media_type)), page.media_type


def small(stored: bytes) -> bytes:
    """A page image as a small JPEG."""
    from PIL import Image

    with Image.open(BytesIO(stored), formats=("JPEG", "PNG")) as picture:
        picture.draft("RGB", (SIDE * 2, SIDE * 2))
        drawn = picture.convert("L" if picture.mode in {"1", "L"} else "RGB")
    drawn.thumbnail((SIDE, SIDE))
    out = BytesIO()
    drawn.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
