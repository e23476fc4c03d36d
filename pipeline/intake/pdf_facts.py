"""What a PDF says about itself, read without drawing anything: signatures, images, annotations, sizes.

It runs before pdfium sees the page, because a hostile page must be refused by its dictionaries: declared pixels,
unpacked length of the drawing instructions, nesting. Streams are unpacked into a bounded window, never whole.
A stream that does not unpack is told here too: pdfium would draw half a page and say nothing.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from PIL.JpegImagePlugin import JpegImageFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.intake.limits import Limits

_MAX_NESTING = 12
_MAX_OBJECTS = 20_000
_UNSEEN_FLAGS = 2 | 32
"""Annotation flags Hidden and NoView (ISO 32000-1, table 165)."""
_WORTH_CHECKING = 500_000
"""Pixels from which a JPEG is checked for being whole."""


class TooLargeError(Exception):
    """The page declares more than the limits allow."""


class BrokenError(Exception):
    """A stream of the page is cut short or does not unpack."""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """An image dictionary of a page. `plain` images have no mask, so that their pixels are what is seen."""

    width: int
    height: int
    bits: int
    filters: tuple[str, ...]
    plain: bool
    decoded_as_is: bool
    """No /Decode array and a grey or RGB colour space: JPEG bytes mean the same outside the PDF."""
    top_level: bool


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What matters of one page before drawing it."""

    images: tuple[ImageFacts, ...]
    seen_annotations: bool
    """Whether an annotation (a signature's appearance, a stamp, a form field) is drawn over the page."""


