"""What goes into a dossier's package: the files as they were filed, and what the house knows of how they came about.

Everything is taken from the kho and the catalogue of a filed dossier, which is closed: the same dossier gives the
same contents. The one thing that is of the moment is `packed_at`; it stands in bag-info.txt (Bagging-Date), in
METS (CREATEDATE) and in one PREMIS event, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from pipeline.keys import original_key, page_key
from pipeline.package import formats, layout
from pipeline.package.errors import NotFiledYetError, PackageFaultError
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.catalogue.rows import RecordedDecision
    from pipeline.package.formats import Format
    from pipeline.record import Dossier
    from pipeline.tools import Tools
    from signing.jws_verify import JwsVerdict


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file of a representation."""

    representation: str
    name: str
    """Inside the representation's data folder."""
    key: str
    """In the store."""
    sha256: str
    size: int
    format: Format
    created: datetime
    role: str
    """`archive_pdf`, `data_json`, `data_jws`, `data_jws_tst`, `original` or `page_image`."""
    original_name: str = ""
    """As people named it; stands in the metadata only."""
    source_name: str = ""
    """Of a page image: the original it came from, as people named it."""

    @property
    def path(self) -> str:
        """Inside the information package."""
        return f"{layout.representation(self.representation)}/data/{self.name}"


class SignedFact(Model):
    """What a signature or timestamp of the archive PDF says of itself."""

    field: str
    kind: str
    """`signature` or `timestamp`."""
    signer: str
    algorithm: str
    level: str
    signed_at: datetime | None
    timestamp_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contents:
    """A package before it is written."""

    dossier: Dossier
    object_id: str
    agency: str
    agency_code: str
    software: str
    packed_at: datetime
    filed_at: datetime
    level: str
    """Of the PDF's signature, as filed."""
    decisions: tuple[RecordedDecision, ...]
    signatures: tuple[SignedFact, ...]
    """Of the archive PDF, as they stand in it."""
    data_signature: JwsVerdict | None
    """What the record's signature says of itself."""
    data_stamped_at: datetime | None
    """By its timestamp token."""
    files: tuple[PackageFile, ...]

    def of(self, representation: str) -> tuple[PackageFile, ...]:
        """The files of a representation."""
        return tuple(file for file in self.files if file.representation == representation)

    def one(self, role: str) -> PackageFile | None:
        """The file of a role that occurs once."""
        return next((file for file in self.files if file.role == role), None)

    @property
    def representations(self) -> tuple[str, ...]:
        """Those that hold anything, in order."""
        return tuple(name for name in (layout.ARCHIVE, layout.ORIGINALS, layout.IMAGES) if self.of(name))


_FACTS: Final = TypeAdapter(list[SignedFact])
_LIST_SECONDS: Final = 120
_STEP: Final = "list-signatures"
_VERSION: Final = "1"


def gather(tools: Tools, dossier: Dossier, staged: Path, packed_at: datetime, *, images: bool) -> Contents:
    """Fetches every file of a filed dossier into `staged`, the information package's folder, and says what they are.

    Bytes are streamed and checked against their SHA-256 by the store. Raises `NotFiledYetError`, store errors.
    """
    from signing.jws_verify import stated
    from signing.tokens import read_token

    if "archive_pdf" not in dossier.files:
        raise NotFiledYetError(dossier.id)
    filings = {filing.object_key: filing for filing in tools.catalogue.filings_of(dossier.id)}
    filing = filings.get(dossier.files["archive_pdf"])
    if filing is None:
        raise PackageFaultError(dossier.id, "the filing is not in the catalogue")
    # Renewed timestamps make another version of the PDF; the dossier was filed when its first one was.
    filed_at = min(one.filed_at for one in filings.values() if one.kind == filing.kind)
    files = tuple(_fetched(tools, staged, file) for file in _wanted(dossier, filed_at, images=images))
    folder = staged / layout.representation(layout.ARCHIVE) / "data"
    there = {file.role for file in files}
    jws = (folder / layout.JWS_NAME).read_bytes() if "data_jws" in there else b""
    token = read_token((folder / layout.TOKEN_NAME).read_bytes(), jws) if "data_jws_tst" in there else None
    return Contents(
        dossier=dossier,
        object_id=layout.object_id(tools.settings.agency_code, dossier.id),
        agency=tools.settings.agency,
        agency_code=tools.settings.agency_code,
        software=metadata.version("hoso"),
        packed_at=packed_at,
        filed_at=filed_at,
        level=filing.level or "",
        decisions=tuple(tools.catalogue.decisions_of(dossier.id)),
        signatures=_signatures(tools, folder / layout.PDF_NAME, files[0].sha256),
        data_signature=stated(jws) if jws else None,
        data_stamped_at=token.at if token is not None else None,
        files=files,
    )


