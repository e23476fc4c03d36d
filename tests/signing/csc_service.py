"""A real remote signing service on this machine: certomancer's CSC server in a process of its own, and doors to it.

The server speaks version 1 of the API and binds every authorisation to its hashes (SCAL 2). A `Door` stands before it
and breaks what a service can break: it refuses, is slow, gives another signature. It also counts what was asked. With
`second` it speaks version 2 of the API to the caller, as its specification words it.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
from cryptography.hazmat.primitives import serialization
from key_samples import issue, make_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signing.devpki import DevelopmentPki

_CONFIG = """
keysets:
  all:
    keys: {KEYS}
pki-architectures:
  hoso:
    keyset: all
    entity-defaults: {country-name: VN}
    entities: {ENTITIES}
    certs: {CERTS}
"""


def _config(pki: DevelopmentPki, folder: Path) -> Path:
    """Credentials `hoso/rsa` and `hoso/ec` with certificates of the development PKI's issuing CA."""
    names = {"root": "root", "issuing": "root", "rsa": "issuing", "ec": "issuing"}
    for name in ("root", "issuing"):
        (folder / f"{name}.pem").write_bytes((pki.folder / f"{name}.key").read_bytes())
        (folder / f"{name}.crt").write_bytes((pki.folder / f"{name}.crt").read_bytes())
    for name in ("rsa", "ec"):
        key = make_key(name)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.pem").write_bytes(pem)
        certificate = issue(pki, key, f"Người ký từ xa {name.upper()}")
        (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    validity = {"valid-from": "2020-01-01T00:00:00+0000", "valid-to": "2100-01-01T00:00:00+0000"}
    certificates = {
        name: {
            "subject": name,
            "subject-key": name,
            "issuer": issuer,
            "authority-key": issuer,
            "validity": validity,
            "certificate-file": f"{name}.crt",
        }
        for name, issuer in names.items()
    }
    text = _CONFIG.replace("{KEYS}", json.dumps({name: {"path": f"{name}.pem"} for name in names}))
    text = text.replace("{ENTITIES}", json.dumps({name: {"common-name": name} for name in names}))
    path = folder / "certomancer.yml"
    path.write_text(text.replace("{CERTS}", json.dumps(certificates)))
    return path


@contextmanager
def csc_server(pki: DevelopmentPki, folder: Path) -> Iterator[str]:
    """Run the server while the context is open; yields its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "csc_dummy", str(_config(pki, folder)), str(port), "2"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as server:
        try:
            _wait_for(port, server, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(log.read_text(errors="replace")[-2000:])


@dataclass
class Door:
    """What happens on the way; times in seconds."""

    upstream: str
    second: bool = False
    refuse: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """Answers instead of the server's: endpoint to (HTTP status, body)."""
    change: Callable[[str, dict[str, Any]], dict[str, Any]] = field(default=lambda _endpoint, answer: answer)
    delay: dict[str, float] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[str | None] = field(default_factory=list)
    """The Authorization header of each call."""
    closed: threading.Event = field(default_factory=threading.Event)
    """Ends whoever still waits."""

    def asked(self, endpoint: str) -> list[dict[str, Any]]:
        """Bodies of the calls of `endpoint`."""
        return [body for name, body in self.calls if name == endpoint]

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body for a request."""
        version, _, endpoint = path.removeprefix("/csc/").partition("/")
        self.calls.append((endpoint, body))
        if self.closed.wait(self.delay.get(endpoint, 0)):
            return 503, {"error": "closed"}
        if endpoint in self.refuse:
            return self.refuse[endpoint]
        if version != ("v2" if self.second else "v1"):
            return 404, {"error": "invalid_request", "error_description": f"no {version} here"}
        if self.second and "hashes" in body:
            body = _first_version(body)
        reply = httpx.post(f"{self.upstream}/csc/v1/{endpoint}", json=body, timeout=30)
        if reply.is_error:
            return reply.status_code, {"error": "invalid_request"}
        return reply.status_code, self.change(endpoint, reply.json())


def _first_version(body: dict[str, Any]) -> dict[str, Any]:
    """Version 2's words back into version 1's; a request with words of version 1 in it is a KeyError."""
    if {"hash", "hashAlgo", "PIN", "OTP"} & body.keys():
        raise KeyError("a word of version 1")
    body = dict(body)
    return {"hash": body.pop("hashes"), "hashAlgo": body.pop("hashAlgorithmOID")} | body


@contextmanager
def opened(door: Door) -> Iterator[str]:
    """Serve `door` while the context is open; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            door.headers.append(self.headers.get("Authorization"))
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = door.answer(self.path, body)
            data = json.dumps(answer).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                return  # the caller did not wait

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        door.closed.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
