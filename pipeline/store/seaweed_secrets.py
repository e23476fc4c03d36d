"""What our own SeaweedFS server and its clients share: keys, tokens and certificates, made once per folder.

Four identities: one that makes the bucket (`keys.json`), and one for each duty of the store (`filing.json`,
`reading.json`, `maintenance.json`), each with a policy of its own: SeaweedFS's coarse right to write would bring
deletion with it. They hold no bypass of GOVERNANCE retention.
All of it is random, made on this machine, and readable by the folder's owner only (folder 0700, files 0600).
The certificates close gRPC: the authority's key is thrown away after signing one certificate, so no second client
can ever be made. They are valid for 20 years, because nobody outside the folder ever sees them.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.store.protocol import Duty

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROLES = ("master", "volume", "filer", "s3")
POLICIES: Mapping[Duty, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Duty.FILING: (
        (
            "GetObject",
            "GetObjectVersion",
            "PutObject",
            "PutObjectRetention",
            "GetObjectRetention",
            "GetObjectLegalHold",
            "AbortMultipartUpload",
            "ListMultipartUploadParts",
        ),
        ("ListBucket", "ListBucketVersions", "GetBucketVersioning", "GetBucketObjectLockConfiguration"),
    ),
    Duty.READING: (("GetObject",), ()),
    Duty.MAINTENANCE: (
        (
            "GetObject",
            "GetObjectVersion",
            "DeleteObject",
            "DeleteObjectVersion",
            "PutObjectLegalHold",
            "GetObjectLegalHold",
            "GetObjectRetention",
            "AbortMultipartUpload",
        ),
        (
            "ListBucket",
            "ListBucketVersions",
            "ListBucketMultipartUploads",
            "GetBucketVersioning",
            "GetBucketObjectLockConfiguration",
        ),
    ),
}
"""What each duty's key may do on objects and on the bucket, in S3's names; an operator gives the same elsewhere."""
_TOKENS = ("SIGNING", "SIGNING_READ", "FILER_SIGNING", "FILER_SIGNING_READ")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the server is started with."""

    s3_config: Path
    environment: Mapping[str, str]
    """Settings for the child's environment; never to be logged."""


def load_or_make(folder: Path) -> Secrets:
    """The folder's secrets; makes what is missing. A server that runs knows new keys after its next start.

    Raises `OSError`.
    """
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
    _add_duties(folder)
    tokens = json.loads((folder / "tokens.json").read_bytes())
    environment = {f"WEED_JWT_{name}_KEY": str(tokens[name]) for name in _TOKENS}
    environment["WEED_GRPC_CA"] = str(folder / "ca.crt")
    for role in (*ROLES, "client"):
        environment[f"WEED_GRPC_{role.upper()}_CERT"] = str(folder / "node.crt")
        environment[f"WEED_GRPC_{role.upper()}_KEY"] = str(folder / "node.key")
    return Secrets(folder / "s3.json", environment)


def _make(folder: Path) -> None:
    keys = _new_keys()
    identity = _identity("hoso", keys) | {"actions": ["Admin", "Read", "Write", "List", "Tagging"]}
    _write(folder / "keys.json", json.dumps(keys).encode())
    _write(folder / "s3.json", json.dumps({"identities": [identity]}).encode())
    _write(folder / "tokens.json", json.dumps({name: secrets.token_urlsafe(32) for name in _TOKENS}).encode())
    for name, data in _certificates().items():
        _write(folder / name, data)


def _add_duties(folder: Path) -> None:
    """Gives a folder its three further keys; a folder of an older version, too. The last file makes it whole."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        config = json.loads((folder / "s3.json").read_bytes())
        if all((folder / f"{duty}.json").exists() for duty in Duty):
            return
        config["identities"] = [found for found in config["identities"] if found["name"] not in set(Duty)]
        config["policies"] = [{"name": duty.value, "content": json.dumps(policy(duty, "*"))} for duty in Duty]
        made = {duty: _new_keys() for duty in Duty}
        config["identities"] += [
            _identity(duty.value, keys) | {"actions": [], "policyNames": [duty.value]} for duty, keys in made.items()
        ]
        _write(folder / "s3.json.new", json.dumps(config).encode())
        (folder / "s3.json.new").replace(folder / "s3.json")
        for duty, keys in made.items():
            with suppress(FileNotFoundError):
                (folder / f"{duty}.json").unlink()
            _write(folder / f"{duty}.json", json.dumps(keys).encode())
    finally:
        os.close(handle)


def policy(duty: Duty, bucket: str) -> dict[str, object]:
    """The duty's rights on a bucket as an IAM policy, as S3 servers take it."""
    on_objects, on_bucket = POLICIES[duty]
    statements = [(on_objects, f"arn:aws:s3:::{bucket}/*"), (on_bucket, f"arn:aws:s3:::{bucket}")]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": [f"s3:{action}" for action in actions], "Resource": [resource]}
            for actions, resource in statements
            if actions
        ],
    }


def _new_keys() -> dict[str, str]:
    return {"access_key": secrets.token_hex(10), "secret_key": secrets.token_urlsafe(40)}


def _identity(name: str, keys: Mapping[str, str]) -> dict[str, object]:
    return {"name": name, "credentials": [{"accessKey": keys["access_key"], "secretKey": keys["secret_key"]}]}


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
