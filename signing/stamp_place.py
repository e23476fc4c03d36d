"""Where on page 1 a stamp goes: the top right corner as a reader sees it, on the emptiest spot there.

Decree 30/2020 and Circular 01/2019 name the top right of page 1; a scanned page may have print there. The page's
full-page picture is looked at small, and of the places in that corner the one that covers least wins, the nearest to
the corner first. Pages that are no scan get the corner itself. Turned pages (/Rotate) are handled: the stamp stands
upright for the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

_MARGIN: Final = 8.0
"""Points between stamp and page edge."""
_STEP: Final = 8.0
_DEEPEST: Final = 160.0
"""Points further down from the margin: about a fifth of the page, where it is still "top right"."""
_COST_DOWN: Final = 3e-4
_COST_LEFT: Final = 2e-4
"""What a point away from the corner costs, in share of the stamp that covers print: a line costs some 0.2."""
_CELL: Final = 5
_PRINTED: Final = 0.04
"""A cell of so many pixels counts as printed from this share of dark ones on: thin print counts as much as fat."""
_THUMBNAIL: Final = 800
"""Longer side, pixels, of the picture that is looked at."""
_DARKER: Final = 45
"""Grey levels below the paper's that count as ink."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stamp goes. `box` is in default user space, points; `rotation` is the page's /Rotate."""

    box: tuple[float, float, float, float]
    rotation: int


def find_place(
    pdf: bytes, width: float, height: float, taken: Sequence[tuple[float, float, float, float]] = ()
) -> Place:
    """The place of a stamp of `width` x `height` points on page 1 of `pdf`; the stamp is made smaller by nobody.

    `taken`: boxes of other stamps in default user space, which it must not cover.
    """
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as document:
        page = document.pages[0]
        x0, y0, x1, y1 = (float(v) for v in page.cropbox)
        rotation = int(page.get("/Rotate", 0)) % 360
        ink = _ink(page)
    page_w, page_h = (x1 - x0, y1 - y0) if rotation % 180 == 0 else (y1 - y0, x1 - x0)
    shown = [_to_display((a - x0, b - y0, c - x0, d - y0), rotation, x1 - x0, y1 - y0) for a, b, c, d in taken]
    left, bottom = _best(ink, rotation, (page_w, page_h), (width, height), shown)
    box = _to_user_space((left, bottom, left + width, bottom + height), rotation, x1 - x0, y1 - y0)
    return Place((box[0] + x0, box[1] + y0, box[2] + x0, box[3] + y0), rotation)


def _best(
    ink: np.ndarray[Any, Any] | None,
    rotation: int,
    page: tuple[float, float],
    stamp: tuple[float, float],
    taken: list[tuple[float, float, float, float]],
) -> tuple[float, float]:
    """Left and bottom of the best place, in points of the page as displayed."""
    import numpy as np

    page_w, page_h = page
    width, height = stamp

    right = max(page_w - _MARGIN - width, 0.0)
    top = max(page_h - _MARGIN - height, 0.0)
    if ink is None and not taken:
        return right, top
    seen = np.rot90(ink, k=-(rotation // 90)) if ink is not None else None

    def cost(place: tuple[float, float]) -> float:
        left, bottom = place
        away = (top - bottom) * _COST_DOWN + (right - left) * _COST_LEFT
        if seen is None:
            return away
        rows, columns = seen.shape
        part = seen[
            int((page_h - bottom - height) / page_h * rows) : int((page_h - bottom) / page_h * rows) + 1,
            int(left / page_w * columns) : int((left + width) / page_w * columns) + 1,
        ]
        return float(part.mean()) + away

    lefts = np.arange(right, max(page_w / 2 - width / 2, 0.0) - 1e-6, -_STEP)
    for deepest in (_DEEPEST, page_h):  # a third stamp may have to go below the corner: over another it must not
        bottoms = np.arange(top, max(top - deepest, 0.0) - 1e-6, -_STEP)
        places = [(left, bottom) for left in lefts for bottom in bottoms]
        free = [(x, y) for x, y in places if not any(_meet((x, y, x + width, y + height), box) for box in taken)]
        if free:
            best = min(free, key=cost)
            return float(best[0]), float(best[1])
    return right, top


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _to_display(
    box: tuple[float, float, float, float], rotation: int, width: float, height: float
) -> tuple[float, float, float, float]:
    """From the page as stored to the page as displayed; `width` and `height` are those of the stored page."""
    turned = {90: 270, 270: 90}.get(rotation, rotation)
    shown = (width, height) if rotation % 180 == 0 else (height, width)
    return _to_user_space(box, turned, *shown)


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
    """Boolean (height, width) of the page as stored, True where the full-page picture is printed; None without one."""
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
    dark = values < int(np.median(values)) - _DARKER
    rows, columns = dark.shape[0] // _CELL, dark.shape[1] // _CELL
    cells = dark[: rows * _CELL, : columns * _CELL].reshape(rows, _CELL, columns, _CELL).mean(axis=(1, 3))
    return np.asarray(cells > _PRINTED)


def _fills(page: Any, image: Any) -> bool:
    """Whether the picture has about the page's proportions: scans do, logos don't."""
    x0, y0, x1, y1 = (float(v) for v in page.mediabox)
    page_ratio = (x1 - x0) / max(y1 - y0, 1.0)
    ratio = int(image.Width) / max(int(image.Height), 1)
    return abs(ratio / page_ratio - 1) < 0.08
