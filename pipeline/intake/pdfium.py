"""The only place that calls pdfium, behind one lock, since the library keeps process-wide state without any.

It answers three questions of a page: what lies on it, what its one image holds, and how it looks when drawn.
Drawing includes annotations and form fields: a signature's appearance is part of the paper.
Pages are opened for one question and closed again, so that a long document does not pile up in memory.
"""

from __future__ import annotations

import math
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pypdfium2
import pypdfium2.raw as c
from PIL import Image as Pil

if TYPE_CHECKING:
    from collections.abc import Iterator

PDFIUM_LOCK = threading.RLock()
"""pdfium is one state machine for the whole process: whoever calls it, anywhere in the process, holds this."""

_COVERS = 0.97
_INVISIBLE_TEXT = (3, 7)
"""Text render modes that leave no ink (ISO 32000-1, table 106): what OCR lays under a scan."""
_MAX_OBJECTS = 50_000
_QUESTIONS = 64
"""After so many questions the file is opened anew: pdfium keeps a copy of every stream that it has seen."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An image as it lies on a page: its pixels and its place, in points from the lower left of the page's box."""

    index: int
    width: int
    height: int
    filters: tuple[str, ...]
    matrix: tuple[float, float, float, float, float, float]
    coverage: float
    """Share of the page's box that it covers."""
    whole: bool
    """Whether all of it is to be seen and nothing through it: not over the page's edge, not clipped, opaque."""

    @property
    def fills(self) -> bool:
        """Whether it is as large as the page, so that it hides whatever was drawn before it."""
        return self.coverage >= _COVERS

    @property
    def straight(self) -> bool:
        """Neither turned nor mirrored."""
        a, b, cc, d, _, _ = self.matrix
        return a > 0 and d > 0 and abs(b) < 1e-3 * a and abs(cc) < 1e-3 * d

    @property
    def dpi(self) -> tuple[float, float]:
        """Pixels per inch along its own rows and columns."""
        a, b, cc, d, _, _ = self.matrix
        return 72 * self.width / (math.hypot(a, b) or 1), 72 * self.height / (math.hypot(cc, d) or 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """What lies on a page."""

    width: float
    """Points, as shown (after /Rotate)."""
    height: float
    rotation: int
    """Degrees clockwise by which the page is shown turned: 0, 90, 180 or 270."""
    largest: Drawn | None
    """The top-level image that covers most of the page."""
    alone: bool
    """Whether `largest`, all of it, is all the ink that is to be seen."""
    text: bool
    """Whether letters with ink lie on the page."""


class Document:
    """A PDF in pdfium. Every method takes the lock; indexes are 0-based."""

    def __init__(self, data: bytes) -> None:
        """Raises `pypdfium2.PdfiumError` when pdfium cannot open it."""
        self._data = data
        with PDFIUM_LOCK:
            self._pdf: Any = self._opened()
            self._questions = 0
            self.page_count = len(self._pdf)

    def _opened(self) -> Any:
        pdf = pypdfium2.PdfDocument(self._data)
        pdf.init_forms()
        return pdf

    def close(self) -> None:
        """Frees it; twice is allowed."""
        with PDFIUM_LOCK:
            if self._pdf is not None:
                self._pdf.close()
                self._pdf = None

    @contextmanager
    def _page(self, index: int) -> Iterator[Any]:
        with PDFIUM_LOCK:
            self._questions += 1
            if self._questions % _QUESTIONS == 0 and self._pdf is not None:
                self._pdf.close()
                self._pdf = self._opened()
            page = self._pdf[index]
            try:
                yield page
            finally:
                page.close()

    def layout(self, index: int) -> Layout:
        """What lies on the page. Raises `pypdfium2.PdfiumError`."""
        with self._page(index) as page:
            width, height = page.get_size()
            left, bottom, right, top = page.get_cropbox()
            box = (left, bottom, right, top)
            largest: Drawn | None = None
            over, text = False, False
            for at, thing in enumerate(page.get_objects(max_depth=1)):
                if at > _MAX_OBJECTS:
                    over = True
                    break
                if thing.type == c.FPDF_PAGEOBJ_TEXT:
                    if c.FPDFTextObj_GetTextRenderMode(thing) in _INVISIBLE_TEXT:
                        continue
                    text = True
                elif thing.type == c.FPDF_PAGEOBJ_IMAGE:
                    drawn = _drawn(thing, at, box)
                    if largest is None or drawn.coverage > largest.coverage:
                        before = over or largest is not None
                        largest, over = drawn, not drawn.whole or (before and not drawn.fills)
                        continue
                elif thing.type == c.FPDF_PAGEOBJ_FORM:
                    text = text or _form_has_text(page, thing)
                over = True
            return Layout(width, height, page.get_rotation(), largest, largest is not None and not over, text)

    def image_pixels(self, index: int, drawn: Drawn) -> Pil.Image:
        """The image's own pixels (mode L or RGB), not resampled. Raises `pypdfium2.PdfiumError`."""
        with self._page(index) as page:
            return _picture(self._object(page, drawn).get_bitmap())

    def image_data(self, index: int, drawn: Drawn) -> bytes:
        """The image's coded data with general-purpose filters taken off (a JPEG file, for a JPEG)."""
        with self._page(index) as page:
            return bytes(self._object(page, drawn).get_data(decode_simple=True))

    def draw(self, index: int, width: int, height: int) -> Pil.Image:
        """The page as shown, annotations and form fields included, as RGB of exactly this many pixels."""
        with self._page(index) as page:
            bitmap = pypdfium2.PdfBitmap.new_native(width, height, c.FPDFBitmap_BGR)
            bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
            c.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, c.FPDF_ANNOT)
            if self._pdf.formenv:
                c.FPDF_FFLDraw(self._pdf.formenv, bitmap, page, 0, 0, width, height, 0, c.FPDF_ANNOT)
            return _picture(bitmap)

    @staticmethod
    def _object(page: Any, drawn: Drawn) -> Any:
        return next(thing for at, thing in enumerate(page.get_objects(max_depth=1)) if at == drawn.index)