def _signatures(tools: Tools, pdf: Path, sha256: str) -> tuple[SignedFact, ...]:
    """What is in the PDF, read once for each version of it: the ledger remembers."""
    from signing.verify import list_signatures

    known = tools.catalogue.step_output(sha256, _STEP, _VERSION)
    if known is None:
        names = SignedFact.model_fields
        listed = list_signatures(pdf, timeout_s=_LIST_SECONDS)
        found = [SignedFact(**{name: getattr(one, name) for name in names}) for one in listed]
        if not any(one.kind == "signature" for one in found):
            # Filed PDFs are signed: they could not be read in time, and nothing must be remembered of that.
            raise PackageFaultError(pdf.name, "no signatures could be listed")
        made = _FACTS.dump_json(found)
        known = tools.catalogue.remember_step(sha256, _STEP, _VERSION, made, 0.0)
    return tuple(_FACTS.validate_json(known))


@dataclass(frozen=True, slots=True)
class _Wanted:
    representation: str
    name: str
    key: str
    format: Format | str
    """Or the media type, where the file's first bytes have to be seen."""
    created: datetime
    role: str
    original_name: str = ""
    source_name: str = ""


def _wanted(dossier: Dossier, filed_at: datetime, *, images: bool) -> Iterator[_Wanted]:
    parts = (
        ("archive_pdf", layout.PDF_NAME, formats.PDFA_3U),
        ("data_json", layout.DATA_NAME, formats.JSON),
        ("data_jws", layout.JWS_NAME, formats.JWS),
        ("data_jws_tst", layout.TOKEN_NAME, formats.TOKEN),
    )
    for role, name, known in parts:
        if key := dossier.files.get(role):
            yield _Wanted(layout.ARCHIVE, name, key, known, filed_at, role)
    seen: set[str] = set()
    for number, original in enumerate(dossier.originals, start=1):
        if original.sha256 and original.sha256 not in seen:
            seen.add(original.sha256)
            name = f"original-{number:03d}.{formats.extension(original.media_type)}"
            key = original_key(original.sha256)
            kind = original.media_type
            yield _Wanted(layout.ORIGINALS, name, key, kind, dossier.received_at, "original", original.name)
    if images:
        for page in dossier.pages:
            if page.image_sha256:
                name = f"page-{page.number:04d}.{formats.extension(page.media_type)}"
                key = page_key(page.image_sha256, page.media_type)
                at, kind = dossier.received_at, page.media_type
                yield _Wanted(layout.IMAGES, name, key, kind, at, "page_image", source_name=page.file)


def _fetched(tools: Tools, staged: Path, wanted: _Wanted) -> PackageFile:
    target = staged / layout.representation(wanted.representation) / "data" / wanted.name
    target.parent.mkdir(parents=True, exist_ok=True)
    stat = tools.reading().fetch(wanted.key, target)
    known = wanted.format
    if isinstance(known, str):
        with target.open("rb") as stream:
            known = formats.format_of(known, stream.read(formats.HEAD))
    return PackageFile(
        representation=wanted.representation,
        name=wanted.name,
        key=wanted.key,
        sha256=stat.sha256,
        size=stat.size,
        format=known,
        created=wanted.created,
        role=wanted.role,
        original_name=wanted.original_name,
        source_name=wanted.source_name,
    )
