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
from typing import TYPE_CHECKING, Any, Final, Literal

from signing.errors import SelfCheckError, SigningError, TimestampUnavailableError
from signing.evidence import Evidence
from signing.increments import DIGEST, OpenFile
from signing.running import run_to_end
from signing.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.signer import PdfSigner
    from signing.timestamps import Stamped
    from signing.trust import TrustMaterial
    from signing.verdict import PdfVerdict

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


def renew(pdf: bytes, signer: PdfSigner, now: datetime) -> RenewedPdf:
    """Append validation data and one archive timestamp to `pdf` (a whole file of our own) at `now` (aware).

    Of `signer` its timestamp authorities and what it knows of certificates are used; its key is not.
    Raises NotRenewableError, TimestampUnavailableError, RevocationUnavailableError and RenewalGainsNothingError (these
    three retryable), CertificateRefusedError, SelfCheckError.
    """
    from signing.validation import validate

    material = signer.material(now)
    before = proof_end(pdf)
    verdict = validate(pdf, material, now)
    if before is None or verdict.outcome is not Outcome.VALID:
        raise NotRenewableError(_codes(verdict))
    data = run_to_end(_extended(pdf, signer, material, now))
    return _checked(pdf, data, before, validate(data, material, now))


def _checked(pdf: bytes, data: bytes, before: ProofEnd, verdict: PdfVerdict) -> RenewedPdf:
    after = proof_end(data)
    levels = sorted(s.level for s in verdict.signatures if s.kind == "signature")
    if not data.startswith(pdf) or verdict.outcome is not Outcome.VALID or after is None or levels[:1] != ["B-LTA"]:
        raise SelfCheckError(f"renewed, but {verdict.outcome}: {_codes(verdict)}")
    if after.at <= before.at:
        raise RenewalGainsNothingError(f"{after.authority}: {after.at.isoformat()}")
    return RenewedPdf(data, hashlib.sha256(data).hexdigest(), len(data), levels[0], after)


async def _extended(pdf: bytes, signer: PdfSigner, material: TrustMaterial, now: datetime) -> bytes:
    newest = OpenFile(pdf).writer.prev.embedded_timestamp_signatures[-1]
    others = [*newest.other_embedded_certs, *_stored_certificates(newest.reader)]
    chains = [(newest.signer_cert, others)]

    async def accept(stamped: Stamped) -> None:
        await signer.evidence.of(stamped.certificate, stamped.others, material, now)

    for _ in range(len(signer.sources) + 1):
        evidence = Evidence()
        for certificate, helpful in chains:
            evidence += await signer.evidence.of(certificate, helpful, material, now)
        data = pdf + OpenFile(pdf).validation_data(*evidence.parsed())
        room = signer.authorities.largest_token()
        placeholder = OpenFile(data).document_timestamp(room=room)
        stamped = await signer.authorities.token(placeholder.digest, DIGEST, accept)
        size = len(stamped.token.dump())
        if size > room:  # a timestamp can be asked for again
            placeholder = OpenFile(data).document_timestamp(room=2 * size)
            stamped = await signer.authorities.token(placeholder.digest, DIGEST, accept)
        if any(stamped.certificate.sha256 == known.sha256 for known, _ in chains):
            return data + placeholder.filled(stamped.token.dump())
        chains.append((stamped.certificate, list(stamped.others)))  # the new chain has to be covered, too
    raise TimestampUnavailableError("the timestamp authorities change faster than their chains can be kept")


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
