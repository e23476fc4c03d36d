"""Keys in PKCS#12 files, their passphrases, what is refused before anything is signed, and what every key must give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from key_samples import issue, make_key, openssl_agrees
from signing_samples import make_request

from signing.certificates import is_signed_by, read_certificates
from signing.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyMismatchError,
    KeySecretWrongError,
    KeyUnavailableError,
    KeyUsageWrongError,
)
from signing.factory import SigningOptions, build_signer
from signing.key_secrets import NO_SECRET, Secret
from signing.keys import DevelopmentKey, Pkcs12Key, SigningKey, check_key, load_key, sign_raw

PASSPHRASE = "Đèo Ngang 2026"


@pytest.fixture(scope="module")
def made(pki, tmp_path_factory):
    """Makes PKCS#12 files: key, certificate, chain, passphrase."""
    folder = tmp_path_factory.mktemp("p12")

    def run(kind: str = "ec", *, key=None, passphrase: str | None = PASSPHRASE, **changes):
        own = make_key(kind)
        certificate = issue(pki, own, **changes)
        how = (
            serialization.BestAvailableEncryption(passphrase.encode())
            if passphrase is not None
            else serialization.NoEncryption()
        )
        path = folder / f"{len(list(folder.iterdir()))}.p12"
        data = pkcs12.serialize_key_and_certificates(b"k", key or own, certificate, pki.certificates(), how)
        path.write_bytes(data)
        return path

    return run


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_pkcs12_key_signs_for_the_archive(made, pki, plain_pdf, tmp_path, kind):
    options = SigningOptions(pki=pki.folder, key=Pkcs12Key(made(kind), passphrase=Secret(PASSPHRASE)))
    signed = build_signer(options).sign(plain_pdf, make_request())
    assert signed.level == "B-LTA"
    assert openssl_agrees(signed.data, pki.root_file, tmp_path)


@pytest.mark.parametrize("where", ["value", "file", "file with newline", "variable"])
def test_passphrase_from_each_place(made, tmp_path, monkeypatch, where):
    (tmp_path / "pass").write_text(PASSPHRASE + ("\r\n" if "newline" in where else ""))
    monkeypatch.setenv("TEST_PASSPHRASE", PASSPHRASE)
    secret = {"value": Secret(PASSPHRASE), "variable": Secret(variable="TEST_PASSPHRASE")}.get(
        where, Secret(file=tmp_path / "pass")
    )
    key = load_key(Pkcs12Key(made(), passphrase=secret), tmp_path)
    assert is_signed_by(key.certificate, sign_raw(key, b"data"), b"data", "sha256")
    assert PASSPHRASE not in repr(secret)
    assert PASSPHRASE not in repr(key)


def test_no_passphrase_where_none_is_needed(made, tmp_path):
    load_key(Pkcs12Key(made(passphrase=None)), tmp_path)


@pytest.mark.parametrize("wrong", [Secret("falsch"), Secret(""), NO_SECRET])
def test_wrong_password(made, tmp_path, wrong):
    path = made()
    with pytest.raises(KeySecretWrongError, match=path.name) as caught:
        load_key(Pkcs12Key(path, passphrase=wrong), tmp_path)
    assert caught.value.code == "key_secret_wrong"
    assert not caught.value.retryable


