"""The picture of a field above the clerk's cursor: a strip of its page, with paper round it, in two widths.

Where a strip lies is worked out from boxes alone, so that a browser knows it, and where to light what, before any pixel
is decoded. Pixels are the stored page's own, PNG without loss. Neighbouring items lie on one page, so a few decoded
pages are kept; a page of 300 dpi takes 26 MB and a tenth of a second.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from pipeline.crops import UnknownFieldError
from pipeline.intake.images import decode
from pipeline.keys import page_key

if TYPE_CHECKING:
    from models.reading import Image
    from pipeline.record import PageRecord
    from pipeline.store.protocol import ObjectStore

Box = tuple[int, int, int, int]
_LEAST_SHARE = 0.36
"""Of the page's width: a strip is never narrower, or a short word would fill the screen."""
_AROUND = 0.9
"""Of the box's height, kept above and below."""
_ROWS = 3.0
"""Of the box's height (of a line of text at least), above and below in the wide strip."""
_LINE = 0.012
"""Height of a small line, of the page's height: the least by which room is measured."""
_PAGES = 3


def strip_of(page: PageRecord, box: Box) -> Box:
    """The strip round a box, in pixels of its page."""
    row = max(_LINE * page.height, min(box[3] - box[1], 4 * _LINE * page.height))
    wanted = max(box[2] - box[0] + 3 * row, _LEAST_SHARE * page.width)
    side = (wanted - (box[2] - box[0])) / 2
    left = max(0, min(round(box[0] - side), page.width - round(wanted)))
    return _within(page, (left, box[1] - _AROUND * row, left + wanted, box[3] + _AROUND * row))


def wide_strip_of(page: PageRecord, box: Box) -> Box:
    """The rows round a box over the whole width of its page."""
    row = max(_LINE * page.height, min(box[3] - box[1], 4 * _LINE * page.height))
    return _within(page, (0, box[1] - _ROWS * row, page.width, box[3] + _ROWS * row))


def _within(page: PageRecord, box: tuple[float, float, float, float]) -> Box:
    x0, y0, x1, y1 = (round(edge) for edge in box)
    return max(0, x0), max(0, y0), min(page.width, x1), min(page.height, y1)


class Strips:
    """Cuts strips out of stored pages. Safe in several threads."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._pages: OrderedDict[str, Image] = OrderedDict()

    def png(self, page: PageRecord, strip: Box) -> bytes:
        """The strip as PNG. Raises `UnknownFieldError` where the page has no pixels there."""
        x0, y0, x1, y1 = strip
        piece = self._decoded(page)[y0:y1, x0:x1]
        if piece.size == 0:
            raise UnknownFieldError(None, f"page {page.number}")
        from PIL import Image

        stream = io.BytesIO()
        Image.fromarray(piece).save(stream, "PNG", compress_level=1)
        return stream.getvalue()

    def _decoded(self, page: PageRecord) -> Image:
        with self._lock:
            found = self._pages.get(page.image_sha256)
            if found is None:
                found = decode(self._store.get(page_key(page.image_sha256, page.media_type)))
                self._pages[page.image_sha256] = found
                if len(self._pages) > _PAGES:
                    self._pages.popitem(last=False)
            self._pages.move_to_end(page.image_sha256)
            return found
