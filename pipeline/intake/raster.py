"""Image files as originals: JPEG and PNG pass through untouched where they can, everything else is decoded once.

The header is read first and the size checked; only then are pixels touched, so a bomb never goes off.
A page that would come out cut short is refused: half a page read in full confidence is worse than none.
Fax pixels that are not square are made square; resolution is taken from the file where it can be true.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Self, cast

from PIL import Image as Pil
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from pipeline.intake.errors import (
    DamagedFileError,
    NoPagesError,
    PageDamagedError,
    PageError,
    PageTooLargeError,
    PageUnsupportedError,
    TooManyPagesError,
)
from pipeline.intake.images import as_shown, encode, plain
from pipeline.intake.native import jpeg_native, tiff_native
from pipeline.intake.pages import A4_LONG_SIDE_INCHES, SourcePage
from pipeline.intake.sniff import Kind
from pipeline.intake.tiff import Directory, tiff_pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pipeline.intake.limits import Limits
    from pipeline.intake.native import NativeImage

_SQUARE = 1.02
"""Ratio of the two resolutions up to which pixels count as square."""
_A3_LONG_SIDE_INCHES = 17.0
_CERTAIN_DPI = 150.0
_ORIENTATION = 0x0112


@dataclass(slots=True)
class RasterOriginal:
    """An image file of one or more pages. Pages are decoded on demand, one at a time."""

    name: str
    kind: Kind
    data: bytes
    limits: Limits
    page_count: int = field(init=False)
    signed: bool = field(init=False, default=False)
    born_digital: bool = field(init=False, default=False)
    _frames: list[Directory] = field(init=False, repr=False)
    _lock: threading.Lock = field(init=False, repr=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Reads the header. Raises `DamagedFileError`, `NoPagesError`, `TooManyPagesError`, `PageTooLargeError`."""
        try:
            with self._opened() as picture:
                if self.kind is Kind.TIFF:
                    self._frames = tiff_pages(self.data, self.limits.max_pages)
                elif self.kind is Kind.HEIF:
                    self._frames = [Directory(at, whole=True) for at in range(getattr(picture, "n_frames", 1))]
                else:  # the frames of a GIF or WebP are a film, not pages
                    self._check_size(picture, 1)
                    self._frames = [Directory(0, whole=True)]
        except Pil.DecompressionBombError as error:
            raise PageTooLargeError(self.name, 1, str(error)) from error
        except PageError:
            raise
        except Exception as error:
            raise DamagedFileError(self.name, f"{type(error).__name__}: {error}") from error
        if not self._frames:
            raise NoPagesError(self.name)
        if len(self._frames) > self.limits.max_pages:
            raise TooManyPagesError(self.name, f"more than {self.limits.max_pages}")
        self.page_count = len(self._frames)

    @property
    def media_type(self) -> str:
        """The true type, by content."""
        return self.kind.value

    def page(self, number: int) -> SourcePage:
        """The page as an image. Raises `PageTooLargeError`, `PageDamagedError`, `PageUnsupportedError`."""
        if not 1 <= number <= self.page_count:
            raise IndexError(f"page {number} of {self.page_count}")
        frame = self._frames[number - 1]
        if not frame.whole:
            raise PageDamagedError(self.name, number, "the image's data ends past the end of the file")
        try:
            with self._opened() as picture:
                if frame.index:
                    picture.seek(frame.index)
                self._check_size(picture, number)
                return self._as_page(picture, number)
        except PageError:
            raise
        except Pil.DecompressionBombError as error:
            raise PageTooLargeError(self.name, number, str(error)) from error
        except NotImplementedError as error:
            raise PageUnsupportedError(self.name, number, str(error)) from error
        except Exception as error:
            raise PageDamagedError(self.name, number, f"{type(error).__name__}: {error}") from error

    def native(self, number: int) -> NativeImage | None:
        """The JPEG file, or a TIFF page's group 4 strip; None for every other coding."""
        frame = self._frames[number - 1]
        if self.kind not in {Kind.JPEG, Kind.TIFF} or not frame.whole:
            return None
        try:
            with self._opened() as picture:
                if frame.index:
                    picture.seek(frame.index)
                orientation = int(picture.getexif().get(_ORIENTATION, 1))
                if isinstance(picture, TiffImageFile):
                    return tiff_native(self.data, picture, orientation=orientation)
                return jpeg_native(self.data, orientation=orientation)
        except Exception:
            return None  # `page` says what is wrong with it

    def close(self) -> None:
        """Nothing stays open between pages."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> Pil.Image:
        return _plugin(self.kind)(BytesIO(self.data))

    def _check_size(self, picture: Pil.Image, number: int) -> None:
        width, height = picture.size
        if self.limits.too_large(width, height):
            raise PageTooLargeError(self.name, number, f"{width} x {height} pixels")
        if not width or not height:
            raise PageDamagedError(self.name, number, "no pixels")

    def _as_page(self, picture: Pil.Image, number: int) -> SourcePage:
        x_dpi, y_dpi = _resolution(picture)
        width, height = picture.size
        square = max(x_dpi, y_dpi) <= _SQUARE * min(x_dpi, y_dpi)
        if self.kind is Kind.JPEG and square and picture.mode in {"L", "RGB"} and _lies_right(picture):
            self._check_jpeg(number)
            return SourcePage(number, self.data, "image/jpeg", width, height, round(x_dpi, 2))
        if self.kind is Kind.PNG and square and self._plain_png(picture):
            picture.verify()  # sums and end of all chunks, without decoding
            return SourcePage(number, self.data, "image/png", width, height, round(x_dpi, 2))
        lossy = self.kind in {Kind.JPEG, Kind.HEIF} or (self.kind is Kind.WEBP and b"VP8L" not in self.data[:64])
        with self._lock:  # libtiff and libheif are called for one page at a time: their memory adds up
            picture.load()
            turned = plain(as_shown(picture))
        if turned.size != (width, height):
            x_dpi, y_dpi = y_dpi, x_dpi
        if not square:
            turned, x_dpi = _squared(turned, x_dpi, y_dpi)
        image, media_type = encode(turned, lossy=lossy)
        return SourcePage(number, image, media_type, turned.width, turned.height, round(x_dpi, 2))

    def _plain_png(self, picture: Pil.Image) -> bool:
        """Whether the PNG can be a page as it is. Asking Pillow for EXIF would decode it, hence the search."""
        return picture.mode in {"1", "L", "RGB"} and "transparency" not in picture.info and b"eXIf" not in self.data

    def _check_jpeg(self, number: int) -> None:
        """Decodes at an eighth of the size: all of the coded data is read, at a third of the cost."""
        with JpegImageFile(BytesIO(self.data)) as probe:
            probe.draft("L", (probe.width // 8, probe.height // 8))
            try:
                probe.load()
            except OSError as error:
                raise PageDamagedError(self.name, number, str(error)) from error


def _plugin(kind: Kind) -> Callable[[BytesIO], Pil.Image]:
    if kind is Kind.HEIF:
        from pillow_heif import HeifImageFile

        return cast("Callable[[BytesIO], Pil.Image]", HeifImageFile)
    plugins: dict[Kind, Callable[[BytesIO], Pil.Image]] = {
        Kind.TIFF: TiffImageFile,
        Kind.JPEG: JpegImageFile,
        Kind.PNG: PngImageFile,
        Kind.WEBP: WebPImageFile,
        Kind.GIF: GifImageFile,
        Kind.BMP: BmpImageFile,
    }
    return plugins[kind]


def _lies_right(picture: Pil.Image) -> bool:
    return bool(picture.getexif().get(_ORIENTATION, 1) == 1)


def _resolution(picture: Pil.Image) -> tuple[float, float]:
    """Pixels per inch along x and y, as the file says where that can be true, else as if the paper were A4.

    A camera writes 72 dpi for want of knowledge: a page longer than A3 at less than 150 dpi is not believed.
    """
    stated = _stated_resolution(picture)
    if stated is not None:
        inches = max(picture.width / stated[0], picture.height / stated[1])
        if inches <= _A3_LONG_SIDE_INCHES or min(stated) >= _CERTAIN_DPI:
            return stated
    estimate = max(picture.size) / A4_LONG_SIDE_INCHES
    return estimate, estimate


def _stated_resolution(picture: Pil.Image) -> tuple[float, float] | None:
    try:
        x_dpi, y_dpi = (float(value) for value in picture.info.get("dpi", ()))
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    fine, coarse = max(x_dpi, y_dpi), min(x_dpi, y_dpi)
    # Fax is at most 204 x 49; anything further apart, or beyond what scanners do, is a slip of some program.
    return (x_dpi, y_dpi) if 30 <= coarse <= fine <= 2400 and fine <= 4.2 * coarse else None


def _squared(picture: Pil.Image, x_dpi: float, y_dpi: float) -> tuple[Pil.Image, float]:
    """Grows the coarser axis; a 1-bit page stays 1-bit. Turned pages keep the finer resolution on both axes."""
    dpi = max(x_dpi, y_dpi)
    size = round(picture.width * dpi / x_dpi), round(picture.height * dpi / y_dpi)
    if picture.mode == "1":
        return picture.resize(size, Pil.Resampling.NEAREST), dpi
    return picture.resize(size, Pil.Resampling.BICUBIC), dpi
