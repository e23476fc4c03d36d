"""Renewal of archive timestamps: a new one over everything, before the newest one can no longer be proved.

A chain of document timestamps holds as long as each link was made while the one before it could still be proved
(ETSI EN 319 142-1, 5.5 and 6.3; EN 319 102-1, 5.6.2.4). So the end of the proof is the first end of a certificate
in the newest timestamp's chain, or of its algorithm. Renewing appends the newest timestamp's validation data and
one more timestamp; what was there stays, bit for bit. What does not verify is not renewed: it would be dressed up.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, Literal

from signing.errors import RevocationUnavailableError, SelfCheckError, SigningError, TimestampUnavailableError
from signing.running import run_to_end
from signing.timestamps import build_timestamper
from signing.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.timestamps import TimestampSource
    from signing.trust import TrustMaterial
    from signing.verdict import PdfVerdict

_RESERVED: Final = 2 * 16384
"""Hex digits kept free for the token: without it pyHanko asks the authority twice to find out."""
_STRONG_DIGESTS: Final = frozenset({"sha384", "sha512"})
_PAST: Final = datetime(2013, 12, 31, tzinfo=UTC)
_BITS_112: Final = datetime(2030, 12, 31, tzinfo=UTC)
_RSA_112, _RSA_128 = 2048, 3072
_EC_112, _EC_128 = 224, 256


class NotRenewableError(SigningError):
    """The file does not verify now, or has no archive timestamp: a new one would prove nothing."""

    code = "not_renewable"
    message_vi = "Không gia hạn được: tệp không còn kiểm chứng được hoặc chưa có dấu thời gian lưu trữ."
    remedy_vi = "Hãy kiểm tra tệp bằng lệnh hoso verify; nếu tệp hỏng, hãy lấy lại từ bản sao lưu."


class RenewalGainsNothingError(SigningError):
    """The authority's certificate ends no later than what is in the file."""

    code = "renewal_gains_nothing"
    retryable = True
    message_vi = "Dấu thời gian mới không bền hơn dấu cũ."
    remedy_vi = "Hãy dùng nguồn cấp dấu thời gian có chứng thư còn hạn dài hơn."


@dataclass(frozen=True, slots=True)
class ProofEnd:
    """Until when the newest archive timestamp of a file can be proved."""

    at: datetime
    cause: Literal["certificate", "algorithm"]
    authority: str
    """Common name of the timestamp authority."""
    timestamp_at: datetime


@dataclass(frozen=True, slots=True)
class RenewedPdf:
    """A renewed file: it begins with the old one, byte for byte."""

    data: bytes
    sha256: str
    size: int
    level: str
    """The lowest level of its signatures; `B-LTA` after a renewal."""
    end: ProofEnd


def proof_end(pdf: bytes) -> ProofEnd | None:
    """The end of the proof of `pdf`, a file of our own; None where no archive timestamp is in it.

    Parses in this process: files from outside are no matter of renewal.
    """
    from signing.facts import open_pdf, read_facts

    reader = open_pdf(pdf)
    stamps = [facts for facts in read_facts(reader) if facts.kind == "timestamp" and facts.embedded]
    if not stamps:
        return None
    newest = max(stamps, key=lambda facts: facts.revision)
    chain = _chain(newest.certificate, [*newest.embedded.other_embedded_certs, *_stored_certificates(reader)])
    certificate_ends: datetime = min(link.not_valid_after for link in chain)
    digest = newest.embedded.signer_info["digest_algorithm"]["algorithm"].native
    algorithm_ends = min(filter(None, (_algorithm_end(link, digest) for link in chain)), default=None)
    cause: Literal["certificate", "algorithm"] = "certificate"
    ends = certificate_ends
    if algorithm_ends is not None and algorithm_ends < ends:
        ends, cause = algorithm_ends, "algorithm"
    return ProofEnd(ends, cause, newest.signer, newest.claimed_at or newest.certificate.not_valid_before)


def renew(pdf: bytes, sources: Sequence[TimestampSource], material: TrustMaterial, now: datetime) -> RenewedPdf:
    """Append validation data and one archive timestamp to `pdf` (a whole file of our own) at `now` (aware).

    Raises NotRenewableError, TimestampUnavailableError and RevocationUnavailableError (both retryable),
    RenewalGainsNothingError, SelfCheckError.
    """
    from signing.validation import validate

    before = proof_end(pdf)
    verdict = validate(pdf, material, now)
    if before is None or verdict.outcome is not Outcome.VALID:
        raise NotRenewableError(_codes(verdict))
    faults = []
    for source in sources:
        try:
            data = run_to_end(_extended(pdf, source, material))
        except TimestampUnavailableError as error:
            faults.append(error.detail)
            continue
        return _checked(pdf, data, before, validate(data, material, now))
    raise TimestampUnavailableError("; ".join(faults) or "no timestamp authority is configured")


