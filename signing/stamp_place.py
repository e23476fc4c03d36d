"""Where on page 1 a stamp goes: the top right corner as a reader sees it, on the emptiest spot there.

Decree 30/2020 and Circular 01/2019 name the top right of page 1; a scanned page may have print there. The page's
full-page picture is looked at small, and of the places along the top margin the one with the least ink wins, the
rightmost first. Pages that are no scan get the corner itself. Turned pages (/Rotate) are handled: the stamp stands
upright for the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

_MARGIN: Final = 8.0
"""Points between stamp and page edge."""
_STEP: Final = 12.0
_ROWS: Final = (0.0, 8.0, 16.0)
"""Points further down from the margin."""
_THUMBNAIL: Final = 800
"""Longer side, pixels, of the picture that is looked at."""
_DARKER: Final = 45
"""Grey levels below the paper's that count as ink."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stamp goes. `box` is in default user space, points; `rotation` is the page's /Rotate."""

    box: tuple[float, float, float, float]
    rotation: int


def find_place(pdf: bytes, width: float, height: float) -> Place:
    """The place of a stamp of `width` x `height` points on page 1 of `pdf`; the stamp is made smaller by nobody."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as document:
        page = document.pages[0]
        x0, y0, x1, y1 = (float(v) for v in page.cropbox)
        rotation = int(page.get("/Rotate", 0)) % 360
        ink = _ink(page)
    page_w, page_h = (x1 - x0, y1 - y0) if rotation % 180 == 0 else (y1 - y0, x1 - x0)
    left, bottom = _best(ink, rotation, (page_w, page_h), (width, height))
    box = _to_user_space((left, bottom, left + width, bottom + height), rotation, x1 - x0, y1 - y0)
    return Place((box[0] + x0, box[1] + y0, box[2] + x0, box[3] + y0), rotation)


def _best(
    ink: np.ndarray[Any, Any] | None, rotation: int, page: tuple[float, float], stamp: tuple[float, float]
) -> tuple[float, float]:
    """Left and bottom of the best place, in points of the page as displayed."""
    import numpy as np

    page_w, page_h = page
    width, height = stamp

    right = max(page_w - _MARGIN - width, 0.0)
    top = max(page_h - _MARGIN - height, 0.0)
    if ink is None:
        return right, top
    seen = np.rot90(ink, k=-(rotation // 90))
    rows, columns = seen.shape
    best, best_ink = (right, top), np.inf
    lowest = max(page_w / 2 - width / 2, 0.0)
    left = right
    while left >= lowest:
        for down in _ROWS:
            bottom = max(top - down, 0.0)
            part = seen[
                int((page_h - bottom - height) / page_h * rows) : int((page_h - bottom) / page_h * rows) + 1,
                int(left / page_w * columns) : int((left + width) / page_w * columns) + 1,
            ]
            amount = float(part.mean()) if part.size else 0.0
            if amount < best_ink - 1e-4:
                best, best_ink = (left, bottom), amount
        if best_ink < 1e-3:
            break
        left -= _STEP
    return best


def _to_user_space(
    box: tuple[float, float, float, float], rotation: int, width: float, height: float
) -> tuple[float, float, float, float]:
    """From the page as displayed to the page as stored (ISO 32000-1, table 30: /Rotate turns clockwise)."""
    x0, y0, x1, y1 = box
    if rotation == 90:
        return width - y1, x0, width - y0, x1
    if rotation == 180:
        return width - x1, height - y1, width - x0, height - y0
    if rotation == 270:
        return y0, height - x1, y1, height - x0
    return box


def _ink(page: Any) -> np.ndarray[Any, Any] | None:
    """Boolean (height, width) of the page as stored, True where the full-page picture is dark; None without one."""
    import numpy as np
    import pikepdf
    from PIL import Image

    objects = page.resources.get("/XObject", pikepdf.Dictionary()).values()
    pictures = [o for o in objects if o.get("/Subtype") == "/Image" and "/Width" in o and "/Height" in o]
    if not pictures:
        return None
    largest = max(pictures, key=lambda image: int(image.Width) * int(image.Height))
    if not _fills(page, largest):
        return None
    try:
        if largest.get("/Filter") == "/DCTDecode":
            picture: Image.Image = Image.open(BytesIO(largest.read_raw_bytes()))
            picture.draft("L", (_THUMBNAIL, _THUMBNAIL))  # decodes an eighth of the pixels
        else:
            picture = pikepdf.PdfImage(largest).as_pil_image()
        grey = picture.convert("L")
        grey.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX)
    except Exception:  # whatever a picture decoder raises, the corner is still a place
        return None
    values = np.asarray(grey, dtype=np.int16)
    return values < int(np.median(values)) - _DARKER


def _fills(page: Any, image: Any) -> bool:
    """Whether the picture has about the page's proportions: scans do, logos don't."""
    x0, y0, x1, y1 = (float(v) for v in page.mediabox)
    page_ratio = (x1 - x0) / max(y1 - y0, 1.0)
    ratio = int(image.Width) / max(int(image.Height), 1)
    return abs(ratio / page_ratio - 1) < 0.08
