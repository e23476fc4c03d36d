"""Pages and words to one PDF/A-3u file (ISO 19005-3), in one pass and with no clock: same input, same bytes.

Each page is its picture over an invisible text layer; pictures are passed through, and lie on disk until the file is
saved, so that memory holds one page at a time. Attachments are associated files of the document: the record as Data,
originals that must stay bit for bit (signed or born-digital ones) as Source. The claim is written here and proved
elsewhere: `gate.check_archive`.
"""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pikepdf

from pipeline.archive.errors import ArchivePageError
from pipeline.archive.metadata import About, about_packet, clean, document_information, pdf_date
from pipeline.archive.page_images import page_image
from pipeline.archive.places import Geometry, add_places
from pipeline.archive.spool import Spool
from pipeline.archive.srgb import srgb_profile
from pipeline.archive.text_layer import TextLayer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from models.reading import ReadPage
    from pipeline.archive.masters import Ink
    from pipeline.archive.page_images import CodedImage
    from pipeline.archive.places import Chapter
    from pipeline.archive.profiles import Profile
    from pipeline.intake.native import NativeImage, Placing


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """A page to archive: its encoded image (JPEG or PNG, upright) and what was read on it."""

    image: bytes
    media_type: str
    width: int
    height: int
    dpi: float
    read: ReadPage | None
    """None for a page without text. Its boxes are scaled, should it have been read at another size."""
    native: NativeImage | None = None
    """The coded image that it came as, where there is one."""
    turned: int = 0
    """Quarter turns clockwise that make the native image's page upright."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to embed, bit for bit."""

    name: str
    """Unique in the document."""
    data: bytes | Path
    media_type: str
    relationship: Literal["Data", "Source", "Supplement"]
    """`Data`: the record of these pages. `Source`: what they were made from. `Supplement`: what helps to use them
    (ISO 19005-3, annex E)."""
    description: str


@dataclass(slots=True)
class _Laid:
    """A page whose picture lies in the spool."""

    picture: CodedImage
    """Without its data."""
    number: int
    shared: int | None
    ink: int | None
    geometry: Geometry
    words: bytes


def write_archive(
    target: Path,
    pages: Iterable[ArchivePage],
    *,
    about: About,
    profile: Profile,
    attachments: Callable[[Sequence[Geometry]], Sequence[Attachment]] | Sequence[Attachment] = (),
    chapters: Sequence[Chapter] = (),
) -> None:
    """Writes the archive file. `attachments` may be made when the pages' geometry is known.

    Raises `ArchivePageError` for a broken page image, `OSError` where the disk is full.
    """
    text = TextLayer()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".archive-") as folder:
        with Spool(Path(folder) / "spool") as spool:
            laid = [_lay(spool, text, number, page, profile) for number, page in enumerate(pages, start=1)]
            geometries = [page.geometry for page in laid]
            files = attachments(geometries) if callable(attachments) else attachments
            numbers = [spool.add(file.data) for file in files]
            opened = spool.open()
        with opened as pdf:
            font = pdf.make_indirect(pikepdf.Dictionary())
            profiles: dict[bytes, pikepdf.Object] = {}
            for page in laid:
                _add_page(pdf, page, font, profiles)
            text.fill(pdf, font)
            root = pdf.Root
            root.Lang = pikepdf.String(about.language)
            root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
            root.OutputIntents = pikepdf.Array([_output_intent(pdf)])
            _attach(pdf, files, numbers, pdf_date(about.created))
            add_places(pdf, chapters, geometries)
            metadata = pikepdf.Stream(pdf, about_packet(about))
            metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
            root.Metadata = metadata
            pdf.trailer.Info = pdf.make_indirect(document_information(about))
            # Classic tables rather than object streams: every signing tool in the country can append to them.
            pdf.save(
                target,
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                min_version="1.7",
                force_version="1.7",
            )


def _lay(spool: Spool, text: TextLayer, number: int, page: ArchivePage, profile: Profile) -> _Laid:
    try:
        picture = page_image(page.image, page.dpi, profile, native=page.native, turned=page.turned)
    except ArchivePageError as error:
        raise ArchivePageError(detail=f"page {number}: {error.detail}") from error
    _check_shape(picture, page, number)
    geometry = Geometry.of(page.width, page.height, page.dpi)
    words = b"" if page.read is None else text.content(page.read, geometry.points_wide, geometry.points_high)
    shared = None if picture.shared is None else spool.add(picture.shared)
    ink = None if picture.ink is None else spool.add(picture.ink.data)
    kept = replace(picture, data=b"", shared=None)
    return _Laid(kept, spool.add(picture.data), shared, ink, geometry, words)


def _check_shape(picture: CodedImage, page: ArchivePage, number: int) -> None:
    """A picture of another shape than its page is the wrong one, and every box on it would be wrong."""
    wide, high = picture.width, picture.height
    if picture.placing.quarter_turns % 2:
        wide, high = high, wide
    # A fax has pixels that are not square; its page image has. A smaller master is rounded to whole pixels.
    if page.native is None:
        fits = abs(wide * page.height - high * page.width) <= max(page.width, page.height)
    else:
        fits = wide <= page.width + 1 and high <= page.height + 1
    if not fits:
        detail = f"page {number}: image of {wide} x {high}, not {page.width} x {page.height}"
        raise ArchivePageError(detail=detail)


