"""Tokens behind PKCS#11, with SoftHSM: RSA and ECDSA, what is found in them, and what happens when they are lost."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from key_samples import PIN, SoftToken, issue, make_key, module, openssl_agrees
from signing_samples import make_request

from signing.certificates import is_signed_by
from signing.devpki import DevelopmentPki
from signing.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyLostError,
    KeyMismatchError,
    KeySecretWrongError,
    KeyUnavailableError,
    KeyUsageWrongError,
    WrongSignatureError,
)
from signing.factory import SigningOptions, build_signer
from signing.key_secrets import Secret
from signing.keys import Pkcs11Key, check_key, load_key, sign_raw
from signing.pkcs11_key import TokenKey, refuse_last_try
from signing.verdict import Outcome

if (shutil.which("softhsm2-util") is None) or module() is None:
    pytest.skip("SoftHSM (softhsm2) is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    """Where SoftHSM keeps its tokens for this module."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    yield folder / "tokens"
    os.environ.pop("SOFTHSM2_CONF") if before is None else os.environ.update(SOFTHSM2_CONF=before)


@pytest.fixture(scope="module")
def token(tokens, pki):
    """One token with an RSA key and an elliptic one, certificates and the chain."""
    made = SoftToken.make(tokens, "hoso-officer", module())
    for number, kind in ((b"\x01", "rsa"), (b"\x02", "ec")):
        key = make_key(kind)
        made.add(key, number, f"key-{kind}", issue(pki, key, f"Nguyễn Văn Thử {kind.upper()}"))
    made.add(make_key("ec"), b"\x09", "bare")
    return made


@pytest.fixture
def opened(token):
    keys = []

    def run(**changes) -> TokenKey:
        keys.append(TokenKey.open(token.options(**changes)))
        return keys[-1]

    yield run
    for key in keys:
        key.close()


def _library(token):
    import pkcs11

    return pkcs11.lib(str(token.module))


@pytest.fixture(scope="module")
def chain(tokens, pki):
    path = tokens.with_name("chain.pem")
    path.write_bytes((pki.folder / "issuing.crt").read_bytes() + pki.root_file.read_bytes())
    return path


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_token_key_signs_for_the_archive(token, chain, pki, plain_pdf, judge, tmp_path, kind):  # noqa: PLR0917 - fixtures
    options = SigningOptions(pki=pki.folder, key=token.options(key_label=f"key-{kind}", chain=chain))
    made = build_signer(options).sign(plain_pdf, make_request())
    assert made.level == "B-LTA"
    assert made.signer == f"Nguyễn Văn Thử {kind.upper()}"
    assert judge(made.data).outcome == Outcome.VALID
    assert openssl_agrees(made.data, pki.root_file, tmp_path)


def test_facts_name_token_and_key_but_no_pin(opened):
    facts = opened(key_id=b"\x01").facts()
    assert (facts.kind, facts.algorithm) == ("pkcs11", "RSA-2048")
    assert facts.place.startswith("hoso-officer (")
    assert PIN not in repr(opened(key_id=b"\x02"))
    assert PIN not in str(facts)


def test_token_found_by_serial_number(token, opened):
    serial = opened(key_id=b"\x01").token.removeprefix("hoso-officer (").removesuffix(")")
    assert opened(token_label=None, token_serial=serial, key_id=b"\x02").facts().algorithm == "EC-secp256r1"
    with pytest.raises(KeyLostError, match="no token"):
        opened(token_label=None, token_serial="0000")


@pytest.mark.parametrize("where", ["file", "variable"])
def test_pin_from_file_or_environment(opened, tmp_path, monkeypatch, where):
    (tmp_path / "pin").write_text(f"{PIN}\n")
    monkeypatch.setenv("TEST_TOKEN_PIN", PIN)
    pin = Secret(file=tmp_path / "pin") if where == "file" else Secret(variable="TEST_TOKEN_PIN")
    key = opened(pin=pin, key_label="key-ec")
    assert is_signed_by(key.certificate, sign_raw(key, b"data"), b"data", "sha256")


