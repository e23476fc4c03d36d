"""Keys, names and their levels; the keyed index; what destroying a key takes, and what it leaves."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from vault_samples import NUMBER, PERSON, vault_at

from pipeline.vault import ring
from pipeline.vault.errors import (
    ContentEndedError,
    HeldByLawError,
    KeyDestroyedError,
    KeyUnknownError,
    MasterMissingError,
    MasterUnsafeError,
    MasterWrongError,
    NameUnknownError,
    SealBrokenError,
    VaultError,
)

SHA = "ab" * 32


@pytest.fixture
def vault(tmp_path):
    with closing(vault_at(tmp_path)) as made:
        yield made


def test_what_is_sealed_opens_again_in_another_process(vault, tmp_path):
    sealed = vault.seal("hs-251103-abcdefgh", PERSON.encode(), "dossiers.record")
    assert PERSON.encode() not in sealed
    with closing(vault_at(tmp_path)) as other:
        assert other.open(sealed, "dossiers.record") == PERSON.encode()
        text = other.seal_text("hs-251103-abcdefgh", PERSON)
        assert text.isascii()
        assert vault.open_text(text) == PERSON
        assert vault.open_text(PERSON) == PERSON


def test_sealed_twice_is_not_the_same_twice(vault):
    assert vault.seal("house", b"a") != vault.seal("house", b"a")


@pytest.mark.parametrize("harm", ["bit", "cut", "purpose", "key"])
def test_what_was_changed_does_not_open(vault, harm):
    sealed = vault.seal("house", b"abc", "one")
    other = vault.seal("hs-251103-abcdefgh", b"abc", "one")
    changed = {
        "bit": sealed[:-1] + bytes([sealed[-1] ^ 1]),
        "cut": sealed[:-1],
        "purpose": sealed,
        "key": other[:19] + sealed[19:],
    }[harm]
    with pytest.raises(SealBrokenError):
        vault.open(changed, "two" if harm == "purpose" else "one")


def test_the_index_is_the_same_everywhere_and_another_for_each_kind(vault, tmp_path):
    mine = vault.blind("name", PERSON)
    with closing(vault_at(tmp_path)) as other:
        assert other.blind("name", unicodedata.normalize("NFD", PERSON.upper()) + "  ") == mine
    assert vault.blind("number", PERSON) != mine
    assert vault.blind("name", "Nguyen Thi Mau Don") != mine
    with closing(vault_at(tmp_path / "elsewhere")) as stranger:
        assert stranger.blind("name", PERSON) != mine


def test_files_are_for_their_owner_only_and_hold_no_plain_key(vault, tmp_path):
    sealed = vault.seal("hs-251103-abcdefgh", b"x")
    key = vault.key("hs-251103-abcdefgh").secret()
    for path in (tmp_path / "vault").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
        assert key not in path.read_bytes()
    assert key not in sealed
    assert key.hex() not in repr(vault.key("hs-251103-abcdefgh")) + repr(vault.keeper.masters())


def test_processes_that_start_together_have_one_master(tmp_path):
    script = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.settings import Settings
from pipeline.vault.factory import build_vault
vault = build_vault(Settings(home=Path(sys.argv[1])), lambda: datetime.now(UTC))
print(vault.seal("d1", b"x").hex())
"""
    command = [sys.executable, "-c", script, str(tmp_path / "home")]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [child.communicate()[0] for child in children]
    assert [child.returncode for child in children] == [0] * 4
    with closing(vault_at(tmp_path / "home")) as vault:
        assert {vault.open(bytes.fromhex(line)) for line in said} == {b"x"}


def test_a_master_that_others_may_read_is_refused(vault, tmp_path):
    (tmp_path / "vault" / "master.key").chmod(0o640)
    with pytest.raises(MasterUnsafeError):
        vault_at(tmp_path)


def test_a_lost_master_is_not_made_anew(vault, tmp_path):
    sealed = vault.seal("house", b"x")
    path = tmp_path / "vault" / "master.key"
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(MasterMissingError):
        vault_at(tmp_path)
    assert not path.exists()
    with closing(vault_at(tmp_path / "other")):
        path.write_bytes((tmp_path / "other" / "vault" / "master.key").read_bytes())
    path.chmod(0o600)
    with pytest.raises(MasterMissingError):
        vault_at(tmp_path)
    path.write_bytes(kept.replace(b'"key": "', b'"key": "AAAA', 1))
    with pytest.raises(MasterWrongError) as found:
        vault_at(tmp_path)
    assert "AAAA" not in str(found.value)
    path.write_bytes(kept)
    with closing(vault_at(tmp_path)) as again:
        assert again.open(sealed) == b"x"


def test_a_ring_of_another_house_knows_no_key(vault, tmp_path):
    sealed = vault.seal("house", b"x")
    with closing(vault_at(tmp_path / "other")) as other, pytest.raises(KeyUnknownError):
        other.open(sealed)