def test_secret_that_is_not_there(made, tmp_path, monkeypatch):
    monkeypatch.delenv("TEST_NO_SUCH", raising=False)
    with pytest.raises(KeySecretWrongError, match="TEST_NO_SUCH"):
        load_key(Pkcs12Key(made(), passphrase=Secret(variable="TEST_NO_SUCH")), tmp_path)
    with pytest.raises(KeyUnavailableError, match="pass-file"):
        load_key(Pkcs12Key(made(), passphrase=Secret(file=tmp_path / "pass-file")), tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(KeySecretWrongError, match="UTF-8"):
        Secret(file=tmp_path / "binary").text()


def test_secret_has_one_place(tmp_path):
    with pytest.raises(ValueError, match="one place"):
        Secret("a", file=tmp_path / "b")


@pytest.mark.parametrize("content", [b"", b"junk", b"\x30\x03\x02\x01\x03"])
def test_file_that_is_no_pkcs12(tmp_path, content):
    (tmp_path / "key.p12").write_bytes(content)
    with pytest.raises(KeyUnavailableError, match=r"key\.p12"):
        load_key(Pkcs12Key(tmp_path / "key.p12", passphrase=Secret(PASSPHRASE)), tmp_path)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"begins": timedelta(days=-9), "ends": timedelta(days=-1)}, CertificateExpiredError),
        ({"begins": timedelta(days=2), "ends": timedelta(days=9)}, CertificateNotYetValidError),
        ({"signs_documents": False}, KeyUsageWrongError),
    ],
    ids=["expired", "not yet valid", "wrong key usage"],
)
def test_certificate_that_must_not_sign(made, pki, changes, error):
    source = Pkcs12Key(made(**changes), passphrase=Secret(PASSPHRASE))
    with pytest.raises(error):
        build_signer(SigningOptions(pki=pki.folder, key=source))


def test_key_mismatch(pki):
    key = SigningKey(make_key("rsa"), issue(pki, make_key("rsa")), ())
    with pytest.raises(KeyMismatchError) as caught:
        check_key(key)
    assert caught.value.code == "key_mismatch"


def test_certificate_that_ends_while_the_key_is_kept_open(made, pki, plain_pdf):
    """A worker runs for months: the certificate is looked at for each signature."""
    source = Pkcs12Key(made(ends=timedelta(days=3)), passphrase=Secret(PASSPHRASE))
    signer = build_signer(SigningOptions(pki=pki.folder, key=source, level="B-B"))
    signer.sign(plain_pdf, make_request())
    signer.clock = lambda: datetime.now(UTC) + timedelta(days=4)
    with pytest.raises(CertificateExpiredError):
        signer.sign(plain_pdf, make_request())


def test_reopened_key_has_the_renewed_certificate(made, tmp_path):
    path = made()
    key = load_key(Pkcs12Key(path, passphrase=Secret(PASSPHRASE)), tmp_path)
    path.write_bytes(made(name="Nguyễn Văn Mới").read_bytes())
    renewed = key.reopen()
    assert "Nguyễn Văn Mới" in renewed.facts().subject
    assert renewed.certificate != key.certificate
    key.close()
    key.close()


def test_facts(made, pki, tmp_path):
    path = made("rsa")
    facts = load_key(Pkcs12Key(path, passphrase=Secret(PASSPHRASE)), tmp_path).facts()
    assert (facts.kind, facts.place, facts.algorithm) == ("pkcs12", path.name, "RSA-2048")
    assert facts.not_before < facts.not_after
    development = load_key(DevelopmentKey("agency"), pki.folder).facts()
    assert (development.kind, development.place, development.algorithm) == ("development", "agency", "EC-secp256r1")


def test_key_is_opened_once_for_many_signatures(made, pki, plain_pdf):
    """The file may be gone after opening: nothing is read or derived from the passphrase again."""
    path = made()
    signer = build_signer(
        SigningOptions(pki=pki.folder, key=Pkcs12Key(path, passphrase=Secret(PASSPHRASE)), level="B-B")
    )
    path.unlink()
    assert {signer.sign(plain_pdf, make_request()).level for _ in range(3)} == {"B-B"}
    assert signer.key.cms_signer() is signer.key.cms_signer()


def test_files_of_certificates(pki, tmp_path):
    with pytest.raises(KeyUnavailableError, match=r"none\.pem"):
        read_certificates(tmp_path / "none.pem")
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(KeyUnavailableError, match=r"text\.pem"):
        read_certificates(tmp_path / "text.pem")
    root, issuing = pki.certificates()
    (tmp_path / "two.pem").write_bytes(pki.root_file.read_bytes() + (pki.folder / "issuing.crt").read_bytes())
    assert read_certificates(tmp_path / "two.pem") == (root, issuing)
    (tmp_path / "one.der").write_bytes(root.public_bytes(serialization.Encoding.DER))
    assert read_certificates(tmp_path / "one.der") == (root,)
