"""A real RFC 3161 responder: a key, a certificate, a clock; request bytes in, response bytes out.

The development signer calls it in this process; `serve` puts the same object behind HTTP on the loopback interface,
for tests and for other programs on this machine. It answers every well-formed request and keeps no state, so it is
a timestamp authority in form only: what it says is worth what its certificate says, nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing import der

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signing.devpki import LocalKey

_POLICY: Final = "1.3.6.1.4.1.99999.1.1"
"""Policy OID under the private-enterprise arc's example number: no published policy stands behind it."""
_DIGESTS: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
_ALGORITHMS: Final[dict[str, tuple[hashes.HashAlgorithm, str, str]]] = {
    "sha256": (hashes.SHA256(), "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.2.1"),
    "sha384": (hashes.SHA384(), "1.2.840.10045.4.3.3", "2.16.840.1.101.3.4.2.2"),
    "sha512": (hashes.SHA512(), "1.2.840.10045.4.3.4", "2.16.840.1.101.3.4.2.3"),
}
"""Hash, OID of ECDSA with it, OID of itself."""
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
_MAX_REQUEST: Final = 65_536


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """Answers timestamp requests with `key`; `clock` gives aware times."""

    key: LocalKey
    clock: Callable[[], datetime] = _utc_now

    def respond(self, request: bytes) -> bytes:
        """TimeStampReq (DER) in, TimeStampResp (DER) out; a bad request gets a rejection, never an exception."""
        from asn1crypto import tsp

        try:
            query = tsp.TimeStampReq.load(request, strict=True)
            imprint = query["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            known = _DIGESTS.get(algorithm) == len(imprint["hashed_message"].native)
        except (ValueError, TypeError, KeyError):
            return rejection("bad_data_format")
        if not known:
            return rejection("bad_alg")
        nonce = query["nonce"]
        token = self._token(
            imprint.dump(),
            nonce.dump() if nonce.native is not None else b"",
            algorithm,
            with_certificates=bool(query["cert_req"].native),
        )
        return der.sequence(der.sequence(der.integer(0)), token)

    def _token(self, imprint: bytes, nonce: bytes, digest: str, *, with_certificates: bool) -> bytes:
        """Build the token: CMS SignedData over TSTInfo (RFC 3161, 2.4.2; RFC 5816 for ESSCertIDv2)."""
        own = self.key.certificate
        name = der.sequence(own.issuer.public_bytes(), der.integer(own.serial_number))
        info = der.sequence(
            der.integer(1),
            der.oid(_POLICY),
            imprint,
            der.integer(int.from_bytes(secrets.token_bytes(16), "big")),
            der.generalized_time(self.clock()),
            nonce,
            der.explicit(0, der.explicit(4, own.subject.public_bytes())),
        )
        certificate = own.public_bytes(Encoding.DER)
        general_names = der.sequence(der.explicit(4, own.issuer.public_bytes()))
        # SHA-256 is the default of the hash's name: DER leaves it out
        named = der.sequence(
            der.octets(hashlib.sha256(certificate).digest()),
            der.sequence(general_names, der.integer(own.serial_number)),
        )
        attributes = der.set_of(
            [
                der.attribute(der.oid(_CONTENT_TYPE), der.oid(_TST_INFO)),
                der.attribute(der.oid(_MESSAGE_DIGEST), der.octets(hashlib.new(digest, info).digest())),
                der.attribute(der.oid(_SIGNING_CERTIFICATE_V2), der.sequence(der.sequence(named))),
            ]
        )
        hash_algorithm, ecdsa, dotted = _ALGORITHMS[digest]
        algorithm = der.sequence(der.oid(dotted))
        signer = der.sequence(
            der.integer(1),
            name,
            algorithm,
            der.explicit(0, der.content_of(attributes)),
            der.sequence(der.oid(ecdsa)),
            der.octets(self.key.key.sign(attributes, ec.ECDSA(hash_algorithm))),
        )
        enclosed = sorted({c.public_bytes(Encoding.DER) for c in (own, *self.key.chain)})
        signed = der.sequence(
            der.integer(3),
            der.set_of([algorithm]),
            der.sequence(der.oid(_TST_INFO), der.explicit(0, der.octets(info))),
            der.explicit(0, *enclosed) if with_certificates else b"",
            der.set_of([signer]),
        )
        return der.sequence(der.oid(_SIGNED_DATA), der.explicit(0, signed))


def rejection(failure: str) -> bytes:
    """A TimeStampResp that says no, with an asn1crypto failure name such as "bad_alg" (RFC 3161, 2.4.2)."""
    from asn1crypto import core, tsp

    class Refusal(core.Sequence):  # type: ignore[misc] # asn1crypto is untyped; its own class demands a token
        _fields: ClassVar[list[Any]] = [("status", tsp.PKIStatusInfo)]

    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {failure}})
    return bytes(Refusal({"status": status}).dump())


@contextmanager
def serve(
    respond: Callable[[bytes], bytes],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    media_type: str = "application/timestamp-reply",
) -> Iterator[str]:
    """Serve `respond` over HTTP (RFC 3161, 3.4) while the context is open; yields the URL.

    Another `media_type` makes it a responder of another kind; a GET is then answered as well, with an empty request.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), _MAX_REQUEST)
            self._answer(respond(self.rfile.read(length)))

        def do_GET(self) -> None:
            self._answer(respond(b""))

        def _answer(self, answer: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep silent: a request holds nothing worth a log line."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