def is_signed(pdf: pikepdf.Pdf) -> bool:
    """Whether a signature field holds a signature (a value with /ByteRange)."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    waiting = _members(form.get("/Fields"))
    for _ in range(_MAX_OBJECTS):
        if not waiting:
            return False
        field = waiting.pop()
        if isinstance(field, pikepdf.Dictionary):
            value = field.get("/V")
            if isinstance(value, pikepdf.Dictionary) and "/ByteRange" in value:
                return True
            waiting.extend(_members(field.get("/Kids")))
    return False


def is_portfolio(pdf: pikepdf.Pdf) -> bool:
    """Whether the file is a wrapper round others (ISO 32000-1, 12.3.5)."""
    return isinstance(pdf.Root.get("/Collection"), pikepdf.Dictionary)


def is_dynamic_form(pdf: pikepdf.Pdf) -> bool:
    """Whether pages are made only by a form program (XFA): what lies in the file is a page that asks for it."""
    form = pdf.Root.get("/AcroForm")
    return isinstance(form, pikepdf.Dictionary) and "/XFA" in form and bool(pdf.Root.get("/NeedsRendering", False))


def page_facts(page: pikepdf.Page, limits: Limits) -> PageFacts:
    """Reads the page's dictionaries. Raises `TooLargeError` and `BrokenError`; pikepdf's own errors mean broken."""
    room = limits.max_content_bytes
    for stream in _contents(page.obj):
        room -= _unpacked_length(stream, room)
    images: list[ImageFacts] = []
    seen: set[tuple[int, int]] = set()
    _walk(page.obj.get("/Resources"), images, seen, limits, 0)
    annotated = False
    for annotation in _members(page.obj.get("/Annots")):
        appearance = _appearance(annotation)
        if appearance is None:
            continue
        annotated = True
        _unpacked_length(appearance, limits.max_content_bytes)
        _walk(appearance.get("/Resources"), images, seen, limits, 1)
    return PageFacts(tuple(images), annotated)


def _members(array: object) -> list[pikepdf.Object]:
    return list(array)[:_MAX_OBJECTS] if isinstance(array, pikepdf.Array) else []


def _contents(page: pikepdf.Object) -> Iterator[pikepdf.Stream]:
    contents = page.get("/Contents")
    for part in _members(contents) if isinstance(contents, pikepdf.Array) else [contents]:
        if isinstance(part, pikepdf.Stream):
            yield part


def _appearance(annotation: pikepdf.Object) -> pikepdf.Stream | None:
    """The normal appearance that a viewer draws, or None where nothing is to be seen."""
    if not isinstance(annotation, pikepdf.Dictionary) or int(annotation.get("/F", 0)) & _UNSEEN_FLAGS:
        return None
    if annotation.get("/Subtype") in ("/Popup", "/Link"):
        return None
    x0, y0, x1, y1 = (float(value) for value in annotation.get("/Rect", [0, 0, 0, 0]))
    if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
        return None
    faces = annotation.get("/AP")
    normal = faces.get("/N") if isinstance(faces, pikepdf.Dictionary) else None
    if isinstance(normal, pikepdf.Dictionary) and not isinstance(normal, pikepdf.Stream):
        normal = normal.get(str(annotation.get("/AS", "/Off")))
    return normal if isinstance(normal, pikepdf.Stream) and len(normal.read_raw_bytes()) else None


def _walk(resources: object, images: list[ImageFacts], seen: set[tuple[int, int]], limits: Limits, depth: int) -> None:
    if not isinstance(resources, pikepdf.Dictionary):
        return
    if depth > _MAX_NESTING or len(seen) > _MAX_OBJECTS:
        raise TooLargeError("forms are nested too deeply")
    for kind in ("/XObject", "/Pattern"):
        group = resources.get(kind)
        for thing in group.values() if isinstance(group, pikepdf.Dictionary) else ():
            if not isinstance(thing, pikepdf.Stream) or thing.objgen in seen:
                continue
            seen.add(thing.objgen)
            if thing.get("/Subtype") == "/Image":
                images.append(_image(thing, limits, top_level=depth == 0))
                if isinstance(mask := thing.get("/SMask"), pikepdf.Stream):
                    _image(mask, limits, top_level=False)
            else:
                _unpacked_length(thing, limits.max_content_bytes)
                _walk(thing.get("/Resources"), images, seen, limits, depth + 1)


def _image(image: pikepdf.Stream, limits: Limits, *, top_level: bool) -> ImageFacts:
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    filters = _filters(image)
    coded = _coded_size(image, filters)
    for wide, high in ((width, height), coded):
        if limits.too_large(wide, high):
            raise TooLargeError(f"an image of {wide} x {high} pixels")
    space = image.get("/ColorSpace")
    plain = not any(key in image for key in ("/SMask", "/Mask")) and not bool(image.get("/ImageMask", False))
    same = "/Decode" not in image and coded in {(width, height), (0, 0)} and _is_grey_or_rgb(space)
    bits = 1 if filters[-1:] in (("/CCITTFaxDecode",), ("/JBIG2Decode",)) else int(image.get("/BitsPerComponent", 8))
    return ImageFacts(width, height, bits, filters, plain, same, top_level)


def _is_grey_or_rgb(space: object) -> bool:
    if isinstance(space, pikepdf.Array) and len(space) > 1:
        if space[0] == "/ICCBased" and isinstance(space[1], pikepdf.Stream):
            return int(space[1].get("/N", 0)) in {1, 3}
        return space[0] in ("/CalRGB", "/CalGray")
    return space in ("/DeviceRGB", "/DeviceGray")


def _filters(stream: pikepdf.Stream) -> tuple[str, ...]:
    named = stream.get("/Filter")
    if isinstance(named, pikepdf.Array):
        return tuple(str(one) for one in named)
    return () if named is None else (str(named),)


def _coded_size(image: pikepdf.Stream, filters: tuple[str, ...]) -> tuple[int, int]:
    """The size that the coded data itself declares, which decoders believe more than the dictionary; else (0, 0)."""
    if filters == ("/DCTDecode",):
        data = image.read_raw_bytes()
        try:
            with JpegImageFile(BytesIO(data)) as picture:
                size = picture.size
        except (OSError, SyntaxError, ValueError, struct.error) as error:
            raise BrokenError(f"a JPEG image does not open: {error}") from error
        return size
    if filters == ("/JPXDecode",):
        data = image.read_raw_bytes()
        at = data.find(b"\xff\x4f\xff\x51")
        if at < 0 or len(data) < at + 24:
            raise BrokenError("a JPEG 2000 image has no size")
        right, bottom, left, top = struct.unpack(">4I", data[at + 8 : at + 24])
        return right - left, bottom - top
    return 0, 0


def check_jpeg(data: bytes) -> None:
    """Raises `BrokenError` when a JPEG is cut short. Decodes at an eighth of the size: all coded data is read."""
    try:
        with JpegImageFile(BytesIO(data)) as picture:
            if picture.width * picture.height >= _WORTH_CHECKING:
                picture.draft("L", (picture.width // 8, picture.height // 8))
            picture.load()
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise BrokenError(f"a JPEG image is cut short: {error}") from error


def _unpacked_length(stream: pikepdf.Stream, room: int) -> int:
    """Bytes of the unpacked stream; `TooLargeError` past `room`. Only Flate can grow a thousandfold."""
    data: bytes | None = stream.read_raw_bytes()
    total = 0
    for name in _filters(stream):
        if name not in ("/FlateDecode", "/Fl"):
            return len(data or b"")
        unpacker = zlib.decompressobj()
        kept = bytearray()
        try:
            while data:
                kept += unpacker.decompress(data, 1 << 20)
                total = len(kept)
                if total > room:
                    raise TooLargeError(f"drawing instructions of more than {room} bytes")
                data = unpacker.unconsumed_tail
        except zlib.error as error:
            if not kept:
                raise BrokenError(f"the page's content does not unpack: {error}") from error
        data = bytes(kept)
    return max(total, len(data or b""))
