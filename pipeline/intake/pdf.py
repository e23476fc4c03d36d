"""PDF originals: a scanned page gives back the scanner's own image, every other page is drawn.

A page counts as a scan when one image fills it and no ink lies over it; then JPEG data passes through untouched
and bilevel or packed pixels become PNG, pixel for pixel. A signature's appearance over a scan is ink.
Every other page is drawn at the resolution of the image that fills it, or at 300 dpi where none does.
Dictionaries are judged before anything is drawn; a broken page raises and the other pages go on.
"""

from __future__ import annotations

import threading
from io import BytesIO
from typing import TYPE_CHECKING, Self

import pikepdf
import pypdfium2
from PIL import Image as Pil

from pipeline.intake.errors import (
    DamagedFileError,
    DynamicFormError,
    EncryptedPdfError,
    NoPagesError,
    PageDamagedError,
    PageError,
    PageTooLargeError,
    PdfPortfolioError,
    TooManyPagesError,
)
from pipeline.intake.images import encode
from pipeline.intake.pages import SourcePage
from pipeline.intake.pdf_facts import (
    BrokenError,
    TooLargeError,
    check_jpeg,
    is_dynamic_form,
    is_portfolio,
    is_signed,
    page_facts,
)
from pipeline.intake.pdf_native import pdf_native
from pipeline.intake.pdfium import Document

if TYPE_CHECKING:
    from types import TracebackType

    from pipeline.intake.limits import Limits
    from pipeline.intake.native import NativeImage
    from pipeline.intake.pdf_facts import ImageFacts, PageFacts
    from pipeline.intake.pdfium import Drawn, Layout

_END_WITHIN = 2048
_SAMPLED_PAGES = 8
_FILLS = 0.5
"""Share of a page from which an image decides the resolution at which the page is drawn."""
_LOWEST_DPI, _HIGHEST_DPI = 100.0, 600.0
_TURNS = {90: Pil.Transpose.ROTATE_270, 180: Pil.Transpose.ROTATE_180, 270: Pil.Transpose.ROTATE_90}


