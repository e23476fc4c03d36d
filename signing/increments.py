"""The revisions that signing appends to a PDF, each one made from bytes and given back as bytes.

A revision is what follows the last byte of the file before it: it can be kept, and put behind the same file again
after a crash. A signature comes in two parts, so that it can be made elsewhere and is never made twice: a revision
with room for it (`Placeholder`), and the CMS object that is written into the room. A timestamp is an unsigned
attribute, added to a signature that exists already (ETSI EN 319 122-1, 5.3). Validation data (DSS) and document
timestamps are revisions of their own (ETSI EN 319 142-1, 5.4). Nothing here asks a key, a clock or the network.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from signing.errors import PdfNotSignableError, SigningError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

DIGEST: Final = "sha256"
_BROKEN: Final = (ValueError, KeyError, TypeError, AttributeError, AssertionError, IndexError, OSError, RecursionError)
"""What pyHanko raises on malformed files beside its own errors."""


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A signature field on page 1. `box`: points in default user space, None where nothing is seen."""

    name: str
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signature dictionary says; nobody has proved it."""

    reason: str
    location: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A revision with room for a CMS object. Offsets count from the revision's first byte."""

    revision: bytes
    start: int
    """Of the `<` before the room's hexadecimal digits."""
    end: int
    """After the `>` behind them."""
    digest: bytes
    """SHA-256 of the file up to the end of the revision, without the room: what is signed or timestamped."""

    def filled(self, container: bytes) -> bytes:
        """The revision with `container` (DER) in its room; PdfNotSignableError where it is too large for it."""
        room = self.end - self.start - 2
        digits = container.hex().upper().encode()
        if len(digits) > room:
            raise PdfNotSignableError(f"the signature needs {len(digits) // 2} bytes, {room // 2} were kept free")
        return self.revision[: self.start + 1] + digits.ljust(room, b"0") + self.revision[self.end - 1 :]


class OpenFile:
    """A PDF opened for one more revision; raises PdfNotSignableError where nothing may be appended."""

    def __init__(self, pdf: bytes) -> None:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import enumerate_sig_fields

        with _typed():
            self.size = len(pdf)
            self.writer: Any = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
            if self.writer.security_handler is not None:
                raise PdfNotSignableError("the file is encrypted")
            self.names: dict[str, bool] = {
                name: value is not None for name, value, _ in enumerate_sig_fields(self.writer.prev)
            }
            """Signature fields, and whether each is signed."""

    def unused(self, stem: str, taken: Iterable[str] = ()) -> str:
        """The first free field name of the form `stem-1`."""
        number, used = 1, {*self.names, *taken}
        while f"{stem}-{number}" in used:
            number += 1
        return f"{stem}-{number}"

    def signature(
        self, name: str, fields: Sequence[FieldPlan], claim: Claim, *, style: Any = None, signer: str = "", room: int
    ) -> Placeholder:
        """A revision that makes the missing ones of `fields` and fills the field `name`.

        `style`: pyHanko stamp style of the field, None where nothing is seen; `room`: bytes for the CMS object.
        Every field that will ever be signed is in `fields` of the first signature: a visible field made after a
        signature counts as tampering.
        """
        from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
        from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigAppearanceSetup, SigObjSetup
        from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
        from pyhanko.sign.signers.pdf_byterange import SignatureObject

        with _typed():
            self._check_permission()
            self.writer.register_extension(ESIC_EXTENSION_1)
            for plan in fields:
                if plan.name not in self.names:
                    append_signature_field(self.writer, SigFieldSpec(plan.name, on_page=0, box=plan.box))
            appearance = None
            if style is not None:
                appearance = SigAppearanceSetup(style=style, timestamp=claim.at, name=signer)
            dictionary = SignatureObject(
                bytes_reserved=2 * room,
                subfilter=SigSeedSubFilter.PADES,
                timestamp=claim.at,
                location=claim.location or None,
                reason=claim.reason or None,
            )
            embedder = PdfCMSEmbedder().write_cms(name, self.writer, existing_fields_only=True)
            next(embedder)
            embedder.send(SigObjSetup(sig_placeholder=dictionary, appearance_setup=appearance))
            return self._written(embedder)

    def document_timestamp(self, *, room: int) -> Placeholder:
        """A revision with room for a document timestamp."""
        from pyhanko.sign.fields import SigFieldSpec
        from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigObjSetup
        from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
        from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp

        with _typed():
            self.writer.register_extension(ESIC_EXTENSION_1)
            name = self.unused("HSS-Timestamp")
            embedder = PdfCMSEmbedder(SigFieldSpec(name)).write_cms(name, self.writer)
            next(embedder)
            embedder.send(SigObjSetup(sig_placeholder=DocumentTimestamp(bytes_reserved=2 * room)))
            return self._written(embedder)

    def validation_data(self, certificates: Iterable[Any], crls: Iterable[Any], ocsps: Iterable[Any]) -> bytes:
        """A revision with a DSS that holds these (asn1crypto objects) and what an older one held."""
        from pyhanko.sign.validation.dss import DocumentSecurityStore

        with _typed():
            # without VRI entries nothing has to follow the document timestamp: it covers the whole file
            DocumentSecurityStore.supply_dss_in_writer(
                self.writer, None, certs=certificates, crls=crls, ocsps=ocsps, embed_roots=True
            )
            out = BytesIO()
            self.writer.write(out)
            return out.getvalue()[self.size :]

    def _check_permission(self) -> None:
        """A certification that forbids every change forbids signatures too (ISO 32000-1, 12.8.2.2)."""
        from pyhanko.sign.fields import MDPPerm
        from pyhanko.sign.validation import read_certification_data

        certification = read_certification_data(self.writer.prev) if any(self.names.values()) else None
        if certification is not None and certification.permission == MDPPerm.NO_CHANGES:
            raise PdfNotSignableError("the file is certified against every change")

    def _written(self, embedder: Any) -> Placeholder:
        from pyhanko.sign.signers.cms_embedder import SigIOSetup

        prepared, output = embedder.send(SigIOSetup(md_algorithm=DIGEST))
        data = output.getbuffer()
        return Placeholder(
            revision=bytes(data[self.size :]),
            start=prepared.reserved_region_start - self.size,
            end=prepared.reserved_region_end - self.size,
            digest=prepared.document_digest,
        )


def digest_of(pdf: bytes, placeholder: Placeholder) -> bytes:
    """The digest that a signature in `placeholder` behind `pdf` has to cover."""
    digest = hashlib.new(DIGEST, pdf)
    digest.update(placeholder.revision[: placeholder.start])
    digest.update(placeholder.revision[placeholder.end :])
    return digest.digest()


@contextmanager
def _typed() -> Iterator[None]:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError as PyHankoSigningError

    try:
        yield
    except SigningError:
        raise
    except (PdfError, PyHankoSigningError, *_BROKEN) as error:
        raise PdfNotSignableError(f"{type(error).__name__}: {error}") from error
