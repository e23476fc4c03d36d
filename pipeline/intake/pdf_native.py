"""The coded image of a scanned PDF page, taken out of the file as it lies there.

Only one image of the page may have the size of the one that is seen, so that there is no doubt which one it is; its
colour space must be one that means the same elsewhere (grey or RGB, with or without a profile). Filters that only
pack (Flate round JPEG) are taken off; the scanner's own coding stays bit for bit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pikepdf

from pipeline.intake.native import NativeImage, Placing, jpeg_native

if TYPE_CHECKING:
    from pipeline.intake.pdfium import Drawn

_GREY = frozenset({"/DeviceGray", "/CalGray", "/G"})
_RGB = frozenset({"/DeviceRGB", "/CalRGB", "/RGB"})
_PACKING = pikepdf.StreamDecodeLevel.generalized


def pdf_native(page: pikepdf.Page, seen: Drawn, rotation: int) -> NativeImage | None:
    """The coding of the image `seen`, on a page shown turned by `rotation` degrees; None where it is another coding."""
    image = _the_one(page, seen)
    if image is None:
        return None
    colours, profile = _colours(image.get("/ColorSpace"))
    filters = _listed(image.get("/Filter"))
    parameters = _listed(image.get("/DecodeParms"))
    placing = Placing((rotation // 90) % 4)
    if filters[-1:] == ["/DCTDecode"]:
        native = jpeg_native(bytes(image.get_stream_buffer(_PACKING)) if len(filters) > 1 else _raw(image))
        if native is None or native.colours != colours or "/Decode" in image or parameters[-1:] not in ([], [None]):
            return None
        return replace(native, placing=placing, profile=profile)
    if colours != 1 or len(filters) != 1:
        return None
    how = parameters[0] if parameters else None
    how = how if isinstance(how, pikepdf.Dictionary) else pikepdf.Dictionary()
    inverted = _inverted(image)
    if inverted is None:
        return None
    width, height = int(image.Width), int(image.Height)
    if filters == ["/CCITTFaxDecode"]:
        simple = int(how.get("/K", 0)) < 0 and not bool(how.get("/EncodedByteAlign", False))
        if not simple or int(how.get("/Columns", 1728)) != width or int(how.get("/Rows", height)) != height:
            return None
        black = bool(how.get("/BlackIs1", False))
        return NativeImage("group4", _raw(image), width, height, 1, 1, placing, inverted=inverted, black_is_1=black)
    if filters == ["/JBIG2Decode"]:
        common = how.get("/JBIG2Globals")
        shared = common.read_bytes() if isinstance(common, pikepdf.Stream) else None
        return NativeImage("jbig2", _raw(image), width, height, 1, 1, placing, inverted=inverted, shared=shared)
    return None


def _the_one(page: pikepdf.Page, seen: Drawn) -> pikepdf.Stream | None:
    resources = page.obj.get("/Resources")
    group = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    found = [
        thing
        for thing in (group.values() if isinstance(group, pikepdf.Dictionary) else ())
        if isinstance(thing, pikepdf.Stream)
        and thing.get("/Subtype") == "/Image"
        and (int(thing.get("/Width", 0)), int(thing.get("/Height", 0))) == (seen.width, seen.height)
    ]
    return found[0] if len(found) == 1 else None


def _raw(image: pikepdf.Stream) -> bytes:
    return image.read_raw_bytes()


def _listed(value: object) -> list[object]:
    if isinstance(value, pikepdf.Array):
        return [str(one) if isinstance(one, pikepdf.Name) else one for one in value]
    return [] if value is None else [str(value) if isinstance(value, pikepdf.Name) else value]


def _colours(space: object) -> tuple[int, bytes | None]:
    """Components of a colour space that means the same elsewhere, with its profile; 0 for any other."""
    if isinstance(space, pikepdf.Array) and len(space) > 1 and space[0] == "/ICCBased":
        profile = space[1]
        if isinstance(profile, pikepdf.Stream) and int(profile.get("/N", 0)) in {1, 3}:
            return int(profile.N), profile.read_bytes()
        return 0, None
    name = str(space[0]) if isinstance(space, pikepdf.Array) and len(space) else str(space)
    return (1 if name in _GREY else 3 if name in _RGB else 0), None


def _inverted(image: pikepdf.Stream) -> bool | None:
    """Whether /Decode turns white into black; None where it says anything else."""
    decode = image.get("/Decode")
    if decode is None:
        return False
    values = [float(value) for value in decode] if isinstance(decode, pikepdf.Array) else []
    return {(0.0, 1.0): False, (1.0, 0.0): True}.get((values[0], values[1])) if len(values) == 2 else None
