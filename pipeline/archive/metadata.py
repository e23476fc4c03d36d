"""What an archive file says about itself, twice: document information and XMP, which must not differ.

Both are written from the same values (ISO 19005-3, 6.6.3); the PDF/A claim stands in the XMP alone.
Text is made fit for XML here, since a title may come from anywhere; search engines and mail programs show these
values without being asked, so no personal number gets into them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PRODUCER = "Hồ Sơ Số"
_PACKET_ID = "W5M0MpCehiHzreSzNTczkc9d"
"""The fixed id of every XMP packet header (XMP specification, part 1, 7.3.2)."""

_PERSONAL_NUMBER = re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)")


def pdf_date(moment: datetime) -> str:
    """A date as document information writes it (ISO 32000-1, 7.9.4). `moment` must know its time zone."""
    offset = moment.strftime("%z")
    if not offset:
        raise ValueError("a date without a time zone cannot be archived")
    return f"D:{moment:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"


@dataclass(frozen=True, slots=True)
class About:
    """What an archive file says of itself. Properties of Dublin Core alone, which PDF/A knows without an extension."""

    title: str
    created: datetime
    """Aware."""
    identifier: str = ""
    """dc:identifier: the dossier's code."""
    agency: str = ""
    """dc:creator, dc:publisher and /Author: who digitised it."""
    description: str = ""
    """dc:description and /Subject."""
    types: tuple[str, ...] = ()
    """dc:type: kinds of papers in it, once each."""
    subjects: tuple[str, ...] = ()
    """dc:subject: code and name of the procedure."""
    keywords: Mapping[str, str] = field(default_factory=dict)
    language: str = "vi-VN"


def document_information(about: About) -> pikepdf.Dictionary:
    """The /Info dictionary."""
    date = pdf_date(about.created)
    entries = pikepdf.Dictionary(
        Title=public(about.title), Creator=PRODUCER, Producer=PRODUCER, CreationDate=date, ModDate=date
    )
    if about.agency:
        entries.Author = public(about.agency)
    if about.description:
        entries.Subject = public(about.description)
    if about.keywords:
        entries.Keywords = keyword_line(about.keywords)
    return entries


def xmp_packet(title: str, keywords: Mapping[str, str], created: datetime, language: str) -> bytes:
    """The metadata stream of a file that says no more than this."""
    return about_packet(About(title, created, keywords=keywords, language=language))


def about_packet(about: About) -> bytes:
    """The metadata stream, with the claim PDF/A-3U (ISO 19005-3, 6.6.4)."""
    offset = about.created.strftime("%z")
    date = f"{about.created:%Y-%m-%dT%H:%M:%S}{offset[:3]}:{offset[3:5]}"
    said = [
        _line("dc:format", "application/pdf"),
        _alternatives("dc:title", about.title, about.language),
        _listed("dc:language", "Bag", (about.language,)),
    ]
    if about.identifier:
        said.append(_line("dc:identifier", public(about.identifier)))
    if about.agency:
        said += [_listed("dc:creator", "Seq", (about.agency,)), _listed("dc:publisher", "Bag", (about.agency,))]
        said.append(_listed("dc:date", "Seq", (date,)))
    if about.description:
        said.append(_alternatives("dc:description", about.description, about.language))
    if about.types:
        said.append(_listed("dc:type", "Bag", about.types))
    if about.subjects:
        said.append(_listed("dc:subject", "Bag", about.subjects))
    said += [_line("xmp:CreatorTool", PRODUCER)]
    said += [_line(f"xmp:{name}", date) for name in ("CreateDate", "ModifyDate", "MetadataDate")]
    said.append(_line("pdf:Producer", PRODUCER))
    if about.keywords:
        said.append(_line("pdf:Keywords", keyword_line(about.keywords)))
    said += [_line("pdfaid:part", "3"), _line("pdfaid:conformance", "U")]
    body = "\n".join(f"   {one}" for one in said)
    return f"""<?xpacket begin="\ufeff" id="{_PACKET_ID}"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
{body}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def _line(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _listed(name: str, kind: str, texts: tuple[str, ...]) -> str:
    items = "".join(_line("rdf:li", public(text)) for text in texts)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


def _alternatives(name: str, text: str, language: str) -> str:
    said = escape(public(text))
    items = "".join(f"<rdf:li xml:lang={quoteattr(one)}>{said}</rdf:li>" for one in ("x-default", language))
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>"


def keyword_line(keywords: Mapping[str, str]) -> str:
    """Keywords as one line: `name: value; name: value`, in the order given."""
    return "; ".join(f"{public(name)}: {public(value)}" for name, value in keywords.items())


def clean(text: str) -> str:
    """NFC, without what XML cannot hold; line breaks become spaces."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(one for one in text if unicodedata.category(one) not in {"Cc", "Cs", "Cn"})


def public(text: str) -> str:
    """`clean` text without what may be a personal number: 9 or 12 digits in a row become dots."""
    return _PERSONAL_NUMBER.sub(lambda found: "•" * len(found[0]), clean(text))