class PdfOriginal:
    """An opened PDF. Pages are made on demand; the lock makes it safe to call from several threads."""

    media_type = "application/pdf"

    def __init__(self, name: str, data: bytes, limits: Limits) -> None:
        """Raises the refusals of a whole PDF: locked, damaged, a wrapper, a dynamic form, no pages, too many."""
        self.name = name
        self._limits = limits
        self._lock = threading.Lock()
        self._pdf = _open_structure(name, data)
        try:
            self.page_count = len(self._pdf.pages)
            self.signed = is_signed(self._pdf)
            portfolio, dynamic = is_portfolio(self._pdf), is_dynamic_form(self._pdf)
        except (pikepdf.PdfError, ValueError, TypeError, RuntimeError) as error:
            raise DamagedFileError(name, str(error)) from error
        if portfolio:
            raise PdfPortfolioError(name)
        if dynamic:
            raise DynamicFormError(name)
        if self.page_count == 0:
            raise NoPagesError(name)
        if self.page_count > limits.max_pages:
            raise TooManyPagesError(name, f"{self.page_count} pages")
        try:
            self._drawing = Document(data)
        except pypdfium2.PdfiumError as error:
            raise DamagedFileError(name, str(error)) from error
        if self._drawing.page_count != self.page_count:
            self.close()
            raise DamagedFileError(name, f"{self.page_count} or {self._drawing.page_count} pages")
        self._born_digital: bool | None = None

    @property
    def born_digital(self) -> bool:
        """Whether most pages (of up to eight, evenly chosen) have inked letters and no image that fills them."""
        if self._born_digital is None:
            step = max(1, self.page_count // _SAMPLED_PAGES)
            votes = [self._is_born_digital(at) for at in range(0, self.page_count, step)]
            self._born_digital = 2 * sum(votes) > len(votes)
        return self._born_digital

    def page(self, number: int) -> SourcePage:
        """The page as an image. Raises `PageTooLargeError` and `PageDamagedError`."""
        if not 1 <= number <= self.page_count:
            raise IndexError(f"page {number} of {self.page_count}")
        try:
            with self._lock:
                facts = page_facts(self._pdf.pages[number - 1], self._limits)
            layout = self._drawing.layout(number - 1)
            scan = self._as_scanned(number, layout, facts)
            return scan or self._as_drawn(number, layout)
        except PageError:
            raise
        except TooLargeError as error:
            raise PageTooLargeError(self.name, number, str(error)) from error
        except (BrokenError, pypdfium2.PdfiumError, pikepdf.PdfError) as error:
            raise PageDamagedError(self.name, number, str(error)) from error
        except (ValueError, TypeError, ArithmeticError, LookupError, OSError, RuntimeError, AttributeError) as error:
            # A page dictionary may hold anything anywhere; whatever it breaks, only this page is lost.
            raise PageDamagedError(self.name, number, f"{type(error).__name__}: {error}") from error

    def native(self, number: int) -> NativeImage | None:
        """The coding of the one image that is all of the page; None where the page was drawn, or is coded otherwise."""
        try:
            with self._lock:
                page = self._pdf.pages[number - 1]
                facts = page_facts(page, self._limits)
                layout = self._drawing.layout(number - 1)
                if not self._is_scan(layout, facts) or layout.largest is None or not layout.largest.fills:
                    return None
                return pdf_native(page, layout.largest, layout.rotation)
        except Exception:
            return None  # `page` says what is wrong with it

    def close(self) -> None:
        """Lets go of both libraries' hold on the file; twice is allowed."""
        self._drawing.close()
        self._pdf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _is_born_digital(self, index: int) -> bool:
        try:
            with self._lock:
                page_facts(self._pdf.pages[index], self._limits)
            layout = self._drawing.layout(index)
        except Exception:
            return False  # a page that cannot be judged has no vote; `page` says what is wrong with it
        return layout.text and (layout.largest is None or layout.largest.coverage < _FILLS)

    def _as_scanned(self, number: int, layout: Layout, facts: PageFacts) -> SourcePage | None:
        """The one image that is all of the page, as the scanner made it; None where drawing is needed."""
        image = layout.largest
        if image is None:
            return None
        if "DCTDecode" in image.filters:
            check_jpeg(self._drawing.image_data(number - 1, image))
        if not self._is_scan(layout, facts):
            return None
        x_dpi, y_dpi = image.dpi
        twins = _twins(image, facts)
        dpi = round((x_dpi + y_dpi) / 2, 2)
        if image.filters[-1:] == ("DCTDecode",) and all(one.decoded_as_is for one in twins):
            data = self._drawing.image_data(number - 1, image)
            with Pil.open(BytesIO(data), formats=["JPEG"]) as header:
                mode = header.mode
            if mode in {"L", "RGB"} and layout.rotation == 0:
                return SourcePage(number, data, "image/jpeg", image.width, image.height, dpi)
        pixels = self._drawing.image_pixels(number - 1, image)
        if all(one.bits == 1 for one in twins) and pixels.mode == "L":
            pixels = pixels.point(lambda value: 255 * (value > 127), "1")
        if not image.fills:
            pixels = _on_paper(pixels, image, layout, dpi)
        if layout.rotation:
            pixels = pixels.transpose(_TURNS[layout.rotation])
        coded, media_type = encode(pixels, lossy=_is_lossy(image))
        return SourcePage(number, coded, media_type, pixels.width, pixels.height, dpi)

    @staticmethod
    def _is_scan(layout: Layout, facts: PageFacts) -> bool:
        """Whether one image with square pixels is all that is to be seen of the page."""
        image = layout.largest
        if image is None or not layout.alone or facts.seen_annotations:
            return False
        if not image.straight or image.coverage < _FILLS or (_is_lossy(image) and not image.fills):
            return False
        x_dpi, y_dpi = image.dpi
        twins = _twins(image, facts)
        return abs(x_dpi - y_dpi) <= 0.02 * y_dpi and bool(twins) and all(one.plain for one in twins)

    def _as_drawn(self, number: int, layout: Layout) -> SourcePage:
        if not (layout.width > 0 and layout.height > 0):
            raise BrokenError("the page has no size")
        image = layout.largest if layout.largest and layout.largest.coverage >= _FILLS else None
        dpi = self._limits.render_dpi
        if image is not None:
            dpi = min(max(_LOWEST_DPI, *image.dpi), _HIGHEST_DPI)
            if layout.text:
                dpi = max(dpi, self._limits.render_dpi)
        width, height = layout.width * dpi / 72, layout.height * dpi / 72
        shrink = min(
            1.0, (self._limits.render_pixels / (width * height)) ** 0.5, self._limits.max_side / max(width, height)
        )
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        if image is not None and shrink == 1.0 and image.straight and image.fills:
            native = (image.width, image.height) if layout.rotation % 180 == 0 else (image.height, image.width)
            # On the image's own grid the scan under the ink is not resampled at all.
            if abs(native[0] - size[0]) <= 8 and abs(native[1] - size[1]) <= 8:
                size = native
        picture = self._drawing.draw(number - 1, *size)
        coded, media_type = encode(picture, lossy=image is not None and _is_lossy(image), drawn=True)
        return SourcePage(number, coded, media_type, *size, round(dpi * shrink, 2))


def _twins(image: Drawn, facts: PageFacts) -> list[ImageFacts]:
    """What the page's dictionaries say of images of this size."""
    return [one for one in facts.images if one.top_level and (one.width, one.height) == (image.width, image.height)]


def _on_paper(pixels: Pil.Image, image: Drawn, layout: Layout, dpi: float) -> Pil.Image:
    """The image where it lies on its white page, to the nearest pixel; not one of its own pixels changes."""
    shown = (layout.width, layout.height)
    width, height = shown if layout.rotation % 180 == 0 else shown[::-1]
    _, _, _, up, left, bottom = image.matrix
    paper = Pil.new(pixels.mode, (round(width * dpi / 72), round(height * dpi / 72)), "white")
    paper.paste(pixels, (round(left * dpi / 72), round((height - bottom - up) * dpi / 72)))
    return paper


def _is_lossy(image: Drawn) -> bool:
    return image.filters[-1:] in (("DCTDecode",), ("JPXDecode",))


def _open_structure(name: str, data: bytes) -> pikepdf.Pdf:
    """Opens strictly; a file whose table of contents is broken is repaired only if its end is there.

    Without its end a repaired file looks whole and lacks pages: that is refused.
    """
    try:
        return pikepdf.open(BytesIO(data), suppress_warnings=True, attempt_recovery=False)
    except pikepdf.PasswordError as error:
        raise EncryptedPdfError(name) from error
    except (pikepdf.PdfError, ValueError) as error:
        if b"%%EOF" not in data[-_END_WITHIN:]:
            raise DamagedFileError(name, "the end of the file is missing") from error
    try:
        return pikepdf.open(BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise EncryptedPdfError(name) from error
    except (pikepdf.PdfError, ValueError) as error:
        raise DamagedFileError(name, str(error)) from error
