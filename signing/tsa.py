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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signing.devpki import LocalKey

_POLICY: Final = "1.3.6.1.4.1.99999.1.1"
"""Policy OID under the private-enterprise arc's example number: no published policy stands behind it."""
_DIGESTS: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
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
        token = self._token(query, algorithm)
        response = tsp.TimeStampResp({"status": tsp.PKIStatusInfo({"status": "granted"}), "time_stamp_token": token})
        return bytes(response.dump())

    def _token(self, query: Any, digest: str) -> Any:
        """Build the token: CMS SignedData over TSTInfo (RFC 3161, 2.4.2; RFC 5816 for ESSCertIDv2)."""
        from asn1crypto import algos, cms, core, tsp
        from asn1crypto import x509 as asn1_x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute

        der = serialization.Encoding.DER
        certificate = asn1_x509.Certificate.load(self.key.certificate.public_bytes(der))
        info: dict[str, Any] = {
            "version": "v1",
            "policy": tsp.ObjectIdentifier(_POLICY),
            "message_imprint": query["message_imprint"],
            "serial_number": int.from_bytes(secrets.token_bytes(16), "big"),
            "gen_time": self.clock().astimezone(UTC).replace(microsecond=0),
            "tsa": asn1_x509.GeneralName(name="directory_name", value=certificate.subject),
        }
        if query["nonce"].native is not None:
            info["nonce"] = query["nonce"]
        content = tsp.TSTInfo(info).dump()
        attributes = cms.CMSAttributes(
            [
                simple_cms_attribute("content_type", "tst_info"),
                simple_cms_attribute("message_digest", hashlib.new(digest, content).digest()),
                simple_cms_attribute("signing_certificate_v2", as_signing_certificate_v2(certificate)),
            ]
        )
        # DER wants a SET OF sorted; asn1crypto sorts on a fresh encoding only
        attributes = cms.CMSAttributes.load(attributes.dump(force=True))
        hash_algorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[digest]
        signature = self.key.key.sign(attributes.dump(), ec.ECDSA(hash_algorithm))
        digest_algorithm = algos.DigestAlgorithm({"algorithm": digest})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                        )
                    }
                ),
                "digest_algorithm": digest_algorithm,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"}),
                "signed_attrs": attributes,
                "signature": signature,
            }
        )
        signed: dict[str, Any] = {
            "version": "v3",
            "digest_algorithms": cms.DigestAlgorithms((digest_algorithm,)),
            "encap_content_info": cms.EncapsulatedContentInfo(
                {"content_type": cms.ContentType("tst_info"), "content": core.ParsableOctetString(content)}
            ),
            "signer_infos": [signer],
        }
        if query["cert_req"].native:
            signed["certificates"] = [
                asn1_x509.Certificate.load(c.public_bytes(der)) for c in (self.key.certificate, *self.key.chain)
            ]
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def rejection(failure: str) -> bytes:
    """A TimeStampResp that says no, with an asn1crypto failure name such as "bad_alg" (RFC 3161, 2.4.2)."""
    from asn1crypto import core, tsp

    class Refusal(core.Sequence):  # type: ignore[misc] # asn1crypto is untyped; its own class demands a token
        _fields: ClassVar[list[Any]] = [("status", tsp.PKIStatusInfo)]

    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {failure}})
    return bytes(Refusal({"status": status}).dump())


@contextmanager
def serve(respond: Callable[[bytes], bytes], *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve `respond` over HTTP (RFC 3161, 3.4) while the context is open; yields the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), _MAX_REQUEST)
            answer = respond(self.rfile.read(length))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
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
