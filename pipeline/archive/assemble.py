"""Pages and words to one PDF/A-3u file (ISO 19005-3), in one pass and with no clock: same input, same bytes.

Each page is its picture over an invisible text layer; pictures are passed through, so at most one is decoded at a
time. Attachments are associated files of the document: the record as Data, originals that must stay bit for bit
(signed or born-digital ones) as Source. The claim is written here and proved elsewhere: `gate.check_archive`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import pikepdf

from pipeline.archive.errors import ArchivePageError
from pipeline.archive.metadata import clean, document_information, pdf_date, xmp_packet
from pipeline.archive.page_images import coded_image
from pipeline.archive.srgb import srgb_profile
from pipeline.archive.text_layer import TextLayer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from models.reading import ReadPage

_POINTS_PER_INCH = 72
_LONGEST_SIDE = 14_400.0
"""Points; the largest page that viewers promise to show (ISO 32000-1, Annex C)."""


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """A page to archive: its encoded image (JPEG or PNG) and what was read on it."""

    image: bytes
    media_type: str
    width: int
    height: int
    dpi: float
    read: ReadPage | None
    """None for a page without text. Its boxes are scaled, should it have been read at another size."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to embed, bit for bit."""

    name: str
    """Unique in the document."""
    data: bytes
    media_type: str
    relationship: Literal["Data", "Source"]
    """`Data`: the record of these pages. `Source`: what they were made from (ISO 19005-3, annex E)."""
    description: str


def assemble(
    pages: Iterable[ArchivePage],
    *,
    attachments: Sequence[Attachment],
    title: str,
    created: datetime,
    keywords: Mapping[str, str] | None = None,
    language: str = "vi-VN",
) -> bytes:
    """The archive file. `created` must know its time zone. Raises `ArchivePageError` for a broken page image."""
    pdf = pikepdf.Pdf.new()
    text = TextLayer()
    font = pdf.make_indirect(pikepdf.Dictionary())
    for number, page in enumerate(pages, start=1):
        try:
            _add_page(pdf, page, text, font)
        except ArchivePageError as error:
            raise ArchivePageError(detail=f"page {number}: {error.detail}") from error
    text.fill(pdf, font)
    root = pdf.Root
    root.Lang = pikepdf.String(language)
    root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    root.OutputIntents = pikepdf.Array([_output_intent(pdf)])
    _attach(pdf, attachments, pdf_date(created))
    metadata = pdf.make_stream(xmp_packet(title, keywords or {}, created, language))
    metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    root.Metadata = metadata
    pdf.trailer.Info = pdf.make_indirect(document_information(title, keywords or {}, created))
    out = BytesIO()
    # Classic tables rather than object streams: every signing tool in the country can append to them.
    pdf.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        min_version="1.7",
        force_version="1.7",
    )
    return out.getvalue()


def _add_page(pdf: pikepdf.Pdf, page: ArchivePage, text: TextLayer, font: pikepdf.Object) -> None:
    image = coded_image(page.image)
    if (image.width, image.height) != (page.width, page.height):
        raise ArchivePageError(detail=f"image of {image.width} x {image.height}, not {page.width} x {page.height}")
    scale = min(_POINTS_PER_INCH / page.dpi, _LONGEST_SIDE / max(page.width, page.height))
    width, height = page.width * scale, page.height * scale
    content = f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Im Do Q\n".encode()
    resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=pdf.make_indirect(image.stream(pdf))))
    if page.read is not None and (words := text.content(page.read, width, height)):
        content += words
        resources.Font = pikepdf.Dictionary(F=font)
    box = pikepdf.Array([0, 0, round(width, 4), round(height, 4)])
    dictionary = pikepdf.Dictionary(
        Type=pikepdf.Name.Page, MediaBox=box, Resources=resources, Contents=pdf.make_stream(content)
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(dictionary)))


def _output_intent(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    profile = pdf.make_stream(srgb_profile())
    profile.N = 3
    return pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name.GTS_PDFA1,
        OutputConditionIdentifier="sRGB",
        Info="sRGB IEC61966-2.1",
        DestOutputProfile=profile,
    )


def _attach(pdf: pikepdf.Pdf, attachments: Sequence[Attachment], date: str) -> None:
    """Associated files of the catalogue, also listed by name; the tree's keys must be sorted (ISO 32000-1, 7.9.6)."""
    specs: list[tuple[bytes, pikepdf.Object]] = []
    for attachment in attachments:
        name = clean(attachment.name)
        checksum = hashlib.md5(attachment.data, usedforsecurity=False).digest()
        embedded = pdf.make_stream(attachment.data)
        embedded.Type = pikepdf.Name.EmbeddedFile
        embedded.Subtype = pikepdf.Name("/" + attachment.media_type)
        embedded.Params = pikepdf.Dictionary(Size=len(attachment.data), ModDate=date, CheckSum=pikepdf.String(checksum))
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
