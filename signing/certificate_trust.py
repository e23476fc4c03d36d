"""Whether a certificate leads to a trusted root and was good at a moment, as one reason code.

For signatures that stand outside a PDF; inside one the rules for past moments are pyHanko's. Revocation data are
required for every certificate of the chain: those at hand, and those that the caller has from elsewhere. Data issued
after the moment count: a list of today that does not name a certificate did not name it then either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from signing.running import run_to_end

if TYPE_CHECKING:
    from datetime import datetime

    from signing.trust import TrustMaterial

DOCUMENT_USAGE: Final = frozenset({"non_repudiation", "digital_signature"})
"""Either will do for signing documents: seals often carry digitalSignature only."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Certificates (asn1crypto) and revocation data (DER) from elsewhere, such as a signed PDF's own store."""

    certificates: tuple[Any, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


def judge_certificate(
    certificate: Any,
    material: TrustMaterial,
    moment: datetime,
    now: datetime,
    evidence: Evidence,
    *,
    usage: frozenset[str] = DOCUMENT_USAGE,
) -> str:
    """`chain_trusted`, or why not; a code of `signing.reasons`. `certificate` is asn1crypto's; times are aware.

    At `moment` the certificate is judged; it lies before `now` only where a trusted timestamp proves it.
    """
    if usage and certificate.key_usage_value is not None and not usage & set(certificate.key_usage_value.native):
        return "key_usage_wrong"
    try:
        code = run_to_end(_judged(certificate, material, moment, now, evidence))
    except Exception:  # the libraries leak many kinds of error on malformed input
        return "verifier_failed"
    if code == "revocation_unknown" and certificate.not_valid_after < moment:
        return "certificate_expired"  # nobody answers for it any more: the end itself is what there is to say
    if code == "chain_broken" and certificate.self_signed != "no":
        return "chain_unknown"
    return code


async def _judged(
    certificate: Any, material: TrustMaterial, moment: datetime, now: datetime, evidence: Evidence
) -> str:
    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import (
        DisallowedAlgorithmError,
        ExpiredError,
        InsufficientRevinfoError,
        NotYetValidError,
        PathBuildingError,
        PathError,
        RevokedError,
        ValidationError,
    )

    past = moment < now
    context = ValidationContext(
        trust_roots=list(material.roots),
        other_certs=[*material.intermediates, *evidence.certificates],
        crls=[*material.crls, *evidence.crls],
        ocsps=[*getattr(material, "ocsps", ()), *evidence.ocsps],
        moment=moment,
        best_signature_time=moment,
        allow_fetching=material.fetch and not past,
        revocation_mode="require",
        retroactive_revinfo=past,
    )
    try:
        await CertificateValidator(certificate, validation_context=context).async_validate_usage(set())
    except RevokedError as error:
        if error.revocation_dt > moment:
            return "chain_trusted"
        return "revoked" if past else "revoked_time_unknown"
    except ExpiredError:
        return "certificate_expired"
    except NotYetValidError:
        return "certificate_not_yet_valid"
    except InsufficientRevinfoError:
        return "revocation_unknown"
    except DisallowedAlgorithmError:
        return "algorithm_old"
    except PathBuildingError:
        return "chain_unknown"
    except (PathError, ValidationError):
        return "chain_broken"
    return "chain_trusted"
