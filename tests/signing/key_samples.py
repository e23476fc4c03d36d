"""Keys in all the places where they can live: certificates of the development CA for any key, and a SoftHSM token."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from signing.key_secrets import Secret
from signing.keys import Pkcs11Key

if TYPE_CHECKING:
    from signing.devpki import DevelopmentPki

MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
)
PIN = "482913"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def module() -> Path | None:
    """SoftHSM's library, where it is installed."""
    return next((path for path in MODULES if path.is_file()), None)


def make_key(kind: str) -> PrivateKey:
    """RSA-2048 for "rsa", otherwise P-256."""
    return rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())


def issue(
    pki: DevelopmentPki,
    key: PrivateKey,
    name: str = "Nguyễn Văn Thử",
    *,
    begins: timedelta = timedelta(days=-1),
    ends: timedelta = timedelta(days=700),
    signs_documents: bool = True,
) -> x509.Certificate:
    """A certificate of the development PKI's issuing CA for `key`."""
    _, authority = pki.certificates()
    ca_key = serialization.load_pem_private_key((pki.folder / "issuing.key").read_bytes(), None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=signs_documents,
        key_encipherment=not signs_documents,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder(
            authority.subject,
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
            key.public_key(),
            x509.random_serial_number(),
            now + begins,
            now + ends,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


@dataclass(frozen=True)
class SoftToken:
    """A SoftHSM token with a PIN and keys put in with `add`."""

    folder: Path
    """SoftHSM's tokens; away from its place it is a token that was pulled out."""
    label: str
    module: Path

    @classmethod
    def make(cls, folder: Path, label: str, module: Path) -> SoftToken:
        """Initialise a token. `SOFTHSM2_CONF` names a file that names `folder`."""
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "918273", "--pin", PIN]
        subprocess.run(command, check=True, capture_output=True)
        return cls(folder, label, module)

    def add(
        self, key: PrivateKey, number: bytes, label: str, *certificates: x509.Certificate, ask_each_time: bool = False
    ) -> None:
        """Put `key` in, with its public half and certificates, all known by `number`."""
        import pkcs11
        from pkcs11 import Attribute, ObjectClass
        from pkcs11.util.ec import decode_ec_private_key, decode_ec_public_key
        from pkcs11.util.rsa import decode_rsa_private_key

        library = pkcs11.lib(str(self.module))
        library.reinitialize()
        token = library.get_token(token_label=self.label)
        asks = {Attribute.ALWAYS_AUTHENTICATE: ask_each_time, Attribute.PRIVATE: True}
        both = {Attribute.ID: number, Attribute.LABEL: label, Attribute.TOKEN: True}
        traditional = serialization.PrivateFormat.TraditionalOpenSSL
        der = key.private_bytes(serialization.Encoding.DER, traditional, serialization.NoEncryption())
        with token.open(rw=True, user_pin=PIN) as session:
            if isinstance(key, rsa.RSAPrivateKey):
                session.create_object(decode_rsa_private_key(der) | both | asks)
            else:
                spki = key.public_key().public_bytes(
                    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
                )
                session.create_object(decode_ec_private_key(der) | both | asks)
                session.create_object(decode_ec_public_key(spki) | both)
            for certificate in certificates:
                entry = {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.VALUE: certificate.public_bytes(serialization.Encoding.DER),
                    Attribute.SUBJECT: certificate.subject.public_bytes(),
                }
                session.create_object(entry | both)

    def options(self, **changes: object) -> Pkcs11Key:
        """Options for the token's key."""
        values: dict[str, object] = {"module": self.module, "pin": Secret(PIN), "token_label": self.label}
        return Pkcs11Key(**(values | changes))  # type: ignore[arg-type]


def cms_and_content(data: bytes, index: int = 0) -> tuple[bytes, bytes]:
    """(CMS object without its padding, the bytes it covers) of a signature."""
    from asn1crypto import cms
    from pyhanko.pdf_utils.reader import PdfFileReader

    embedded = PdfFileReader(BytesIO(data)).embedded_signatures[index]
    a, b, c, d = (int(n) for n in embedded.byte_range)
    return cms.ContentInfo.load(embedded.pkcs7_content).dump(), data[a : a + b] + data[c : c + d]


def openssl_agrees(data: bytes, root: Path, folder: Path, index: int = 0) -> bool:
    """Whether OpenSSL verifies a signature of `data` as CAdES, and refuses it over changed content."""
    container, content = cms_and_content(data, index)
    (folder / "sig.der").write_bytes(container)
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(folder / "sig.der")]
    command += ["-content", str(folder / "content"), "-CAfile", str(root), "-purpose", "any", "-out", "/dev/null"]
    results = []
    for covered in (content, content[:-1] + b"x"):
        (folder / "content").write_bytes(covered)
        results.append(subprocess.run(command, check=False, capture_output=True).returncode == 0)
    return results == [True, False]
