"""From facts to verdicts: integrity, later changes, trust and time, judged after ETSI EN 319 102-1.

Runs in the caller's process and trusts its input not to be hostile: for files from outside use `signing.verify`.
A signature is judged at the given moment first; where that is too late (expired, stale lists) and document
timestamps exist, as of the time these prove. Only proof of harm makes `invalid`: an altered digest, a changed page,
a certificate revoked before a proved time. Everything that is merely unknown is `indeterminate`, with its reasons.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from signing.archive_chain import ArchiveChain, Moment, revoked_before
from signing.facts import UNREADABLE, Facts, open_pdf, read_facts
from signing.policy import BY_INDICATION, INVALID_CODES, OPEN_CODES, outcome_of, specification
from signing.reasons import reason
from signing.revisions import TooManyObjectsError, harmful_changes, strict_policy
from signing.running import run_to_end
from signing.verdict import Outcome, PdfVerdict, SignatureVerdict

if TYPE_CHECKING:
    from datetime import datetime

    from signing.trust import TrustMaterial


def validate(data: bytes, material: TrustMaterial, now: datetime) -> PdfVerdict:
    """Judge all signatures of `data` at `now` (aware)."""
    reader, early = _opened(data)
    if early:
        return _verdict(data, (), (early,))
    judge = _Judge(reader, material, now)
    signatures = run_to_end(judge.all())
    return _verdict(data, signatures, tuple(judge.file_codes(data)))


def list_facts(data: bytes) -> PdfVerdict:
    """Signatures and their integrity only: no trust, no comparison of revisions; never better than indeterminate."""
    reader, early = _opened(data)
    if early:
        return _verdict(data, (), (early,))
    found = []
    for facts in read_facts(reader):
        codes = _integrity_codes(facts)
        found.append(_signature(facts, codes, Outcome.INVALID if set(codes) & INVALID_CODES else Outcome.INDETERMINATE))
    return _verdict(data, tuple(found), () if found else ("no_signature",))


def _opened(data: bytes) -> tuple[Any, str]:
    from pyhanko.pdf_utils.misc import PdfError

    try:
        reader = open_pdf(data)
        if reader.security_handler is not None:
            return reader, "encrypted_pdf"
        _ = reader.root
    except (PdfError, *UNREADABLE):
        return None, "unreadable_pdf"
    return reader, ""


class _Judge:
    """Judges the signatures of one open file."""

    def __init__(self, reader: Any, material: TrustMaterial, now: datetime) -> None:
        self._reader = reader
        self._now = now
        self._material = material
        self._facts = read_facts(reader)
        self._present = Moment(now, specification(reader, material), past=False)
        self._chain = ArchiveChain(reader, self._facts, material, self._present)
        self._policy = strict_policy()

    def file_codes(self, data: bytes) -> list[str]:
        """Codes about the file as a whole."""
        codes = [] if self._facts else ["no_signature"]
        if self._reader.xrefs.hybrid_xrefs_present:
            codes.append("hybrid_references")
        if self._facts and not data.rstrip(b"\r\n\t \0").endswith(b"%%EOF"):
            codes.append("trailing_data")
        return codes

    async def all(self) -> tuple[SignatureVerdict, ...]:
        """One verdict a field, in the order in which they were signed."""
        return tuple([await self._one(f) for f in self._facts])

    async def _one(self, facts: Facts) -> SignatureVerdict:
        codes = _integrity_codes(facts)
        timestamp_trusted = False
        if facts.embedded is not None:
            codes += self._change_codes(facts)
            if facts.intact:
                try:
                    trust_codes, timestamp_trusted = await self._trust_codes(facts)
                except Exception:  # the libraries leak many kinds of error on malformed input
                    trust_codes = ["verifier_failed"]
                codes += [code for code in trust_codes if code not in codes]
            codes += self._time_codes(facts, trusted=timestamp_trusted)
            if facts.certificate.not_valid_after < self._now and not {
                "certificate_expired",
                "expired_without_archive",
            } & set(codes):
                codes.append("certificate_expired_now")
            if facts.development:
                codes.append("development_pki")
                codes += ["development_root_unknown"] if "chain_unknown" in codes else []
        return _signature(facts, codes, outcome_of(codes))

    def _change_codes(self, facts: Facts) -> list[str]:
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.sign.diff_analysis import SuspiciousModification
        from pyhanko.sign.validation.errors import SignatureValidationError
        from pyhanko.sign.validation.status import SignatureCoverageLevel

        embedded = facts.embedded
        try:
            embedded.compute_integrity_info(diff_policy=self._policy)
        except (PdfError, SignatureValidationError, SuspiciousModification, *UNREADABLE):
            return ["coverage_unclear"]
        if embedded.coverage == SignatureCoverageLevel.ENTIRE_FILE:
            return ["covers_whole_file"]
        if embedded.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
            return ["coverage_unclear"]
        if not isinstance(embedded.diff_result, SuspiciousModification):
            if embedded.docmdp_level is not None and not embedded.summarise_integrity_info()["docmdp_ok"]:
                return ["covers_revision", "certification_violated"]
            return ["covers_revision"]
        try:
            harm = harmful_changes(self._reader, embedded.signed_revision)
        except (PdfError, TooManyObjectsError, *UNREADABLE):
            harm = ()
        return ["covers_revision", *harm] if harm else ["changed_after_signing"]

    async def _trust_codes(self, facts: Facts) -> tuple[list[str], bool]:
        """Reason codes about trust, and whether a trusted time stands behind the signature."""
        if facts.kind == "timestamp":
            return await self._stamp_codes(facts)
        embedded = facts.embedded
        if not embedded._integrity_checked:  # noqa: SLF001 - no public way to ask
            return [], False
        present = result = await _signature_result(embedded, self._present)
        expired = facts.certificate.not_valid_after < self._now
        proved: Moment | None = None
        if self._chain.has_after(facts.revision) and (expired or _indication(present) != "OK"):
            proved, result = await self._in_the_past(facts, present)
        status = result.api_status
        stamp = getattr(status, "timestamp_validity", None)
        trusted = bool(stamp is not None and stamp.valid and stamp.intact and stamp.trusted)
        indication = _indication(result)
        if indication == "OK":
            if proved is not None and self._was_revoked(facts, present, proved.at):
                return ["revoked"], trusted
            # a CA no longer answers for an expired certificate: only archived data tells what it was worth
            return ["chain_trusted", *(["expired_without_archive"] if expired and proved is None else [])], trusted
        code = await self._refined(facts, BY_INDICATION.get(indication, "chain_broken"))
        if facts.token is None and code == "proof_of_time_missing":
            # the lack of a timestamp hides what else is known of the certificate
            problem = getattr(status, "trust_problem_indic", None)
            if problem is None:
                return ["chain_trusted", code], False
            return [BY_INDICATION.get(problem.name, "chain_broken"), code], False
        if code == "algorithm_old" and not await self._chain_is_known(facts):
            return [code, "chain_unknown"], False  # the standard stops at the algorithm; a clerk wants both
        details = getattr(status, "revocation_details", None)
        proved_at = facts.token.at if facts.token is not None and facts.token.matches else None
        # a time that is proved, and later than the revocation, is proof of harm
        if code == "revoked_time_unknown" and details and proved_at and proved_at >= details.revocation_date:
            code = "revoked"
        return [code], trusted

    async def _in_the_past(self, facts: Facts, present: Any) -> tuple[Moment | None, Any]:
        """The first proved moment at which the signature was good, and the judgement then; else the oldest one."""
        results = []
        for moment in await self._chain.moments_after(facts.revision):
            result = await _signature_result(facts.embedded, moment)
            if _indication(result) == "OK":
                return moment, result
            results.append(result)
        return None, results[0] if results else present

    def _was_revoked(self, facts: Facts, present: Any, moment: datetime) -> bool:
        details = getattr(present.api_status, "revocation_details", None)
        return (details is not None and details.revocation_date <= moment) or revoked_before(
            [facts.certificate], self._material.crls, moment
        )

    async def _stamp_codes(self, facts: Facts) -> tuple[list[str], bool]:
        """Reason codes of a document timestamp, and whether it holds: by itself, or as a link of a proved chain."""
        holds, indication = await self._chain.holds(facts)
        if holds:
            return ["chain_trusted"], True
        return (
            [await self._refined(facts, BY_INDICATION.get(indication, "chain_broken"))] if indication else []
        ), False

    async def _chain_is_known(self, facts: Facts) -> bool:
        """Whether certificates lead from the signer to a trusted root, whatever they are worth."""
        from pyhanko_certvalidator import ValidationContext
        from pyhanko_certvalidator.errors import PathBuildingError

        others = [*self._present.spec.local_knowledge.known_certs, *facts.embedded.other_embedded_certs]
        context = ValidationContext(trust_roots=list(self._material.roots), other_certs=others, moment=self._now)
        try:
            return bool(await context.path_builder.async_build_paths(facts.certificate))
        except (PathBuildingError, *UNREADABLE):
            return False

    async def _refined(self, facts: Facts, code: str) -> str:
        """Tell a chain that breaks from one that only lacks revocation data: pyHanko reports both alike."""
        from pyhanko_certvalidator import CertificateValidator, ValidationContext
        from pyhanko_certvalidator.errors import PathError, ValidationError

        if code not in {"chain_broken", "chain_unknown"}:
            return code
        known = self._present.spec.local_knowledge
        matching = facts.token is not None and facts.token.matches
        context = ValidationContext(
            trust_roots=list(self._material.roots),
            other_certs=[*known.known_certs, *facts.embedded.other_embedded_certs],
            moment=facts.token.at if facts.token is not None and matching else self._now,
            revocation_mode="none",
        )
        try:
            await CertificateValidator(facts.certificate, validation_context=context).async_validate_usage(set())
        except (PathError, ValidationError, *UNREADABLE):
            return code
        return "revocation_unknown"

    def _time_codes(self, facts: Facts, *, trusted: bool) -> list[str]:
        if facts.kind == "timestamp":
            return []
        if facts.token is None:
            return ["timestamped" if trusted else "no_timestamp"]
        if not facts.token.matches:
            return ["timestamp_wrong"]
        return ["timestamped" if trusted else "timestamp_untrusted"]


async def _signature_result(embedded: Any, moment: Moment) -> Any:
    from pyhanko.sign.validation.ades import ades_with_time_validation
    from pyhanko.sign.validation.status import PdfSignatureStatus

    return await ades_with_time_validation(
        embedded.signed_data,
        moment.spec,
        timing_info=moment.timing,
        raw_digest=embedded.compute_digest(),
        extra_status_kwargs=embedded.summarise_integrity_info(),
        status_cls=PdfSignatureStatus,
    )


def _integrity_codes(facts: Facts) -> list[str]:
    if facts.embedded is None:
        return [facts.fault]
    if not facts.digest_right:
        return ["content_altered"]
    if not facts.known_algorithm:
        return ["algorithm_unsupported"]
    if not facts.value_right:
        return ["signature_value_wrong"]
    return ["intact", "algorithm_old"] if facts.old_algorithm else ["intact"]


def _indication(result: Any) -> str:
    name: str = result.ades_subindic.name
    return name


def _signature(facts: Facts, codes: list[str], outcome: Outcome) -> SignatureVerdict:
    stamped_at = facts.token.at if facts.token is not None and facts.token.matches else None
    return SignatureVerdict(
        field=facts.field,
        kind=facts.kind,
        outcome=outcome,
        reasons=tuple(reason(code) for code in codes),
        signer=facts.signer,
        issuer=facts.issuer,
        signed_at=facts.claimed_at,
        timestamp_at=facts.claimed_at if facts.kind == "timestamp" else stamped_at,
        level=facts.level,
        algorithm=facts.algorithm,
        covers_whole_file="covers_whole_file" in codes,
        development=facts.development,
    )


def _verdict(data: bytes, signatures: tuple[SignatureVerdict, ...], codes: tuple[str, ...]) -> PdfVerdict:
    outcomes = {s.outcome for s in signatures}
    outcome = Outcome.VALID
    if Outcome.INVALID in outcomes:
        outcome = Outcome.INVALID
    elif not signatures or Outcome.INDETERMINATE in outcomes or set(codes) & OPEN_CODES:
        outcome = Outcome.INDETERMINATE
    digest = hashlib.sha256(data).hexdigest()
    return PdfVerdict(outcome, tuple(reason(code) for code in codes), signatures, digest, len(data))
