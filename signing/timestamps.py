"""Timestamps for signing: where tokens come from, and the checks an answer must pass before it is used.

An answer counts when its status, nonce and imprint are right, its own signature is, and its certificate is a timestamp
authority's. `signing.authorities` keeps a list of sources and asks them in turn; `build_timestamper` gives pyHanko one
source, for jobs that are pyHanko's. When none answers the job is held: a lower level is never made in silence.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from signing.errors import TimestampUnavailableError

if TYPE_CHECKING:
    from datetime import datetime

    from signing.tsa import TimestampAuthority


class TimestampSource(Protocol):
    """Where tokens come from."""

    @property
    def name(self) -> str:
        """How the source is called in errors and reports."""

    async def ask(self, request: bytes) -> bytes:
        """TimeStampReq (DER) in, TimeStampResp (DER) out; may raise anything."""


@dataclass(frozen=True, slots=True)
class LocalAuthority:
    """An authority in this process: the development TSA."""

    authority: TimestampAuthority
    name: str = "development"

    async def ask(self, request: bytes) -> bytes:
        """See TimestampSource."""
        return self.authority.respond(request)


@dataclass(frozen=True, slots=True)
class HttpAuthority:
    """An authority behind a URL (RFC 3161, 3.4). `timeout_s` bounds the whole exchange, however slowly it drips."""

    url: str
    timeout_s: float = 10.0

    @property
    def name(self) -> str:
        """The URL without a query, which may hold a secret."""
        return self.url.partition("?")[0]

    async def ask(self, request: bytes) -> bytes:
        """See TimestampSource."""
        import httpx

        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        async with asyncio.timeout(self.timeout_s), httpx.AsyncClient(timeout=self.timeout_s) as client:
            answer = await client.post(self.url, content=request, headers=headers)
            answer.raise_for_status()
            if answer.headers.get("Content-Type", "").partition(";")[0].strip() != "application/timestamp-reply":
                raise ValueError("the answer is not a timestamp reply")
            return answer.content


def build_timestamper(source: TimestampSource) -> Any:
    """A pyHanko `TimeStamper` over one source; whatever goes wrong becomes TimestampUnavailableError."""
    from pyhanko.sign.timestamps import TimeStamper

    class CheckedTimeStamper(TimeStamper):  # type: ignore[misc] # pyHanko is untyped here
        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            nonce, request = self.request_cms(message_digest, md_algorithm)
            try:
                return checked_token(await source.ask(request.dump()), message_digest, md_algorithm, nonce).token
            except Exception as error:
                raise TimestampUnavailableError(f"{source.name}: {type(error).__name__}: {error}") from error

    return CheckedTimeStamper()


def build_request(digest: bytes, algorithm: str) -> tuple[int, bytes]:
    """(nonce, TimeStampReq as DER), with the authority's certificates asked for (RFC 3161, 2.4.1)."""
    from asn1crypto import algos, tsp

    nonce = secrets.randbits(63) | 1 << 62
    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": tsp.MessageImprint(
                {"hash_algorithm": algos.DigestAlgorithm({"algorithm": algorithm}), "hashed_message": digest}
            ),
            "nonce": nonce,
            "cert_req": True,
        }
    )
    return nonce, request.dump()


@dataclass(frozen=True, slots=True)
class Stamped:
    """A checked token, who gave it and whose certificate it bears; all of asn1crypto."""

    token: Any
    """ContentInfo."""
    source: str
    at: datetime
    certificate: Any
    others: tuple[Any, ...]
    """Further certificates in the token."""


def checked_token(answer: bytes, digest: bytes, algorithm: str, nonce: int | None, source: str = "") -> Stamped:
    """The token of `answer` (TimeStampResp, DER); ValueError if it is not what was asked for.

    Checks status, imprint, nonce, message digest, signature and the critical key purpose (RFC 3161, 2.3 and 2.4.2).
    """
    from asn1crypto import cms, core, tsp
    from pyhanko.sign.general import extract_signer_info
    from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity

    class Response(core.Sequence):  # type: ignore[misc] # asn1crypto's own demands a token even in a refusal
        _fields: ClassVar[list[Any]] = [
            ("status", tsp.PKIStatusInfo),
            ("time_stamp_token", cms.ContentInfo, {"optional": True}),
        ]

    response = Response.load(answer, strict=True)
    status = response["status"]["status"].native
    if status not in {"granted", "granted_with_mods"}:
        raise ValueError(f"refused: {status}, {response['status']['fail_info'].native}")
    token = response["time_stamp_token"]
    signed = token["content"]
    info = signed["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != algorithm or imprint["hashed_message"].native != digest:
        raise ValueError("the token is for another digest")
    if nonce is not None and info["nonce"].native != nonce:
        raise ValueError("the token is for another request")
    found = extract_certs_for_validation(signed)
    certificate = found.signer_cert
    purpose = certificate.extended_key_usage_value
    critical = "extended_key_usage" in certificate.critical_extensions
    if not critical or purpose is None or purpose.native != ["time_stamping"]:
        raise ValueError("the signer's certificate is not a timestamp authority's")
    signer = extract_signer_info(signed)
    content = bytes(signed["encap_content_info"]["content"])
    actual = hashlib.new(signer["digest_algorithm"]["algorithm"].native, content).digest()
    intact, valid = validate_sig_integrity(signer, certificate, "tst_info", actual)
    if not (intact and valid):
        raise ValueError("the token's signature is wrong")
    return Stamped(token, source, info["gen_time"].native, certificate, tuple(found.other_certs))
