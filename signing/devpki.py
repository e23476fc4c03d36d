"""A development PKI, made on first run, so that real PAdES signatures exist before real certificates do.

Root CA -> issuing CA -> an officer, a leader, an agency seal, a timestamp authority and an OCSP responder, all P-256
(a whole PKI in some 10 ms; RSA-3072 takes seconds). Every subject says that it has no legal value. The folder appears
at once, by rename, so two processes can start together; what changes later (CRLs, renewed leaves) is replaced under a
file lock. Nothing has a URL: lists are in the folder and answers in this process (`signing.ocsp`), never on a network.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signing.errors import KeyUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

Role = Literal["officer", "leader", "agency", "tsa", "ocsp"]
ROLES: Final[tuple[Role, ...]] = ("officer", "leader", "agency", "tsa", "ocsp")
_SIGNERS: Final = frozenset({"officer", "leader", "agency"})

MARK: Final = "HOSO DEVELOPMENT - KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
"""Organisation name of every subject; a verdict is marked as development when it finds this."""

_NAMES: Final[dict[str, str]] = {
    "root": "HOSO DEVELOPMENT Root CA",
    "issuing": "HOSO DEVELOPMENT Issuing CA",
    "officer": "Cán bộ tiếp nhận (PHÁT TRIỂN)",
    "leader": "Lãnh đạo phê duyệt (PHÁT TRIỂN)",
    "agency": "Con dấu cơ quan (PHÁT TRIỂN)",
    "tsa": "HOSO DEVELOPMENT TSA",
    "ocsp": "HOSO DEVELOPMENT OCSP",
}
_LIFE: Final[dict[str, timedelta]] = {
    "root": timedelta(days=365 * 40),
    "issuing": timedelta(days=365 * 35),
    "tsa": timedelta(days=365 * 30),  # outlives the signers: an archive timestamp has to be checked in decades
    "officer": timedelta(days=365 * 5),
    "leader": timedelta(days=365 * 5),
    "agency": timedelta(days=365 * 5),
    "ocsp": timedelta(days=365 * 5),
}
_CRL_LIFE: Final = timedelta(days=30)
_RENEW_LEAF_BEFORE: Final = timedelta(days=60)
_BACKDATE: Final = timedelta(days=1)
"""Clocks of two machines differ; a signature made in the first second must not precede its certificate."""


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A private key in this process with its certificate and the CA certificates above it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class DevelopmentPki:
    """The PKI of one folder. Make it with `ensure`."""

    folder: Path

    @classmethod
    def ensure(cls, folder: Path, *, now: datetime | None = None) -> DevelopmentPki:
        """Open the PKI of `folder`, making it where there is none and renewing what is about to end.

        Safe from several processes at once. `now` is aware; default: the system clock.
        """
        moment = now or datetime.now(UTC)
        folder = folder.absolute()
        if not (folder / "root.crt").exists():
            _make_at_once(folder, moment)
        pki = cls(folder)
        pki._keep_current(moment)
        return pki

    def key(self, role: Role) -> LocalKey:
        """Load the key of `role`; raises KeyUnavailableError."""
        try:
            secret = (self.folder / "passphrase").read_bytes()
            data = (self.folder / f"{role}.p12").read_bytes()
            key, certificate, chain = pkcs12.load_key_and_certificates(data, secret)
        except (OSError, ValueError) as error:
            raise KeyUnavailableError(f"development key {role}: {error}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate is None:
            raise KeyUnavailableError(f"development key {role}: the file holds no P-256 key and certificate")
        return LocalKey(key, certificate, tuple(chain))

    def root_key(self) -> ec.EllipticCurvePrivateKey:
        """The root's key; raises KeyUnavailableError where the folder is a copy without keys."""
        return _load_key(self.folder / "root.key")

    @property
    def pkcs12(self) -> dict[Role, Path]:
        """Key files by role; their passphrase is in `passphrase_file`."""
        return {role: self.folder / f"{role}.p12" for role in ROLES}

    @property
    def passphrase_file(self) -> Path:
        """File with the passphrase of every PKCS#12 file of this PKI."""
        return self.folder / "passphrase"

    @property
    def root_file(self) -> Path:
        """The trust anchor (PEM)."""
        return self.folder / "root.crt"

    def certificates(self) -> tuple[x509.Certificate, x509.Certificate]:
        """Root and issuing CA."""
        return _load_cert(self.root_file), _load_cert(self.folder / "issuing.crt")

    def crls(self) -> tuple[bytes, bytes]:
        """CRLs of root and issuing CA (DER)."""
        return (self.folder / "root.crl").read_bytes(), (self.folder / "issuing.crl").read_bytes()

    def revoke(self, role: Role, *, at: datetime | None = None) -> None:
        """Put the current certificate of `role` on the issuing CA's list, as of `at` (default: now)."""
        moment = at or datetime.now(UTC)
        serial = self.key(role).certificate.serial_number
        with self._lock():
            self._write_crl("issuing", datetime.now(UTC), extra={serial: moment})

    def _keep_current(self, now: datetime) -> None:
        stale = [ca for ca in ("root", "issuing") if not self._crl_holds(ca, now)]
        ending = [role for role in ROLES if not self._leaf_holds(role, now)]
        if not stale and not ending:
            return
        with self._lock():
            for ca in stale:
                if not self._crl_holds(ca, now):
                    self._write_crl(ca, now)
            for role in ending:
                if not self._leaf_holds(role, now):
                    _write_leaf(self.folder, role, now)

    def _crl_holds(self, ca: str, now: datetime) -> bool:
        crl = x509.load_der_x509_crl((self.folder / f"{ca}.crl").read_bytes())
        ends = crl.next_update_utc or crl.last_update_utc
        return crl.last_update_utc <= now and ends - now > _CRL_LIFE / 2

    def _leaf_holds(self, role: Role, now: datetime) -> bool:
        path = self.folder / f"{role}.crt"
        if not path.exists():  # a folder that was made before there was this role
            return False
        certificate = _load_cert(path)
        return certificate.not_valid_before_utc <= now and certificate.not_valid_after_utc - now > _RENEW_LEAF_BEFORE

    def _write_crl(self, ca: str, now: datetime, extra: dict[int, datetime] | None = None) -> None:
        path = self.folder / f"{ca}.crl"
        revoked = dict(extra or {})
        if path.exists():  # the list itself is the record of what was revoked
            revoked = {
                e.serial_number: e.revocation_date_utc for e in x509.load_der_x509_crl(path.read_bytes())
            } | revoked
        certificate = _load_cert(self.folder / f"{ca}.crt")
        _replace(path, _crl(_load_key(self.folder / f"{ca}.key"), certificate, revoked, now), 0o644)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / ".lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _make_at_once(folder: Path, now: datetime) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _make(draft, now)
        try:
            draft.rename(folder)
        except OSError:
            if not (folder / "root.crt").exists():  # not "another process was first": a real fault
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _make(folder: Path, now: datetime) -> None:
    _replace(folder / "passphrase", secrets.token_urlsafe(24).encode(), 0o600)
    root_key, issuing_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("root", root_key.public_key(), None, root_key, now)
    issuing = _certificate("issuing", issuing_key.public_key(), root, root_key, now)
    for name, key, certificate in (("root", root_key, root), ("issuing", issuing_key, issuing)):
        _replace(folder / f"{name}.key", _pem_key(key), 0o600)
        _replace(folder / f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644)
        _replace(folder / f"{name}.crl", _crl(key, certificate, {}, now), 0o644)
    for role in ROLES:
        _write_leaf(folder, role, now)
    notice = (
        f"{MARK}\n\nKhóa và chứng thư trong thư mục này chỉ để phát triển và chạy thử.\n"
        "Keys and certificates in this folder are for development only: signatures made with them prove nothing.\n"
    )
    _replace(folder / "README.txt", notice.encode(), 0o644)