def _add_page(pdf: pikepdf.Pdf, page: _Laid, font: pikepdf.Object, profiles: dict[bytes, pikepdf.Object]) -> None:
    wide, high = page.geometry.points_wide, page.geometry.points_high
    matrix = " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in _matrix(page.picture.placing, wide, high))
    content = f"q {matrix} cm /Im Do Q\n".encode()
    pictures = pikepdf.Dictionary(Im=_image(pdf, page, profiles))
    if page.picture.ink is not None and page.ink is not None:
        content += f"q {page.picture.ink.grey / 255:.3f} g {wide:.4f} 0 0 {high:.4f} 0 0 cm /Ink Do Q\n".encode()
        pictures.Ink = _ink(pdf, page.ink, page.picture.ink)
    content += page.words
    resources = pikepdf.Dictionary(XObject=pictures)
    if page.words:
        resources.Font = pikepdf.Dictionary(F=font)
    dictionary = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=pikepdf.Array([0, 0, round(wide, 4), round(high, 4)]),
        Resources=resources,
        Contents=packed_stream(pdf, content),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(dictionary)))


def _matrix(placing: Placing, wide: float, high: float) -> tuple[float, ...]:
    """What takes the image's unit square, top row at 1, to the page (ISO 32000-1, 8.9.5.1)."""
    a, b, c, d, e, f = (
        (wide, 0.0, 0.0, high, 0.0, 0.0),
        (0.0, -high, wide, 0.0, 0.0, high),
        (-wide, 0.0, 0.0, -high, wide, high),
        (0.0, high, -wide, 0.0, wide, 0.0),
    )[placing.quarter_turns]
    return (-a, -b, c, d, e + a, f + b) if placing.mirrored else (a, b, c, d, e, f)


def _image(pdf: pikepdf.Pdf, page: _Laid, profiles: dict[bytes, pikepdf.Object]) -> pikepdf.Object:
    picture = page.picture
    stream = pdf.get_object((page.number, 0))
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = picture.width, picture.height
    stream.BitsPerComponent = picture.bits
    if picture.profile is None:
        stream.ColorSpace = pikepdf.Name.DeviceRGB if picture.colours == 3 else pikepdf.Name.DeviceGray
    else:
        if picture.profile not in profiles:
            profiles[picture.profile] = packed_stream(pdf, picture.profile)
            profiles[picture.profile].N = picture.colours
        stream.ColorSpace = pikepdf.Array([pikepdf.Name.ICCBased, profiles[picture.profile]])
    stream.Filter = pikepdf.Name(picture.filter)
    if picture.inverted:
        stream.Decode = pikepdf.Array([1, 0] * picture.colours)
    if picture.parameters is not None:
        stream.DecodeParms = pikepdf.Dictionary(picture.parameters)
    elif page.shared is not None:
        stream.DecodeParms = pikepdf.Dictionary(JBIG2Globals=pdf.get_object((page.shared, 0)))
    return stream


def _ink(pdf: pikepdf.Pdf, number: int, ink: Ink) -> pikepdf.Object:
    """A stencil (ISO 32000-1, 8.9.6.2): black is drawn in the colour at hand, white lets the page through."""
    stream = pdf.get_object((number, 0))
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = ink.width, ink.height
    stream.BitsPerComponent, stream.ImageMask = 1, True
    stream.Filter = pikepdf.Name.CCITTFaxDecode
    stream.DecodeParms = pikepdf.Dictionary(K=-1, Columns=ink.width, Rows=ink.height, BlackIs1=ink.black_is_1)
    return stream


def packed_stream(pdf: pikepdf.Pdf, data: bytes) -> pikepdf.Object:
    """A stream of this data, deflated."""
    stream = pdf.make_stream(zlib.compress(data, 6))
    stream.Filter = pikepdf.Name.FlateDecode
    return stream


def _output_intent(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    profile = packed_stream(pdf, srgb_profile())
    profile.N = 3
    return pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name.GTS_PDFA1,
        OutputConditionIdentifier="sRGB",
        Info="sRGB IEC61966-2.1",
        DestOutputProfile=profile,
    )


def _attach(pdf: pikepdf.Pdf, attachments: Sequence[Attachment], numbers: Sequence[int], date: str) -> None:
    """Associated files of the catalogue, also listed by name; the tree's keys must be sorted (ISO 32000-1, 7.9.6)."""
    specs: list[tuple[bytes, pikepdf.Object]] = []
    for attachment, number in zip(attachments, numbers, strict=True):
        name = clean(attachment.name)
        size, checksum = _size_and_checksum(attachment.data)
        embedded = pdf.get_object((number, 0))
        embedded.Type = pikepdf.Name.EmbeddedFile
        embedded.Subtype = pikepdf.Name("/" + attachment.media_type)
        embedded.Params = pikepdf.Dictionary(Size=size, ModDate=date, CheckSum=pikepdf.String(checksum))
        spec: pikepdf.Object = pikepdf.Dictionary(
            Type=pikepdf.Name.Filespec,
            F=name,
            UF=name,
            Desc=clean(attachment.description),
            AFRelationship=pikepdf.Name("/" + attachment.relationship),
            EF=pikepdf.Dictionary(F=embedded, UF=embedded),
        )
        specs.append((bytes(pikepdf.String(name)), pdf.make_indirect(spec)))
    if not specs:
        return
    keys = [key for key, _ in specs]
    if len(set(keys)) != len(keys):
        raise ValueError("two attachments of the same name")
    pdf.Root.AF = pikepdf.Array([spec for _, spec in specs])
    names = pikepdf.Array()
    for key, spec in sorted(specs, key=lambda pair: pair[0]):
        names.append(pikepdf.String(key))
        names.append(spec)
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=names))


def _size_and_checksum(data: bytes | Path) -> tuple[int, bytes]:
    if isinstance(data, bytes):
        return len(data), hashlib.md5(data, usedforsecurity=False).digest()
    with data.open("rb") as stream:
        checksum = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).digest()
    return data.stat().st_size, checksum
