"""What our own SeaweedFS server and its only client share: keys, tokens and certificates, made once per folder.

All of it is random, made on this machine, and readable by the folder's owner only (folder 0700, files 0600).
The certificates close gRPC: the authority's key is thrown away after signing one certificate, so no second client
can ever be made. They are valid for 20 years, because nobody outside the folder ever sees them.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROLES = ("master", "volume", "filer", "s3")
_TOKENS = ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the server is started with."""

    s3_config: Path
    environment: Mapping[str, str]
    """Settings for the child's environment; never to be logged."""


def load_or_make(folder: Path) -> Secrets:
    """The folder's secrets; makes what is missing, all of it or nothing. Raises `OSError`."""
    if not folder.is_dir():
        part = folder.with_name(f"{folder.name}.{secrets.token_hex(8)}")
        part.mkdir(mode=0o700, parents=True)
        _make(part)
        try:
            part.rename(folder)
        except OSError:
            # Another process was faster: its secrets count.
            for path in part.iterdir():
                path.unlink()
            part.rmdir()
            if not folder.is_dir():
                raise
    tokens = json.loads((folder / "tokens.json").read_bytes())
    environment = {f"WEED_JWT_{name}_KEY": str(tokens[name]) for name in _TOKENS}
    environment["WEED_GRPC_CA"] = str(folder / "ca.crt")
    for role in (*ROLES, "client"):
        environment[f"WEED_GRPC_{role.upper()}_CERT"] = str(folder / "node.crt")
        environment[f"WEED_GRPC_{role.upper()}_KEY"] = str(folder / "node.key")
    return Secrets(folder / "s3.json", environment)


def _make(folder: Path) -> None:
    keys = {"access_key": secrets.token_hex(10), "secret_key": secrets.token_urlsafe(40)}
    identity = {
        "name": "hoso",
        "credentials": [{"accessKey": keys["access_key"], "secretKey": keys["secret_key"]}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    _write(folder / "keys.json", json.dumps(keys).encode())
    _write(folder / "s3.json", json.dumps({"identities": [identity]}).encode())
    _write(folder / "tokens.json", json.dumps({name: secrets.token_urlsafe(32) for name in _TOKENS}).encode())
    for name, data in _certificates().items():
        _write(folder / name, data)


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _certificates() -> dict[str, bytes]:
    """An authority and the one certificate it ever signs, as PEM."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    now = datetime.now(UTC)
    authority, node = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    begin = (
        x509.CertificateBuilder()
        .issuer_name(named("hoso kho authority"))
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=20 * 365))
    )
    root = (
        begin.subject_name(named("hoso kho authority"))
        .public_key(authority.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority, hashes.SHA256())
    )
    leaf = (
        begin.subject_name(named("hoso kho"))
        .public_key(node.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(authority, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return {
        "ca.crt": root.public_bytes(pem),
        "node.crt": leaf.public_bytes(pem),
        "node.key": node.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    }
