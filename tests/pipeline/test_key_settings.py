"""Settings of signing keys: from the environment into the options of each kind of key, secrets unseen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.composition import build_house
from pipeline.key_settings import KeySettings, key_source
from pipeline.settings import Settings, SigningSettings
from signing.devpki import DevelopmentPki
from signing.errors import KeySecretWrongError, KeyUnavailableError
from signing.keys import AwaitedKey, CscKey, Pkcs11Key, Pkcs12Key

PREFIX = "HOSO_SIGNING__"
SOFTHSM = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")


def _from(monkeypatch, **variables: str) -> SigningSettings:
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, value)
    return Settings().signing


def test_no_settings_are_the_development_key():
    assert key_source(SigningSettings()) is None
    assert not SigningSettings().own


def test_file_with_passphrase_from_environment(monkeypatch):
    signing = _from(monkeypatch, PKCS12="/k/officer.p12", PASSPHRASE="bí mật")
    source = key_source(signing)
    assert isinstance(source, Pkcs12Key)
    assert (source.path, source.passphrase.text()) == (Path("/k/officer.p12"), "bí mật")
    assert signing.own
    assert "bí mật" not in f"{signing!r} {signing.model_dump()} {signing.model_dump_json()} {source!r}"


def test_token(monkeypatch, tmp_path):
    (tmp_path / "pin").write_text("246810\n")
    source = key_source(
        _from(
            monkeypatch,
            PKCS11__MODULE="/usr/lib/vgca/libpkcs11.so",
            PKCS11__PIN_FILE=str(tmp_path / "pin"),
            PKCS11__TOKEN_LABEL="VGCA Token",
            PKCS11__KEY_ID="0a1B",
            PKCS11__CHAIN="/k/chain.pem",
        )
    )
    assert isinstance(source, Pkcs11Key)
    assert (source.token_label, source.key_id, source.pin.text()) == ("VGCA Token", b"\x0a\x1b", "246810")
    assert source.chain == Path("/k/chain.pem")


def test_remote_service(monkeypatch):
    source = key_source(
        _from(
            monkeypatch,
            CSC__URL="https://kyso.example.vn",
            CSC__CREDENTIAL="cred-1",
            CSC__API="v2",
            CSC__TOKEN="bearer",
            CSC__PIN="135790",
            CSC__TIMEOUT_S="120",
        )
    )
    assert isinstance(source, CscKey)
    assert (source.url, source.credential, source.api, source.timeout_s) == (
        "https://kyso.example.vn",
        "cred-1",
        "v2",
        120,
    )
    assert (source.token.text(), source.pin.text()) == ("bearer", "135790")
    assert "135790" not in repr(source)


def test_person_with_a_phone(monkeypatch):
    source = key_source(_from(monkeypatch, AWAITED__CERTIFICATE="/k/officer.pem"))
    assert source == AwaitedKey(Path("/k/officer.pem"))


def test_keys_of_further_signers(monkeypatch):
    signing = _from(
        monkeypatch,
        KEYS__LEADER__AWAITED__CERTIFICATE="/k/leader.pem",
        KEYS__AGENCY__PKCS11__MODULE="/usr/lib/hsm.so",
    )
    assert key_source(signing.keys["leader"]) == AwaitedKey(Path("/k/leader.pem"))
    assert isinstance(key_source(signing.keys["agency"]), Pkcs11Key)


def test_one_key_has_one_place(monkeypatch):
    with pytest.raises(ValidationError, match="one place: pkcs12, awaited"):
        _from(monkeypatch, PKCS12="/k/officer.p12", AWAITED__CERTIFICATE="/k/officer.pem")


@pytest.mark.parametrize(("name", "value"), [("CSC__URL", "ftp://x"), ("PKCS11__KEY_ID", "xyz"), ("CSC__API", "v9")])
def test_settings_that_cannot_be(monkeypatch, name, value):
    defaults = {"CSC__URL": "https://x", "CSC__CREDENTIAL": "c"} if name.startswith("CSC") else {"PKCS11__MODULE": "m"}
    with pytest.raises(ValidationError):
        _from(monkeypatch, **(defaults | {name: value}))


def test_secret_in_two_places(tmp_path):
    with pytest.raises(ValueError, match="one place"):
        key_source(KeySettings(pkcs12=tmp_path / "k", passphrase_file=tmp_path / "p", passphrase="x"))


def test_house_opens_the_key_of_its_settings(tmp_path):
    """An awaited key, with roles; a missing file is a typed error when the key is first asked for, not before."""
    pki = DevelopmentPki.ensure(tmp_path / "other")
    signing = SigningSettings(awaited={"certificate": pki.folder / "officer.crt"})
    with build_house(Settings(home=tmp_path / "home", signing=signing)) as house:
        assert house.tools.signer().key.facts().kind == "awaited"
    missing = SigningSettings(awaited={"certificate": tmp_path / "none.crt"})
    with (
        build_house(Settings(home=tmp_path / "home", signing=missing)) as house,
        pytest.raises(KeyUnavailableError, match=r"none\.crt"),
    ):
        house.tools.signer()


@pytest.mark.skipif(shutil.which("softhsm2-util") is None, reason="SoftHSM (softhsm2) is not installed")
def test_house_sends_a_wrong_pin_once(tmp_path, monkeypatch):
    """A token is opened when the first dossier is signed; held ones are tried again, the wrong PIN is not."""
    library = next((p for p in map(Path, SOFTHSM) if p.is_file()), None)
    if library is None:
        pytest.skip("SoftHSM's library is in a place of its own")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    command = ["softhsm2-util", "--init-token", "--free", "--label", "t", "--so-pin", "918273", "--pin", "482913"]
    subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "pin").write_text("000000")
    signing = SigningSettings(pkcs11={"module": library, "pin_file": tmp_path / "pin", "token_label": "t"})
    with build_house(Settings(home=tmp_path / "home", signing=signing)) as house:
        for match in ("PinIncorrect", "refused before", "refused before"):
            with pytest.raises(KeySecretWrongError, match=match):
                house.tools.signer()
        (tmp_path / "pin").write_text("482913")
        with pytest.raises(KeyUnavailableError, match="no such private key"):
            house.tools.signer()
