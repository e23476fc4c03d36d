"""A master in a token: made inside, never to leave it; SoftHSM is a real one in software."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from vault_samples import vault_at

from pipeline.vault.errors import MasterMissingError, MasterUnreachableError, SealBrokenError
from pipeline.vault.rotation import rotate
from pipeline.vault.settings import MasterTokenSettings, VaultSettings
from pipeline.vault.token import TokenMasters

MODULE = next(
    (
        path
        for path in map(Path, ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"))
        if path.is_file()
    ),
    None,
)
if MODULE is None or shutil.which("softhsm2-util") is None:
    pytest.skip("SoftHSM (softhsm2) is not installed", allow_module_level=True)
PIN = "482913"


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    """Another PKCS#11 library of this process may be loaded already with its own tokens: the variable is read once."""
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    import pkcs11

    pkcs11.lib(str(MODULE)).reinitialize()
    yield folder
    os.environ.pop("SOFTHSM2_CONF") if before is None else os.environ.update(SOFTHSM2_CONF=before)


@pytest.fixture
def token(tokens, request):
    label = f"hoso-{abs(hash(request.node.name)) % 10**8}"
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "1234", "--pin", PIN],
        check=True,
        capture_output=True,
    )
    import pkcs11

    pkcs11.lib(str(MODULE)).reinitialize()
    return MasterTokenSettings(module=MODULE, token_label=label, pin=PIN)


def test_the_key_never_leaves_the_token(token, tmp_path):
    import pkcs11

    vault = vault_at(tmp_path, vault=VaultSettings(master="pkcs11", pkcs11=token))
    with closing(vault):
        sealed = vault.seal("d1", b"x")
        assert not (tmp_path / "vault" / "master.key").exists()
    with closing(vault_at(tmp_path, vault=VaultSettings(master="pkcs11", pkcs11=token))) as again:
        assert again.open(sealed) == b"x"
    masters = TokenMasters(token)
    (master,) = masters.all().values()
    with masters.session() as session:
        handle = masters.find(session, master.label)
        assert handle[pkcs11.Attribute.EXTRACTABLE] is False
        assert handle[pkcs11.Attribute.SENSITIVE] is True
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            handle[pkcs11.Attribute.VALUE]


def test_wrapped_keys_are_bound(token):
    master = TokenMasters(token).make()
    wrapped = master.wrap(b"k" * 32, b"mine")
    assert master.unwrap(wrapped, b"mine") == b"k" * 32
    for harmed, what in ((wrapped, b"other"), (wrapped[:-1] + b"\0", b"mine"), (wrapped[:-1], b"mine")):
        with pytest.raises(SealBrokenError):
            master.unwrap(harmed, what)
    assert master.unwrap(wrapped, b"mine") == b"k" * 32


def test_from_a_file_into_a_token_and_on(token, tmp_path):
    with closing(vault_at(tmp_path)) as vault:
        sealed = [vault.seal(f"d{number}", b"x") for number in range(30)]
    settings = VaultSettings(master="pkcs11", pkcs11=token)
    with closing(vault_at(tmp_path, vault=settings)) as vault:
        assert rotate(vault, remove_old=True).rewrapped == 30
        assert vault.keeper.source("file").all() == {}
        assert rotate(vault, remove_old=True).rewrapped == 30
        assert len(vault.keeper.source("pkcs11").all()) == 1
    with closing(vault_at(tmp_path, vault=settings)) as vault:
        assert {vault.open(item) for item in sealed} == {b"x"}
    with pytest.raises(MasterMissingError):
        vault_at(tmp_path)


def test_a_wrong_pin_is_tried_once(token, tmp_path):
    wrong = token.model_copy(update={"pin": type(token.pin)("000000")})
    masters = TokenMasters(wrong)
    with pytest.raises(MasterUnreachableError, match="PinIncorrect"):
        masters.all()
    with pytest.raises(MasterUnreachableError, match="refused before") as found:
        masters.all()
    assert "000000" not in str(found.value)
    assert TokenMasters(token).all() == {}


def test_a_token_that_is_not_there(token):
    gone = token.model_copy(update={"token_label": "nobody"})
    with pytest.raises(MasterUnreachableError):
        TokenMasters(gone).all()
    with pytest.raises(MasterUnreachableError):
        TokenMasters(token.model_copy(update={"module": Path("/nowhere.so")})).all()