def test_a_name_is_never_a_personal_number(vault):
    for name in (NUMBER, f"owner-{NUMBER}", "Nguyễn", "", "a b"):
        with pytest.raises(VaultError) as found:
            vault.seal(name, b"x")
        assert NUMBER not in str(found.value)
    vault.seal("6f1c2d3e-0000-4000-8000-123456789012", b"x")


def test_destroying_an_owner_takes_his_dossiers_and_leaves_the_others(vault):
    for dossier, owner in (("d1", "anna"), ("d2", "anna"), ("d3", "binh"), ("d4", "anna"), ("d4", "binh")):
        vault.link(dossier, owner)
        vault.link(dossier, owner)
    sealed = {name: vault.seal(name, name.encode()) for name in ("d1", "d2", "d3", "d4", "anna", "binh", "d5")}
    assert set(vault.destroy("anna", "yêu cầu")) == {"anna", "d1", "d2"}
    for name in ("anna", "d1", "d2"):
        with pytest.raises(KeyDestroyedError):
            vault.open(sealed[name])
        with pytest.raises(KeyDestroyedError):
            vault.seal(name, b"again")
    for name in ("binh", "d3", "d4", "d5"):
        assert vault.open(sealed[name]) == name.encode()
    assert vault.destroy("anna", "lần nữa") == []
    assert set(vault.destroy("binh", "yêu cầu")) == {"binh", "d3", "d4"}


def test_shared_content_stays_until_its_last_holder_goes(vault):
    sealed = vault.seal(f"content/{SHA}", b"page")
    vault.hold("d1", [SHA, "cd" * 32, ""])
    vault.hold("d2", [SHA])
    vault.link("d1", "anna")
    assert set(vault.destroy("anna", "x")) == {"anna", "d1"}
    assert vault.open(sealed) == b"page"
    assert set(vault.destroy("d2", "x")) == {"d2", f"content/{SHA}"}
    with pytest.raises(KeyDestroyedError):
        vault.open(sealed)
    again = vault.seal(f"content/{SHA}", b"page")
    assert vault.open(again) == b"page"
    with pytest.raises(KeyDestroyedError):
        vault.open(sealed)


def test_content_that_ended_before_it_was_held_is_told_not_lost(vault):
    vault.seal(f"content/{SHA}", b"page")
    vault.hold("d1", [SHA])
    vault.destroy("d1", "x")
    with pytest.raises(ContentEndedError):
        vault.hold("d2", [SHA, "cd" * 32])
    vault.seal(f"content/{SHA}", b"page")
    vault.hold("d2", [SHA, "cd" * 32])


def test_a_destroyed_key_gets_no_wrap_from_who_had_it_open(vault, tmp_path):
    vault.seal("d1", b"x")
    with closing(vault_at(tmp_path)) as other:
        other.key("d1")
        vault.destroy("d1", "x")
        other.link("d1", "anna")
    with vault.keeper.ring.reading() as connection:
        assert ring.held_by(connection, vault.key("anna").id) == []


def test_a_link_by_mistake_is_taken_back(vault):
    sealed = vault.seal("d1", b"x")
    vault.link("d1", "anna")
    vault.unlink("d1", "anna")
    assert vault.destroy("anna", "x") == ["anna"]
    assert vault.open(sealed) == b"x"


def test_a_hold_on_one_dossier_keeps_the_owner(vault):
    vault.link("d1", "anna")
    sealed = vault.seal("d1", b"x")
    vault.add_hold_check(lambda name: "án dân sự" if name == "d1" else None)
    with pytest.raises(HeldByLawError, match="án dân sự"):
        vault.destroy("anna", "x")
    assert vault.open(sealed) == b"x"


def test_unknown_names_and_the_house_are_not_destroyed(vault):
    with pytest.raises(NameUnknownError):
        vault.destroy("nobody", "x")
    for name in ("house", "house/index", "house/unclaimed"):
        with pytest.raises(VaultError):
            vault.destroy(name, "x")


def test_another_process_learns_of_it(vault, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.vault.keeper.TRUST_SECONDS", 0.0)
    sealed = vault.seal("d1", b"x")
    with closing(vault_at(tmp_path)) as other:
        assert other.open(sealed) == b"x"
        vault.destroy("d1", "x")
        with pytest.raises(KeyDestroyedError):
            other.open(sealed)
        with pytest.raises(KeyDestroyedError):
            other.seal("d1", b"x")


def test_a_destroyed_key_leaves_the_ring_s_files(vault, tmp_path):
    vault.seal("d1", b"x")
    path = tmp_path / "vault" / "ring.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        (wrapped,) = connection.execute(
            "SELECT wrapped FROM wraps JOIN keys ON keys.id = key_id WHERE name = 'd1'"
        ).fetchone()

    def everything() -> bytes:
        return b"".join(path.read_bytes() for path in Path(tmp_path / "vault").glob("ring*"))

    assert wrapped in everything()
    vault.destroy("d1", "x")
    assert wrapped not in everything()