def _checked(pdf: bytes, data: bytes, before: ProofEnd, verdict: PdfVerdict) -> RenewedPdf:
    after = proof_end(data)
    levels = sorted(s.level for s in verdict.signatures if s.kind == "signature")
    if not data.startswith(pdf) or verdict.outcome is not Outcome.VALID or after is None or levels[:1] != ["B-LTA"]:
        raise SelfCheckError(f"renewed, but {verdict.outcome}: {_codes(verdict)}")
    if after.at <= before.at:
        raise RenewalGainsNothingError(f"{after.authority}: {after.at.isoformat()}")
    return RenewedPdf(data, hashlib.sha256(data).hexdigest(), len(data), levels[0], after)


async def _extended(pdf: bytes, source: TimestampSource, material: TrustMaterial) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import enumerate_sig_fields
    from pyhanko.sign.signers import PdfTimeStamper
    from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import PathError, ValidationError

    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    newest = writer.prev.embedded_timestamp_signatures[-1]
    context = ValidationContext(
        trust_roots=list(material.roots),
        other_certs=[*material.intermediates, *newest.other_embedded_certs, *_stored_certificates(writer.prev)],
        crls=list(material.crls),
        allow_fetching=material.fetch,
        revocation_mode="require",
    )
    try:
        validator = CertificateValidator(newest.signer_cert, validation_context=context)
        path = await validator.async_validate_usage(set(), extended_key_usage={"time_stamping"})
    except (PathError, ValidationError) as error:
        # the file was judged valid just now: what fails here is the gathering of data for those who come later
        raise RevocationUnavailableError(f"{type(error).__name__}: {error}") from error
    DocumentSecurityStore.supply_dss_in_writer(writer, None, paths=(path,), validation_context=context)
    names = {name for name, _, _ in enumerate_sig_fields(writer.prev)}
    number = next(n for n in range(1, len(names) + 2) if f"HSS-Timestamp-{n}" not in names)
    used = newest.signer_info["digest_algorithm"]["algorithm"].native
    stamper = PdfTimeStamper(build_timestamper(source), field_name=f"HSS-Timestamp-{number}")
    try:
        output = await stamper.async_timestamp_pdf(
            writer,
            used if used in _STRONG_DIGESTS else "sha256",
            context,
            bytes_reserved=_RESERVED,
            dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
        )
    except (PathError, ValidationError) as error:  # the new authority's chain: another source may do
        raise TimestampUnavailableError(f"{source.name}: {error}") from error
    data: bytes = output.getvalue()
    return data


def _chain(leaf: Any, others: Sequence[Any]) -> list[Any]:
    """The certificates from `leaf` upwards, as far as they are at hand."""
    by_subject = {certificate.subject.hashable: certificate for certificate in others}
    chain = [leaf]
    while len(chain) <= len(by_subject) and chain[-1].issuer.hashable != chain[-1].subject.hashable:
        above = by_subject.get(chain[-1].issuer.hashable)
        if above is None:
            break
        chain.append(above)
    return chain


def _stored_certificates(reader: Any) -> list[Any]:
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    try:
        return list(DocumentSecurityStore.read_dss(reader).load_certs())
    except ValueError:  # NoDSSFoundError
        return []


def _algorithm_end(certificate: Any, digest: str) -> datetime | None:
    """When key size and digest stop counting: NIST SP 800-57 part 1 rev. 5, tables 2 and 4; None: not set."""
    key = certificate.public_key
    if digest in {"md5", "sha1"}:
        return _PAST
    least, enough = {"rsa": (_RSA_112, _RSA_128), "ec": (_EC_112, _EC_128)}.get(key.algorithm, (0, 0))
    if key.bit_size < least:
        return _PAST
    return _BITS_112 if key.bit_size < enough else None


def _codes(verdict: PdfVerdict) -> str:
    codes = [reason.code for reason in verdict.reasons]
    codes += [f"{s.field}: {', '.join(reason.code for reason in s.reasons)}" for s in verdict.signatures]
    return "; ".join(codes)
