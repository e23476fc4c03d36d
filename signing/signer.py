"""Signs one PDF at a time, PAdES B-B to B-LTA, and lets nothing out that it has not verified itself.

Order of a job: stamp text checked, key checked, signature with timestamp, validation data (DSS), document timestamp,
then the result is opened again and judged by the same code that judges other people's files, and its level is read
from what is there. A timestamp source that fails sends the job to the next source from the beginning; when none is
left, TimestampUnavailableError holds the job. Every revision is appended: what was signed before stays as it was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, Literal

from signing.errors import (
    CertificateRefusedError,
    PdfNotSignableError,
    RevocationUnavailableError,
    SelfCheckError,
    SigningError,
    TimestampUnavailableError,
)
from signing.keys import SigningKey, build_cms_signer, check_key
from signing.running import run_to_end
from signing.timestamps import TimestampSource, build_timestamper
from signing.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from signing.stamp_font import StampFont
    from signing.trust import TrustMaterial
    from signing.verdict import PdfVerdict

Level = Literal["B-B", "B-T", "B-LT", "B-LTA"]
Appearance = Literal["invisible", "digitised_paper", "nd30_copy"]
CopyKind = Literal["SAO Y", "SAO LỤC", "TRÍCH SAO"]

_RESERVED_FOR_SIGNATURE: Final = 4096
_RESERVED_FOR_TOKEN: Final = 12288


@dataclass(frozen=True, slots=True)
class SignRequest:
    """What one signature says. Texts are NFC; none may hold a personal number."""

    reason: str
    agency: str
    dossier_code: str
    signed_at: datetime
    """Aware; shown on the stamp and claimed in the signature. The timestamps prove it, or the lack of it."""
    appearance: Appearance = "invisible"
    copy_kind: CopyKind = "SAO Y"
    """Only for `nd30_copy` (Decree 30/2020, Appendix I)."""
    location: str = ""


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """A signed file. `sha256` and `size` go to the ledger: validators accept a file whose last revision was cut."""

    data: bytes
    level: str
    sha256: str
    size: int
    signer: str
    """Common name of the signer's certificate."""
    field: str
    """Name of the signature field that was added."""
    development: bool
    verdict: PdfVerdict