def test_wrong_pin_is_a_typed_error_and_tried_once(opened, token, tmp_path):
    """Real tokens lock after a few: what was refused is not sent again until the file reads otherwise."""
    (tmp_path / "pin").write_text("000000")
    source = token.options(pin=Secret(file=tmp_path / "pin"), key_id=b"\x01")
    with pytest.raises(KeySecretWrongError, match="PinIncorrect"):
        TokenKey.open(source)
    for _ in range(3):
        with pytest.raises(KeySecretWrongError, match="refused before"):
            TokenKey.open(source)
    (tmp_path / "pin").write_text(PIN)
    TokenKey.open(source).close()


def test_pin_that_became_wrong_mid_batch_is_tried_once(opened, token):
    key = opened(key_id=b"\x01")
    key.source = token.options(pin=Secret("111111"), key_id=b"\x01")
    key.close()
    for match in ("PinIncorrect", "refused before", "refused before"):
        with pytest.raises(KeySecretWrongError, match=match):
            sign_raw(key, b"data")


def test_last_try_is_left_to_a_person():
    from pkcs11 import TokenFlag

    refuse_last_try(TokenFlag.TOKEN_INITIALIZED | TokenFlag.USER_PIN_COUNT_LOW)
    with pytest.raises(KeySecretWrongError, match="one try is left"):
        refuse_last_try(TokenFlag.TOKEN_INITIALIZED | TokenFlag.USER_PIN_FINAL_TRY)
    with pytest.raises(KeySecretWrongError, match="locked"):
        refuse_last_try(TokenFlag.USER_PIN_LOCKED)


def test_keys_that_cannot_be_told_apart(opened):
    with pytest.raises(KeyUnavailableError, match="several private keys"):
        opened()
    with pytest.raises(KeyUnavailableError, match="no such private key"):
        opened(key_label="nobody")
    with pytest.raises(KeyUnavailableError, match="no such private key"):
        opened(key_id=b"\x01", pin=Secret())
    with pytest.raises(KeyUnavailableError, match="no certificate"):
        opened(key_label="bare")


def test_missing_library_and_token(token, tmp_path):
    with pytest.raises(KeyUnavailableError, match=r"none\.so"):
        TokenKey.open(Pkcs11Key(module=tmp_path / "none.so"))
    (tmp_path / "text.so").write_text("no library")
    with pytest.raises(KeyUnavailableError, match="loading"):
        TokenKey.open(Pkcs11Key(module=tmp_path / "text.so"))
    with pytest.raises(KeyLostError, match="no token"):
        TokenKey.open(token.options(token_label="elsewhere"))


def test_two_keys_of_one_token_side_by_side(opened):
    first, second = opened(key_id=b"\x01"), opened(key_id=b"\x02")
    for key in (first, second, first):
        assert is_signed_by(key.certificate, sign_raw(key, b"data"), b"data", "sha256")
    first.close()  # logs the token out for both
    assert is_signed_by(second.certificate, sign_raw(second, b"data"), b"data", "sha256")


def _close_session(key, library):
    key._open.session.close()


def _start_library_anew(key, library):
    library.reinitialize()


def _stop_library(key, library):
    library.finalize()


@pytest.mark.parametrize("accident", [_close_session, _start_library_anew, _stop_library])
def test_session_lost_mid_batch_is_opened_again(token, pki, plain_pdf, judge, accident):
    """The HSM forgets the session between two documents: the second is signed all the same, with the same key."""
    options = SigningOptions(pki=pki.folder, key=token.options(key_label="key-rsa"), level="B-T")
    signer = build_signer(options)
    outcomes = []
    for turn in range(3):
        if turn == 1:
            accident(signer.key, _library(token))
        made = signer.sign(plain_pdf, make_request())
        outcomes.append((made.signer, judge(made.data).signatures[0].level))
    assert outcomes == [("Nguyễn Văn Thử RSA", "B-T")] * 3


