"""What an archive file says about itself, twice: document information and XMP, which must not differ.

Both are written from the same values (ISO 19005-3, 6.6.3); the PDF/A claim stands in the XMP alone.
Text is made fit for XML here, since a title may come from anywhere.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import pikepdf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PRODUCER = "Hồ Sơ Số"
_PACKET_ID = "W5M0MpCehiHzreSzNTczkc9d"
"""The fixed id of every XMP packet header (XMP specification, part 1, 7.3.2)."""


def pdf_date(moment: datetime) -> str:
    """A date as document information writes it (ISO 32000-1, 7.9.4). `moment` must know its time zone."""
    offset = moment.strftime("%z")
    if not offset:
        raise ValueError("a date without a time zone cannot be archived")
    return f"D:{moment:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"


def document_information(title: str, keywords: Mapping[str, str], created: datetime) -> pikepdf.Dictionary:
    """The /Info dictionary."""
    date = pdf_date(created)
    entries = pikepdf.Dictionary(
        Title=clean(title), Creator=PRODUCER, Producer=PRODUCER, CreationDate=date, ModDate=date
    )
    if keywords:
        entries.Keywords = keyword_line(keywords)
    return entries


def xmp_packet(title: str, keywords: Mapping[str, str], created: datetime, language: str) -> bytes:
    """The metadata stream, with the claim PDF/A-3U (ISO 19005-3, 6.6.4)."""
    offset = created.strftime("%z")
    date = f"{created:%Y-%m-%dT%H:%M:%S}{offset[:3]}:{offset[3:5]}"
    named = f"\n   <pdf:Keywords>{escape(keyword_line(keywords))}</pdf:Keywords>" if keywords else ""
    return f"""<?xpacket begin="\ufeff" id="{_PACKET_ID}"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(clean(title))}</rdf:li>\
<rdf:li xml:lang={quoteattr(language)}>{escape(clean(title))}</rdf:li></rdf:Alt></dc:title>
   <dc:language><rdf:Bag><rdf:li>{escape(language)}</rdf:li></rdf:Bag></dc:language>
   <xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>
   <xmp:CreateDate>{date}</xmp:CreateDate>
   <xmp:ModifyDate>{date}</xmp:ModifyDate>
   <xmp:MetadataDate>{date}</xmp:MetadataDate>
   <pdf:Producer>{PRODUCER}</pdf:Producer>{named}
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>U</pdfaid:conformance>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def keyword_line(keywords: Mapping[str, str]) -> str:
    """Keywords as one line: `name: value; name: value`, in the order given."""
    return "; ".join(f"{clean(name)}: {clean(value)}" for name, value in keywords.items())


def clean(text: str) -> str:
    """NFC, without what XML cannot hold; line breaks become spaces."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(one for one in text if unicodedata.category(one) not in {"Cc", "Cs", "Cn"})