def _write_leaf(folder: Path, role: Role, now: datetime) -> None:
    issuer = _load_cert(folder / "issuing.crt")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(role, key.public_key(), issuer, _load_key(folder / "issuing.key"), now)
    encryption = serialization.BestAvailableEncryption((folder / "passphrase").read_bytes())
    chain = [issuer, _load_cert(folder / "root.crt")]
    data = pkcs12.serialize_key_and_certificates(role.encode(), key, certificate, chain, encryption)
    _replace(folder / f"{role}.p12", data, 0o600)
    _replace(folder / f"{role}.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _certificate(
    name: str,
    public_key: ec.EllipticCurvePublicKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    """RFC 5280 certificate; for the TSA also RFC 3161, 2.3 (critical and only key purpose: timeStamping)."""
    is_ca = name in {"root", "issuing"}
    subject = _subject(name)
    ends = now + _LIFE[name]
    if issuer is not None:
        ends = min(ends, issuer.not_valid_after_utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=_path_length(name)), critical=True)
        .add_extension(_key_usage(name), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if name == "tsa":
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    if name == "ocsp":  # RFC 6960, 4.2.2.2
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _path_length(name: str) -> int | None:
    return {"root": 1, "issuing": 0}.get(name)


def _key_usage(name: str) -> x509.KeyUsage:
    is_ca = name in {"root", "issuing"}
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=name in _SIGNERS,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, _NAMES[name]),
        ]
    )


def _crl(
    key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate, revoked: dict[int, datetime], now: datetime
) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - timedelta(minutes=5))
        .next_update(now + _CRL_LIFE)
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    for serial, date in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(date).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _pem_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError) as error:
        raise KeyUnavailableError(f"{path.name}: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyUnavailableError(f"{path.name}: not a P-256 key")
    return key


def _load_cert(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise KeyUnavailableError(f"{path.name}: {error}") from error


def _replace(path: Path, data: bytes, mode: int) -> None:
    """Write whole or not at all; `mode` holds from the first byte on."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    draft.replace(path)