def test_session_and_token_lost_mid_batch_hold_the_job(token, pki, plain_pdf):
    """Pulled out in the middle of a batch: tried once more, then held; plugged in, it goes on by itself."""
    signer = build_signer(SigningOptions(pki=pki.folder, key=token.options(key_id=b"\x02"), level="B-B"))
    signer.sign(plain_pdf, make_request())
    away = token.folder.with_name("away")
    token.folder.rename(away)
    token.folder.mkdir()
    _library(token).reinitialize()
    for _ in range(2):
        with pytest.raises(KeyLostError) as caught:
            signer.sign(plain_pdf, make_request())
        assert caught.value.retryable
        with pytest.raises(KeyLostError):
            signer.key.probe()
    token.folder.rmdir()
    away.rename(token.folder)
    signer.key.probe()
    assert signer.sign(plain_pdf, make_request()).signer == "Nguyễn Văn Thử EC"


def test_key_that_asks_for_its_pin_each_time(token, pki, opened):
    """As signature keys on many cards do (CKA_ALWAYS_AUTHENTICATE)."""
    for number, kind in ((b"\x61", "rsa"), (b"\x62", "ec")):
        own = make_key(kind)
        token.add(own, number, f"careful-{kind}", issue(pki, own), ask_each_time=True)
        key = opened(key_id=number)
        assert key._open.pin_each_time
        for data in (b"one", b"two"):
            assert is_signed_by(key.certificate, sign_raw(key, data), data, "sha256")


def test_threads_share_a_key(opened):
    key = opened(key_id=b"\x01")
    data = [b"%d" % number for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        signatures = list(pool.map(lambda one: sign_raw(key, one), data))
    assert all(is_signed_by(key.certificate, s, d, "sha256") for s, d in zip(signatures, data, strict=True))


def test_handle_that_names_another_key_never_signs(token, opened):
    """After an accident a handle may name another object; a signature that does not fit never leaves."""
    key, other = opened(key_id=b"\x02"), opened(key_label="bare", certificate=_certificate_file(opened, token))
    key._open.key = other._open.key
    assert is_signed_by(key.certificate, sign_raw(key, b"data"), b"data", "sha256")  # found out, opened again
    with pytest.raises(WrongSignatureError):
        other.sign(b"data", "sha256")


def _certificate_file(opened, token):
    from cryptography.hazmat.primitives.serialization import Encoding

    path = token.folder.with_name("another.pem")
    path.write_bytes(opened(key_id=b"\x02").certificate.public_bytes(Encoding.PEM))
    return path


def test_key_mismatch(opened, token):
    key = opened(key_label="bare", certificate=_certificate_file(opened, token))
    with pytest.raises(KeyMismatchError):
        check_key(key)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"begins": -10, "ends": -1}, CertificateExpiredError),
        ({"begins": 2, "ends": 10}, CertificateNotYetValidError),
        ({"signs_documents": False}, KeyUsageWrongError),
    ],
    ids=["expired", "not yet valid", "wrong key usage"],
)
def test_certificate_in_the_token_that_must_not_sign(token, pki, changes, error):
    from datetime import timedelta

    changes = {name: timedelta(days=v) if type(v) is int else v for name, v in changes.items()}
    key = make_key("ec")
    label = f"unfit-{error.code}"
    token.add(key, label.encode(), label, issue(pki, key, **changes))
    with pytest.raises(error):
        build_signer(SigningOptions(pki=pki.folder, key=token.options(key_label=label)))


def test_of_renewed_certificates_the_last_signs(token, pki, opened):
    from datetime import timedelta

    key = make_key("ec")
    old, new = (issue(pki, key, name, ends=timedelta(days=d)) for name, d in (("Cũ", 3), ("Mới", 900)))
    stranger = issue(pki, make_key("ec"), "Khóa khác", ends=timedelta(days=2000))
    token.add(key, b"\x33", "renewed", new, old, stranger)
    assert opened(key_label="renewed").certificate == new


def test_chain_in_the_token_is_found(token, pki, opened):
    key = make_key("ec")
    root, issuing = pki.certificates()
    token.add(key, b"\x44", "chained", issue(pki, key))
    token.add(make_key("ec"), b"\x45", "authority", issuing, root)
    assert opened(key_label="chained").chain == (issuing, root)
    assert load_key(token.options(key_label="chained"), DevelopmentPki(pki.folder).folder).chain == (issuing, root)
