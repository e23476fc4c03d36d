"""RFC 3161 tokens over bytes that are no PDF: asked for with the signer's own sources, and read back strictly.

A token is kept as it came (CMS, DER), so that `openssl ts -verify -token_in` checks it without us. The signer's list of
authorities is asked, with their health; when none answers the job is held. Reading tells what the token says and
whether it is intact; whom to believe is asked elsewhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from signing.errors import TimestampUnavailableError
from signing.running import run_to_end

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from signing.authorities import TimestampAuthorities
    from signing.timestamps import Stamped

MAX_TOKEN: Final = 1 << 20
"""Bytes: real tokens with long chains have 10 kB."""


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a token says. `certificate` and `others` are asn1crypto certificates."""

    at: datetime
    certificate: Any
    others: tuple[Any, ...]


def accepted_token(data: bytes, authorities: TimestampAuthorities, accept: Callable[[bytes], str | None]) -> bytes:
    """A token over SHA-256 of `data` from the first authority, by health, whose token `accept` does not object to.

    `accept` gets the token (DER) and returns its objection, or None. Raises TimestampUnavailableError.
    """

    async def judged(stamped: Stamped) -> None:
        if objection := accept(stamped.token.dump()):
            raise TimestampUnavailableError(objection)

    stamped = run_to_end(authorities.token(hashlib.sha256(data).digest(), "sha256", judged))
    made: bytes = stamped.token.dump()
    return made


def read_token(token: bytes, data: bytes) -> TokenFacts | None:
    """What `token` says, or None where it is broken, altered, or not about `data`."""
    from asn1crypto import cms
    from pyhanko.sign.general import extract_signer_info
    from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

    if len(token) > MAX_TOKEN:
        return None
    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        content = signed["encap_content_info"]["content"]
        info = content.parsed
        imprint = info["message_imprint"]
        name = imprint["hash_algorithm"]["algorithm"].native
        if name not in {"sha256", "sha384", "sha512"}:
            return None
        if hashlib.new(name, data).digest() != imprint["hashed_message"].native:
            return None
        own = extract_signer_info(signed)
        digest = hashlib.new(own["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
        found = extract_certs_for_validation(signed)
        intact, right = validate_sig_integrity(own, found.signer_cert, "tst_info", digest)
        purpose = found.signer_cert.extended_key_usage_value
        if not (intact and right) or purpose is None or purpose.native != ["time_stamping"]:
            return None
        return TokenFacts(info["gen_time"].native, found.signer_cert, tuple(found.other_certs))
    except Exception:  # asn1crypto and pyHanko leak many kinds of error on malformed input
        return None