@dataclass(slots=True)
class PdfSigner:
    """Made by `signing.factory.build_signer`; may be shared by threads."""

    key: SigningKey
    sources: tuple[TimestampSource, ...]
    material: Callable[[datetime], TrustMaterial]
    """Trust anchors and revocation lists as of a moment."""
    level: Level
    font: StampFont
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _first_source: int = field(default=0, init=False)

    def sign(self, pdf: bytes, request: SignRequest) -> SignedPdf:
        """Append one signature; raises a SigningError, whose `retryable` tells whether waiting can help.

        `pdf` is a whole file. Returns another whole file that begins with `pdf`, byte for byte.
        """
        if request.signed_at.tzinfo is None:
            raise ValueError("signed_at must be an aware datetime")
        check_key(self.key, self.clock())
        if self.level == "B-B":
            return self._attempt(pdf, request, None)
        faults: list[str] = []
        count = len(self.sources)
        for step in range(count):
            index = (self._first_source + step) % count
            try:
                signed = self._attempt(pdf, request, self.sources[index])
            except TimestampUnavailableError as error:
                faults.append(error.detail)
                continue
            self._first_source = index  # the one that answers is asked first next time
            return signed
        raise TimestampUnavailableError("; ".join(faults) or "no timestamp authority is configured")

    def _attempt(self, pdf: bytes, request: SignRequest, source: TimestampSource | None) -> SignedPdf:
        material = self.material(self.clock())
        data, field_name = run_to_end(self._signed_bytes(pdf, request, source, material))
        return self._self_checked(pdf, data, field_name, material)

    async def _signed_bytes(
        self, pdf: bytes, request: SignRequest, source: TimestampSource | None, material: TrustMaterial
    ) -> tuple[bytes, str]:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.sign import general, signers
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
        from pyhanko.sign.signers.pdf_signer import DSSContentSettings
        from pyhanko_certvalidator.errors import PathError, ValidationError

        long_term = self.level in {"B-LT", "B-LTA"}
        try:
            writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
            if writer.security_handler is not None:
                raise PdfNotSignableError("the file is encrypted")
            names = _field_names(writer)
            field_name, stamp_style, new_field = self._appearance(pdf, request, names)
            metadata = signers.PdfSignatureMetadata(
                field_name=field_name,
                md_algorithm="sha256",
                reason=request.reason or None,
                location=request.location or None,
                subfilter=SigSeedSubFilter.PADES,
                embed_validation_info=long_term,
                use_pades_lta=self.level == "B-LTA",
                timestamp_field_name=_unused("HSS-Timestamp", names),
                validation_context=self._context(material) if long_term else None,
                # without VRI entries nothing follows the document timestamp: it covers the whole file
                dss_settings=DSSContentSettings(include_vri=False),
                signer_key_usage=set(),  # checked when the key was opened
            )
            pyhanko_signer = signers.PdfSigner(
                metadata,
                signer=build_cms_signer(self.key),
                timestamper=build_timestamper(source) if source is not None else None,
                stamp_style=stamp_style,
                new_field_spec=new_field,
            )
            session = pyhanko_signer.init_signing_session(writer)
            session.system_time = request.signed_at
            info = await session.perform_presign_validation(writer)
            document = session.prepare_tbs_document(info, bytes_reserved=self._reserved(), appearance_text_params=None)
            prepared, output = document.digest_tbs_document()
            attributes = PdfCMSSignedAttributes(signing_time=request.signed_at)
            finished = await document.perform_signature(prepared.document_digest, attributes)
            await finished.post_signature_processing(output)
        except SigningError:
            raise
        except general.SigningError as error:
            raise _translated(error) from error
        except (PathError, ValidationError) as error:  # the authority's chain: another source may do
            raise TimestampUnavailableError(f"{source.name if source else ''}: {error}") from error
        except (PdfError, ValueError, KeyError, TypeError, AttributeError, AssertionError, OSError) as error:
            raise PdfNotSignableError(f"{type(error).__name__}: {error}") from error
        return output.getvalue(), field_name

    def _appearance(self, pdf: bytes, request: SignRequest, names: set[str]) -> tuple[str, Any, Any]:
        from pyhanko.sign.fields import SigFieldSpec

        name = _unused("HSS-Signature", names)
        if request.appearance == "invisible":
            return name, None, SigFieldSpec(name)
        from signing.stamp import build_stamp

        stamp = build_stamp(pdf, request, self.font, development=self.development)
        return name, stamp.style, SigFieldSpec(name, on_page=0, box=stamp.box)

    @property
    def development(self) -> bool:
        """Whether the key's certificate is a development one."""
        from signing.devpki import MARK

        return any(a.value == MARK for a in self.key.certificate.subject)

    def _context(self, material: TrustMaterial) -> Any:
        from pyhanko_certvalidator import ValidationContext

        return ValidationContext(
            trust_roots=list(material.roots),
            other_certs=list(material.intermediates),
            crls=list(material.crls),
            allow_fetching=material.fetch,
            revocation_mode="require",
        )

    def _reserved(self) -> int:
        """Hex digits kept free for the CMS object: without it pyHanko signs twice to find out."""
        from cryptography.hazmat.primitives.serialization import Encoding

        own = sum(len(c.public_bytes(Encoding.DER)) for c in (self.key.certificate, *self.key.chain))
        return 2 * (own + _RESERVED_FOR_SIGNATURE + (_RESERVED_FOR_TOKEN if self.level != "B-B" else 0))

    def _self_checked(self, pdf: bytes, data: bytes, field_name: str, material: TrustMaterial) -> SignedPdf:
        from signing.validation import validate

        verdict = validate(data, material, self.clock())
        mine = next((s for s in verdict.signatures if s.field == field_name), None)
        if not data.startswith(pdf) or mine is None:
            raise SelfCheckError("the signature that was made is not in the file")
        # below B-LTA a signature proves nothing over time, so its verdict may stay open; harm may not
        expected = {Outcome.VALID} if self.level == "B-LTA" else {Outcome.VALID, Outcome.INDETERMINATE}
        if mine.outcome not in expected or mine.level != self.level:
            codes = ", ".join(r.code for r in mine.reasons)
            raise SelfCheckError(f"wanted {self.level}, made {mine.level or 'no PAdES'}: {mine.outcome} ({codes})")
        digest = hashlib.sha256(data).hexdigest()
        return SignedPdf(data, mine.level, digest, len(data), mine.signer, field_name, mine.development, verdict)


def _field_names(writer: Any) -> set[str]:
    from pyhanko.sign.fields import enumerate_sig_fields

    return {name for name, _, _ in enumerate_sig_fields(writer.prev)}


def _unused(stem: str, names: set[str]) -> str:
    number = 1
    while f"{stem}-{number}" in names:
        number += 1
    return f"{stem}-{number}"


def _translated(error: Exception) -> SigningError:
    """Our error for pyHanko's `SigningError`, by what caused it."""
    from pyhanko_certvalidator.errors import InsufficientRevinfoError, PathBuildingError, PathValidationError

    cause = error.__cause__
    detail = f"{error}: {cause}" if cause else str(error)
    if isinstance(cause, InsufficientRevinfoError):
        return RevocationUnavailableError(detail)
    if isinstance(cause, PathValidationError | PathBuildingError):
        return CertificateRefusedError(detail)
    return PdfNotSignableError(detail)
