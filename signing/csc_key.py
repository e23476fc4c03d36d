"""A credential of a remote signing service with the API of the Cloud Signature Consortium (CSC API 1.0.4 and 2.0).

The documents stay here: hashes go out, raw signatures come back, each checked with the certificate before it is used.
Every authorisation is for named hashes (SAD bound to them), and several documents can share one: `sign_many`.
A service that is down or slow holds the job; a refusal does so until a person has acted, and is never repeated by
itself. Requests and answers go through pyHanko's `CSCSigner`; what differs in version 2 of the API is said here.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from cryptography import x509

from signing.certificates import is_signed_by, registry, to_asn1
from signing.errors import (
    KeySecretWrongError,
    KeyUnavailableError,
    SigningRefusedError,
    SigningServiceUnavailableError,
    WrongSignatureError,
)
from signing.keys import CscKey, KeyFacts, PublicKey, facts_of
from signing.running import run_to_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

_BUSY: Final = frozenset({408, 425, 429})
"""Statuses below 500 that ask to come again later (RFC 9110, RFC 6585)."""


@dataclass(slots=True, eq=False)
class RemoteKey:
    """A `Signer` whose private key stays with a service. Made by `open`; holds no connection between jobs."""

    source: CscKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    batch_size: int
    """Most signatures that one authorisation may cover."""
    credential: Any
    """What the service says of it (pyHanko's `CSCCredentialInfo`)."""
    _cms: Any = field(default=None, init=False, repr=False)

    @classmethod
    def open(cls, source: CscKey) -> RemoteKey:
        """Ask the service for the credential's certificates.

        Raises SigningServiceUnavailableError, SigningRefusedError, or KeyUnavailableError where it is disabled.
        """
        _refuse_plain_http(source.url)
        info = run_to_end(_credential_info(source))
        certificates = [x509.load_der_x509_certificate(c.dump()) for c in (info.signing_cert, *info.chain)]
        return cls(source, certificates[0], tuple(certificates[1:]), max(1, info.max_batch_size), info)

    def public_key(self) -> PublicKey | None:
        """See Signer: the service does not tell."""
        return None

    def cms_signer(self) -> Any:
        """See Signer."""
        if self._cms is None:
            self._cms = _cms_signer(self)
        return self._cms

    async def sign_many(self, data: Sequence[bytes], digest_algorithm: str) -> list[bytes]:
        """Raw signatures over each of `data`, in its order, with one authorisation for up to `batch_size` of them.

        Raises SigningServiceUnavailableError, SigningRefusedError, WrongSignatureError or KeyUnavailableError. All
        signatures of a failed batch are thrown away: what was authorised cannot be told from what was not.
        """
        signatures: list[bytes] = []
        async with _connection(self.source) as session:
            for start in range(0, len(data), self.batch_size):
                signatures += await self._batch(session, data[start : start + self.batch_size], digest_algorithm)
        return signatures

    async def _batch(self, session: Any, data: Sequence[bytes], digest_algorithm: str) -> list[bytes]:
        from pyhanko.sign.general import SigningError as PyhankoSigningError

        client = _client(self, session, len(data), digest_algorithm)
        jobs = (client.async_sign_raw(one, digest_algorithm) for one in data)
        answers = await asyncio.gather(*jobs, return_exceptions=True)  # all wait for one batch, and fail together
        if client.fault is not None:
            raise client.fault
        for one, answer in zip(data, answers, strict=True):
            if isinstance(answer, PyhankoSigningError):
                raise KeyUnavailableError(f"{self.source.url}: {answer}") from answer
            if isinstance(answer, BaseException):
                raise answer
            if not is_signed_by(self.certificate, answer, one, digest_algorithm):
                raise WrongSignatureError(f"{self.source.url}: the service's signature does not fit the certificate")
        return [answer for answer in answers if isinstance(answer, bytes)]

    def probe(self) -> None:
        """See Signer: the service answers and the credential is still the same, and enabled."""
        info = run_to_end(_credential_info(self.source))
        if x509.load_der_x509_certificate(info.signing_cert.dump()) != self.certificate:
            raise KeyUnavailableError(f"{self.source.url}: the credential has another certificate now")

    def reopen(self) -> RemoteKey:
        """See Signer."""
        return RemoteKey.open(self.source)

    def facts(self) -> KeyFacts:
        """See Signer."""
        return facts_of(self.certificate, "csc", self.source.url)

    def close(self) -> None:
        """See Signer: nothing is held between jobs."""


def _cms_signer(key: RemoteKey) -> Any:
    from pyhanko.sign.signers.pdf_cms import Signer as PyhankoSigner

    class RemoteSigner(PyhankoSigner):  # type: ignore[misc] # pyHanko is untyped here
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - the base class's signature
            return bytes(512) if dry_run else (await key.sign_many([data], digest_algorithm))[0]

    return RemoteSigner(signing_cert=to_asn1(key.certificate), cert_registry=registry(key.chain))


@asynccontextmanager
async def _connection(source: CscKey) -> AsyncIterator[Any]:
    """An HTTP client for one job: event loops end with their jobs here, and connections with their loops."""
    import aiohttp

    async def redirected(*_event: object) -> None:
        raise SigningServiceUnavailableError(f"{source.url}: sends elsewhere, where no secret of it may go")

    watch = aiohttp.TraceConfig()
    watch.on_request_redirect.append(redirected)
    context = ssl.create_default_context(cafile=source.ca_file) if source.ca_file else True
    timeout = aiohttp.ClientTimeout(total=source.timeout_s)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context), timeout=timeout, trace_configs=[watch]
    ) as session:
        yield session


