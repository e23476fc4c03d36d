"""The policy behind the verdicts: which reasons are proof of harm, which leave a verdict open, and whom pyHanko asks.

Revocation data is required for every certificate of a chain, from the document or at hand, valid at the moment of
judging; SHA-1 and short keys count as outdated. The tables of codes are the whole of the mapping from ETSI
EN 319 102-1 to the three outcomes: change them here, not where the codes are made.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from signing.facts import UNREADABLE
from signing.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from signing.trust import TrustMaterial

INVALID_CODES: Final = frozenset(
    {
        "content_altered",
        "signature_value_wrong",
        "content_changed_after_signing",
        "annotation_changed_after_signing",
        "attachment_changed_after_signing",
        "certification_violated",
        "certificate_not_yet_valid",
        "revoked",
    }
)
OPEN_CODES: Final = frozenset(
    {
        "trailing_data",
        "signature_unreadable",
        "signature_type_unsupported",
        "algorithm_unsupported",
        "hybrid_references",
        "coverage_unclear",
        "changed_after_signing",
        "algorithm_old",
        "chain_unknown",
        "chain_broken",
        "key_usage_wrong",
        "certificate_expired",
        "expired_without_archive",
        "revoked_time_unknown",
        "revocation_unknown",
        "proof_of_time_missing",
        "archive_timestamp_unproved",
        "verifier_failed",
        "timestamp_wrong",
    }
)
SIGNING_PURPOSES: Final = frozenset(
    {
        "1.3.6.1.5.5.7.3.36",  # document signing, RFC 9336
        "microsoft_document_signing",
        "adobe_authentic_documents_trust",
        "email_protection",
        "client_auth",  # the usual one in certificates of persons
    }
)
"""Extended key purposes of certificates that sign documents; a certificate that names none may, too (RFC 5280)."""
BY_INDICATION: Final = {
    "NO_CERTIFICATE_CHAIN_FOUND": "chain_unknown",
    "NO_SIGNING_CERTIFICATE_FOUND": "chain_unknown",
    "CERTIFICATE_CHAIN_GENERAL_FAILURE": "chain_broken",
    "CHAIN_CONSTRAINTS_FAILURE": "key_usage_wrong",
    "POLICY_PROCESSING_ERROR": "chain_broken",
    "CRYPTO_CONSTRAINTS_FAILURE": "algorithm_old",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "algorithm_old",
    "EXPIRED": "certificate_expired",
    "OUT_OF_BOUNDS_NO_POE": "certificate_expired",
    "OUT_OF_BOUNDS_NOT_REVOKED": "certificate_expired",
    "NOT_YET_VALID": "certificate_not_yet_valid",
    "REVOKED": "revoked",
    "REVOKED_NO_POE": "revoked_time_unknown",
    "REVOKED_CA_NO_POE": "revoked_time_unknown",
    "REVOCATION_OUT_OF_BOUNDS_NO_POE": "revocation_unknown",
    "TRY_LATER": "revocation_unknown",
    "NO_POE": "proof_of_time_missing",
    "TIMESTAMP_ORDER_FAILURE": "proof_of_time_missing",
    "SIG_CONSTRAINTS_FAILURE": "proof_of_time_missing",
    "HASH_FAILURE": "content_altered",
    "SIG_CRYPTO_FAILURE": "signature_value_wrong",
    "FORMAT_FAILURE": "signature_unreadable",
}
"""EN 319 102-1, 5.1.3, sub-indications to our reasons."""


def specification(reader: Any, material: TrustMaterial, until: datetime | None = None) -> Any:
    """Make the `SignatureValidationSpec`: revocation data required, from the document and from `material`.

    `until`: only data issued by then, none fetched, for judging as of a moment in the past.
    """
    from asn1crypto.crl import CertificateList
    from pyhanko.sign.validation import policy_decl
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator.context import CertValidationPolicySpec
    from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
    from pyhanko_certvalidator.registry import SimpleTrustManager
    from pyhanko_certvalidator.revinfo.archival import CRLContainer

    age = material.revocation_max_age_days
    policy = CertRevTrustPolicy(
        REQUIRE_REVINFO,
        freshness=timedelta(days=age) if age is not None else None,
        freshness_req_type=FreshnessReqType.DEFAULT if age is None else FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
    )
    certificates, crls, ocsps = _from_store(reader)
    crls = [*(CRLContainer(CertificateList.load(der)) for der in material.crls), *crls]
    if until is not None:
        crls, ocsps = _issued_by(crls, until), _issued_by(ocsps, until)
    fetch = material.fetch and until is None
    rules = policy_decl.RevinfoOnlineFetchingRule
    fetching = policy_decl.CertificateFetchingRule
    return policy_decl.SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(trust_roots=list(material.roots)), revinfo_policy=policy
        ),
        revinfo_gathering_policy=policy_decl.RevocationInfoGatheringSpec(
            online_fetching_rule=rules.NO_HISTORICAL_FETCH if fetch else rules.LOCAL_ONLY,
            certificate_fetching_rule=fetching.FOLLOW_ONLINE_RULE if fetch else fetching.NEVER_FETCH,
        ),
        local_knowledge=policy_decl.LocalKnowledge(
            known_certs=[*material.intermediates, *certificates],
            known_crls=crls,
            known_ocsps=ocsps,
        ),
        # seals often carry digitalSignature only; whoever names purposes must name one that people sign with
        key_usage_settings=KeyUsageConstraints(
            key_usage={"non_repudiation", "digital_signature"},
            extd_key_usage=SIGNING_PURPOSES,
            explicit_extd_key_usage_required=False,
        ),
    )


def _issued_by(containers: list[Any], until: datetime) -> list[Any]:
    return [c for c in containers if c.issuance_date is not None and c.issuance_date <= until]


def _from_store(reader: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Certificates, CRLs and OCSP answers of the document's DSS; a broken store counts as none."""
    from asn1crypto.crl import CertificateList
    from asn1crypto.ocsp import OCSPResponse
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

    try:
        store = DocumentSecurityStore.read_dss(reader)
        crls = [CRLContainer(CertificateList.load(ref.get_object().data)) for ref in store.crls]
        answers = [OCSPResponse.load(ref.get_object().data) for ref in store.ocsps]
        ocsps = [container for answer in answers for container in OCSPContainer.load_multi(answer)]
        return list(store.load_certs()), crls, ocsps
    except (PdfError, *UNREADABLE):
        return [], [], []


def outcome_of(codes: Iterable[str]) -> Outcome:
    """The outcome of one signature. Without a trusted chain nothing is valid."""
    codes = set(codes)
    if codes & INVALID_CODES:
        return Outcome.INVALID
    if codes & OPEN_CODES or "chain_trusted" not in codes:
        return Outcome.INDETERMINATE
    return Outcome.VALID