def _drawn(thing: Any, at: int, box: tuple[float, float, float, float]) -> Drawn:
    left, bottom, right, top = box
    x0, y0, x1, y1 = thing.get_bounds()
    inside = max(0.0, min(x1, right) - max(x0, left)) * max(0.0, min(y1, top) - max(y0, bottom))
    area = (right - left) * (top - bottom) or 1.0
    # What hangs over the edge is cut off when shown: then the image is more than the page.
    whole = (x1 - x0) * (y1 - y0) <= 1.03 * inside
    whole = whole and not c.FPDFPageObj_HasTransparency(thing)
    whole = whole and _unclipped(thing, (max(x0, left), max(y0, bottom), min(x1, right), min(y1, top)))
    a, b, cc, d, e, f = thing.get_matrix().get()
    width, height = thing.get_px_size()
    return Drawn(
        at, width, height, tuple(thing.get_filters()), (a, b, cc, d, e - left, f - bottom), inside / area, whole
    )


def _unclipped(thing: Any, box: tuple[float, float, float, float]) -> bool:
    """Whether the clip path, where there is one, leaves all of the box open."""
    clip = c.FPDFPageObj_GetClipPath(thing)
    left, bottom, right, top = box
    slack = 0.02 * max(right - left, top - bottom)
    for path in range(max(0, c.FPDFClipPath_CountPaths(clip))):
        xs, ys = [], []
        for at in range(max(0, c.FPDFClipPath_CountPathSegments(clip, path))):
            x, y = c.c_float(), c.c_float()
            if c.FPDFPathSegment_GetPoint(c.FPDFClipPath_GetPathSegment(clip, path, at), x, y):
                xs.append(x.value)
                ys.append(y.value)
        if not xs or min(xs) > left + slack or max(xs) < right - slack:
            return False
        if min(ys) > bottom + slack or max(ys) < top - slack:
            return False
    return True


def _form_has_text(page: Any, form: Any) -> bool:
    inside = page.get_objects(filter=[c.FPDF_PAGEOBJ_TEXT], max_depth=4, form=form, level=1)
    return any(
        c.FPDFTextObj_GetTextRenderMode(text) not in _INVISIBLE_TEXT
        for _, text in zip(range(200), inside, strict=False)
    )


def _picture(bitmap: Any) -> Pil.Image:
    pixels = bitmap.to_numpy()
    if bitmap.n_channels == 1:
        grey = pixels if pixels.ndim == 2 else pixels[..., 0]
        return Pil.fromarray(grey.copy())
    return Pil.fromarray(pixels[..., 2::-1].copy())