def _refuse_plain_http(url: str) -> None:
    """Tokens and PINs go in every request: unencrypted they may go to this machine only."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise KeyUnavailableError(f"{url}: a signing service is asked over https only")


def _session_info(source: CscKey) -> Any:
    from pyhanko.sign.signers.csc_signer import CSCServiceSessionInfo

    return CSCServiceSessionInfo(
        service_url=source.url.rstrip("/"),
        credential_id=source.credential,
        oauth_token=source.token.text(),
        api_ver=source.api,
    )


async def _credential_info(source: CscKey) -> Any:
    """`credentials/info` as pyHanko's `CSCCredentialInfo`."""
    from pyhanko.sign.general import SigningError as PyhankoSigningError
    from pyhanko.sign.signers.csc_signer import fetch_certs_in_csc_credential

    with _typed(source):
        async with _connection(source) as session:
            try:
                info = await fetch_certs_in_csc_credential(session, _session_info(source), timeout=source.timeout_s)
            except PyhankoSigningError as error:
                raise _cause(error) from error
    status = info.response_data.get("key", {}).get("status", "enabled")
    if status != "enabled":
        raise KeyUnavailableError(f"{source.url}: the credential is {status}")
    return info


@contextmanager
def _typed(source: CscKey) -> Iterator[None]:
    """Our errors for those of an exchange with the service."""
    import aiohttp
    from pyhanko.sign.general import SigningError as PyhankoSigningError

    try:
        yield
    except aiohttp.ClientResponseError as error:
        detail = f"{source.url}: HTTP {error.status}"
        if error.status >= 500 or error.status in _BUSY:
            raise SigningServiceUnavailableError(detail) from error
        raise SigningRefusedError(detail) from error
    except TimeoutError as error:
        raise SigningServiceUnavailableError(f"{source.url}: no answer within {source.timeout_s:g} s") from error
    except (aiohttp.ClientError, OSError) as error:
        raise SigningServiceUnavailableError(f"{source.url}: {type(error).__name__}") from error
    except (PyhankoSigningError, ValueError, KeyError, TypeError) as error:
        raise KeyUnavailableError(f"{source.url}: not an answer of the CSC API ({error})") from error


def _client(key: RemoteKey, session: Any, size: int, digest_algorithm: str) -> Any:
    """Make pyHanko's client for one batch of `size` hashes."""
    from asn1crypto import algos
    from pyhanko.sign.general import SigningError as PyhankoSigningError
    from pyhanko.sign.signers.csc_signer import CSCAuthorizationManager, CSCSigner

    source = key.source
    hash_oid = algos.DigestAlgorithmId(digest_algorithm).dotted

    class Authorisation(CSCAuthorizationManager):  # type: ignore[misc] # pyHanko is untyped here
        async def authorize_signature(self, hash_b64s: list[str]) -> Any:
            from pyhanko.sign.signers.csc_signer import CSCAuthorizationInfo

            if source.authorise is not None:
                return CSCAuthorizationInfo(sad=source.authorise(hash_b64s))
            one_time = source.one_time_password() if source.one_time_password is not None else None
            body = self.format_csc_auth_request(hash_b64s=hash_b64s, pin=source.pin.text(), otp=one_time)
            if source.api == "v2":
                body = _second_version(body, hash_oid)
            url = self.csc_session_info.endpoint_url("credentials/authorize")
            async with session.post(url, headers=self.auth_headers, json=body) as response:
                if response.status >= 400 and response.status < 500 and response.status not in _BUSY:
                    raise await _refusal(source, response)
                response.raise_for_status()
                return self.parse_csc_auth_response(await response.json())

    class Client(CSCSigner):  # type: ignore[misc] # pyHanko is untyped here
        fault: Exception | None = None
        """Why the batch failed: those that wait for it are only told that it did."""

        async def format_csc_signing_req(self, tbs_hashes: list[str], digest_algorithm: str) -> dict[str, Any]:
            body: dict[str, Any] = await super().format_csc_signing_req(tbs_hashes, digest_algorithm)
            return _second_version(body, hash_oid) if source.api == "v2" else body

        async def commit(self) -> None:
            try:
                with _typed(source):
                    try:
                        await super().commit()
                    except PyhankoSigningError as error:
                        raise _cause(error) from error
            except KeyUnavailableError as error:
                self.fault = error

    return Client(
        session,
        Authorisation(_session_info(source), key.credential),
        sign_timeout=source.timeout_s,
        batch_size=size,
    )


def _cause(error: Exception) -> Exception:
    """The HTTP client's error inside pyHanko's, where there is one."""
    import aiohttp

    return error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error


async def _refusal(source: CscKey, response: Any) -> KeyUnavailableError:
    """What the service says against it (CSC API 1.0.4, 10.1): `error` and `error_description`."""
    code, words = "", "refused"
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        answer = await response.json(content_type=None)
        code = str(answer["error"])
        words = f"{code}: {answer.get('error_description', '')}"
    detail = f"{source.url}: HTTP {response.status}, {words[:200]}"
    if code == "invalid_pin":
        source.pin.refuse()
        return KeySecretWrongError(detail)
    return SigningRefusedError(detail)


def _second_version(body: dict[str, Any], hash_oid: str) -> dict[str, Any]:
    """A request of API version 1 in the words of version 2 (CSC API 2.0, 11.6 and 11.10)."""
    body = dict(body)
    body.pop("hashAlgo", None)
    body["hashes"] = body.pop("hash")
    body["hashAlgorithmOID"] = hash_oid
    data = [{"id": name, "value": body.pop(name)} for name in ("PIN", "OTP") if name in body]
    return body | ({"authData": data} if data else {})
